"""Settings of all tests."""

import gc
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

# No deadline for an example: its duration depends on the load of the machine.
settings.register_profile("timtin", deadline=None)
settings.load_profile("timtin")

# A process that a shell starts in the background ignores SIGINT; so would those of the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def _free_mapped_files() -> Iterator[None]:
    """Close files that only cycles keep mapped."""
    yield
    gc.collect()
