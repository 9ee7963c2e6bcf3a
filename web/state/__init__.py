"""The state that a server keeps beside its index: keys, tasks, the query log."""
