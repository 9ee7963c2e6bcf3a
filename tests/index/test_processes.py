import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import islice
from multiprocessing import active_children

import pytest

from index.processes import DeadProcessError, spread


def squared(number: int) -> int:
    return number * number


def large(size: int) -> bytes:
    return bytes(size)


def deadly(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def failing(number: int) -> float:
    return 1 / number


def slow(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_items(processes: int) -> None:
    assert list(spread(squared, range(50), processes)) == [n * n for n in range(50)]
    assert list(spread(slow, [0.2, 0, 0.1, 0], processes)) == [0.2, 0, 0.1, 0]
    assert list(spread(squared, [], processes)) == []


def test_reading_ahead_is_bounded() -> None:
    read = 0

    def counted() -> Iterator[int]:
        nonlocal read
        for number in range(1, 1000):
            read = number
            yield number

    results = spread(squared, counted(), 2)
    assert list(islice(results, 3)) == [1, 4, 9]
    assert read <= 3 + 2 * 2 + 1


def test_results_of_many_megabytes_are_returned() -> None:
    sizes = [10_000_000, 0, 20_000_000, 1]
    assert [len(result) for result in spread(large, sizes, 2)] == sizes


def test_a_killed_process_is_reported() -> None:
    results = spread(deadly, range(1, 10), 2)
    assert next(results) == 1
    with pytest.raises(DeadProcessError):
        list(results)


def test_an_exception_in_a_process_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DeadProcessError):
        list(spread(failing, [1, 0], 2))
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_process_killed_while_it_hands_over_a_result_is_reported() -> None:
    """`concurrent.futures` hangs in this case."""

    def kill_soon() -> None:
        while not (children := active_children()):
            time.sleep(0.01)
        time.sleep(0.3)
        for child in children:
            child.kill()

    killer = threading.Thread(target=kill_soon)
    killer.start()
    with pytest.raises(DeadProcessError):
        for _ in spread(large, iter(lambda: 5_000_000, 0), 2):
            pass
    killer.join()


def test_the_processes_end_with_the_iteration() -> None:
    results = spread(slow, [0, 60, 60, 60], 2)
    assert next(results) == 0
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 10
    assert not active_children()
