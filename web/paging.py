"""The page numbers below the results."""

from dataclasses import dataclass

MAX_NEIGHBOURS = 2
"""Pages offered on either side of the current one; arbitrary."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of results. `numbers` is ascending, with None for a gap."""

    page: int
    last: int
    numbers: tuple[int | None, ...]


def paging(page: int, size: int, total: int) -> Paging:
    """Return the first page, the last page and those around the current one."""
    last = max(1, -(-total // size))
    around = range(max(1, page - MAX_NEIGHBOURS), min(last, page + MAX_NEIGHBOURS) + 1)
    numbers: list[int | None] = []
    for number in sorted({1, last, *around}):
        before = numbers[-1] if numbers else number - 1
        if before is not None and number == before + 2:
            numbers.append(number - 1)
        elif before is not None and number > before + 2:
            numbers.append(None)
        numbers.append(number)
    return Paging(page, last, tuple(numbers))
