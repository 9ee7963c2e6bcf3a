"""The date and author that the pages of `pages` and `more_pages` show."""

from tests.index.corpus.more_pages import WITHOUT_AUTHOR
from tests.index.corpus.pages import SHAPES, Story

OWN_DAY = "2026-03-07"
"""The date of every page."""


def author_of(shape: str, story: Story) -> str:
    """Return the author that a kind of page names; "" if none."""
    if shape in SHAPES:
        return {"newspaper": story.author, "blog": "HẢI YẾN"}.get(shape, "")
    return "" if shape in WITHOUT_AUTHOR else story.author
