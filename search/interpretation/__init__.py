"""Interpretations of the words typed: missing marks, Telex, VNI, misspellings."""
