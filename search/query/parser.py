"""The parser of query strings. Any string has a tree; what is not understood becomes a warning.

alternatives = conjunction { "OR" conjunction }
conjunction  = sequence { "AND" sequence }
sequence     = { clause }
clause       = [ "-" | "NOT" | "+" ] [ field ":" ] operand
operand      = word | pattern | phrase [ "~" slop ] | "(" alternatives ")"
pattern      = a word that ends in "*", or has "*" or "?" after its second letter or later

`&&` and VÀ, `||` and HOẶC, `!` also mean AND, OR and NOT. A phrase may contain patterns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.schema import DEFAULT_SCHEMA, KEYWORD_KINDS, Kind, Schema
from index.values import PART_GAP
from index.vietnamese.syllables import terms
from search.query import tree as q
from search.query.lexer import Token, TokenKind, first_words, tokens
from search.query.wildcards import (
    MIN_PREFIX_LETTERS,
    has_inner_wildcard,
    ignored_wildcards,
    phrase_patterns,
    word_pattern,
)
from search.warnings import QueryWarning, warning

MAX_LENGTH = 2000
"""Characters of a query that are read. Arbitrary: longer than any question and most sentences."""

MAX_WORDS = 256
"""Syllables of a query that are read, about 1,200 letters. Interpreting and matching a syllable
without marks costs 0.4 ms, and `MAX_LENGTH` alone would admit 1,000 syllables of one letter."""

MAX_CLAUSES = 32
"""Clauses of a query that are read; plain words that follow each other are one. Each costs about
1 ms where its words have no marks (`benchmarks.worst_queries`)."""

MAX_PREFIXES = 8
"""Prefixes and other words with wildcards that are read. Each stands for up to a dozen marked forms
and each of those for up to a thousand words: 2 ms. No query seen had three."""

MAX_DEPTH = 20
"""Levels of nested parentheses: far above any query, far below Python's recursion limit."""

MAX_SLOP = PART_GAP - 1
"""Positions by which a phrase may be stretched; one more could reach from a title into the summary
that is indexed after it."""

_BOOST_OR_FUZZY = re.compile(r"\w(?:\^\d|~\d*$)")


class OperatorScope(Protocol):
    """A function that returns how many of the plain words after an operator or field it binds."""

    def __call__(self, field: str, words: Sequence[str], *, is_filter: bool) -> int:
        """Return how many of `words`, at least one, the operator or field before them binds.

        `field` is where they are searched; with `is_filter` they are the value of a filter.
        """
        ...


def one_word(field: str, words: Sequence[str], *, is_filter: bool) -> int:
    """Return 1: an operator binds the first word only. For parsing without an index."""
    return 1


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query's tree, and warnings about the parts of the string that were not understood."""

    tree: q.Query
    warnings: tuple[QueryWarning, ...]


def parse(text: str, schema: Schema = DEFAULT_SCHEMA, scope: OperatorScope = one_word) -> Parsed:
    """Parse a query. Never fails; the tree of a string without words is `NOTHING`.

    `schema` says which fields there are, `scope` how many plain words an operator or field binds.

    >>> parse("tác giả:Mai gạo").tree == q.Sequence((q.Words("Mai", "author"), q.Words("gạo")))
    True
    """
    warnings: list[QueryWarning] = []
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH]
        warnings.append(warning("too_long", characters=MAX_LENGTH))
    typed = tokens(text, schema)
    kept = first_words(typed, MAX_WORDS)
    if kept != typed:
        warnings.append(warning("too_many_words", words=MAX_WORDS))
    parser = _Parser(kept, schema, scope, warnings)
    return Parsed(parser.parse(), tuple(dict.fromkeys(warnings)))


