"""Arrays in, numbers out: knows no trial. numpy at import time; scipy and numba only inside the functions that need them.

Times are in one unit (days), at least 0; an event at time 0 is legal. ``event`` is True for an event.
A log-rank z is positive when it favors the experimental group. Every refused argument is a DataError.
Arguments are arrays, or names of columns with ``data=`` (any data frame).

The public names are loaded when first used. ``survival``: curves and tests. ``regression``: models. ``competing``:
competing risks and several states. ``parametric``: cure and piecewise exponential. ``categorical``: tables and
proportions. ``continuous``: one variable, t and rank tests. ``numerics``: tails, quantiles, elimination.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Every public function and the module that holds it. docs/statistics.md lists them with their evidence.
HOME = {
    "cox": "regression.cox",
    "describe": "continuous.descriptive",
    "kaplan_meier": "survival.kaplan_meier",
    "likelihood_ratio_between": "regression.cox",
    "log_rank": "survival.log_rank",
    "observed_follow_up": "survival.follow_up",
    "reverse_kaplan_meier": "survival.follow_up",
}

__all__ = sorted(HOME)


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module 'equipoise.stats' has no attribute {name!r}")
    return getattr(import_module(f"equipoise.stats.{HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
