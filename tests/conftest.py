"""How long tests look for what breaks: seconds, and hours with `--hypothesis-profile nightly`."""

from hypothesis import settings

settings.register_profile("nightly", max_examples=5_000, deadline=None)
