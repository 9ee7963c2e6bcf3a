"""How does a Whoosh segment hold its text fields as arrays, and how are they read back?"""
