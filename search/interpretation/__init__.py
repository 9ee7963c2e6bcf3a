"""Interpretation: which syllables were meant by those typed (marks, Telex, VNI, misspellings)."""
