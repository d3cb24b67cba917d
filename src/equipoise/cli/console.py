"""What the commands print: progress on a terminal, headline numbers, shortened problem lists."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.analysis.results import Results
    from equipoise.protocol.definition import Protocol

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
    """The hazard ratio of every planned comparison, with events and P."""
    from equipoise.report.numbers import fixed, p_text
    from equipoise.report.rows import Rows

    rows = Rows(results)
    randomized = rows.value("flow", "n", variable="randomized")
    yield f"{protocol.protocol}: {protocol.title}"
    if randomized is not None:
        yield f"{randomized:.0f} subjects randomized"
    for name, plan in protocol.analyses.items():
        label = plan.label or protocol.endpoints[plan.endpoint].label
        yield f"\n{label}"
        for comparison in plan.comparisons:
            group = f"{comparison.experimental} vs {comparison.control}"
            found = {s: rows.value(name, s, group=group, variable=plan.endpoint, method="Cox")
                     for s in ("hazard_ratio", "lower", "upper")}  # fmt: skip
            arms = protocol.arms
            text = f"  {arms[comparison.experimental].label} vs {arms[comparison.control].label}: "
            if all(value is not None for value in found.values()):
                ratio, lower, upper = (
                    fixed(float(value), 2) for value in found.values() if value is not None
                )
                text += f"hazard ratio {ratio} (95% CI {lower} to {upper})"
            else:
                text += "hazard ratio not estimable"
            for side in ("p_value_one_sided", "p_value_two_sided"):
                p = rows.one(name, side, group=group, variable=plan.endpoint)
                if p is not None and p.value is not None and "log-rank" in p.method:
                    text += f", {p.method.split(' by ')[0]} {p_text(p.value, protocol.report.style)}"
                    text += " (one-sided)" if side == "p_value_one_sided" else ""
                    break
            yield text
