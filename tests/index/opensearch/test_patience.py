"""How long a client waits for one node, and which nodes it prefers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.opensearch import patience
from index.opensearch.patience import MIN_SECONDS, Patience


def test_a_slow_cluster_gets_a_longer_timeout() -> None:
    ours = Patience()
    assert ours.limit(10.0) == MIN_SECONDS
    ours.note(0.01)
    assert ours.limit(10.0) == MIN_SECONDS
    ours.note(2.0)
    assert ours.limit(10.0) == 8.0
    for _ in range(500):
        ours.note(0.01)
    assert ours.limit(10.0) == MIN_SECONDS


@given(st.lists(st.floats(0, 100)), st.floats(0.01, 100))
def test_no_node_gets_a_longer_timeout_than_the_search(taken: list[float], seconds: float) -> None:
    ours = Patience()
    for each in taken:
        ours.note(each)
    assert 0 < ours.limit(seconds) <= seconds


def test_responsive_nodes_are_preferred_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("index.opensearch.patience.time.monotonic", lambda: now[0])
    ours = Patience()
    assert not ours.preference()
    ours.prefer([f"node{number}" for number in range(200)])
    assert ours.preference().startswith("_prefer_nodes:node0,node1,")
    assert ours.preference().count(",") == patience.MAX_PREFERRED - 1
    now[0] += patience.PREFERRED_SECONDS
    assert not ours.preference()
    ours.prefer(["a"])
    ours.prefer([])
    assert not ours.preference()
