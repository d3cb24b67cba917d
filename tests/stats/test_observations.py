from __future__ import annotations

import numpy as np
import pytest

from equipoise import stats
from equipoise.errors import DataError
from equipoise.stats.observations import checked_times, group_codes, stratum_codes


def test_near_ties_of_fractional_times_are_one_time():
    # 1/10 month steps added up: 0.1 + 0.2 is not 0.3 in binary, but it is the same visit.
    assert len(np.unique(checked_times([0.1 + 0.2, 0.3, 0.4]))) == 2


def test_whole_days_are_never_joined():
    days = np.array([1e9, 1e9 + 1, 1e9 + 2])

    assert len(np.unique(checked_times(days))) == 3
    assert len(np.unique(checked_times(days.astype(int)))) == 3


def test_strata_of_several_factors_are_crossed():
    codes = stratum_codes(np.array([["a", "x"], ["a", "y"], ["b", "x"], ["a", "x"]]), 4)

    assert codes[0] == codes[3] and len(set(codes.tolist())) == 3


def test_labels_of_python_strings_and_numpy_strings_are_alike():
    plain, as_objects = ["B", "A"], np.array(["B", "A"], dtype=object)

    assert (
        group_codes(plain, ("A", "B"), 2).tolist()
        == group_codes(as_objects, ("A", "B"), 2).tolist()
        == [1, 0]
    )


def test_an_error_names_argument_value_expectation_and_remedy():
    with pytest.raises(DataError) as caught:
        checked_times([1, 2, -0.5])

    assert str(caught.value) == (
        "time: found -0.5 at position 2 (1 in all); expected finite times of at least 0. "
        "Remedy: leave out subjects without follow-up."
    )


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_an_unknown_value_is_named_whatever_the_list_holds(unknown: float | None) -> None:
    with pytest.raises(DataError, match=r"time: found .*position 1"):
        stats.kaplan_meier([1, unknown, 3], [1, 0, 1])
    with pytest.raises(DataError, match=r"event: found .*position 1"):
        stats.kaplan_meier([1, 2, 3], [1, unknown, 1])
    with pytest.raises(DataError, match=r"group: found .*position 3"):
        stats.survival_curves([1, 2, 3, 4], [1, 1, 0, 1], ["a", "b", "a", unknown])
    with pytest.raises(DataError, match=r"strata: found .*position 2"):
        stats.log_rank(
            [1, 2, 3, 4], [1, 1, 0, 1], list("abab"), groups=("a", "b"), strata=["u", "u", unknown, "v"]
        )


def test_a_masked_value_is_not_used() -> None:
    with pytest.raises(DataError, match=r"time: found a masked value at position 3"):
        stats.kaplan_meier(np.ma.array([1, 2, 3, 4], mask=[0, 0, 0, 1]), [1] * 4)
    with pytest.raises(DataError, match="masked"):
        stats.kaplan_meier("t", "e", data={"t": np.ma.array([1, 2], mask=[0, 1]), "e": [1, 1]})
    assert stats.kaplan_meier(np.ma.array([1, 2, 3]), [1, 0, 1]).n == 3
