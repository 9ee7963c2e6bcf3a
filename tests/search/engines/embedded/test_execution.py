"""The embedded engine agrees with the oracle, whatever the history of the index."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedded import writer
from index.embedded.limits import WriteLimits
from index.history import WriteReport
from search import plan
from search.engines.embedded.engine import open_engine
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits
from tests.index.embedded.segments import IN_SEGMENTS
from tests.search.engines.contract.checks import check, check_stored
from tests.search.engines.contract.corpora import SCHEMA, Document, batch, corpora, plans
from tests.search.engines.contract.oracle import Oracle

TOLERANCE = 1e-9

LARGE = Limits(dense_one_in=10**9, max_scored=0, max_scored_one_in=10**9, min_first_blocks=1)
"""Limits that treat all terms as frequent, and use the bounds of blocks in a small corpus."""

steps = st.lists(
    st.tuples(st.just("build"), corpora)
    | st.tuples(st.just("update"), corpora)
    | st.tuples(st.just("delete"), st.lists(st.integers(0, 30).map(str))),
    max_size=4,
)


def write(directory: Path, history: Sequence[tuple[str, list[Any]]], run: int) -> list[Document]:
    """Execute the writes, with flushes of `run` tokens; return the articles of the index."""
    live: dict[str, Document] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # for speed; no power loss is tested here
        for step, given_ in history:
            if step == "delete":
                assert writer.delete(directory, given_, limits=IN_SEGMENTS) == len(
                    set(given_) & set(live)
                )
                for name in given_:
                    live.pop(name, None)
                continue
            if step == "build":
                live = {}
            before = len(live)
            added: dict[str, Document] = {}
            for document in given_:
                added.pop(document.article.id, None)
                added[document.article.id] = document
            live = {name: d for name, d in live.items() if name not in added} | added
            batches = (batch(given_[at : at + 2]) for at in range(0, len(given_), 2))
            limits = WriteLimits(exact_tokens=0, beside_largest=1, flush_tokens=run)
            write_them = writer.build if step == "build" else writer.update
            report = write_them(batches, directory, SCHEMA, limits=limits)
            assert report == WriteReport(
                given=len(given_),
                repeated=len(given_) - len(added),
                replaced=before + len(added) - len(live),
                articles=len(live),
            )
    return list(live.values())


@given(
    first=corpora,
    history=steps,
    run=st.sampled_from([1, 40, 10**6]),
    query_plans=st.lists(plans, min_size=1, max_size=5),
    large=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_plans_agree_with_the_oracle(
    first: list[Document],
    history: list[tuple[str, list[Any]]],
    run: int,
    query_plans: list[plan.Plan],
    large: bool,  # noqa: FBT001  # drawn by name
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        live = write(directory, [("build", first), *history], run)
        reader = open_engine(directory, LARGE if large else DEFAULT_LIMITS).reader()
        check(reader, Oracle(live), query_plans, TOLERANCE)
        check_stored(reader, live)
