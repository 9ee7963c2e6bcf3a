"""Snippets: the passage of an article that shows the most of a query, as HTML with highlights.

All offsets are code points of the stored text.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.article import Article
from index.vietnamese.segmenter import words
from search.results.highlights import (
    HighlightedTerm,
    HighlightQuery,
    find_highlighted,
    spans,
    stored_text,
)
from search.results.records import Spans

SNIPPET_LENGTH = 220
"""Maximum length of a snippet in code points: two lines of about 100 on a desktop screen. With 260
most snippets had a third line of one or two syllables."""

MAX_CHARACTERS_OF_LONG_QUERIES = 6000
"""Characters of a text among which the passage is that shows the most of a query of more than
`MAX_FORMS` terms: nine in ten articles have less, and ten whole ones of 11,000 take 25 ms."""

PASSAGE_FIELDS = ("summary", "body")
"""The fields that a passage is cut from."""

_LEAD = 80
"""A snippet starts with the sentence of its first match if that begins at most this many code
points before it. Arbitrary."""
_WORD_CONTEXT = 36  # code points segmented on either side of a cut; long compounds have about 20
_SENTENCE_END = re.compile(r"[.!?…:]['\"”’)]*\s+|\n\s*")
_SPECIAL = re.compile("[<>&\"']")
_SPACE = re.compile(r"\s+")
_TIE = 1e-9  # rounding error allowed, so that the first of equally good passages wins
_ADJACENT = 0.5  # bonus for two adjacent highlighted terms, as a share of the lesser weight
_REPEATED = 0.1  # weight of a repeated occurrence, as a share of the first one's


@dataclass(frozen=True, slots=True)
class RenderedHit:
    """The texts of a hit: a snippet, as escaped HTML with `<mark>`, and spans by field.

    The spans of summary and body are those within the snippet, unless all were requested.
    """

    snippet: str
    highlights: Mapping[str, Spans]


class _Passage(NamedTuple):
    """The part [start, end) of a field, its score, and all highlighted terms of the field."""

    field: str
    text: str
    start: int = 0
    end: int = 0
    score: float = 0.0
    highlighted: Sequence[HighlightedTerm] = ()


def render_hit(
    article: Article, queries: Mapping[str, HighlightQuery], *, all_highlights: bool = False
) -> RenderedHit:
    """Return the passage of an article that shows the most of a query.

    `queries` is keyed by stored field. The passage is taken from the summary or the body: from its
    beginning if neither has a highlight.
    """
    if not all_highlights and any(query.is_long for query in queries.values()):
        highlighted = find_highlighted(article, queries, MAX_CHARACTERS_OF_LONG_QUERIES)
    else:
        highlighted = find_highlighted(article, queries)
    first = "summary" if article.summary else "body"
    best = _Passage(first, stored_text(article, first))
    for name in PASSAGE_FIELDS:
        if found := highlighted.get(name):
            passage = _best_passage(name, stored_text(article, name), found)
            best = passage if passage.score > best.score else best
    start, end = _snippet_bounds(best)
    inside = [term for term in best.highlighted if start <= term[0] and term[1] <= end]
    shown = {
        name: spans(found)
        for name, found in highlighted.items()
        if all_highlights or name not in PASSAGE_FIELDS
    }
    if inside and not all_highlights:
        shown[best.field] = spans(inside)
    return RenderedHit(_html(best.text, start, end, inside), shown)


def _html(text: str, start: int, end: int, inside: Sequence[HighlightedTerm]) -> str:
    """Return a passage as HTML, with an ellipsis where the text is cut."""
    local = tuple([(first - start, last - start) for first, last, _, _ in inside])
    before = "… " if start else ""
    after = " …" if text[end:].strip() else ""
    return f"{before}{highlight(text[start:end], local)}{after}"


def highlight(text: str, highlighted: Spans) -> str:
    """Return a text escaped for HTML, with `<mark>` around spans.

    Spans separated by white space or a single character are joined.

    >>> highlight("xã hội & xã", ((0, 2), (3, 6)))
    '<mark>xã hội</mark> &amp; xã'
    """
    escape = html.escape if _SPECIAL.search(text) else str  # few texts need escaping
    parts: list[str] = []
    position = 0
    for start, end in highlighted:
        gap = text[position:start]
        if parts and (len(gap) <= 1 or gap.isspace()):
            parts[-1:] = [escape(gap)]
        else:
            parts.extend((escape(gap), "<mark>"))
        parts.extend((escape(text[start:end]), "</mark>"))
        position = end
    parts.append(escape(text[position:]))
    return "".join(parts)


def _best_passage(name: str, text: str, highlighted: Sequence[HighlightedTerm]) -> _Passage:
    """Return the highest-scoring window of highlighted terms that fits into a snippet.

    The score of a window is the sum of the weights of its distinct terms, plus `_ADJACENT` of the
    lesser weight for each distinct pair of adjacent terms. Repetitions count `_REPEATED` of that.
    """
    best, score, first = (0, 0, 0.0), 0.0, 0
    counts: dict[str | tuple[str, str], int] = {}  # of terms, and of pairs of adjacent terms
    before_end, before_term, before_weight = -2, "", 0.0
    for last, (start, end, term, weight) in enumerate(highlighted):
        count = counts.get(term, 0)
        counts[term] = count + 1
        score += weight * _REPEATED if count else weight
        if start - before_end == 1 and last > first:
            pair = before_term, term
            count = counts.get(pair, 0)
            counts[pair] = count + 1
            bonus = _ADJACENT * min(before_weight, weight)
            score += bonus * _REPEATED if count else bonus
        before_end, before_term, before_weight = end, term, weight
        while end - highlighted[first][0] > SNIPPET_LENGTH - _LEAD and first < last:
            _, left_end, left, left_weight = highlighted[first]
            following_start, _, following, following_weight = highlighted[first + 1]
            counts[left] -= 1
            score -= left_weight * (_REPEATED if counts[left] else 1)
            if following_start - left_end == 1:
                pair = left, following
                counts[pair] -= 1
                bonus = _ADJACENT * min(left_weight, following_weight)
                score -= bonus * (_REPEATED if counts[pair] else 1)
            first += 1
        if score > best[2] + _TIE:
            best = (highlighted[first][0], end, score)
    return _Passage(name, text, *best, highlighted)


def _snippet_bounds(passage: _Passage) -> tuple[int, int]:
    """Return the bounds of the snippet around a passage: whole words, from a sentence's start."""
    text, start = passage.text, passage.start
    if len(text) <= SNIPPET_LENGTH:
        return 0, len(text)
    begin = max(0, min(start - _LEAD, len(text) - SNIPPET_LENGTH))
    sentence = _SENTENCE_END.search(text, begin, start)
    if sentence and begin == start - _LEAD:  # not moved by the end of the text
        begin = sentence.end()
    elif begin:
        space = _SPACE.search(text, begin, start)
        begin = _cut_after_word(text, space.end(), start) if space else start
    max_end = min(len(text), begin + SNIPPET_LENGTH)
    if max_end == len(text):
        return begin, max_end
    spaces = [found.start() for found in _SPACE.finditer(text, passage.end, max_end + 1)]
    return begin, _cut_before_word(text, spaces[-1], passage.end) if spaces else max_end


def _cut_before_word(text: str, cut: int, min_cut: int) -> int:
    """Return a cut, moved before the word that it would split.

    It is not moved if it splits no word or would come before `min_cut`.
    """
    base = max(cut - _WORD_CONTEXT, 0)
    for word in words(text[base : cut + _WORD_CONTEXT]):
        start, end = base + word.start, base + word.end
        if start < cut < end:
            before = text[:start].rstrip()
            return len(before) if len(before) >= min_cut else cut
    return cut


def _cut_after_word(text: str, cut: int, max_cut: int) -> int:
    """Return a cut, moved after the word that it would split but not beyond `max_cut`."""
    base = max(cut - _WORD_CONTEXT, 0)
    for word in words(text[base : cut + _WORD_CONTEXT]):
        start, end = base + word.start, base + word.end
        if start < cut < end:
            space = _SPACE.match(text, end)
            return min(space.end() if space else end, max_cut)
    return cut
