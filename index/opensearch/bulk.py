"""Bulk writing of documents: items are retried separately, and each is counted once."""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from index.opensearch.client import Client, ClusterError, RequestError, to_json
from index.opensearch.documents import Document

MAX_BULK_BYTES = 4 << 20
"""Bytes of a bulk; all bulks in flight must fit into a tenth of a node's heap."""

MAX_BULK_DOCUMENTS = 1000
MAX_ITEM_ATTEMPTS = 10
"""Attempts to send an item that the cluster rejects as overloaded (429): about 30 seconds."""

_BUSY = frozenset((429, 503))
_MAX_PAUSE_SECONDS = 8.0


@dataclass(slots=True)
class Outcome:
    """The result of a write: each document is counted once, however often it was sent."""

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
    """Send actions in bulks and count their results.

    Items that the cluster rejects as overloaded are sent again after a pause; one that it refuses
    for good is added to `outcome.refused`, and the rest continues. Raises ClusterError if the
    cluster does not answer or stays overloaded.
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
    # A key that occurs twice in one bulk is written once, with the later version.
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
        f"{client.location}: the cluster was too busy for {len(waiting):,} documents in "
        f"{MAX_ITEM_ATTEMPTS} attempts; wait until it is less busy and write again"
    )


def _count(action: Action, item: dict[str, object], outcome: Outcome, *, retried: bool) -> bool:
    """Count one item of a response; return False if it has to be sent again."""
    status, error = int(str(item.get("status", 500))), item.get("error")
    if isinstance(error, dict) and error.get("type") == "cluster_block_exception":
        # Usually a full disk: not the record's fault, and every other item would fail, too.
        raise ClusterError(f"the cluster accepts no writes: {error.get('reason')}")
    if status in _BUSY:
        return False
    if status == 409:  # the index already has a later version
        outcome.older += 1
    elif action.source is None:
        if status == 404:
            outcome.missing += 1
        else:
            outcome.deleted += 1
    elif status == 201 or (status == 200 and retried):
        # An item that was sent twice is reported as replacing itself, so 200 says nothing after a
        # retry; callers compute the number of replaced articles from the index's totals.
        outcome.created += 1
    elif status == 200:
        outcome.replaced += 1
    else:
        reason = error.get("reason") if isinstance(error, dict) else error
        outcome.refused.append((action.key, f"{reason}"))
    return True


def _pause(attempt: int) -> None:
    time.sleep(min(0.1 * 2**attempt, _MAX_PAUSE_SECONDS) * random.uniform(0.5, 1.0))  # noqa: S311
