"""Indexes stored in an OpenSearch cluster: mapping, bulk writer, lifecycle, models."""
