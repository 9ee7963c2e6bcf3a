"""The work that one call to the embedded engine may do, counted in postings.

A limit by the clock would make results depend on the speed of the machine. Most of the time is
spent on reading postings, about 30 ns each.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class WorkBudget:
    """The postings that may still be read; shared by all plans of a call, used by one thread.

    Terms that would exceed it are left out of matches and scores, and `exhausted` is set, which the
    response reports.

    >>> budget = WorkBudget(10)
    >>> budget.allows(), budget.spend(12), budget.allows(), budget.exhausted
    (True, None, False, True)
    """

    postings: int
    exhausted: bool = False

    def allows(self) -> bool:
        """Return whether any budget is left; if not, set `exhausted`."""
        if self.postings > 0:
            return True
        self.exhausted = True
        return False

    def spend(self, postings: int) -> None:
        """Count postings that were read."""
        self.postings -= postings
