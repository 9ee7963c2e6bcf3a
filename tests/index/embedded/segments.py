"""Write limits under which a small index keeps several segments with deleted articles."""

from index.embedded.limits import WriteLimits

IN_SEGMENTS = WriteLimits(exact_tokens=0, beside_largest=1)
"""With the default limits, such a small index is one segment without deleted articles."""
