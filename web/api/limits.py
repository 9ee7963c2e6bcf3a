"""Limits of requests that the OpenAPI document tells, too."""

MAX_SEARCHES = 10
"""Searches of one request: arbitrary; more of them are more requests."""

MAX_DELETED = 10_000
"""Ids of one deletion; arbitrary."""
