"""A query string as a syntax tree: grammar, parser, operator scope, printing."""
