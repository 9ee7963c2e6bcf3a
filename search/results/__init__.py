"""The results of a search: records, highlights, snippets, explanations."""
