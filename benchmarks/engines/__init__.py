"""How does the index compare with stock Whoosh and tantivy on the same tokens and fields?"""
