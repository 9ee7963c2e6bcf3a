"""Which articles match a plan, in which order? The embedded engine, over arrays."""
