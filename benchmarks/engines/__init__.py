"""The index beside stock Whoosh and tantivy, on the same tokens and fields."""
