"""The commands of `python -m index`, and what they say when something goes wrong."""
