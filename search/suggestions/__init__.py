"""Suggestions: corrections, completions and related articles."""
