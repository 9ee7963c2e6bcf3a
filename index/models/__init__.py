"""What the articles tell of the language: bigrams, trigrams, spellings, completions."""
