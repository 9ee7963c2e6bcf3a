"""The OpenSearch engine: plans executed by a cluster, models mapped locally."""
