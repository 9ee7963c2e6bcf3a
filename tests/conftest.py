"""Settings of all tests."""

from hypothesis import settings

# How long an example takes says how busy the machine is; `benchmarks/` measures time.
settings.register_profile("timtin", deadline=None)
settings.load_profile("timtin")
