"""Loaders: each turns a file of one kind of format into records of named fields."""
