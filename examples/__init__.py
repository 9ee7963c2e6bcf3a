"""Example programs, each of which is run by a test."""
