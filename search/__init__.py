"""A person's words in; which articles, in which order, and why?"""
