"""Result rows, indexed once: tables and figures ask for thousands of cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from equipoise.analysis.results import Result

Key = tuple[str, str, str, str, str, str]


class Rows:
    """Result rows by what they are about.

    >>> from equipoise.analysis.results import Results
    >>> rows = Rows(Results.of([Result(analysis="os", population="itt", group="b vs a", variable="os",
    ...                                statistic="hazard_ratio", value=0.71, method="Cox, Efron ties")]))
    >>> rows.value("os", "hazard_ratio", group="b vs a", variable="os", method="Cox")
    0.71
    >>> rows.value("os", "median", group="a", variable="os") is None
    True
    """

    def __init__(self, results: Iterable[Result]) -> None:
        self._by_key: dict[Key, list[Result]] = defaultdict(list)
        self._by_analysis: dict[str, list[Result]] = defaultdict(list)
        for row in results:
            key = (row.analysis, row.statistic, row.group, row.variable, row.level, row.subset)
            self._by_key[key].append(row)
            self._by_analysis[row.analysis].append(row)

    def of(self, analysis: str) -> list[Result]:
        """All rows of an analysis, in their order."""
        return self._by_analysis.get(analysis, [])

    def all(
        self,
        analysis: str,
        statistic: str,
        *,
        group: str = "overall",
        variable: str = "",
        level: str = "",
        subset: str = "all",
        method: str = "",
    ) -> list[Result]:
        """Rows about one thing, whose method starts with ``method``, in their order."""
        found = self._by_key.get((analysis, statistic, group, variable, level, subset), [])
        return [row for row in found if row.method.startswith(method)]

    def one(
        self,
        analysis: str,
        statistic: str,
        *,
        group: str = "overall",
        variable: str = "",
        level: str = "",
        subset: str = "all",
        method: str = "",
        at: float | None = None,
    ) -> Result | None:
        """The first such row at a time (None: the row that has no time), or None."""
        found = self.all(
            analysis, statistic, group=group, variable=variable, level=level, subset=subset, method=method
        )
        return next((row for row in found if row.at == at), None)

    def value(
        self,
        analysis: str,
        statistic: str,
        *,
        group: str = "overall",
        variable: str = "",
        level: str = "",
        subset: str = "all",
        method: str = "",
        at: float | None = None,
    ) -> float | None:
        """The value of the first such row; None where there is no row or no value."""
        row = self.one(
            analysis,
            statistic,
            group=group,
            variable=variable,
            level=level,
            subset=subset,
            method=method,
            at=at,
        )
        return None if row is None else row.value

    def groups(self, analysis: str) -> set[str]:
        """The groups that an analysis has rows for."""
        return {row.group for row in self.of(analysis)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_analysis)
