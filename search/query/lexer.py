"""Tokens of a query string: words, phrases, field names, operators, parentheses."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from index.schema import Schema
from index.vietnamese.forms import canonical
from index.vietnamese.syllables import syllables
from search.query.tree import SINCE, UNTIL

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | ["“”„«](?P<phrase>[^"“”„«»]*)["“”»](?:~(?P<slop>\d{1,9}))?
    | (?P<quote>["“”„«»])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<operator>(?:AND|OR|NOT)(?=[\s()]|$)|(?:&&|\|\|)(?=[\s()]|$))
    | (?P<minus>-(?=[^\s\-])|[!–—−](?=[^\W\d_]|["“(]))
    | (?P<plus>\+(?=[^\s+]))
    | (?P<word>[^\s()"“”„«»]+)
    """,
    re.VERBOSE,
)
"""An en dash and an exclamation mark exclude only before a letter: phones turn a hyphen into the
one, and the other stands before anything in prose."""

_NAME = re.compile(r"((?:[^\s:()\"“”„«»]+[ ]){0,3}?[^\s:()\"“”„«»]+):(?=[^\s)/])")
"""Up to four words and a colon that a value follows; "http://" is none."""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z_]{1,30}")
"""What looks like the name of a field to whoever wrote it, rather than like prose."""

_SYNONYMS = {"&&": "AND", "||": "OR"}
_VIETNAMESE = {"VÀ": "AND", "HOẶC": "OR"}
"""Vietnamese operators, in capitals; KHÔNG is none, for people stress it ("KHÔNG nên uống")."""
_PERIODS = {
    "since": SINCE, "từ": SINCE, "tu": SINCE, "từ ngày": SINCE, "tu ngay": SINCE,
    "until": UNTIL, "đến": UNTIL, "den": UNTIL, "đến ngày": UNTIL, "den ngay": UNTIL,
}  # fmt: skip
"""Names of the fields that bound the day of publication."""


class TokenKind(StrEnum):
    """The kinds of tokens; END stands after the last one."""

    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"
    UNKNOWN_FIELD = "unknown_field"
    OPERATOR = "operator"
    MINUS = "minus"
    PLUS = "plus"
    OPEN = "open"
    CLOSE = "close"
    QUOTE = "quote"
    END = ""


@dataclass(frozen=True, slots=True)
class Token:
    """One token; the text of a FIELD is its name in the schema, or `SINCE` or `UNTIL`."""

    kind: TokenKind
    text: str = ""
    slop: int = 0


def tokens(text: str, schema: Schema) -> list[Token]:
    """Return the tokens of a query, white space left out.

    Operators are in capitals only; names of fields in any case, with or without marks. A name that
    the schema lacks is an UNKNOWN_FIELD, followed by its own text as a word.

    >>> from index.schema import DEFAULT_SCHEMA
    >>> [token.text for token in tokens('tác giả:Mai -"lũ lụt"', DEFAULT_SCHEMA)]
    ['author', 'Mai', '-', 'lũ lụt']
    >>> [token.text for token in tokens("lũ VÀ bão", DEFAULT_SCHEMA)]
    ['lũ', 'AND', 'bão']
    """
    found = list(_iter_tokens(text, schema))
    for at in range(1, len(found) - 1):
        operator = _VIETNAMESE.get(canonical(found[at].text))
        if operator and found[at].kind is TokenKind.WORD and _joins(*found[at - 1 : at + 2 : 2]):
            found[at] = Token(TokenKind.OPERATOR, operator)
    return found


def _joins(before: Token, after: Token) -> bool:
    """Return whether VÀ or HOẶC between two tokens is an operator.

    It is a word like any other where those beside it are in capitals, too ("GIÁ VÀNG VÀ ĐÔ LA").
    """
    joined = (TokenKind.WORD, TokenKind.PHRASE, TokenKind.OPEN, TokenKind.CLOSE)
    return (
        before.kind in joined
        and after.kind in (*joined, TokenKind.FIELD, TokenKind.MINUS, TokenKind.PLUS)
        and any(t.kind is not TokenKind.WORD or not t.text.isupper() for t in (before, after))
    )


def _iter_tokens(text: str, schema: Schema) -> Iterator[Token]:
    """Yield the tokens of a query; VÀ and HOẶC are words."""
    at = 0
    while found := _TOKEN.match(text, at):
        kind = found.lastgroup or ""
        if kind == "word" and (named := _NAME.match(text, at)):
            if name := _field(named[1], schema):
                yield Token(TokenKind.FIELD, name)
                at = named.end()
                continue
            if _IDENTIFIER.fullmatch(named[1]):
                yield Token(TokenKind.UNKNOWN_FIELD, named[1])
        at = found.end()
        if kind == "slop":
            yield Token(TokenKind.PHRASE, found["phrase"], int(found["slop"]))
        elif kind != "space":
            yield Token(TokenKind(kind), _SYNONYMS.get(found[kind], found[kind]))


def first_words(tokens: Iterable[Token], limit: int) -> list[Token]:
    """Return the tokens up to the last one within a number of syllables; a phrase is cut short.

    >>> [token.text for token in first_words([Token(TokenKind.PHRASE, "một hai ba")], 2)]
    ['một hai']
    """
    kept: list[Token] = []
    for token in tokens:
        if token.kind in (TokenKind.WORD, TokenKind.PHRASE):
            there = list(syllables(token.text))
            if len(there) > limit:
                if limit and token.kind is TokenKind.PHRASE:
                    kept.append(replace(token, text=token.text[: there[limit - 1].end]))
                break
            limit -= len(there)
        kept.append(token)
    return kept


def _field(name: str, schema: Schema) -> str | None:
    """Return the field that a name in a query means."""
    if period := _PERIODS.get(name.lower()):
        return period
    field = schema.find(name)
    return field.name if field else None
