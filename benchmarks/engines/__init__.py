"""Comparison of the embedded engine with stock Whoosh and tantivy, on the same tokens."""
