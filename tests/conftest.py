"""Settings of all tests."""

import signal

from hypothesis import settings

# No deadline for an example: its duration depends on the load of the machine.
settings.register_profile("timtin", deadline=None)
settings.load_profile("timtin")

# A process that a shell starts in the background ignores SIGINT; so would those of the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
