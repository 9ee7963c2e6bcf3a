"""From the string typed to a query tree. Any string has a tree; what made no sense is a warning.

alternatives = conjunction { "OR" conjunction }
conjunction  = sequence { "AND" sequence }
sequence     = { ["-" | "NOT"] [ field ":" ] ( word | word "*" | phrase | "(" alternatives ")" ) }
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.analysis import PART_GAP
from search.query import tree as q
from search.query.operator_scope import Reach, one_word
from search.results.records import QueryWarning

MAX_LENGTH = 2000
"""Characters of a query that are read; far above any question, far below an attack."""

MAX_UNITS = 24
"""Phrases, fields, exclusions, prefixes and groups of a query that are read; each has its price."""

SHORTEST_PREFIX = 2
"""Letters of a prefix; a single one would stand for half the vocabulary."""

MAX_DEPTH = 20
"""Parentheses within parentheses; deeper ones are read as if they were not there."""

MAX_SLOP = PART_GAP - 1
"""Positions by which a phrase may be stretched; one more could join a title to a summary."""

FIELDS: dict[str, q.TextField | q.FilterField] = {
    "title": q.TextField.TITLE,
    "author": q.TextField.AUTHOR,
    "source": q.FilterField.SOURCE,
    "section": q.FilterField.SECTION,
    "since": q.FilterField.SINCE,
    "until": q.FilterField.UNTIL,
    "tựa": q.TextField.TITLE,
    "nguồn": q.FilterField.SOURCE,
    "mục": q.FilterField.SECTION,
}
"""The field names of the language, with the Vietnamese ones that are a single word."""

_TOKEN = re.compile(
    rf"""
      (?P<space>\s+)
    | ["“”„«](?P<phrase>[^"“”„«»]*)["“”»](?:~(?P<slop>\d+))?
    | (?P<quote>["“”„«»])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<operator>AND|OR|NOT)(?=[\s()]|$)
    | (?P<minus>-)(?=[^\s\-])
    | (?P<field>{"|".join(FIELDS)}):(?=[^\s)])
    | (?P<word>[^\s()"“”„«»]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query's tree, and what of the string was not understood."""

    tree: q.Query
    warnings: tuple[QueryWarning, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    slop: int = 0


def parse(text: str, reach: Reach = one_word) -> Parsed:
    """Read a query. Never fails; the tree of a string without words is `NOTHING`.

    `reach` says how many of the plain words behind an operator or a field it takes.
    """
    warnings: list[QueryWarning] = []
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH]
        warnings.append(QueryWarning("too_long", f"Chỉ đọc {MAX_LENGTH} ký tự đầu của câu tìm."))
    tokens = list(_tokens(text))
    if any(token.slop > MAX_SLOP for token in tokens):
        message = f"Khoảng cách trong một cụm từ được tính nhiều nhất là {MAX_SLOP} tiếng."
        warnings.append(QueryWarning("slop_too_large", message))
    parser = _Parser(tokens, reach, warnings)
    return Parsed(parser.whole(), tuple(dict.fromkeys(warnings)))


def _tokens(text: str) -> Iterator[_Token]:
    """Cut a string into tokens, white space left out; operators are in capitals only."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "slop":
            yield _Token("phrase", found["phrase"], int(found["slop"]))
        elif kind == "operator" and found[kind] not in _OPERATORS:
            yield _Token("word", found[kind])
        elif kind != "space":
            yield _Token(kind, found[kind])


class _Parser:
    """A recursive descent over the tokens, whose state is the place it has reached."""

    def __init__(self, tokens: list[_Token], reach: Reach, warnings: list[QueryWarning]) -> None:
        self.tokens = tokens
        self.reach = reach
        self.units = 0
        self.warnings = warnings
        self.at = 0
        self.depth = 0

    def whole(self) -> q.Query:
        """Read all tokens; a closing parenthesis that nothing opened is passed over."""
        parts = [self.alternatives()]
        while self.at < len(self.tokens):
            self.take()
            self.warn_parenthesis()
            parts.append(self.alternatives())
        return _sequence(parts)

    def alternatives(self) -> q.Query:
        """Read sequences joined by AND, and those joined by OR."""
        alternatives = [[self.sequence()]]
        while self.peek() == "operator":
            if self.take().text == "OR":
                alternatives.append([self.sequence()])
            else:
                alternatives[-1].append(self.sequence())
        joined = [_joined(q.AllOf, parts) for parts in alternatives]
        return _joined(q.AnyOf, joined)

    def sequence(self) -> q.Query:
        """Read units up to an operator, a closing parenthesis or the end."""
        parts: list[q.Query] = []
        while (kind := self.peek()) not in ("", "close"):
            if kind == "operator" and not self.peeks_at("NOT"):
                break
            unit = self.unit()
            if unit is None:
                continue
            plain = isinstance(unit, q.Words) and unit.field is q.TextField.TEXT
            self.units += not plain
            if plain or self.units <= MAX_UNITS:
                parts.append(unit)
            else:
                message = f"Chỉ đọc {MAX_UNITS} cụm từ, điều kiện và phần loại trừ đầu tiên."
                self.warn("too_many_units", message)
        return _sequence(parts)

    def unit(self) -> q.Query | None:
        """Read one word, phrase, field, group or exclusion; None where nothing is left of it."""
        token = self.take()
        match token.kind:
            case "minus" | "operator":
                return self.excluded()
            case "field":
                return self.fielded(FIELDS[token.text.lower()])
            case "open":
                return self.group()
            case "quote":
                self.warn("unclosed_quote", "Dấu ngoặc kép chưa đóng nên được bỏ qua.")
                return None
            case _:
                return _leaf(token, q.TextField.TEXT)

    def excluded(self) -> q.Query | None:
        """Read what a minus or NOT excludes; a second one takes the first back."""
        negative = True
        while self.peek() == "minus" or self.peeks_at("NOT"):
            self.take()
            negative = not negative
        if self.peek() in ("", "close", "operator"):
            self.warn("nothing_excluded", "Sau NOT hoặc dấu trừ không có gì để loại trừ.")
            return None
        if not negative:
            return self.unit()
        child = self.compound() if self.peek() == "word" else self.unit()
        return None if child is None else q.Without(child)

    def compound(self) -> q.Query | None:
        """Read the word to be excluded, with all its syllables."""
        word = _leaf(self.taken(q.TextField.TEXT), q.TextField.TEXT)
        return q.Compound(word.text, word.field) if isinstance(word, q.Words) else word

    def taken(self, field: q.TextField | q.FilterField) -> _Token:
        """Take the next token, a word with those behind it that belong to it."""
        first = self.take()
        words = [first.text]
        for token in self.tokens[self.at :]:
            if first.kind != "word" or token.kind != "word" or token.text.endswith("*"):
                break
            words.append(token.text)
        if first.kind != "word" or first.text.endswith("*") or not _tells(first):
            return first
        count = self.reach(field, words)
        self.at += count - 1
        return _Token("word", " ".join(words[:count]))

    def fielded(self, field: q.TextField | q.FilterField) -> q.Query | None:
        """Read what stands behind `field:`."""
        if self.peek() not in ("word", "phrase", "open"):
            return None
        if self.peek() == "open":
            self.take()
            inner = self.group()
            if isinstance(field, q.TextField):
                return None if inner is None else _within(inner, field)
            return _joined(q.AnyOf, [q.Filter(field, text) for text in _texts(inner)])
        token = self.taken(field)
        if isinstance(field, q.TextField):
            return _leaf(token, field)
        return q.Filter(field, token.text.strip())

    def group(self) -> q.Query | None:
        """Read up to the closing parenthesis of a group that has just been opened."""
        if self.depth == MAX_DEPTH:
            self.warn("too_deep", "Ngoặc đơn lồng nhau quá sâu nên phần bên trong được đọc phẳng.")
            return None
        self.depth += 1
        inner = self.alternatives()
        self.depth -= 1
        if self.peek() == "close":
            self.take()
        else:
            self.warn_parenthesis()
        return None if inner == q.NOTHING else inner

    def peek(self) -> str:
        """Tell the kind of the next token; "" at the end."""
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def peeks_at(self, operator: str) -> bool:
        """Tell whether this operator comes next."""
        return self.peek() == "operator" and self.tokens[self.at].text == operator

    def take(self) -> _Token:
        """Move past the next token."""
        self.at += 1
        return self.tokens[self.at - 1]

    def warn(self, code: str, message: str) -> None:
        """Keep a warning."""
        self.warnings.append(QueryWarning(code, message))

    def warn_parenthesis(self) -> None:
        """Keep the warning that parentheses do not pair up."""
        self.warn("unbalanced_parenthesis", "Ngoặc đơn mở và đóng không khớp nên được bỏ qua.")


def _leaf(token: _Token, field: q.TextField) -> q.Query | None:
    """Make the node of a word, a prefix or a phrase; None where it holds no letter or digit."""
    if not _tells(token):
        return None
    if token.kind == "phrase":
        return q.Quoted(token.text, field, min(token.slop, MAX_SLOP))
    if token.text.endswith("*") and len(token.text.rstrip("*")) >= SHORTEST_PREFIX:
        return q.Beginning(token.text.rstrip("*"), field)
    return q.Words(token.text, field)


def _tells(token: _Token) -> bool:
    """Tell whether a token holds a letter or a digit."""
    return any(map(str.isalnum, token.text))


def _sequence(parts: list[q.Query]) -> q.Query:
    """Join units written side by side; neighbouring plain words become one run."""
    joined: list[q.Query] = []
    for part in parts:
        if part == q.NOTHING:
            continue
        last = joined[-1] if joined else None
        if isinstance(part, q.Words) and isinstance(last, q.Words) and part.field is last.field:
            joined[-1] = q.Words(f"{last.text} {part.text}", part.field)
        else:
            joined.append(part)
    if len(joined) == 1 and not isinstance(joined[0], q.Without):
        return joined[0]
    return q.Sequence(tuple(dict.fromkeys(joined)))


def _joined(kind: type[q.AllOf] | type[q.AnyOf], parts: list[q.Query]) -> q.Query:
    """Join operands, those left empty dropped ("AND tin" is "tin")."""
    kept = list(dict.fromkeys(part for part in parts if part != q.NOTHING))
    if not kept:
        return q.NOTHING
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def _within(node: q.Query, field: q.TextField) -> q.Query:
    """Ask for every word of a group in one field, but where the group itself names another."""
    match node:
        case q.Words() | q.Compound() | q.Beginning() if node.field is q.TextField.TEXT:
            return type(node)(node.text, field)
        case q.Quoted() if node.field is q.TextField.TEXT:
            return q.Quoted(node.text, field, node.slop)
        case q.Without():
            return q.Without(_within(node.child, field))
        case q.AllOf() | q.AnyOf() | q.Sequence():
            return type(node)(tuple(_within(child, field) for child in node.children))
        case _:
            return node


def _texts(node: q.Query | None) -> Iterator[str]:
    """Give the texts of a group behind a filter field: `source:(A OR "B C")`."""
    match node:
        case q.Words():
            yield from node.text.split()
        case q.Quoted() | q.Beginning():
            yield node.text
        case q.AllOf() | q.AnyOf() | q.Sequence():
            for child in node.children:
                yield from _texts(child)
        case _:
            return
