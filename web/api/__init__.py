"""The API that programs read and write over HTTP."""
