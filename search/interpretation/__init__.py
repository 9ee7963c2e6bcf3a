"""Interpretations of the words typed: missing marks, Telex, VNI, slips, always as additions."""
