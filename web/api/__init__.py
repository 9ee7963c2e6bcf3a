"""The HTTP API: searching, exporting, feeds, writing, and the OpenAPI document."""
