"""Step curves read from result rows."""

from __future__ import annotations

from equipoise.drawing.steps import Curve, Step
from equipoise.report.rows import Rows

INCIDENCE = "cumulative_incidence"


def read_curve(
    rows: Rows, name: str, endpoint: str, arm: str, until: float | None, statistic: str = "survival"
) -> Curve | None:
    """The curve of an arm from the rows whose method starts with ``curve``, cut where the axis ends.

    statistic: ``survival``, which falls from 1, or ``cumulative_incidence``, which rises from 0.
    """
    incidence = statistic == INCIDENCE

    def column(statistic: str) -> dict[float, float | None]:
        found = rows.all(name, statistic, group=arm, variable=endpoint, method="curve")
        mine = [row for row in found if row.method.startswith("curve cumulative incidence") == incidence]
        return {row.at: row.value for row in mine if row.at is not None}

    values, lower, upper = column(statistic), column("lower"), column("upper")
    censored = column("n_censored")
    if not values:
        return None
    steps = [Step(0.0, 0.0 if incidence else 1.0, None, None, 0.0)]
    for days in sorted(values):
        value = values[days]
        if value is None or (until is not None and days > until):
            continue
        step = Step(days, value, lower.get(days), upper.get(days), censored.get(days) or 0.0)
        steps.append(step)
    if until is not None and max(values) > until:
        steps.append(Step(until, steps[-1].value, steps[-1].lower, steps[-1].upper, 0.0))
    return Curve(arm, tuple(steps))
