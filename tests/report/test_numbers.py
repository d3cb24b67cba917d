"""Rounding is where a report can contradict its own data, so every rule has its edge here."""

from __future__ import annotations

import pytest

from equipoise.errors import DataError
from equipoise.report import numbers


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-0.5, 0, "−1"), (-2.5, 0, "−3"),
        (0.285, 2, "0.29"), (1.005, 2, "1.01"), (2.675, 2, "2.68"), (0.284999, 2, "0.28"),
        (-0.0049, 2, "0.00"), (0.0, 2, "0.00"), (1e-300, 3, "0.000"), (123456.5, 0, "123457"),
        (1e22, 1, "10000000000000000000000.0"), (99.95, 1, "100.0"),
    ],
)  # fmt: skip
def test_half_goes_away_from_zero_as_the_decimal_number_reads(
    value: float, decimals: int, expected: str
) -> None:
    assert numbers.fixed(value, decimals) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_not_printed(value: float) -> None:
    with pytest.raises(DataError, match="finite"):
        numbers.fixed(value, 1)


@pytest.mark.parametrize(
    ("p", "jama", "nejm"),
    [
        (0.0, "<.001", "<0.001"), (1e-300, "<.001", "<0.001"), (0.00099999, "<.001", "<0.001"),
        (0.001, ".001", "0.001"), (0.0014, ".001", "0.001"), (0.00999, ".010", "0.010"), (0.01, ".01", "0.01"),
        (0.0449, ".04", "0.04"), (0.045, ".045", "0.045"), (0.0495, ".0495", "0.0495"), (0.05, ".05", "0.05"),
        (0.0504, ".0504", "0.0504"), (0.054, ".054", "0.054"), (0.055, ".06", "0.06"), (0.205, ".21", "0.21"),
        (0.99, ".99", "0.99"), (0.9901, ">.99", ">0.99"), (1.0, ">.99", ">0.99"),
    ],
)  # fmt: skip
def test_p_values_in_both_styles(p: float, jama: str, nejm: str) -> None:
    assert (numbers.p_value(p, "jama"), numbers.p_value(p, "nejm")) == (jama, nejm)


@pytest.mark.parametrize("p", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_not_printed_as_one(p: float) -> None:
    with pytest.raises(DataError, match="probability"):
        numbers.p_value(p, "jama")


def test_a_p_value_never_changes_its_side_of_five_percent() -> None:
    for thousandths in range(1, 9900):
        p = thousandths / 10_000 + 0.00003
        text = numbers.p_value(p, "nejm")
        if text[0] not in "<>":
            assert (float(text) < 0.05) == (p < 0.05), text


@pytest.mark.parametrize(
    ("n", "of", "expected"),
    [(1, 8, "1 (13)"), (1, 200, "1 (0.5)"), (1, 160, "1 (0.6)"), (3, 3, "3 (100)"), (0, 5, "0"), (0, 0, "0 (—)"),
     (12345, 20000, "12,345 (61.7)"), (99, 100, "99 (99.0)")],
)  # fmt: skip
def test_percentages_round_the_exact_quotient(n: int, of: int, expected: str) -> None:
    assert numbers.n_percent(n, of) == expected


def test_missing_bounds_are_said_to_be_missing() -> None:
    assert numbers.estimate(7.25, 4.05, None, 1, "nejm") == "7.3 (4.1–NE)"
    assert numbers.interval_text(None, 2.0, 2, 0.95, "nejm") == "95% CI, NE to 2.00"


def test_negative_ranges_do_not_use_a_dash() -> None:
    assert numbers.bounds(-2.0, -1.0, 1, "jama") == "−2.0 to −1.0"
