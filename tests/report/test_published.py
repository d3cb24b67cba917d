"""Published numbers beside ours: read with care, rounded as printed, never tuned."""

from __future__ import annotations

import pytest

from equipoise.analysis.results import Result, Results
from equipoise.errors import InputError
from equipoise.report.published import COLUMNS, compare, read_published
from equipoise.report.rows import Rows

HEAD = ",".join(COLUMNS)


def row(printed: str = "0.60", decimals: str = "2", **more: str) -> str:
    cells = {
        "item": "HR", "source": "paper", "analysis": "os", "population": "itt", "subset": "all", "group": "b vs a",
        "variable": "os", "statistic": "hazard_ratio", "method": "Cox", "relation": "=", "compare": "yes",
        "printed": printed, "decimals": decimals,
    } | more  # fmt: skip
    return ",".join(cells.get(name, "") for name in COLUMNS)


def rows(value: float) -> Rows:
    return Rows(Results.of([Result(
        analysis="os", population="itt", group="b vs a", variable="os", statistic="hazard_ratio", value=value,
        method="Cox, Efron ties",
    )]))  # fmt: skip


def verdict(line: str, value: float) -> tuple[str, bool | None]:
    frame = compare(read_published(f"{HEAD}\n{line}\n", "published.csv"), rows(value))
    return frame["computed"][0], frame["agrees"][0]


@pytest.mark.parametrize(
    ("line", "value", "expected"),
    [
        (row("0.60"), 0.595, ("0.60", True)),  # half away from zero
        (row("0.60"), 0.5949, ("0.59", False)),
        (row("40", "0", scale="percent reduction"), 0.598934, ("40", True)),
        (row("0.0001", "4", relation="<"), 0.000013, ("0.000013", True)),
        (row("0.0001", "4", relation="<"), 0.0001, ("0.0001", False)),
        (row("6.5", "1", scale="years"), 2331.0, ("6.4", False)),
        (row("0.60", compare="no"), 0.9, ("0.90", None)),
        (row("0.60", group="c vs a"), 0.6, ("no such result", False)),
    ],
)
def test_verdicts(line: str, value: float, expected: tuple[str, bool | None]) -> None:
    assert verdict(line, value) == expected


def test_every_wrong_cell_is_reported_with_its_row_and_column() -> None:
    text = f"{HEAD}\n{row('sixty', 'two', scale='cubits', relation='>', compare='maybe')}\n{row()},extra\n"

    with pytest.raises(InputError) as failure:
        read_published(text, "published.csv")

    assert [problem.path for problem in failure.value.problems] == [
        "row 2, column scale", "row 2, column relation", "row 2, column printed", "row 2, column decimals",
        "row 2, column compare", "row 3",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00", '"unclosed'])
def test_a_file_of_another_shape_is_one_message(text: str) -> None:
    with pytest.raises(InputError, match="cannot use"):
        read_published(text, "published.csv")
