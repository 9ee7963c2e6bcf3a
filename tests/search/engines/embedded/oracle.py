"""What a plan must give, in the plainest words: every article is looked at, token by token."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, timedelta
from itertools import pairwise

from search.planning import plan
from search.ranking import PAIR_SATURATION, SATURATION, idf, sat
from tests.search.engines.embedded.corpora import Document


def matches(document: Document, node: plan.Node) -> bool:
    match node:
        case plan.Term(field, text):
            return any(term == text for term, _ in document.tokens[field])
        case plan.Prefix(field, text):
            return any(term.startswith(text) for term, _ in document.tokens[field])
        case plan.Phrase(field, places, slop):
            return has_phrase(document.tokens[field], places, slop)
        case plan.Keyword(field, values):
            return (value := getattr(document.article, field)) != "" and value in values
        case plan.Published(since, until):
            date = document.article.published
            return (
                date is not None
                and (since is None or since <= date)
                and (until is None or date < until)
            )
        case plan.And(children):
            return all(matches(document, child) for child in children)
        case plan.Or(children):
            return any(matches(document, child) for child in children)
        case plan.Not(child):
            return not matches(document, child)
        case plan.Everything():
            return True


def has_phrase(
    tokens: Sequence[tuple[str, int]], places: Sequence[Sequence[str]], slop: int
) -> bool:
    """Try every chain of positions."""
    if not places:
        return False
    chains = [(at, at) for term, at in tokens if term in places[0]]
    for terms in places[1:]:
        chains = [
            (start, at)
            for start, end in chains
            for term, at in tokens
            if term in terms and at > end
        ]
    return any(end - start <= len(places) - 1 + slop for start, end in chains)


class Oracle:
    """Answers plans over documents in the order they were indexed."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents

    def scored(self, asked: plan.Plan) -> list[tuple[float, Document]]:
        """Give all matches with their scores, in order."""
        found = [
            (
                self.score(document, asked.scores) + self.pairs(document, asked.pairs),
                at,
                document,
            )
            for at, document in enumerate(self.documents)
            if matches(document, asked.match)
        ]
        if asked.sort is plan.Sort.RELEVANCE:
            found.sort(key=lambda hit: (-hit[0], hit[1]))
        else:
            sign = -1 if asked.sort is plan.Sort.NEWEST else 1
            found.sort(
                key=lambda hit: (
                    (date := hit[2].article.published) is None,
                    sign * date.timestamp() if date else 0,
                    hit[1],
                )
            )
        return [(score, document) for score, _, document in found]

    def score(self, document: Document, parts: Sequence[plan.TermScore]) -> float:
        total = 0.0
        for part in parts:
            everywhere = [Counter(term for term, _ in d.tokens[part.field]) for d in self.documents]
            tf = Counter(term for term, _ in document.tokens[part.field])[part.text]
            if tf:
                weight = part.weight * idf(
                    len(everywhere), sum(part.text in counts for counts in everywhere)
                )
                total += weight * self.sat(document, part.field, tf, SATURATION[part.field])
        return total

    def sat(self, document: Document, field: str, tf: int, saturation: object) -> float:
        average = sum(len(d.tokens[field]) for d in self.documents) / len(self.documents)
        return sat(tf, len(document.tokens[field]), average, saturation)  # type: ignore[arg-type]

    def pairs(self, document: Document, parts: Sequence[plan.PairScore]) -> float:
        total = 0.0
        for part in parts:
            if tf := pair_frequency(document, part.first, part.second):
                documents = self.count_pair(part.first, part.second)
                weight = part.weight * idf(len(self.documents), documents)
                total += weight * self.sat(document, "text", tf, PAIR_SATURATION)
        return total

    def count_pair(self, first: str, second: str) -> int:
        return sum(pair_frequency(document, first, second) > 0 for document in self.documents)

    def facets(self, asked: plan.Plan) -> dict[str, dict[str, int]]:
        found = [document.article for _, document in self.scored(asked)]
        vietnam = timedelta(hours=7)
        years = [str((a.published.astimezone(UTC) + vietnam).year) for a in found if a.published]
        values = {
            "source": [article.source for article in found if article.source],
            "section": [article.section for article in found if article.section],
            "year": years,
        }
        return {name: dict(Counter(values[name])) for name in asked.facets}


def pair_frequency(document: Document, first: str, second: str) -> int:
    tokens = document.tokens["text"]
    return sum((a, b) == (first, second) and at + 1 == bt for (a, at), (b, bt) in pairwise(tokens))
