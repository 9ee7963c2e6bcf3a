"""Bytes on disk: array files, checksums, integer codecs, compressed blocks."""
