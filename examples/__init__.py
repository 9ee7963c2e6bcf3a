"""Programs to begin with: each a file that is run by a test."""
