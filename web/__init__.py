"""The web server: pages for browsers and an HTTP API for programs, over one searcher."""
