import io
import re
import time

import pytest

from index import progress
from index.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_with_progress_rate_and_time_left() -> None:
    stream = Terminal()
    with Progress(1000, stream) as shown:
        for step in range(1, 6):
            time.sleep(0.12)  # a bar is drawn ten times a second
            shown.show(step * 200, step * 64)
    drawn = stream.getvalue().split("\r")
    assert re.search(r" 40%\|.*\| \d\d:\d\d left, 128 articles, [\d,]+ a second", drawn[3])
    assert drawn[-1].endswith("\n")
    assert "100%" in drawn[-1]


def test_a_terminal_shows_progress_without_a_known_total() -> None:
    stream = Terminal()
    with Progress(None, stream) as shown:
        shown.show(200, 64)
    assert re.search(r"\r\d\d:\d\d, 64 articles, [\d,]+ a second", stream.getvalue())


def test_without_a_terminal_a_line_is_written_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    with Progress(1000, stream) as shown:
        for step in range(1, 12):
            now[0] += 1
            shown.show(step * 50, step * 1000)
    assert stream.getvalue() == (
        "5,000 articles, 1,000 a second, 25%, 00:15 left\n"
        "10,000 articles, 1,000 a second, 50%, 00:10 left\n"
    )


@pytest.mark.parametrize("total", [None, 0])
def test_lines_without_a_total_have_no_percentage(
    monkeypatch: pytest.MonkeyPatch, total: int | None
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    stream = io.StringIO()
    with Progress(total, stream) as shown:
        shown.show(0, 0)
        shown.show(7, 10)
    assert re.fullmatch(r"(\d+ articles, [\d,]+ a second\n){2}", stream.getvalue())
