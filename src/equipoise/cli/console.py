"""What the commands print: progress on a terminal, headline numbers, shortened problem lists."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.analysis.results import Results
    from equipoise.protocol.definition import Analysis, Protocol
    from equipoise.report.numbers import Style
    from equipoise.report.rows import Rows

SHOWN = 50


class Steps:
    """Progress of a long command: a line that renews itself on a terminal, a line a step elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = ""

    def __enter__(self) -> Steps:
        return self

    def __call__(self, step: str, done: int, total: int) -> None:
        if step == self._last:
            return
        self._last = step
        text = f"[{done}/{total}] {step}"
        sys.stderr.write(f"\r\x1b[2K{text[:100]}" if self._live else f"{text}\n")
        sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def warn(warnings: Iterable[str]) -> None:
    """Print warnings, at most ``SHOWN`` of them."""
    lines = list(warnings)
    for line in lines[:SHOWN]:
        print(f"warning: {line}", file=sys.stderr)
    if len(lines) > SHOWN:
        print(f"warning: … and {len(lines) - SHOWN} more", file=sys.stderr)


def shorten(error: InputError) -> str:
    """The message of an input error, with at most ``SHOWN`` problems."""
    if len(error.problems) <= SHOWN:
        return str(error)
    lines = [error.summary, *map(str, error.problems[:SHOWN]), f"… and {len(error.problems) - SHOWN} more"]
    return "\n  ".join(lines)


def headlines(protocol: Protocol, results: Results) -> Iterator[str]:
    """Every planned comparison with its hazard ratio and P, or how many had an event; and what was not run."""
    from equipoise.report.labels import Labels
    from equipoise.report.planned import not_run
    from equipoise.report.rows import Rows

    rows = Rows(results)
    randomized = rows.value("flow", "n", variable="randomized")
    yield f"{protocol.protocol}: {protocol.title}"
    if randomized is not None:
        yield f"{randomized:.0f} subjects randomized"
    arms = protocol.arms
    for name, plan in protocol.analyses.items():
        yield f"\n{Labels(protocol).analysis(name)}"
        for comparison in plan.comparisons:
            group = f"{comparison.experimental} vs {comparison.control}"
            parts = [_ratio(rows, name, plan, group), _p(rows, name, plan, group, protocol.report.style)]
            said = ", ".join(filter(None, parts)) or "no comparison planned"
            yield f"  {arms[comparison.experimental].label} vs {arms[comparison.control].label}: {said}"
        if not plan.comparisons:
            events, n = (rows.value(name, one, variable=plan.endpoint) or 0 for one in ("events", "n"))
            yield f"  {events:.0f} of {n:.0f} with an event"
    left = len(not_run(protocol))
    if left:
        yield f"\n{left} part{'s' * (left != 1)} of the plan not run by this version; the report lists them under Methods"


def _ratio(rows: Rows, name: str, plan: Analysis, group: str) -> str:
    from equipoise.report.numbers import fixed, level_text

    if plan.cox is None:
        return ""
    found = [
        rows.value(name, statistic, group=group, variable=plan.endpoint, method="Cox")
        for statistic in ("hazard_ratio", "lower", "upper")
    ]
    ratio, lower, upper = (None if value is None else fixed(value, 2) for value in found)
    if ratio is None or lower is None or upper is None:
        return "hazard ratio not estimable"
    return f"hazard ratio {ratio} ({level_text(plan.cox.confidence_level)} CI {lower} to {upper})"


def _p(rows: Rows, name: str, plan: Analysis, group: str, style: Style) -> str:
    from equipoise.report.numbers import p_text

    for side, words in (("p_value_one_sided", " (one-sided)"), ("p_value_two_sided", "")):
        for row in rows.all(name, side, group=group, variable=plan.endpoint):
            if row.value is not None and ("log-rank" in row.method or row.method.startswith("Gray")):
                return f"{row.method.split(' by ')[0]} {p_text(row.value, style)}{words}"
    return ""
