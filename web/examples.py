"""Example queries, chosen so that each of them finds something in the index."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from index.vietnamese.forms import fold
from search import IndexUnavailableError
from search.request import Operator, SearchRequest
from web import i18n
from web.i18n import translatable
from web.searching import Searcher

TOPICS = (
    "biến đổi khí hậu", "giá vàng", "lúa gạo", "xuất khẩu", "bóng đá", "giáo dục", "giao thông",
    "du lịch", "văn hóa", "lịch sử", "hợp đồng",
)  # fmt: skip
"""Common topics of articles, most common first; examples use those that the index has."""

MIN_TOPICS = 4
"""Topics that the four examples need."""

RENEW_SECONDS = 60.0
"""Minimum age at which examples are renewed. Arbitrary: choosing them takes about 30 searches, and
error pages, which are not cached, show them too."""

_LETTERS = "hgctbnlkpsm"  # frequent initials; their completions are used if topics are missing


@dataclass(frozen=True, slots=True)
class Example:
    """A query, and the feature that it demonstrates."""

    query: str
    shows: str


class Examples:
    """The examples of one index. The first use after a new commit chooses them again."""

    def __init__(self, searcher: Searcher, renew_seconds: float = RENEW_SECONDS) -> None:
        self._searcher = searcher
        self._renew_seconds = renew_seconds
        self._renewed = -math.inf
        self._identity = ""
        self._found: tuple[Example, ...] = ()

    def __call__(self) -> tuple[Example, ...]:
        """Return the examples in the language of the page; none if the index cannot be read."""
        try:
            self._renew()
        except (IndexUnavailableError, OSError):  # error pages show examples, too
            return ()
        return tuple(Example(example.query, i18n.text(example.shows)) for example in self._found)

    def _renew(self) -> None:
        identity, now = self._searcher.identity, time.monotonic()
        if identity != self._identity and now - self._renewed >= self._renew_seconds:
            self._found = tuple(self._examples())
            self._identity, self._renewed = identity, now

    def _examples(self) -> Iterator[Example]:
        topics = self._topics()
        pairs = sorted(combinations(topics, 2), key=self._excludes_nothing)
        for shows, queries in (
            (translatable("gõ không dấu"), [fold(topic) for topic in topics]),
            (translatable("đúng cụm từ"), [f'"{topic}"' for topic in topics[1:]]),
            (
                translatable("trừ một cụm từ"),
                [f'{a} -"{b}"' for a, b in pairs],
            ),
            (
                translatable("chỉ trong tiêu đề"),
                [f'tiêu đề:"{topic}"' for topic in reversed(topics)],
            ),
        ):
            if found := next(filter(self._finds, queries), ""):
                yield Example(found, shows)

    def _topics(self) -> list[str]:
        """Return topics that some article has."""
        topics: list[str] = []
        for topic in (*TOPICS, *self._completions()):
            if topic not in topics and self._finds(f'"{topic}"'):
                topics.append(topic)
            if len(topics) == MIN_TOPICS + 1:
                break
        return topics

    def _completions(self) -> Iterator[str]:
        for letter in _LETTERS:
            yield from (phrase for phrase in self._searcher.complete(letter, 3) if " " in phrase)

    def _excludes_nothing(self, pair: tuple[str, str]) -> bool:
        topic, other = pair
        return not self._finds(f'"{topic}" "{other}"')

    def _finds(self, query: str) -> bool:
        request = SearchRequest(query, size=1, operator=Operator.AND, literal='"' in query)
        return self._searcher.answer(request).total > 0
