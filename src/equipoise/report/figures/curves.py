"""Step curves read from result rows."""

from __future__ import annotations

from equipoise.drawing.steps import Curve, Step
from equipoise.report.rows import Rows


def read_curve(rows: Rows, name: str, endpoint: str, arm: str, until: float | None) -> Curve | None:
    """The curve of an arm from the rows whose method starts with ``curve``, cut where the axis ends."""

    def column(statistic: str) -> dict[float, float | None]:
        found = rows.all(name, statistic, group=arm, variable=endpoint, method="curve")
        return {row.at: row.value for row in found if row.at is not None}

    survival, lower, upper = column("survival"), column("lower"), column("upper")
    censored = column("n_censored")
    if not survival:
        return None
    steps = [Step(0.0, 1.0, None, None, 0.0)]
    for days in sorted(survival):
        value = survival[days]
        if value is None or (until is not None and days > until):
            continue
        step = Step(days, value, lower.get(days), upper.get(days), censored.get(days) or 0.0)
        steps.append(step)
    if until is not None and max(survival) > until:
        steps.append(Step(until, steps[-1].value, steps[-1].lower, steps[-1].upper, 0.0))
    return Curve(arm, tuple(steps))
