"""From a syntax tree to a plan: what matches, what scores, what is highlighted."""
