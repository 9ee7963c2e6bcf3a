"""Limits of requests that the OpenAPI document also states."""

MAX_SEARCHES = 10
"""Searches of one multi-search; arbitrary."""

MAX_DELETED = 10_000
"""Ids in one deletion; arbitrary."""
