"""Articles in; what is on disk?"""
