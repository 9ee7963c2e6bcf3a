"""Limits of writes that leave several segments with deleted articles, as in a large index."""

from index.embedded.limits import WriteLimits

IN_SEGMENTS = WriteLimits(exact_tokens=0)
"""Else an index as small as those of tests is one segment that has no deleted article."""
