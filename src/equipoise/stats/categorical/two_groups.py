"""What the comparisons of two proportions share: their arguments, single-proportion limits, and rows of a result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from equipoise.stats.categorical.tables import TwoGroups, checked_events_of, two_groups
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    checked_choice,
    checked_fraction,
    refused,
)
from equipoise.stats.results import Row

COMPARISON = "experimental vs control"


def counts_of(
    events_experimental: Any,
    n_experimental: Any,
    events_control: Any,
    n_control: Any,
    response: Any,
    group: Any,
    groups: Sequence[Any] | None,
    data: Frame | None,
) -> TwoGroups:
    """The four counts, from themselves or from subjects; DataError where both or neither are given, or one is unusable.

    >>> counts_of(1, 2, 0, 3, None, None, None, None).n_control
    3
    """
    counts = (events_experimental, n_experimental, events_control, n_control)
    subjects = (response, group, groups)
    if all(one is not None for one in counts) and all(one is None for one in subjects):
        x1, n1 = checked_events_of(events_experimental, n_experimental, events_argument="events_experimental",
                                   n_argument="n_experimental")  # fmt: skip
        x0, n0 = checked_events_of(
            events_control, n_control, events_argument="events_control", n_argument="n_control"
        )
        return TwoGroups(events_experimental=x1, n_experimental=n1, events_control=x0, n_control=n0)
    if all(one is None for one in counts) and all(one is not None for one in subjects):
        return two_groups(response, group, () if groups is None else groups, data=data)
    names = (
        "events_experimental",
        "n_experimental",
        "events_control",
        "n_control",
        "response",
        "group",
        "groups",
    )
    given = [name for name, one in zip(names, counts + subjects, strict=True) if one is not None]
    raise refused("arguments", ", ".join(given) or "nothing", "four counts, or response, group and groups",
                  "pass events and subjects of both groups, or one row a subject with groups=(control, experimental)")  # fmt: skip


def checked_method(method: str, methods: Sequence[str]) -> str:
    """The method, if it is one of these; otherwise DataError that lists them.

    >>> checked_method("wald", ("wald", "mee"))
    'wald'
    """
    checked_choice(method, methods, argument="method", remedy="correct the name")
    return method


def two_sided_quantile(confidence_level: float) -> float:
    """The normal quantile of a two-sided interval: 1.96 for 0.95.

    >>> round(two_sided_quantile(0.95), 6)
    1.959964
    """
    level = checked_fraction(confidence_level, argument="confidence_level")
    return -normal_quantile((1 - level) / 2)


def wilson(x: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's limits of a proportion; exactly 0 at x = 0 and exactly 1 at x = n.

    >>> [round(limit, 4) for limit in wilson(56, 70, 1.959963984540054)]
    [0.6918, 0.877]
    """
    middle, half = x + z * z / 2, z * (z * z / 4 + x * (n - x) / n) ** 0.5
    return (
        0.0 if x == 0 else (middle - half) / (n + z * z),
        1.0 if x == n else (middle + half) / (n + z * z),
    )


def wilson_corrected(x: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's limits with continuity correction (Newcombe 1998); 0 at x = 0 and 1 at x = n.

    >>> [round(limit, 4) for limit in wilson_corrected(56, 70, 1.959963984540054)]
    [0.6839, 0.8826]
    """
    p, bottom = x / n, 2 * (n + z * z)
    lower = (2 * x + z * z - 1 - z * (z * z - 2 - 1 / n + 4 * p * (n - x + 1)) ** 0.5) / bottom if x else 0.0
    upper = 1.0
    if x < n:
        upper = (2 * x + z * z + 1 + z * (z * z + 2 - 1 / n + 4 * p * (n - x - 1)) ** 0.5) / bottom
    return max(lower, 0.0), min(upper, 1.0)


def group_rows(counts: TwoGroups) -> Iterator[Row]:
    """Subjects, events and risk of each group."""
    for label, x, n in (
        ("experimental", counts.events_experimental, counts.n_experimental),
        ("control", counts.events_control, counts.n_control),
    ):
        yield Row("n", n, group=label)
        yield Row("n_events", x, group=label)
        yield Row("risk", x / n, group=label)
