"""The index as any Whoosh program sees it: a codec and matchers over the arrays."""
