"""Writing documents in bulks: retried item by item, each counted once, never doubled."""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from index.opensearch.client import Client, ClusterError, RequestError, to_json
from index.opensearch.documents import Document

MAX_BULK_BYTES = 4 << 20
"""Bytes of a bulk; the cluster holds all bulks in flight in a tenth of its heap."""

MAX_BULK_DOCUMENTS = 1000
MAX_ITEM_ATTEMPTS = 10
"""How often an item is sent again that the cluster had no room for (429): some 30 seconds."""

_BUSY = frozenset((429, 503))
_MAX_PAUSE_SECONDS = 8.0


@dataclass(slots=True)
class Outcome:
    """What became of the documents of a write, each counted once whatever was sent again."""

    created: int = 0
    replaced: int = 0
    deleted: int = 0
    missing: int = 0
    older: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Action:
    """One item of a bulk: a document to index, or a key to delete (`source` None)."""

    key: str
    version: int
    source: bytes | None

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the item; external versions make sending it twice harmless."""
        operation = "delete" if self.source is None else "index"
        meta = {"_id": self.key, "version": self.version, "version_type": "external_gte"}
        yield to_json({operation: meta})
        if self.source is not None:
            yield self.source


def indexing(document: Document, version: int) -> Action:
    """Return the action that adds a document or replaces the one with its key."""
    return Action(document.key, version, document.source)


def deleting(key: str, version: int) -> Action:
    """Return the action that deletes the document of a key."""
    return Action(key, version, None)


def write(client: Client, index: str, actions: Iterable[Action], outcome: Outcome) -> None:
    """Send actions in bulks and count what became of them.

    An item that the cluster has no room for is sent again after a pause, alone with others like
    it; one that it refuses for good is noted in `outcome.refused` and the rest goes on. Raises
    ClusterError where the cluster does not answer or stays full.
    """
    for bulk in _bulks(actions):
        _send(client, index, bulk, outcome)


def _bulks(actions: Iterable[Action]) -> Iterator[list[Action]]:
    source = iter(actions)
    bulk: list[Action] = []
    size = 0
    for action in source:
        length = len(action.source or b"")
        if bulk and (size + length > MAX_BULK_BYTES or len(bulk) >= MAX_BULK_DOCUMENTS):
            yield bulk
            bulk, size = [], 0
        bulk.append(action)
        size += length
    if bulk:
        yield bulk


def _send(client: Client, index: str, actions: list[Action], outcome: Outcome) -> None:
    # A key that comes twice in one bulk is only written once, by the later version.
    waiting = list({action.key: action for action in actions}.values())
    outcome.older += len(actions) - len(waiting)
    retried = False
    for attempt in range(MAX_ITEM_ATTEMPTS):
        answer = client.lines(f"/{index}/_bulk", (line for one in waiting for line in one.lines()))
        if answer.status == 413 and len(waiting) > 1:
            half = len(waiting) // 2
            _send(client, index, waiting[:half], outcome)
            _send(client, index, waiting[half:], outcome)
            return
        if answer.status >= 400:
            if answer.status not in _BUSY:
                raise RequestError(answer.status, "bulk", str(answer.body)[:500])
            _pause(attempt)
            continue
        items = answer.body["items"]
        busy = [
            action
            for action, item in zip(waiting, items, strict=True)
            if not _count(action, next(iter(item.values())), outcome, retried=retried)
        ]
        if not busy:
            return
        waiting = busy
        retried = True
        _pause(attempt)
    raise ClusterError(
        f"{client.location}: the cluster had no room for {len(waiting):,} documents in "
        f"{MAX_ITEM_ATTEMPTS} tries; wait until it is less busy and write again"
    )


def _count(action: Action, item: dict[str, object], outcome: Outcome, *, retried: bool) -> bool:
    """Count one item of an answer; return False where it is to be sent again."""
    status, error = int(str(item.get("status", 500))), item.get("error")
    if isinstance(error, dict) and error.get("type") == "cluster_block_exception":
        # A disk that is full, mostly: not the record's fault, and no other would fare better.
        raise ClusterError(f"the cluster accepts no writes: {error.get('reason')}")
    if status in _BUSY:
        return False
    if status == 409:  # a later version is there already
        outcome.older += 1
    elif action.source is None:
        if status == 404:
            outcome.missing += 1
        else:
            outcome.deleted += 1
    elif status == 201 or (status == 200 and retried):
        # What was sent twice reads as replaced by itself; `retried` items were not there before
        # as far as anybody can tell, so the caller counts replaced ones from the cluster's totals.
        outcome.created += 1
    elif status == 200:
        outcome.replaced += 1
    else:
        reason = error.get("reason") if isinstance(error, dict) else error
        outcome.refused.append((action.key, f"{reason}"))
    return True


def _pause(attempt: int) -> None:
    time.sleep(min(0.1 * 2**attempt, _MAX_PAUSE_SECONDS) * random.uniform(0.5, 1.0))  # noqa: S311
