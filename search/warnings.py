"""Warnings about parts of a query that were ignored or changed: codes, parameters, sentences.

A search returns codes; the sentences are rendered where they are shown. The English ones, for the
command line and programs, are here; the Vietnamese ones, for the pages, in `web.warnings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """A warning about a query: its code and the parameters of its sentence.

    >>> english(warning("too_long", characters=2000))
    'Only the first 2000 characters of the query were read.'
    """

    code: str
    params: tuple[tuple[str, str | int], ...] = ()

    def filled(self, sentences: Mapping[str, str]) -> str:
        """Return the code's sentence with the parameters filled in; the code if it has none."""
        return sentences.get(self.code, self.code).format_map(dict(self.params))


def warning(code: str, **params: str | int) -> QueryWarning:
    """Return the warning with a code and parameters."""
    return QueryWarning(code, tuple(params.items()))


def english(query_warning: QueryWarning) -> str:
    """Return the English sentence of a warning."""
    return query_warning.filled(ENGLISH)


ENGLISH: Mapping[str, str] = {
    "too_long": "Only the first {characters} characters of the query were read.",
    "too_many_words": "Only the first {words} words of the query were read.",
    "too_many_prefixes": "Only the first {prefixes} words with an asterisk were read.",
    "too_many_units": (
        "Only the first {units} phrases, conditions, exclusions and alternatives were read."
    ),
    "too_deep": "Parentheses are nested too deeply; the inner ones were left out.",
    "slop_too_large": "A phrase can be stretched by at most {positions} positions.",
    "unclosed_quote": "A quotation mark is not closed and was ignored.",
    "unbalanced_parenthesis": "Parentheses are not balanced; the extra ones were ignored.",
    "nothing_excluded": "Nothing follows NOT or the minus sign.",
    "unknown_field": "There is no field “{field}”; its words were searched like any others.",
    "field_not_searchable": "The field “{field}” cannot be searched by itself.",
    "wildcard_ignored": "“{text}”: a wildcard needs letters before it, and no punctuation.",
    "wildcard_cut": "“{text}”: only the {terms} most frequent words were searched.",
    "prefix_ordered_partly": (
        "“{text}”: all words that begin like this were searched, but only the {terms} most "
        "frequent ones decide the order."
    ),
    "short_prefix": "“{text}”: a prefix needs at least {letters} letters.",
    "operator_ignored": "The sign in “{text}” has no meaning here and was ignored.",
    "unknown_value": "No article has the value “{value}” in the field “{field}”.",
    "unknown_date": "“{value}” is not a date; write 3/1/2024, 1/2024 or 2024.",
    "unknown_number": "“{value}” is not a number or a range such as 10..20.",
    "no_words": "The query has no letters or digits.",
    "phrase_not_found": "No article contains the quoted phrase; these are the closest ones.",
    "relaxed": (
        "{full} articles match fully or nearly; others that match less are listed as well."
    ),
    "semantic_unavailable": (
        "The index has no vectors, or they or their model cannot be read: ordered by words alone."
    ),
    "not_folded": "This far down, near-duplicates are not collapsed: some hits may be repeated.",
    "page_too_deep": "This index has no pages this deep; narrow the search, or use a cursor.",
    "interpreted_partly": (
        "The query is long: not all of its words were checked for typos, marks and missing spaces."
    ),
    "ordered_partly": (
        "The query is long: its {features} strongest words and pairs of words decide the order."
    ),
    "budget_spent": "The query takes too much work: the results may be incomplete.",
}
"""English sentences by code; these are all codes."""
