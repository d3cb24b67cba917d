from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import mixture_cure
from equipoise.validation.evidence import table

TIME = [1, 2, 3, 4, 5, 7, *[20] * 6]
EVENT = [1] * 6 + [0] * 6
ARM = ["A", "B"] * 6


@pytest.mark.parametrize("distribution", ["exponential", "weibull"])
def test_order_and_unit_do_not_matter(distribution):
    one = mixture_cure(TIME, EVENT, distribution=distribution)
    other = mixture_cure([t * 30 for t in TIME[::-1]], EVENT[::-1], distribution=distribution)

    assert other.cure_fraction == approx(one.cure_fraction, rel=1e-8)
    assert other.scale == approx(30 * one.scale, rel=1e-8)
    assert other.lower == approx(one.lower, rel=1e-6)
    assert other.log_likelihood == approx(one.log_likelihood - 6 * math.log(30), rel=1e-10)


def test_separate_times_are_separate_fits():
    both = mixture_cure(TIME, EVENT, group=ARM, latency="separate")
    alone = [mixture_cure(TIME[i::2], EVENT[i::2]) for i in (0, 1)]

    assert both.cure_fraction == approx([one.cure_fraction[0] for one in alone], rel=1e-7)
    assert both.log_likelihood == approx(sum(one.log_likelihood for one in alone), rel=1e-10)
    assert both.lower == approx([one.lower[0] for one in alone], rel=1e-5)


def test_two_equal_groups_differ_in_nothing():
    found = mixture_cure(TIME * 2, EVENT * 2, group=["A"] * 12 + ["B"] * 12)

    assert found.cure_fraction[0] == approx(found.cure_fraction[1], rel=1e-8)
    assert found.equal_cure.chi_square == approx(0, abs=1e-8)
    swapped = mixture_cure(TIME, EVENT, group=ARM, groups=("B", "A"))
    assert swapped.cure_fraction[::-1] == approx(mixture_cure(TIME, EVENT, group=ARM).cure_fraction, rel=1e-8)


def test_the_profile_limits_lie_where_the_likelihood_has_fallen_by_half_a_chi_square():
    found = mixture_cure(TIME, EVENT, distribution="exponential")

    def best(p):
        rates = np.exp(np.linspace(-4, 1, 200001))
        t, e = np.array(TIME, float), np.array(EVENT, bool)
        value = (
            e.sum() * np.log((1 - p) * rates)
            - rates * t[e].sum()
            + 6 * np.log(p + (1 - p) * np.exp(-20 * rates))
        )
        return value.max()

    for limit in (found.lower[0], found.upper[0]):
        assert 2 * (found.log_likelihood - best(limit)) == approx(3.841458820694124, abs=1e-5)


def test_a_maximum_at_0_is_said():
    found = mixture_cure("time", "status", data=table("veteran.csv"))

    assert found.cure_fraction.tolist() == [0]
    assert np.isnan(found.std_err[0])
    assert found.lower[0] == 0 < found.upper[0] < 0.05
    assert found.no_cure.chi_square == 0
    assert found.warnings == ("all: the likelihood is largest at a cure fraction of 0",)


def test_follow_up_without_a_plateau_is_said():
    found = mixture_cure([1, 2, 2, 3, 4, 4, 4, 4], [1, 1, 1, 0, 0, 0, 0, 0], distribution="exponential")

    assert found.uncured_at_end[0] > 0.05
    assert "no plateau" in found.warnings[0]


def test_nobody_or_one_group_with_events():
    nobody = mixture_cure([1, 2], [0, 0])
    assert np.isnan(nobody.cure_fraction[0])
    assert nobody.warnings == ("no events: nothing is estimable",)
    one = mixture_cure(TIME, [e and a == "A" for e, a in zip(EVENT, ARM, strict=True)], group=ARM)
    assert one.cure_fraction[1] == 1
    assert one.equal_cure is None
    assert one.warnings[0] == "B: no events, so the likelihood is largest at a cure fraction of 1"
    assert one.survival([0, 50])[1].tolist() == [1, 1]


def test_times_of_0_tell_nothing_when_censored():
    assert mixture_cure([0, *TIME], [0, *EVENT]).log_likelihood == approx(
        mixture_cure(TIME, EVENT).log_likelihood, rel=1e-10
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": [0, *TIME[1:]]}, "time: found 1 events at 0"),
        ({"time": [2] * 6 + TIME[6:]}, "time: found events at one time only"),
        ({"time": [float("nan"), *TIME[1:]]}, "time: found nan"),
        ({"event": EVENT[1:]}, "event: found shape"),
        ({"group": [None] * 12}, "group: found"),
        ({"distribution": "gamma"}, "distribution: found 'gamma'"),
        ({"latency": "both"}, "latency: found 'both'"),
        ({"interval": "wald"}, "interval: found 'wald'"),
        ({"confidence_level": 2}, "confidence_level: found 2"),
    ],
)
def test_refusals(change, words):
    with pytest.raises(DataError) as refusal:
        mixture_cure(**({"time": TIME, "event": EVENT} | change))
    assert words in str(refusal.value)


def test_it_shows_itself():
    found = mixture_cure(TIME, EVENT, group=ARM)

    assert "Mixture cure model, weibull, common time of the uncured" in found.summary()
    assert "cure_fraction" in found.to_frame()["statistic"].to_list()