class _Parser:
    """A recursive-descent parser; its state: the next token, counts, and the warnings so far."""

    def __init__(
        self,
        tokens: list[Token],
        schema: Schema,
        scope: OperatorScope,
        warnings: list[QueryWarning],
    ) -> None:
        self.tokens = tokens
        self.schema = schema
        self.scope = scope
        self.warnings = warnings
        self.clauses = self.prefixes = 0
        self.position = 0
        self.depth = 0

    def parse(self) -> q.Query:
        """Parse all tokens; skip closing parentheses that nothing opened."""
        parts = [self.alternatives()]
        while self.position < len(self.tokens):
            self.take()
            self.warn("unbalanced_parenthesis")
            parts.append(self.alternatives())
        return q.side_by_side(parts)

    def alternatives(self) -> q.Query:
        """Parse conjunctions joined by OR."""
        alternatives = [[self.sequence()]]
        while self.peek() is TokenKind.OPERATOR:
            if self.take().text == "OR":
                alternatives.append([self.sequence()])
            else:
                alternatives[-1].append(self.sequence())
        conjunctions = [q.combined(q.AllOf, parts) for parts in alternatives]
        return q.combined(q.AnyOf, conjunctions)

    def sequence(self) -> q.Query:
        """Parse clauses up to an operator, a closing parenthesis or the end.

        Plain words that follow each other count as one clause.
        """
        parts: list[q.Query] = []
        in_run = False
        while self.peek() not in (TokenKind.END, TokenKind.CLOSE):
            if self.peek() is TokenKind.OPERATOR and not self.next_is("NOT"):
                break
            clause = self.clause()
            if clause is None:
                continue
            plain = isinstance(clause, q.Words) and clause.field == q.TEXT
            self.clauses += not (plain and in_run)
            in_run = plain
            if self.clauses <= MAX_CLAUSES:
                parts.append(clause)
            else:
                # The API has called clauses units since 0.2.0.
                self.warn("too_many_units", units=MAX_CLAUSES)
        return q.side_by_side(parts)

    def clause(self) -> q.Query | None:
        """Parse one word, phrase, field, group or exclusion; return None for an empty one."""
        token = self.take()
        match token.kind:
            case TokenKind.MINUS | TokenKind.OPERATOR:
                return self.excluded()
            case TokenKind.PLUS:
                return self.required()
            case TokenKind.FIELD:
                return self.field_clause(token.text)
            case TokenKind.OPEN:
                return self.group()
            case TokenKind.QUOTE:
                self.warn("unclosed_quote")
                return None
            case TokenKind.UNKNOWN_FIELD:
                self.warn("unknown_field", field=token.text)
                return None
            case _:
                return self.leaf(token, q.TEXT)

    def excluded(self) -> q.Query | None:
        """Parse the operand of a minus or NOT; a second one cancels the first."""
        negative = True
        while self.peek() is TokenKind.MINUS or self.next_is("NOT"):
            self.take()
            negative = not negative
        if self.peek() in (TokenKind.END, TokenKind.CLOSE, TokenKind.OPERATOR):
            self.warn("nothing_excluded")
            return None
        if not negative:
            return self.clause()
        child = self.compound() if self.peek() is TokenKind.WORD else self.clause()
        child = child.child if isinstance(child, q.Required) else child
        return None if child is None else q.Not(child)

    def required(self) -> q.Query | None:
        """Parse the operand of a plus; phrases and filters must match anyway."""
        if self.peek() is TokenKind.WORD:
            child = self.leaf(self.operand(q.TEXT, is_filter=False), q.TEXT)
        elif self.peek() in (TokenKind.END, TokenKind.CLOSE, TokenKind.OPERATOR):
            return None
        else:
            child = self.clause()
        return q.Required(child) if isinstance(child, q.Words | q.Sequence) else child

    def compound(self) -> q.Query | None:
        """Parse a word to be excluded, with all the syllables that belong to it."""
        word = self.leaf(self.operand(q.TEXT, is_filter=False), q.TEXT)
        return q.Compound(word.text, word.field) if isinstance(word, q.Words) else word

    def operand(self, field: str, *, is_filter: bool) -> Token:
        """Take the next token; if it is a word, with the words after it in the same scope."""
        first = self.take()
        words = [first.text]
        for token in self.tokens[self.position :]:
            if first.kind is not TokenKind.WORD or token.kind is not TokenKind.WORD:
                break
            if token.text.endswith("*"):
                break
            words.append(token.text)
        single = first.kind is not TokenKind.WORD or first.text.endswith("*")
        # Beyond the limit the clause is dropped anyway, so its scope is not looked up.
        if single or not _has_letters(first) or self.clauses >= MAX_CLAUSES:
            return first
        count = self.scope(field, words, is_filter=is_filter)
        self.position += count - 1
        return Token(TokenKind.WORD, " ".join(words[:count]))

    def field_clause(self, name: str) -> q.Query | None:
        """Parse the operand of `field:`."""
        if self.peek() not in (TokenKind.WORD, TokenKind.PHRASE, TokenKind.OPEN):
            return None
        field, is_filter = self.resolve_field(name)
        if self.peek() is TokenKind.OPEN:
            self.take()
            inner = self.group()
            if not is_filter:
                return None if inner is None else q.within_field(inner, field)
            return q.combined(q.AnyOf, [q.Filter(field, text) for text in q.value_texts(inner)])
        token = self.operand(field, is_filter=is_filter)
        return q.Filter(field, token.text.strip()) if is_filter else self.leaf(token, field)

    def resolve_field(self, name: str) -> tuple[str, bool]:
        """Return the field that a name searches or filters, and whether it is a filter.

        Words after a field that can do neither are searched in all text.
        """
        if name in (q.SINCE, q.UNTIL):
            return name, True
        field = self.schema[name]
        if field in self.schema.token_fields:
            return name, False
        if field.filter and (field.kind in KEYWORD_KINDS or field.kind in (Kind.DATE, Kind.NUMBER)):
            return name, True
        self.warn("field_not_searchable", field=name)
        return q.TEXT, False

    def leaf(self, token: Token, field: str) -> q.Query | None:
        """Return the node of a word, prefix or phrase; None if it has no letter or digit."""
        if not _has_letters(token):
            return None
        if token.kind is TokenKind.PHRASE:
            return self.phrase(token, field)
        if has_inner_wildcard(token.text):
            return self.wildcard(token.text, field)
        beginning = token.text.rstrip("*")
        if token.text.endswith("*"):
            if len(terms(beginning)[-1]) >= MIN_PREFIX_LETTERS:
                return q.Prefix(beginning, field) if self.admit_wildcard() else None
            self.warn("short_prefix", text=token.text, letters=MIN_PREFIX_LETTERS)
        elif _BOOST_OR_FUZZY.search(token.text):
            self.warn("operator_ignored", text=token.text)
        return q.Words(token.text, field)

    def phrase(self, token: Token, field: str) -> q.Query:
        """Return a phrase, without its wildcards once `MAX_PREFIXES` were read."""
        for word, is_short in ignored_wildcards(token.text):
            self.warn_ignored_wildcard(word, is_short=is_short)
        if token.slop > MAX_SLOP:
            self.warn("slop_too_large", positions=MAX_SLOP)
        text = token.text
        patterns = phrase_patterns(text)
        if not all(self.admit_wildcard() for _ in patterns):
            text = text.replace("*", " ")
        return q.Phrase(text, field, min(token.slop, MAX_SLOP))

    def wildcard(self, word: str, field: str) -> q.Query | None:
        """Return a word with a wildcard before its end; as plain words if it is ignored."""
        pattern = word_pattern(word)
        if pattern and len(pattern.beginning) >= MIN_PREFIX_LETTERS:
            return q.Wildcard(pattern.text, field) if self.admit_wildcard() else None
        self.warn_ignored_wildcard(word, is_short=pattern is not None)
        return q.Words(word, field)

    def warn_ignored_wildcard(self, word: str, *, is_short: bool) -> None:
        """Warn that a wildcard is ignored: too few letters before it, or other signs beside it."""
        if is_short:
            self.warn("short_prefix", text=word, letters=MIN_PREFIX_LETTERS)
        else:
            self.warn("wildcard_ignored", text=word)

    def admit_wildcard(self) -> bool:
        """Count a prefix or pattern; return False, with a warning, beyond `MAX_PREFIXES`."""
        self.prefixes += 1
        if self.prefixes > MAX_PREFIXES:
            self.warn("too_many_prefixes", prefixes=MAX_PREFIXES)
        return self.prefixes <= MAX_PREFIXES

    def group(self) -> q.Query | None:
        """Parse up to the closing parenthesis of a group that has just been opened."""
        if self.depth == MAX_DEPTH:
            self.warn("too_deep")
            return None
        self.depth += 1
        inner = self.alternatives()
        self.depth -= 1
        if self.peek() is TokenKind.CLOSE:
            self.take()
        else:
            self.warn("unbalanced_parenthesis")
        return None if inner == q.NOTHING else inner

    def peek(self) -> TokenKind:
        """Return the kind of the next token."""
        return (
            self.tokens[self.position].kind if self.position < len(self.tokens) else TokenKind.END
        )

    def next_is(self, operator: str) -> bool:
        """Return whether the next token is this operator."""
        return self.peek() is TokenKind.OPERATOR and self.tokens[self.position].text == operator

    def take(self) -> Token:
        """Return the next token and move past it."""
        self.position += 1
        return self.tokens[self.position - 1]

    def warn(self, code: str, **params: str | int) -> None:
        """Add a warning."""
        self.warnings.append(warning(code, **params))


def _has_letters(token: Token) -> bool:
    """Return whether a token contains a letter or a digit."""
    return any(map(str.isalnum, token.text))
