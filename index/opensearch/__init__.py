"""An OpenSearch cluster as the home of an index: mapping, bulk writer, lifecycle, models."""
