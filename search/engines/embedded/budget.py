"""The work that one call to the embedded engine may do, counted in postings.

What matters is time, but a limit by the clock would give other results on a slower machine. Most of
the time goes into reading postings, some 30 ns each.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class WorkBudget:
    """The postings that may still be read; shared by all plans of a call, used by one thread.

    What would exceed it is left out of matches and scores, and `exhausted` is set, which the
    response reports.

    >>> budget = WorkBudget(10)
    >>> budget.allows(), budget.spend(12), budget.allows(), budget.exhausted
    (True, None, False, True)
    """

    postings: int
    exhausted: bool = False

    def allows(self) -> bool:
        """Return whether anything is left; if not, set `exhausted`."""
        if self.postings > 0:
            return True
        self.exhausted = True
        return False

    def spend(self, postings: int) -> None:
        """Count postings that were read."""
        self.postings -= postings
