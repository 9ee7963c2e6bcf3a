"""The OpenSearch engine: executes plans in a cluster, with models mapped locally."""
