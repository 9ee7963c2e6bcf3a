"""Did you mean, completions, related articles: what else may somebody want to see?"""
