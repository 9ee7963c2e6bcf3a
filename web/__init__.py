"""Results in; a page or JSON out."""
