"""Engines that execute plans: the contract, and one folder an engine."""
