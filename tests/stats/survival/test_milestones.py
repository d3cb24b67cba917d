from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import milestone_difference
from equipoise.validation.evidence import table

TRANSFORMS = ("plain", "log", "log-log", "logit", "arcsin")
subjects = st.lists(st.tuples(st.integers(1, 8), st.booleans(), st.booleans()), min_size=6, max_size=20)


def compared(rows, **arguments):
    time, event, arm = zip(*rows, strict=True)
    return milestone_difference(
        time, event, np.where(arm, "B", "A"), **{"groups": ("A", "B"), "at": [2, 4], **arguments}
    )


@given(subjects, st.sampled_from(TRANSFORMS))
def test_swapping_the_groups_turns_the_signs(rows, transform):
    rows = [*rows, (9, False, False), (9, False, True)]
    one, other = compared(rows, transform=transform), compared(rows, transform=transform, groups=("B", "A"))

    assert other.z == approx(-one.z, nan_ok=True) and other.difference == approx(-one.difference)
    assert other.difference_lower == approx(-one.difference_upper)
    assert other.ratio * one.ratio == approx(np.ones(2), nan_ok=True) or (one.survival == 0).any()
    assert other.p_value_two_sided == approx(one.p_value_two_sided, nan_ok=True)
    assert other.p_value_one_sided + one.p_value_one_sided == approx(
        np.where(np.isnan(one.z), np.nan, 1), nan_ok=True
    )


@given(subjects, st.sampled_from(TRANSFORMS), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_unit_of_time_are_of_no_consequence(rows, transform, random):
    rows = [*rows, (9, False, False), (9, False, True)]
    one = compared(rows, transform=transform)
    shuffled = [(t * 7, e, a) for t, e, a in random.sample(rows, len(rows))]
    other = compared(shuffled, transform=transform, at=[14, 28])

    assert other.z == approx(one.z, nan_ok=True, rel=1e-12) and other.ratio == approx(one.ratio, nan_ok=True)


def test_z_is_positive_when_the_experimental_group_survives_better():
    found = milestone_difference(
        "time", "status", "sex", groups=(1, 2), at=365, transform="log-log", data=table("lung.csv")
    )

    assert found.z[0] > 0 and found.difference[0] > 0 and found.p_value_one_sided[0] < 0.5


def test_several_times_are_several_single_times():
    lung = table("lung.csv")
    both = milestone_difference("time", "status", "sex", groups=(1, 2), at=[700, 180], data=lung)
    one = milestone_difference("time", "status", "sex", groups=(1, 2), at=180, data=lung)

    assert both.p_value_two_sided[1] == one.p_value_two_sided[0]
    assert both.time.tolist() == [700, 180]


def test_what_is_not_estimable_is_said():
    time, event, arm = [1, 2, 3, 4, 2, 3, 5, 9], [1, 1, 1, 1, 0, 0, 0, 1], list("AAAABBBB")
    found = milestone_difference(time, event, arm, groups=("A", "B"), at=[2, 4, 7, 10], transform="log-log")

    assert np.isnan(found.z).all()
    assert found.difference.tolist() == approx([0.5, 1.0, 1.0, 0.0])
    assert found.warnings[0] == "at 2: B has no event, and survival 1 has no log-log test"
    assert found.warnings[1].startswith("at 4: A has survival 0, whose standard error is not estimable")
    plain = milestone_difference(time, event, arm, groups=("A", "B"), at=2)
    assert plain.z[0] == approx(2) and "variance of 0" in plain.warnings[0]
    beyond = milestone_difference([1, 2, 3, 4], [1, 0, 1, 0], list("ABAB"), groups=("B", "A"), at=5)
    assert beyond.warnings[0] == "at 5: not estimable, beyond the last follow-up of B, 4"


def test_summary_and_frame():
    found = milestone_difference(
        "time", "status", "sex", groups=(1, 2), at=[180, 365], transform="arcsin", data=table("lung.csv")
    )

    assert (
        found.summary().splitlines()[0]
        == "Survival at fixed times, 2 against 1; test on the arcsin scale, 95% limits"
    )
    assert "2 vs 1, 365" in found.summary()
    frame = found.to_frame()
    assert frame.filter((frame["statistic"] == "survival") & (frame["group"] == "2"))[
        "value"
    ].to_list() == approx(found.survival[:, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": ("A", "B", "C")}, "groups: found"),
        ({"groups": ("A",)}, "groups: found"),
        ({"groups": ("A", "C")}, "group: found 'B'"),
        ({"at": [-1]}, "at: found -1"),
        ({"at": float("nan")}, "at: found nan"),
        ({"transform": "probit"}, "transform: found 'probit'; expected one of plain"),
        ({"interval": "probit"}, "interval: found 'probit'"),
        ({"confidence_level": 0}, "confidence_level: found 0"),
    ],
)
def test_unusable_arguments_are_named(arguments, message):
    with pytest.raises(DataError, match=message):
        milestone_difference(
            [1, 2, 3, 4], [1, 0, 1, 1], list("ABAB"), **{"groups": ("A", "B"), "at": 2, **arguments}
        )
