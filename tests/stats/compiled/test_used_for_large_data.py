"""The public functions give the same with and without the kernels, and use them only for large data."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.stats import compiling, kaplan_meier, log_rank, max_combo, nelson_aalen, weighted_log_rank

N = 12_000
BEYOND = 10**12


def subjects(kind):
    draw = np.random.default_rng(208)
    days = draw.standard_exponential(N) * 700
    times = {"whole days": np.ceil(days), "continuous": days, "days as years": np.ceil(days) / 365.25}[kind]
    return times, draw.random(N) < 0.6, draw.integers(0, 3, N), draw.integers(0, 5, N)


def twice(monkeypatch, compute):
    """The result by kernels, and by the numpy reference."""
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    by_kernels = compute()
    monkeypatch.setattr(compiling, "SMALLEST", BEYOND)
    return by_kernels, compute()


def assert_same(found, reference, fields):
    for field in fields:
        one, other = np.asarray(getattr(found, field)), np.asarray(getattr(reference, field))
        assert one.dtype == other.dtype, field
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13, err_msg=field)


CURVE = ("time", "n_at_risk", "n_events", "n_censored", "survival", "std_err", "lower", "upper")


@pytest.mark.parametrize("last_is_event", [True, False])
@pytest.mark.parametrize("interval", ["plain", "log", "log-log", "logit", "arcsin"])
@pytest.mark.parametrize("kind", ["whole days", "continuous", "days as years"])
def test_curves(monkeypatch, kind, interval, last_is_event):
    times, events, _, _ = subjects(kind)
    events[times == times.max()] = last_is_event

    found, reference = twice(monkeypatch, lambda: kaplan_meier(times, events, interval=interval))

    assert_same(found, reference, CURVE)
    assert (found.survival[-1] == 0) == last_is_event
    assert not found.survival.flags.writeable


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_smallest_curves(monkeypatch, n):
    for last in (True, False):
        found, reference = twice(
            monkeypatch, lambda last=last: kaplan_meier(np.arange(n) + 0.5, [True] * (n - 1) + [last])
        )
        assert_same(found, reference, CURVE)


@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("kind", ["whole days", "continuous", "days as years"])
def test_tests(monkeypatch, kind, k, strata):
    times, events, group, stratum = subjects(kind)
    group, labels, stratum = group % k, tuple(range(k)), stratum if strata else None
    fields = ("n", "observed", "expected", "variance", "df", "p_value_two_sided")

    plain = twice(monkeypatch, lambda: log_rank(times, events, group, groups=labels, strata=stratum))
    weighted = twice(
        monkeypatch,
        lambda: weighted_log_rank(times, events, group, groups=labels, strata=stratum, weight="gehan"),
    )

    assert_same(*plain, fields)
    np.testing.assert_allclose(plain[0].chi_square, plain[1].chi_square, rtol=1e-10)
    np.testing.assert_allclose(weighted[0].variance, weighted[1].variance, rtol=1e-13)
    np.testing.assert_allclose(weighted[0].chi_square, weighted[1].chi_square, rtol=1e-10)


def test_what_else_counts_or_tabulates(monkeypatch):
    times, events, group, _ = subjects("whole days")

    hazard = twice(monkeypatch, lambda: nelson_aalen(times, events))
    combined = twice(monkeypatch, lambda: max_combo(times, events, group % 2, groups=(0, 1)))

    np.testing.assert_allclose(hazard[0].cumulative_hazard, hazard[1].cumulative_hazard, rtol=1e-13)
    np.testing.assert_allclose(combined[0].z, combined[1].z, rtol=1e-10)


def test_read_only_columns_and_other_layouts_serve(monkeypatch):
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    times, events = np.arange(20.0)[::-2], np.frombuffer(bytes([1, 0] * 5), dtype=np.bool_)

    assert kaplan_meier(times, events).n_events.sum() == 5


def test_small_data_do_not_load_the_compiler():
    import subprocess
    import sys

    code = (
        "import sys; from equipoise.stats import kaplan_meier, log_rank; t = list(range(300)); e = [1, 0, 1] * 100;"
        "kaplan_meier(t, e); log_rank(t, e, ['A', 'B'] * 150, groups=('A', 'B')); assert 'numba' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
