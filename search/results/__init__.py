"""What a search gives back: records, highlights, snippets, explanations."""
