"""Benchmarks of speed, size, relevance and safety; each module is a command that prints figures."""
