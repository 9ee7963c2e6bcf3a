"""Settings of all tests."""

import signal

from hypothesis import settings

# How long an example takes says how busy the machine is; `benchmarks/` measures time.
settings.register_profile("timtin", deadline=None)
settings.load_profile("timtin")

# What a shell starts in the background ignores SIGINT, and so would the processes of tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
