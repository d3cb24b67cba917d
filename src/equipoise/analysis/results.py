"""Result rows: one row a statistic. Tables, figures, exports and comparisons only read them.

A row says which analysis, in which population and subset, for which group, of which variable and level,
at which time, which statistic by which method, and its value. A number that cannot be given has no value
and a warning that says why. No row holds formatting: words and rounding come last, in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from math import isfinite

import polars as pl

SCHEMA: dict[str, type[pl.DataType]] = {
    "analysis": pl.String,
    "population": pl.String,
    "subset": pl.String,
    "group": pl.String,
    "variable": pl.String,
    "level": pl.String,
    "at": pl.Float64,
    "statistic": pl.String,
    "method": pl.String,
    "value": pl.Float64,
    "warning": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One statistic.

    analysis: id of the planned analysis or table, or ``flow``, ``follow_up``, ``adverse_events``.
    population: id of the analysis population.  subset: ``all`` or ``factor=level`` of a subgroup.
    group: an arm's id, ``factor=level``, ``overall``, or ``experimental vs control`` (two of them).
    variable: item, end point, event or adverse-event class; level: choice, component or term, else empty.
    at: time in days since the origin, for statistics at a time.  method: the exact variant.
    """

    analysis: str
    population: str
    statistic: str
    value: float | None
    subset: str = "all"
    group: str = "overall"
    variable: str = ""
    level: str = ""
    at: float | None = None
    method: str = ""
    warning: str = ""

    def __post_init__(self) -> None:
        if self.value is not None and not isfinite(self.value):
            object.__setattr__(self, "value", None)
            if not self.warning:
                object.__setattr__(self, "warning", "not estimable")


class Results:
    """All result rows of a report, as a polars frame with the columns of ``SCHEMA``.

    >>> rows = Results.of([Result(analysis="os", population="itt", group="b vs a", variable="os",
    ...                           statistic="hazard_ratio", value=0.71)])
    >>> rows.value(analysis="os", statistic="hazard_ratio")
    0.71
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())

    @classmethod
    def of(cls, rows: Iterable[Result]) -> Results:
        """Collect rows."""
        names = [field.name for field in fields(Result)]
        columns: dict[str, list[object]] = {name: [] for name in names}
        for row in rows:
            for name, value in asdict(row).items():
                columns[name].append(value)
        return cls(pl.DataFrame(columns, schema={name: SCHEMA[name] for name in names}))

    def where(self, **conditions: str | float | None) -> Results:
        """The rows whose columns equal the given values, in their order."""
        frame = self.frame
        for name, value in conditions.items():
            frame = frame.filter(pl.col(name).is_null() if value is None else pl.col(name) == value)
        return Results(frame)

    def value(self, **conditions: str | float | None) -> float | None:
        """The value of the one row that matches; LookupError when none or several do."""
        rows = self.where(**conditions).frame
        if rows.height != 1:
            raise LookupError(f"{rows.height} result rows match {conditions}; expected exactly one")
        value: float | None = rows["value"][0]
        return value

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[Result]:
        for row in self.frame.iter_rows(named=True):
            yield Result(**row)

    def __repr__(self) -> str:
        return f"Results({self.frame.height} rows)"

    def _repr_html_(self) -> str:
        return str(self.frame._repr_html_())
