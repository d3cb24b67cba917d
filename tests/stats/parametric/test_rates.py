from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import cox, person_time, piecewise_exponential, piecewise_exponential_regression

TIME = [2, 5, 6, 9, 3, 8, 4, 7]
EVENT = [1, 1, 0, 1, 1, 0, 1, 1]
ARM = [0, 0, 0, 0, 1, 1, 1, 1]
subjects = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=20)


@given(subjects, st.lists(st.integers(1, 12), max_size=4, unique=True))
def test_pieces_sum_to_the_whole(rows, cuts):
    time, event = zip(*rows, strict=True)

    found = piecewise_exponential(time, event, sorted(cuts))
    whole = person_time(time, event)

    assert found.n_events.sum() == whole.n_events[0]
    assert found.person_time.sum() == approx(whole.person_time[0])


@given(subjects)
def test_swapping_groups_inverts_the_ratio(rows):
    time, event = zip(*rows, strict=True)
    group = [i % 2 for i in range(len(rows))]

    one = person_time(time, event, group=group)
    other = person_time(time, event, group=[1 - g for g in group])

    if one.n_events.all():
        assert other.rate_ratio == approx(1 / one.rate_ratio)
        assert other.rate_ratio_lower == approx(1 / one.rate_ratio_upper)
        assert other.p_value_two_sided == approx(one.p_value_two_sided)


def test_another_unit_and_entries():
    one = person_time(TIME, EVENT, per=365.25)
    assert person_time([t * 7 for t in TIME], EVENT, per=7 * 365.25).rate == approx(one.rate)
    late = person_time(TIME, EVENT, entry=[1] * 8)
    assert late.person_time[0] == one.person_time[0] - 8


def test_the_log_interval_is_walds():
    found = person_time(TIME, EVENT, group=ARM, interval="log")
    assert found.upper[0] / found.rate[0] == approx(math.exp(1.959963984540054 / math.sqrt(3)))
    assert found.rate_ratio_upper / found.rate_ratio == approx(math.exp(1.959963984540054 * math.sqrt(2 / 3)))
    assert math.isnan(person_time([3], [0], interval="log").upper[0])


def test_edges_of_rates():
    nothing = person_time([0, 0, 4], [1, 0, 1], group=["A", "A", "B"])
    assert math.isnan(nothing.rate[0])
    assert nothing.warnings == ("A: no person-time, so no rate",)
    silent = person_time([3, 4], [0, 0], group=["A", "B"])
    assert math.isnan(silent.rate_ratio)
    assert silent.warnings == ("rate ratio not estimable: no events",)
    one_arm = person_time([3, 4], [0, 1], group=["A", "B"])
    assert math.isinf(one_arm.rate_ratio)
    assert math.isinf(one_arm.rate_ratio_upper)


def test_survival_goes_on_but_not_over_an_interval_without_person_time():
    found = piecewise_exponential(TIME, EVENT, [4, 20])
    read = found.survival([0, 4, 15, 30])
    assert read.survival[0] == 1
    assert read.survival[1] == approx(math.exp(-4 * found.rate[0, 0]))
    assert np.isnan(read.survival[3])
    assert "without person-time" in read.warnings[0]
    assert found.warnings == ("all: no person-time after 20, so no rate there",)


def test_with_a_cut_at_every_event_time_it_is_coxs_model_with_breslow_ties():
    # All at risk live through each interval of one day: the likelihood is Breslow's.
    x = [1.0, 0.3, -1.2, 0.5, 0.1, 2.0, -0.7, 0.4]
    model = piecewise_exponential_regression(TIME, EVENT, list(range(1, 9)), x)
    assert model.coefficients == approx(cox(TIME, EVENT, x, ties="breslow").coefficients, rel=1e-10)
    assert model.std_err == approx(cox(TIME, EVENT, x, ties="breslow").std_err, rel=1e-10)


def test_covariates_without_information_and_at_infinity_are_said():
    dropped = piecewise_exponential_regression(
        TIME, EVENT, [4], [[a, 2 * a, 1] for a in ARM], names=["a", "twice", "one"]
    )
    assert [one.split(":")[0] for one in dropped.warnings] == ["twice", "one"]
    assert dropped.coefficients[0] == approx(
        piecewise_exponential_regression(TIME, EVENT, [4], ARM).coefficients[0]
    )
    infinite = piecewise_exponential_regression([3, 4, 5, 6], [1, 1, 0, 0], [], [1, 1, 0, 0], names=["a"])
    assert infinite.coefficients[0] == math.inf
    assert "goes to +inf" in infinite.warnings[0]
    assert np.isnan(infinite.rate).all()
    shifted = piecewise_exponential_regression(TIME, EVENT, [4], [a + 100 for a in ARM])
    assert shifted.log_likelihood == approx(dropped.log_likelihood)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: piecewise_exponential(TIME, EVENT, [0, 3]), "cuts: found [0.0, 3.0]"),
        (lambda: piecewise_exponential(TIME, EVENT, [3, 3]), "cuts: found [3.0, 3.0]"),
        (lambda: piecewise_exponential(TIME, EVENT, [[3]]), "cuts: found shape (1, 1)"),
        (lambda: piecewise_exponential(TIME, EVENT, [float("nan")]), "cuts: found [nan]"),
        (lambda: piecewise_exponential(TIME, EVENT, [], interval="wald"), "interval: found 'wald'"),
        (lambda: piecewise_exponential(TIME, EVENT, [], group=ARM).survival([1]), "group: found None"),
        (lambda: person_time(TIME, EVENT[1:]), "event: found shape (7,)"),
        (lambda: person_time(TIME, EVENT, group=[None, *ARM[1:]]), "group: found"),
        (lambda: person_time(TIME, EVENT, per=0), "per: found 0"),
        (lambda: person_time([float("nan"), *TIME[1:]], EVENT), "time: found nan at position 0"),
        (lambda: piecewise_exponential_regression(TIME, [0] * 8, [], ARM), "event: found no events"),
        (lambda: piecewise_exponential_regression([0, 3], [1, 0], [2], [0, 1]), None),
        (lambda: piecewise_exponential_regression([0, 0], [1, 0], [2], [0, 1]), "some without person-time"),
    ],
)  # fmt: skip
def test_refusals(call, words):
    if words is None:
        call()
        return
    with pytest.raises(DataError) as refusal:
        call()
    assert words in str(refusal.value)


def test_they_show_themselves():
    for found in (
        person_time(TIME, EVENT, group=ARM),
        piecewise_exponential(TIME, EVENT, [4], group=ARM),
        piecewise_exponential(TIME, EVENT, [4]).survival([1, 5]),
        piecewise_exponential_regression(TIME, EVENT, [4], ARM, names=["arm"]),
    ):
        assert found.summary().count("\n") >= 2
        assert found.to_frame().height > 3
