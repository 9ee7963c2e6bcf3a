"""Planning: a syntax tree becomes a plan of what matches, scores and is highlighted."""
