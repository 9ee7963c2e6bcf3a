"""Loaders, one per format: each yields the records of a file as named fields."""
