"""The commands of `python -m index`, and their error messages."""
