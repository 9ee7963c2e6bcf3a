"""The work that one call to the embedded engine may do, counted in postings.

Time is what counts, but a clock would give other answers on a slower day; postings read are what
most of it goes into, some 30 ns each.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class WorkBudget:
    """The postings that may still be read; shared by all plans of a call, one thread's.

    What would be read past the end is left out of matches and scores, and `exhausted` is set: the
    answer says so.

    >>> budget = WorkBudget(10)
    >>> budget.allows(), budget.spend(12), budget.allows(), budget.exhausted
    (True, None, False, True)
    """

    postings: int
    exhausted: bool = False

    def allows(self) -> bool:
        """Return whether anything is left; note that it was asked for where nothing is."""
        if self.postings > 0:
            return True
        self.exhausted = True
        return False

    def spend(self, postings: int) -> None:
        """Count postings that were read."""
        self.postings -= postings
