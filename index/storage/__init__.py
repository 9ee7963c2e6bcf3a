"""File formats and codecs: array files, checksums, packed integers, doc ids, compressed blocks."""
