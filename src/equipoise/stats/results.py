"""What every result can do: give its statistics as rows, as a frame, as a text and as a table of a page.

A result class is a frozen dataclass that inherits ``StatisticalResult`` and says two things: ``_title``, a line
that names the method with its variant, and ``rows()``, all of its statistics. The rest is done here, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import isfinite, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Row:
    """One statistic: the columns of a result row (docs/results.md) that need no trial.

    value: NaN is not estimable, and ``warning`` says why.  at: a time, for statistics at a time.
    """

    statistic: str
    value: float
    group: str = ""
    variable: str = ""
    level: str = ""
    at: float | None = None
    method: str = ""
    warning: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """What the statistic is of, in words; empty where the result is of one thing."""
        when = "" if self.at is None else f"{self.at:g}"
        return (self.group, self.variable, self.level, when)


class StatisticalResult:
    """The common base of all results."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # A dataclass keeps a representation that its class has; its own would print every array.
        cls.__repr__ = StatisticalResult._short  # type: ignore[assignment]

    def _short(self) -> str:
        """The name of the class with its counts: ``KaplanMeier(n=3, n_events=2)``; a small result with all its numbers."""
        names = [name for name in dir(type(self)) if name in ("n", "n_events")]
        fields: tuple[str, ...] = tuple(getattr(type(self), "__dataclass_fields__", ()))
        values = {name: getattr(self, name) for name in dict.fromkeys((*names, *fields))}
        for name in names:  # by group, by time: their sum
            total = getattr(values[name], "sum", None)
            values[name] = values[name] if total is None else total().item()
        numbers = {name: value for name, value in values.items() if isinstance(value, (int, float, str))}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in numbers.items())})"

    def __str__(self) -> str:
        return self.summary()

    def _title(self) -> str:
        """One line: the method and its variant."""
        raise NotImplementedError

    def rows(self) -> Iterator[Row]:
        """Every statistic of the result."""
        raise NotImplementedError

    def _headline(self) -> Iterator[Row]:
        """The statistics that a summary shows: all, unless the class says otherwise (a curve has thousands)."""
        return self.rows()

    def _notes(self) -> tuple[str, ...]:
        """What a reader must know: the warnings of the result."""
        return tuple(getattr(self, "warnings", ()))

    def to_frame(self) -> pl.DataFrame:
        """All statistics as a polars data frame of result rows; ``value`` is null where not estimable.

        >>> from equipoise.stats import kaplan_meier
        >>> kaplan_meier([1, 2, 3], [1, 1, 0]).to_frame().columns
        ['group', 'variable', 'level', 'at', 'statistic', 'method', 'value', 'warning']
        """
        import polars as pl  # half the start-up time of a small analysis, which needs no frame

        names = ("group", "variable", "level", "at", "statistic", "method", "value", "warning")
        rows = [_complete(row) for row in self.rows()]
        columns = {name: [getattr(row, name) for row in rows] for name in names}
        columns["value"] = [value if isfinite(value) else None for value in columns["value"]]
        numbers = {"at", "value"}
        return pl.DataFrame(
            columns, schema={name: pl.Float64 if name in numbers else pl.String for name in names}
        )

    def summary(self) -> str:
        """The result as text: the method, one line for each group, level or time, and every warning."""
        head, body = _table(list(self._headline()))
        cells = [head, *body]
        widths = [max(len(line[i]) for line in cells) for i in range(len(head))] if head else []
        lines = [
            "  ".join(
                cell.ljust(wide) if i == 0 else cell.rjust(wide)
                for i, (cell, wide) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in cells
        ]
        notes = [f"Note: {note}" for note in self._notes()]
        return "\n".join([self._heading(), *lines, *notes])

    def _heading(self) -> str:
        title = self._title()
        return f"{title[:1].upper()}{title[1:]}"

    def _repr_html_(self) -> str:
        head, body = _table(list(self._headline()))
        right = ' style="text-align:right"'
        columns = "".join(f'<th scope="col"{right if i else ""}>{escape(c)}</th>' for i, c in enumerate(head))
        rows = "".join(
            "<tr>"
            + "".join(
                f'<th scope="row" style="text-align:left">{escape(cell)}</th>'
                if i == 0
                else f"<td{right}>{escape(cell)}</td>"
                for i, cell in enumerate(line)
            )
            + "</tr>"
            for line in body
        )
        notes = "".join(f"<p>Note: {escape(note)}</p>" for note in self._notes())
        return (
            f"<table><caption>{escape(self._heading())}</caption>"
            f"<thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>{notes}"
        )


def _complete(row: Row) -> Row:
    """A row without a value says that it has none; infinity is said in words, for a frame holds null."""
    if isfinite(row.value) or row.warning:
        return row
    words = "not estimable" if isnan(row.value) else f"{'minus ' if row.value < 0 else ''}infinity"
    return Row(
        row.statistic, row.value, row.group, row.variable, row.level, row.at, row.method, words
    )  # fmt: skip


def shown(statistic: str, value: float) -> str:
    """A number for a person: whole numbers whole, P values as P values, others to five significant digits.

    >>> shown("n", 12.0), shown("p_value_two_sided", 3e-7), shown("hazard_ratio", 0.598912), shown("median", float("nan"))
    ('12', '<.0001', '0.59891', 'not estimable')
    """
    if isnan(value):
        return "not estimable"
    if not isfinite(value):
        return "infinity" if value > 0 else "-infinity"
    if statistic.startswith("p_value") and value < 0.0001:
        return "<.0001"
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.5g}"


def _table(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    """Statistics across, places down; a single place is turned, so that names stand beside their values."""
    statistics = list(dict.fromkeys(row.statistic for row in rows))
    places = list(dict.fromkeys(row.place for row in rows))
    value = {(row.place, row.statistic): shown(row.statistic, row.value) for row in rows}
    words = {place: ", ".join(part for part in place if part) for place in places}
    if len(places) == 1:
        return ["", words[places[0]] or "value"], [
            [statistic, value[places[0], statistic]] for statistic in statistics
        ]
    return ["", *statistics], [
        [words[place], *(value.get((place, statistic), "") for statistic in statistics)] for place in places
    ]
