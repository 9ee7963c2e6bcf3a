"""The merge policy: which neighbouring segments become one after a write.

All segments become one if those beside the largest have more than `WriteLimits.beside_largest` of
the articles, or the index has at most `WriteLimits.exact_tokens`: the models of one segment are
those of a build, the models of several are sums without what is rare in each.

Otherwise the segments of one write become one. Older neighbours are merged into it, newest first,
as long as the next one is less than twice as large or more than half deleted (a logarithmic merge:
Lester, Moffat and Zobel 2008; both factors are arbitrary). While more than `WriteLimits.segments`
remain, the two neighbours with the smallest sum become one.

Articles are the documents that are not deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.embedded.limits import WriteLimits
from index.embedded.segment import OpenSegment


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """Neighbouring segments that become one."""

    segments: tuple[OpenSegment, ...]

    @property
    def articles(self) -> int:
        """The number of documents that are not deleted."""
        return sum(one.segment.articles for one in self.segments)

    @property
    def tokens(self) -> int:
        """The number of tokens of "text" of all documents, deleted ones included."""
        return sum(int(one.lengths["text"].sum()) for one in self.segments)

    @property
    def is_mostly_deleted(self) -> bool:
        """Whether more than half of the documents are deleted."""
        return 2 * self.articles < sum(one.documents for one in self.segments)

    @property
    def live_tokens(self) -> int:
        """The number of tokens of "text" of the articles that are not deleted."""
        return sum(int(one.lengths["text"][one.live()].sum()) for one in self.segments)

    def is_small(self, limits: WriteLimits) -> bool:
        """Return whether the group is small enough for models that are counted at each write."""
        return self.live_tokens <= limits.exact_tokens

    @property
    def has_deleted(self) -> bool:
        """Whether any document is deleted."""
        return self.articles < sum(one.documents for one in self.segments)

    def fits(self, other: "MergeGroup", limits: WriteLimits) -> bool:
        """Return whether the two together are small enough for one segment."""
        return self.tokens + other.tokens <= limits.segment_tokens

    def __add__(self, other: "MergeGroup") -> "MergeGroup":
        return MergeGroup(self.segments + other.segments)


def grouped(
    segments: Sequence[OpenSegment], old_count: int, limits: WriteLimits
) -> list[MergeGroup]:
    """Return all segments as groups that become one segment each.

    The first `old_count` were there before the write.
    """
    every = MergeGroup(tuple(segments))
    if segments and (every.is_small(limits) or _should_be_one(every, limits)):
        return [every]
    groups = [MergeGroup((segment,)) for segment in segments]
    while len(groups) > 1 and groups[-2].fits(groups[-1], limits):
        older, newer = groups[-2:]
        is_old = len(groups) - 2 < old_count
        if is_old and older.articles >= 2 * newer.articles and not older.is_mostly_deleted:
            break
        groups[-2:] = [older + newer]
    while len(groups) > limits.segments:
        fitting = [i for i in range(len(groups) - 1) if groups[i].fits(groups[i + 1], limits)]
        if not fitting:
            break
        smallest = min(fitting, key=lambda i: groups[i].articles + groups[i + 1].articles)
        groups[smallest : smallest + 2] = [groups[smallest] + groups[smallest + 1]]
    return groups


def _should_be_one(every: MergeGroup, limits: WriteLimits) -> bool:
    """Return whether too many articles are beside the largest segment, and all fit into one."""
    largest = max(one.segment.articles for one in every.segments)
    beside = every.articles - largest
    return beside > limits.beside_largest * every.articles and every.tokens <= limits.segment_tokens
