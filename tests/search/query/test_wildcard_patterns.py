"""Patterns match as defined, in bounded time for any pattern."""

import time

from hypothesis import given
from hypothesis import strategies as st

from search.query.wildcards import Pattern


def matches(pattern: str, term: str) -> bool:
    """Return whether a term matches a pattern, letter by letter."""
    if not pattern:
        return not term
    if pattern[0] == "*":
        return any(matches(pattern[1:], term[at:]) for at in range(len(term) + 1))
    return bool(term) and pattern[0] in ("?", term[0]) and matches(pattern[1:], term[1:])


@given(st.text("ab*?", min_size=1, max_size=8), st.text("ab", max_size=8))
def test_patterns_match_as_wildcards_are_defined(pattern: str, term: str) -> None:
    assert Pattern(f"aa{pattern}").matches(f"aa{term}") == matches(pattern, term)


def test_many_asterisks_are_matched_in_linear_time() -> None:
    start = time.process_time()
    for asterisks in range(40):
        assert not Pattern("aa" + "*a" * asterisks + "*b").matches("a" * 1000)
    assert time.process_time() - start < 1.0
