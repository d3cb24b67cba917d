"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A submission is judged by the same examples each time; at the desk new ones are drawn at every run.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
