"""What programs read and write over HTTP."""
