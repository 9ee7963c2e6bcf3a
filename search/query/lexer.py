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
"""A dash or an exclamation mark excludes only before a letter: phones turn hyphens into dashes, and
prose has exclamation marks before anything else."""

_NAME = re.compile(r"((?:[^\s:()\"“”„«»]+[ ]){0,3}?[^\s:()\"“”„«»]+):(?=[^\s)/])")
"""A field name of up to four words and a colon, followed by a value; not the start of "http://"."""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z_]{1,30}")
"""A name before a colon that was meant as a field name, rather than as prose."""

_SYMBOL_OPERATORS = {"&&": "AND", "||": "OR"}
_VIETNAMESE_OPERATORS = {"VÀ": "AND", "HOẶC": "OR"}
"""In capitals only. KHÔNG (not) is a plain word: people capitalise it to stress it, as in
"KHÔNG nên uống"."""
OPERATORS = frozenset(("AND", "OR", "NOT", *_VIETNAMESE_OPERATORS))
"""Words, in canonical form, that may be operators."""
_DATE_BOUNDS = {
    "since": SINCE, "từ": SINCE, "tu": SINCE, "từ ngày": SINCE, "tu ngay": SINCE,
    "until": UNTIL, "đến": UNTIL, "den": UNTIL, "đến ngày": UNTIL, "den ngay": UNTIL,
}  # fmt: skip
"""Names in a query of the fields that bound the day of publication."""


class TokenKind(StrEnum):
    """The kinds of tokens; END marks the end of the query."""

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
    """Return the tokens of a query, without white space.

    Operators must be in capitals; field names may be in any case, with or without marks. A name
    that the schema lacks becomes an UNKNOWN_FIELD, followed by its text as a word.

    >>> from index.schema import DEFAULT_SCHEMA
    >>> [token.text for token in tokens('tác giả:Mai -"lũ lụt"', DEFAULT_SCHEMA)]
    ['author', 'Mai', '-', 'lũ lụt']
    >>> [token.text for token in tokens("lũ VÀ bão", DEFAULT_SCHEMA)]
    ['lũ', 'AND', 'bão']
    """
    found = list(_iter_tokens(text, schema))
    for i in range(1, len(found) - 1):
        if found[i].kind is not TokenKind.WORD or not found[i].text.isupper():
            continue
        operator = _VIETNAMESE_OPERATORS.get(canonical(found[i].text))
        if operator and _is_operator_between(found[i - 1], found[i + 1]):
            found[i] = Token(TokenKind.OPERATOR, operator)
    return found


def _is_operator_between(before: Token, after: Token) -> bool:
    """Return whether VÀ or HOẶC between two tokens is an operator.

    Between two words that are also in capitals ("GIÁ VÀNG VÀ ĐÔ LA") it is a plain word.
    """
    operands = (TokenKind.WORD, TokenKind.PHRASE, TokenKind.OPEN, TokenKind.CLOSE)
    return (
        before.kind in operands
        and after.kind in (*operands, TokenKind.FIELD, TokenKind.MINUS, TokenKind.PLUS)
        and any(t.kind is not TokenKind.WORD or not t.text.isupper() for t in (before, after))
    )


def _iter_tokens(text: str, schema: Schema) -> Iterator[Token]:
    """Yield the tokens of a query, with VÀ and HOẶC still as words."""
    position = 0
    may_name = ":" in text
    while found := _TOKEN.match(text, position):
        kind = found.lastgroup or ""
        if may_name and kind == "word" and (named := _NAME.match(text, position)):
            if name := _field(named[1], schema):
                yield Token(TokenKind.FIELD, name)
                position = named.end()
                continue
            if _IDENTIFIER.fullmatch(named[1]):
                yield Token(TokenKind.UNKNOWN_FIELD, named[1])
        position = found.end()
        if kind == "slop":
            yield Token(TokenKind.PHRASE, found["phrase"], int(found["slop"]))
        elif kind != "space":
            yield Token(TokenKind(kind), _SYMBOL_OPERATORS.get(found[kind], found[kind]))


def first_words(tokens: Iterable[Token], limit: int) -> list[Token]:
    """Return the first tokens, of `limit` syllables at most; a phrase is cut to fit.

    >>> [token.text for token in first_words([Token(TokenKind.PHRASE, "một hai ba")], 2)]
    ['một hai']
    """
    every = list(tokens)
    if sum(len(token.text) for token in every) <= limit:  # a syllable has one letter at least
        return every
    kept: list[Token] = []
    for token in every:
        if token.kind in (TokenKind.WORD, TokenKind.PHRASE):
            parts = list(syllables(token.text))
            if len(parts) > limit:
                if limit and token.kind is TokenKind.PHRASE:
                    kept.append(replace(token, text=token.text[: parts[limit - 1].end]))
                break
            limit -= len(parts)
        kept.append(token)
    return kept


def _field(name: str, schema: Schema) -> str | None:
    """Return the field that a name in a query stands for; None for an unknown name."""
    if bound := _DATE_BOUNDS.get(name.lower()):
        return bound
    field = schema.find(name)
    return field.name if field else None
