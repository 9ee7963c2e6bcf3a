"""The embedded engine: plans executed over the arrays of a local index."""
