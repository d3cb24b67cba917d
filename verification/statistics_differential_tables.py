"""Random and real data through every function of tables, one variable, logistic models and selection, against R.

Usage: .venv/bin/python verification/statistics_differential_tables.py DRAWS [SEED]
Each draw makes one case of every kind below. R computes the same in one batch (statistics_differential_tables.R, which
needs R with jsonlite, survival, coin, mvtnorm, metafor, brglm2, pROC, boot, vcd); what R has not is
computed here by enumeration. Ends with 1 on any difference that INTENDED does not explain, and on any error that is
not a DataError. Prints a line for each function.
"""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from equipoise import stats
from equipoise.errors import DataError

PACKAGES = ("jsonlite", "survival", "coin", "mvtnorm", "metafor", "metadat", "brglm2", "pROC", "boot",
            "vcd", "MASS")  # fmt: skip
CLOSED, ITERATED = 1e-8, 1e-6
Values = dict[str, Any]


def empty_stratum(q: Values) -> bool:
    """Whether a stratum has nobody, or everybody, with the event in a group."""
    return any(
        a == 0 or b == 0 or a == m or b == n
        for a, m, b, n in zip(q["x1"], q["n1"], q["x0"], q["n0"], strict=True)
    )


def empty_everywhere(q: Values) -> bool:
    """Whether one of the sums of Mantel and Haenszel is zero."""
    rows = list(zip(q["x1"], q["n1"], q["x0"], q["n0"], strict=True))
    return not any(a for a, *_ in rows) or not any(b for _, _, b, _ in rows)


# Differences that are meant: (function, value), when they hold, why.
INTENDED: tuple[tuple[str, str, Callable[[Values], bool], str], ...] = (
    ("rank_sum_test", "", lambda q: q.get("rounding_ties", False), "values less null are tied here, R sees rounding"),
    ("stratified_risk_ratio", "", lambda q: q["method"] == "inverse-variance" and empty_stratum(q), "metafor drops such strata in silence; here NaN and a warning"),
    ("stratified_risk_difference", "", lambda q: q["method"] == "inverse-variance" and empty_stratum(q), "the same"),
    ("correlation", "", lambda q: q["method"] == "pearson" and q["near"], "R loses the digits of 1 - r^2; here they come from the residual"),
    ("stratified_risk_difference", "", lambda q: q["method"] == "sato" and all(a in (0, m) and b in (0, n) for a, m, b, n in zip(q["x1"], q["n1"], q["x0"], q["n0"], strict=True)), "no variance: metafor gives NaN or infinity by the rounding of 0"),
    ("stratified_risk_ratio", "risk_ratio", lambda q: q["method"] == "mantel-haenszel" and (sum(q["x1"]) == 0 or sum(q["x0"]) == 0), "0 or infinite here, NaN in metafor"),
    ("stratified_risk_ratio", "", lambda q: q["method"] == "mantel-haenszel" and (empty_everywhere(q) or q["x1"] + q["x0"] == q["n1"] + q["n0"]), "0 or infinite here, NaN in metafor"),
    ("mcnemar", "", lambda q: len(q["table"]) > 2 and q["no_change"], "R divides 0 by 0; here such pairs leave, with df"),
)  # fmt: skip


@dataclass
class Case:
    """One call and what R must answer.  request: for R; None where ``expected`` is computed here."""

    function: str
    request: Values
    ours: Callable[[], Values]
    tolerance: float = CLOSED
    expected: Values | None = None
    floor: float = 1e-12  # below this a difference counts as absolute, relative to it
    tolerances: dict[str, float] = field(default_factory=dict)


def fields(found: Any, *names: str) -> Values:
    """The named fields of a result, which must also be able to show itself and to say why a number is lacking."""
    found.summary()
    for row in found.rows():
        if math.isnan(row.value) and not row.warning:
            raise AssertionError(f"{row.statistic} is not a number, and nothing says why")
    return {name: getattr(found, name) for name in names}


# ---- drawing


def level(rng: np.random.Generator) -> float:
    """A confidence level, the usual one half of the time."""
    return float(rng.choice([0.95, 0.95, 0.9, 0.99, 0.5, 0.999]))


def two_groups(rng: np.random.Generator, most: int = 200) -> tuple[int, int, int, int]:
    """Events and subjects of two groups; zero and full cells often."""
    n1, n0 = (int(rng.integers(1, rng.choice([4, 12, 40, most]) + 1)) for _ in range(2))
    p = rng.choice([0, 0.02, 0.3, 0.5, 0.9, 1], size=2)
    if most > 60 and rng.random() < 0.1:  # rare events among many
        n1, n0, p = (
            int(rng.integers(1, 200000)),
            int(rng.integers(1, 200000)),
            rng.choice([1e-5, 2e-4], size=2),
        )
    return int(rng.binomial(n1, p[0])), n1, int(rng.binomial(n0, p[1])), n0


def table(rng: np.random.Generator, r: int = 2, c: int = 2, mean: float | None = None) -> list[list[int]]:
    """A table of counts with at least two rows and columns that are not empty."""
    while True:
        mean_count = rng.choice([1, 3, 10, 60]) if mean is None else mean
        found = rng.poisson(mean_count * rng.gamma(0.7, size=(r, c)))
        if (found.sum(axis=0) > 0).all() and (found.sum(axis=1) > 0).all():
            return found.tolist()


def tables(rng: np.random.Generator, k: int, r: int, c: int) -> list[Any]:
    """Tables of strata, each with at least two subjects; the sum has no empty row or column."""
    while True:
        found = rng.poisson(rng.choice([0.6, 2, 8]) * rng.gamma(0.8, size=(k, r, c)))
        if (
            (found.sum(axis=(1, 2)) > 1).all()
            and (found.sum(axis=(0, 1)) > 0).all()
            and (found.sum(axis=(0, 2)) > 0).all()
        ):
            return found.tolist()


def sample(rng: np.random.Generator, n: int) -> np.ndarray:
    """Measurements: continuous, tied, skewed, very large, very small."""
    kind = rng.integers(6)
    x = rng.normal(size=n)
    drawn = [x, np.round(x, 1), np.floor(3 * x), np.exp(3 * x), 1e6 + x, 1e-9 * x][kind]
    return np.asarray(drawn, dtype=float) + 0.0


# ---- cases


def one_proportion(rng: np.random.Generator) -> Iterator[Case]:
    n = int(rng.integers(1, rng.choice([5, 30, 400]) + 1))
    x = int(rng.binomial(n, rng.choice([0, 0.03, 0.4, 0.5, 0.97, 1])))
    methods = [
        "wald",
        "wald_cc",
        "wilson",
        "wilson_cc",
        "clopper-pearson",
        "mid-p",
        "agresti-coull",
        "jeffreys",
        "logit",
        "likelihood-ratio",
        "blaker",
    ]
    at = level(rng)
    for method in methods:
        if method == "blaker" and (n > 60 or at > 0.96):
            continue
        yield Case("proportion_interval", {"f": "proportion", "x": x, "n": n, "method": method, "level": at},
                   lambda m=method: fields(stats.proportion_interval(x, n, method=m, confidence_level=at), "estimate", "lower", "upper"),
                   tolerance=1.1e-6 if method == "blaker" else CLOSED, floor=1.0 if method == "blaker" else 1e-12)  # fmt: skip
    null = float(rng.choice([0.5, 0.1, 0.37, 0.999, 1e-4]))
    for method in ("exact", "mid-p", "score"):
        yield Case("proportion_test", {"f": "proportion_test", "x": x, "n": n, "null": null, "method": method},
                   lambda m=method: fields(stats.proportion_test(x, n, null=null, method=m), "z", "p_value_two_sided", "p_value_less", "p_value_greater"))  # fmt: skip


def one_table(rng: np.random.Generator, given: Any = None) -> Iterator[Case]:
    r, c = (2, 2) if rng.random() < 0.5 else tuple(int(v) for v in rng.integers(2, 6, 2))
    m = table(rng, r, c) if given is None else given
    r, c = np.shape(m)
    for yates, g in ((False, False), (True, False), (False, True)):
        if yates and (r, c) != (2, 2):
            continue
        call = stats.likelihood_ratio_chi_square if g else stats.pearson_chi_square
        more = {} if g else {"correction": "yates" if yates else "none"}
        yield Case(call.__name__, {"f": "pearson", "table": m, "yates": yates, "g": g},
                   lambda call=call, more=more: fields(call(m, **more), "chi_square", "df", "p_value_two_sided", "smallest_expected"))  # fmt: skip
    small = np.sum(m) <= (100000 if (r, c) == (2, 2) else 70 if r * c <= 9 else 35)
    for mid_p in (False, True):
        if small and not (mid_p and (r, c) != (2, 2)):
            yield Case("fisher_exact", {"f": "fisher", "table": m, "mid_p": mid_p},
                       lambda p=mid_p: fields(stats.fisher_exact(m, mid_p=p), "p_value_two_sided", "p_value_less", "p_value_greater", "probability"),
                       tolerances={"p_value": 1e-7 if (r, c) != (2, 2) else CLOSED})  # fmt: skip
    square = table(rng, 2, 2) if rng.random() < 0.6 else table(rng, 3, 3)
    if rng.random() < 0.2 and len(square) == 2:
        square[0][1] = square[1][0]
    q = np.asarray(square)
    no_change = bool(((q + q.T)[np.triu_indices(len(q), 1)] == 0).any())
    for method in ("asymptotic", "corrected", "exact", "mid-p"):
        if (len(q) > 2 and method != "asymptotic") or q.sum() == np.trace(q):
            continue
        yield Case("mcnemar", {"f": "mcnemar", "table": square, "method": method, "no_change": no_change},
                   lambda m=method: fields(stats.mcnemar(square, method=m), "chi_square", "df", "p_value_two_sided", "p_value_less", "p_value_greater"))  # fmt: skip
    rows = int(rng.integers(2, 7))
    t = table(rng, rows, 2, mean=float(rng.choice([2, 10, 50])))
    scores = [
        float(v) for v in (np.arange(rows) if rng.random() < 0.5 else np.cumsum(rng.integers(1, 5, rows)))
    ]
    for divisor in ("n", "n-1"):
        yield Case("cochran_armitage", {"f": "trend", "table": t, "scores": scores, "divisor": divisor, "exact": False},
                   lambda d=divisor: fields(stats.cochran_armitage(t, scores=scores, divisor=d), "chi_square", "p_value_two_sided"))  # fmt: skip
    if np.sum(t) < 120:
        yield Case("cochran_armitage", {"f": "trend", "table": t, "scores": scores, "divisor": "n", "exact": True},
                   lambda: fields(stats.cochran_armitage(t, scores=scores, exact=True), "p_value_two_sided", "p_value_greater"))  # fmt: skip


def strata_of_tables(rng: np.random.Generator, given: Any = None) -> Iterator[Case]:
    r, c = (2, 2) if rng.random() < 0.6 else tuple(int(v) for v in rng.integers(2, 5, 2))
    a = tables(rng, int(rng.integers(2, 8)), r, c) if given is None else given
    k, r, c = np.shape(a)
    full = np.asarray(a)
    informs = ((full.sum(axis=2) > 0).sum(axis=1) > 1) & ((full.sum(axis=1) > 0).sum(axis=1) > 1)
    if not informs.any():
        return
    if k > 1:
        for correction in (False, True) if (r, c) == (2, 2) else (False,):
            yield Case("cochran_mantel_haenszel", {"f": "cmh", "tables": a, "association": "general", "correction": correction},
                       lambda v=correction: fields(stats.cochran_mantel_haenszel(a, correction=v), "chi_square", "df", "p_value_two_sided"))  # fmt: skip
    scores = np.sort(rng.choice(np.arange(1, 30), c, replace=False)).astype(float).tolist()
    rows = np.sort(rng.choice(np.arange(1, 30), r, replace=False)).astype(float).tolist()
    for association in ("mean scores", "correlation"):
        yield Case("cochran_mantel_haenszel", {"f": "cmh", "tables": a, "association": association, "scores": scores, "rows": rows},
                   lambda v=association: fields(stats.cochran_mantel_haenszel(a, association=v, row_scores=rows, column_scores=scores), "chi_square", "p_value_two_sided"),
                   tolerance=1e-7)  # fmt: skip
    if (r, c) != (2, 2):
        return
    at = level(rng)
    if k > 1:
        yield Case("mantel_haenszel_odds_ratio", {"f": "mantel", "tables": a, "level": at},
                   lambda: fields(stats.mantel_haenszel_odds_ratio(a, confidence_level=at), "odds_ratio", "lower", "upper"))  # fmt: skip
    for tarone in (True, False) if informs.all() else ():
        yield Case("breslow_day", {"f": "homogeneity", "tables": a, "tarone": tarone},
                   lambda v=tarone: fields(stats.breslow_day(a, tarone=v), "chi_square", "p_value_two_sided"), tolerance=1e-7)  # fmt: skip
    for mid_p in (False, True):
        yield Case("exact_conditional", {"f": "exact_common", "tables": a, "level": at, "mid_p": mid_p},
                   lambda v=mid_p: fields(stats.exact_conditional(a, confidence_level=at, mid_p=v), "odds_ratio", "lower", "upper", "p_value_two_sided", "p_value_less", "p_value_greater"))  # fmt: skip


def groups_of_two(rng: np.random.Generator, given: tuple[int, int, int, int] | None = None) -> Iterator[Case]:
    x1, n1, x0, n0 = two_groups(rng) if given is None else given
    at = level(rng)
    q = {"x1": x1, "n1": n1, "x0": x0, "n0": n0, "level": at}
    for method in (
        "wald",
        "wald_cc",
        "agresti-caffo",
        "newcombe",
        "newcombe_cc",
        "hauck-anderson",
        "miettinen-nurminen",
        "mee",
    ):
        if method == "hauck-anderson" and min(n1, n0) == 1:
            continue
        yield Case("risk_difference", dict(f="difference", method=method, **q),
                   lambda m=method: fields(stats.risk_difference(x1, n1, x0, n0, method=m, confidence_level=at), "risk_difference", "std_err", "lower", "upper"))  # fmt: skip
    margin = float(rng.choice([0, 0.1, -0.1, 0.03, 0.5]))
    side = str(rng.choice(["greater", "less"]))
    for method in ("farrington-manning", "miettinen-nurminen", "wald"):
        yield Case("risk_difference_test", dict(f="difference_test", method=method, margin=margin, alternative=side, **q),
                   lambda m=method: fields(stats.risk_difference_test(x1, n1, x0, n0, margin=margin, alternative=side, method=m), "z", "p_value_one_sided", "p_value_two_sided"))  # fmt: skip
    for method in ("log", "adjusted-log", "koopman", "miettinen-nurminen"):
        yield Case("risk_ratio", dict(f="ratio", method=method, **q),
                   lambda m=method: fields(stats.risk_ratio(x1, n1, x0, n0, method=m, confidence_level=at), "risk_ratio", "lower", "upper"))  # fmt: skip
    if 0 < x1 + x0 < n1 + n0:
        for method in ("exact", "mid_p", "woolf", "gart", "miettinen-nurminen", "cornfield"):
            yield Case("odds_ratio", dict(f="odds", method=method, **q),
                       lambda m=method: fields(stats.odds_ratio(x1, n1, x0, n0, method=m, confidence_level=at), "odds_ratio", "odds_ratio_conditional", "lower", "upper"))  # fmt: skip
    if max(n1, n0) <= 14:
        for statistic in ("score", "fisher", "wald"):
            m = 0.0 if statistic != "score" else margin
            yield Case("unconditional_exact_test", dict(statistic=statistic, margin=m, alternative=side, **q),
                       lambda s=statistic, m=m: fields(stats.unconditional_exact_test(x1, n1, x0, n0, statistic=s, margin=m, alternative=side), "p_value_one_sided"),
                       expected={"p_value_one_sided": unconditional(x1, n1, x0, n0, statistic, m, side)}, tolerance=2e-6)  # fmt: skip


def unconditional(x1: int, n1: int, x0: int, n0: int, statistic: str, margin: float, side: str) -> float:
    """The unconditional exact P value by brute force: every table, every common risk of a fine grid, then closer."""
    sign = 1 if side == "greater" else -1
    a, b = np.meshgrid(np.arange(n1 + 1), np.arange(n0 + 1), indexing="ij")
    if statistic == "fisher":
        big = np.vectorize(lambda i, j: hypergeometric_tail(i, n1, j, n0, sign))(a, b)
        at_least = big <= big[x1, x0] * (1 + 1e-9)
    else:
        z = np.vectorize(
            lambda i, j: (
                sign * (score(i, n1, j, n0, margin) if statistic == "score" else unpooled(i, n1, j, n0))
            ),
            otypes=[float],
        )(a, b)
        at_least = z >= z[x1, x0] - 1e-9
    choose1 = np.array([math.comb(n1, i) for i in range(n1 + 1)], dtype=float)
    choose0 = np.array([math.comb(n0, i) for i in range(n0 + 1)], dtype=float)

    def tail(p0: np.ndarray) -> np.ndarray:
        p1 = p0 + margin
        f1 = choose1 * p1[:, None] ** np.arange(n1 + 1) * (1 - p1[:, None]) ** np.arange(n1, -1, -1)
        f0 = choose0 * p0[:, None] ** np.arange(n0 + 1) * (1 - p0[:, None]) ** np.arange(n0, -1, -1)
        return np.einsum("gi,ij,gj->g", f1, at_least.astype(float), f0)

    low, high = max(0.0, -margin), min(1.0, 1 - margin)
    grid = np.linspace(low, high, 4001)
    found = tail(grid)
    best = float(found.max())
    for top in np.argsort(found)[-12:]:
        near = np.linspace(
            max(low, grid[top] - (high - low) / 4000), min(high, grid[top] + (high - low) / 4000), 401
        )
        best = max(best, float(tail(near).max()))
    return min(best, 1.0)


def hypergeometric_tail(x1: int, n1: int, x0: int, n0: int, sign: int) -> float:
    t = x1 + x0
    if sign < 0:
        x1, n1, x0, n0 = x0, n0, x1, n1
    return sum(math.comb(n1, i) * math.comb(n0, t - i) for i in range(x1, min(n1, t) + 1)) / math.comb(
        n1 + n0, t
    )


def unpooled(x1: int, n1: int, x0: int, n0: int) -> float:
    p, r = x1 / n1, x0 / n0
    e, v = p - r, p * (1 - p) / n1 + r * (1 - r) / n0
    return 0.0 if e == 0 else math.copysign(math.inf, e) if v == 0 else e / math.sqrt(v)


def score(x1: int, n1: int, x0: int, n0: int, d: float) -> float:
    """Farrington and Manning's statistic with the restricted maximum by bisection."""
    low, high = max(0.0, -d), min(1.0, 1 - d)
    a, b = low, high
    for _ in range(200):
        m = (a + b) / 2
        slope = sum(
            (x / p if x else 0) - ((n - x) / (1 - p) if n > x else 0) if 0 < p < 1 else math.nan
            for x, n, p in ((x1, n1, m + d), (x0, n0, m))
        )
        if m in (a, b) or slope != slope:
            break
        a, b = (m, b) if slope > 0 else (a, m)
    p = (a + b) / 2
    v = max((p + d) * (1 - p - d), 0) / n1 + max(p * (1 - p), 0) / n0
    e = x1 / n1 - x0 / n0 - d
    return 0.0 if abs(e) < 1e-14 else math.copysign(math.inf, e) if v < 1e-16 else e / math.sqrt(v)


def stratified_groups(rng: np.random.Generator, given: Values | None = None) -> Iterator[Case]:
    if given is None:
        k = int(rng.integers(1, 6))
        drawn = [two_groups(rng, 60) for _ in range(k)]
        x1, n1, x0, n0 = (list(v) for v in zip(*drawn, strict=True))
    else:
        x1, n1, x0, n0 = (given[name] for name in ("x1", "n1", "x0", "n0"))
    at = level(rng)
    q = {"x1": x1, "n1": n1, "x0": x0, "n0": n0, "level": at}
    names = (
        "risk_difference",
        "std_err",
        "lower",
        "upper",
        "z",
        "p_value_two_sided",
        "homogeneity_chi_square",
        "homogeneity_p_value",
    )
    for method in ("sato", "greenland-robins", "miettinen-nurminen", "inverse-variance", "newcombe"):
        yield Case("stratified_risk_difference", dict(f="stratified", measure="RD", method=method, **q),
                   lambda m=method: fields(stats.stratified_risk_difference(x1, n1, x0, n0, method=m, confidence_level=at), *names), tolerance=1e-7)  # fmt: skip
    for method in ("mantel-haenszel", "inverse-variance"):
        yield Case("stratified_risk_ratio", dict(f="stratified", measure="RR", method=method, **q),
                   lambda m=method: fields(stats.stratified_risk_ratio(x1, n1, x0, n0, method=m, confidence_level=at), "risk_ratio", *names[1:]), tolerance=1e-7)  # fmt: skip


def measurements(rng: np.random.Generator, given: Values | None = None) -> Iterator[Case]:
    if given is None:
        a, b = (sample(rng, int(n)) for n in rng.integers(2, rng.choice([6, 20, 80]), 2))
    else:
        labels = sorted(set(given["g"]))[:2]
        v = np.asarray(given["v"], dtype=float)
        a, b = (v[np.asarray(given["g"]) == label] for label in labels)
    at, null = level(rng), float(rng.choice([0, 0, 0.5, -2]))
    values, group = np.concatenate((a, b)), np.array([0] * a.size + [1] * b.size)
    t_names = ("t", "df", "std_err", "p_value_two_sided", "p_value_greater", "lower", "upper")
    base = {"a": a.tolist(), "b": b.tolist(), "null": null, "level": at}
    for pooled in (True, False):
        yield Case("t_test", dict(f="t", kind="two", pooled=pooled, **base),
                   lambda v=pooled: fields(stats.t_test(values, group, groups=(0, 1), variances="pooled" if v else "welch", null=null, confidence_level=at), *t_names), tolerance=1e-7, floor=max(1e-7 * abs(null), 1e-7 * float(np.abs(values).max()), 1e-12))  # fmt: skip
    yield Case(
        "one_sample_t_test",
        dict(f="t", kind="one", **base),
        lambda: fields(stats.one_sample_t_test(a, null=null, confidence_level=at), *t_names),
        tolerance=1e-7,
        floor=max(1e-7 * abs(null), 1e-7 * float(np.abs(values).max()), 1e-12),
    )
    size = min(a.size, b.size)
    pair = dict(base, a=a[:size].tolist(), b=b[:size].tolist())
    if size > 1:
        yield Case(
            "paired_t_test",
            dict(f="t", kind="paired", **pair),
            lambda: fields(stats.paired_t_test(a[:size], b[:size], null=null, confidence_level=at), *t_names),
            tolerance=1e-7,
            floor=max(1e-7 * abs(null), 1e-7 * float(np.abs(values).max()), 1e-12),
        )
    names = (
        "statistic",
        "p_value_two_sided",
        "p_value_greater",
        "p_value_less",
        "estimate",
        "lower",
        "upper",
    )
    for method in ("auto", "normal", "exact"):
        shift = 0.0 if method == "exact" else null
        correct = bool(rng.integers(2))
        untied = np.unique(np.concatenate((a, b))).size == values.size
        if method == "exact" and values.size > (100 if untied else 60):
            continue
        yield Case("rank_sum_test", dict(f="rank_sum", method=method, correct=correct, limits=method == "exact" and untied and max(a.size, b.size) < 50, rounding_ties=shift != 0, **dict(base, null=shift)),
                   lambda m=method, s=shift, c=correct: fields(stats.rank_sum_test(values, group, groups=(0, 1), method=m, null=s, correction=c, confidence_level=at), *names), tolerance=1e-7)  # fmt: skip
    x = sample(rng, int(rng.integers(2, rng.choice([8, 30, 70])))) if given is None else a
    x = np.asarray(x) + float(rng.choice([0, 0.2])) * (given is None)
    scaled = x / (np.abs(x).max() or 1)
    if np.unique(np.round(np.abs(scaled), 12)).size == np.unique(np.abs(x)).size and (x != 0).any():
        tied = np.unique(np.abs(x[x != 0])).size < (x != 0).sum() or (x == 0).any()
        for method in ("auto", "normal", "exact"):
            correct = bool(rng.integers(2))
            if method == "exact" and x.size > (30 if tied else 70):
                continue
            yield Case("signed_rank_test", {"f": "signed_rank", "x": x.tolist(), "method": method, "correct": correct, "level": at, "limits": method == "exact" and not tied and x.size < 50},
                       lambda m=method, c=correct: fields(stats.signed_rank_test(x, method=m, correction=c, confidence_level=at), *names), tolerance=1e-7)  # fmt: skip
        if x.size > 3:
            for exact in (False, True):
                if exact and x.size > 30:
                    continue
                yield Case("signed_rank_test", {"f": "pratt", "x": x.tolist(), "exact": exact},
                           lambda e=exact: fields(stats.signed_rank_test(x, method="exact" if e else "normal", zeros="pratt", correction=False), "p_value_two_sided"), tolerance=1e-7, floor=1e-6)  # fmt: skip
    yield from many_groups(rng, given)


def many_groups(rng: np.random.Generator, given: Values | None) -> Iterator[Case]:
    if given is None:
        n = int(rng.integers(8, 80))
        v, g = sample(rng, n), rng.integers(0, rng.integers(2, 6), n)
        while np.unique(g).size < 2 or np.bincount(g)[np.unique(g)].min() < 2:
            g = rng.integers(0, 2, n)
    else:
        v, g = np.asarray(given["v"], dtype=float), np.unique(given["g"], return_inverse=True)[1]
    g = np.asarray(g)
    for equal in (True, False):
        yield Case("analysis_of_variance", {"f": "anova", "v": v.tolist(), "g": g.tolist(), "equal": equal},
                   lambda e=equal: fields(stats.analysis_of_variance(v, g, variances="equal" if e else "welch"), "f", "df", "df_within", "p_value_two_sided"), tolerance=1e-6)  # fmt: skip
    yield Case(
        "kruskal_wallis",
        {"f": "kruskal", "v": v.tolist(), "g": g.tolist()},
        lambda: fields(stats.kruskal_wallis(v, g), "chi_square", "df", "p_value_two_sided"),
    )
    s = rng.integers(0, rng.integers(2, 6), v.size)
    yield Case(
        "van_elteren",
        {"f": "elteren", "v": v.tolist(), "g": g.tolist(), "s": s.tolist()},
        lambda: fields(stats.van_elteren(v, g, s), "chi_square", "df", "p_value_two_sided"),
        tolerance=1e-7,
    )
    for kind in (2, 7):
        yield Case(
            "describe",
            {"f": "describe", "v": v.tolist(), "type": kind},
            lambda kind=kind: fields(
                stats.describe(v, kind=kind), "mean", "sd", "q1", "median", "q3", "minimum", "maximum"
            ),
        )


def pairs(rng: np.random.Generator, given: Values | None = None) -> Iterator[Case]:
    n = int(rng.integers(3, 60))
    x = sample(rng, n) if given is None else np.asarray(given["x"], dtype=float)
    y = (
        (sample(rng, n) + float(rng.choice([0, 1, 20])) * x / (np.abs(x).max() or 1))
        if given is None
        else np.asarray(given["y"], dtype=float)
    )
    if np.unique(x).size < 2 or np.unique(y).size < 2:
        return
    at = level(rng)
    for method in ("pearson", "spearman", "kendall"):
        yield Case("correlation", {"f": "correlate", "x": x.tolist(), "y": y.tolist(), "method": method, "level": at, "near": bool(1 - abs(np.corrcoef(x, y)[0, 1]) < 1e-7)},
                   lambda m=method: fields(stats.correlation(x, y, method=m, confidence_level=at), "estimate", "t", "z", "p_value_two_sided", "lower", "upper"), tolerance=1e-6)  # fmt: skip


def logistic_models(rng: np.random.Generator, given: Values | None = None) -> Iterator[Case]:
    if given is None:
        n, k = int(rng.integers(25, 200)), int(rng.integers(1, 4))
        x = np.column_stack(
            [
                [
                    rng.normal(size=n),
                    rng.integers(0, 2, n),
                    rng.integers(0, 4, n),
                    1e4 * rng.normal(size=n) + 3e4,
                    1e-5 * rng.normal(size=n),
                ][int(rng.integers(5))]
                for _ in range(k)
            ]
        ).astype(float)
        z = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
        y = (
            rng.random(n) < 1 / (1 + np.exp(-(rng.choice([0, -2, 2.5]) + z @ rng.normal(0, 0.8, k))))
        ).astype(int)
        w = rng.integers(0, 5, n) if rng.random() < 0.3 else None
        offset = rng.normal(0, 0.7, n) if rng.random() < 0.3 else None
    else:
        x, y, w, offset = (
            np.column_stack([given["x"][name] for name in np.atleast_1d(given["names"])]).astype(float),
            np.asarray(given["y"]).astype(int),
            None,
            None,
        )
    at = level(rng)
    if (
        np.linalg.matrix_rank(
            np.column_stack([np.ones(len(y)), (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)])
        )
        < x.shape[1] + 1
    ):
        return
    profile = bool(len(y) < 1000)
    fitted: list[Any] = []

    def ours() -> Values:
        model = stats.logistic(y, x, weights=w, offset=offset, confidence_level=at)
        fitted.append(model)
        out = fields(
            model, "coefficients", "std_err", "lower", "upper", "log_likelihood", "log_likelihood_null", "aic"
        )
        out |= {name: getattr(model, name).chi_square for name in ("score", "wald", "likelihood_ratio")}
        roc = stats.c_statistic(model)
        out |= {"auc": roc.estimate, "auc_lower": roc.lower, "auc_upper": roc.upper}
        if len(y) >= 30 and w is None:
            out["hosmer"] = stats.hosmer_lemeshow(model).chi_square
        found = stats.logistic_profile_intervals(model)
        return out | {"profile_lower": found.coefficient_lower, "profile_upper": found.coefficient_upper}

    used = np.ones(len(y), bool) if w is None else w > 0
    if len(np.unique(y[used])) == 2 and not stats.logistic(y, x, weights=w, offset=offset).warnings:
        yield Case("logistic", {"f": "logistic", "x": x.tolist(), "y": y.tolist(), "w": None if w is None else w.tolist(), "offset": None if offset is None else offset.tolist(), "level": at, "roc": w is None, "profile": profile},
                   ours, tolerance=ITERATED, tolerances={"profile": 1e-5})  # fmt: skip
    if given is None and len(np.unique(y)) == 2:
        small = slice(0, int(rng.integers(12, 30)))
        ys, xs = y[small], x[small, :2]
        centered = np.column_stack(
            [np.ones(len(ys)), (xs - xs.mean(0)) / np.where(xs.std(0) > 0, xs.std(0), 1)]
        )
        if len(np.unique(ys)) == 2 and np.linalg.matrix_rank(centered) == centered.shape[1]:
            scaled = centered[:, 1:]
            yield Case(
                "firth_logistic",
                {"f": "firth", "x": scaled.tolist(), "y": ys.tolist()},
                lambda: fields(stats.firth_logistic(ys, scaled), "coefficients", "std_err"),
                tolerance=1e-5,
            )
        m = int(rng.integers(5, 40))
        xi, s = rng.integers(0, 4, m).astype(float), rng.integers(0, 3, m)
        yi = rng.integers(0, 2, m)
        if conditional_exists(yi, xi, s):
            yield Case(
                "exact_logistic",
                {"f": "conditional", "x": xi.tolist(), "y": yi.tolist(), "s": s.tolist()},
                lambda: fields(stats.exact_logistic(yi, xi, strata=s), "coefficients", "std_err"),
                tolerance=ITERATED,
                floor=1e-6,
            )
        few = int(rng.integers(4, 11))
        xe, ye = rng.integers(0, 3, (few, 2)).astype(float), rng.integers(0, 2, few)
        if 0 < ye.sum() < few:
            yield Case("exact_logistic", {"x": xe.tolist(), "y": ye.tolist()}, lambda: fields(stats.exact_logistic(ye, xe), "p_value_two_sided", "p_value_score", "p_value_upper", "p_value_lower", "sufficient"),
                   expected=enumerated(xe, ye))  # fmt: skip


def conditional_exists(y: np.ndarray, x: np.ndarray, s: np.ndarray) -> bool:
    """Whether the conditional estimate is finite: the sum over events is neither the least nor the greatest possible."""
    low = high = seen = 0.0
    for one in np.unique(s):
        v, e = np.sort(x[s == one]), int(y[s == one].sum())
        low, high, seen = low + v[:e].sum(), high + v[v.size - e :].sum(), seen + (x * y)[s == one].sum()
    return bool(low < seen < high)


def enumerated(x: np.ndarray, y: np.ndarray) -> Values:
    """Exact conditional tests of each covariate, given the others, by going through every choice of events."""
    sums = [
        tuple(x[list(chosen)].sum(axis=0)) for chosen in itertools.combinations(range(len(y)), int(y.sum()))
    ]
    seen = tuple(x[y == 1].sum(axis=0))
    out: Values = defaultdict(list)
    for j in range(x.shape[1]):
        t = np.array([s[j] for s in sums if all(s[i] == seen[i] for i in range(x.shape[1]) if i != j)])
        value, count = np.unique(t, return_counts=True)
        p = count / count.sum()
        mean = float(p @ value)
        out["sufficient"].append(seen[j])
        if value.size == 1:
            for name in ("p_value_two_sided", "p_value_score", "p_value_upper", "p_value_lower"):
                out[name].append(None)
            continue
        out["p_value_two_sided"].append(p[p <= p[value == seen[j]] * (1 + 1e-7)].sum())
        out["p_value_score"].append(p[np.abs(value - mean) >= abs(seen[j] - mean) - 1e-9].sum())
        out["p_value_upper"].append(p[value >= seen[j]].sum())
        out["p_value_lower"].append(p[value <= seen[j]].sum())
    return dict(out)


def selections(rng: np.random.Generator) -> Iterator[Case]:
    n = int(rng.integers(60, 200))
    data: Values = {
        "a": rng.normal(size=n), "b": rng.integers(0, 2, n).astype(float), "c": rng.choice(["x", "y", "z"], n), "d": rng.normal(size=n) * 100, "e": rng.choice(["u", "v"], n),
    }  # fmt: skip
    risk = 0.5 * data["a"] + 0.5 * data["b"] + 0.6 * (data["c"] == "z")
    data["time"] = np.ceil(rng.exponential(np.exp(-risk)) * float(rng.choice([5, 200])))
    data["event"] = (rng.random(n) < 0.6).astype(int)
    if rng.random() < 0.5:
        data["a"] = np.where(rng.random(n) < 0.1, np.nan, data["a"])
    logistic_data = dict(data, event=(rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int))
    terms = list(rng.permutation(["a", "b", "c", "d", "e"]))
    stay = float(rng.choice([0.15, 0.05, 0.3]))
    ties = str(rng.choice(["efron", "breslow"]))

    def said(found: Any) -> Values:
        removed = [step for step in found.steps if step.removed]
        # R's loop here keeps a last term whatever its P value.
        return {"selected": "+".join(found.selected), "removed": "+".join(s.removed for s in removed),
                "removed_p": [s.test.p_value_two_sided for s in removed], "log_likelihood": found.steps[-1].log_likelihood}  # fmt: skip

    for kind, d in (("cox", data), ("logistic", logistic_data)):
        plain = {
            name: [None if isinstance(v, float) and math.isnan(v) else v for v in column.tolist()]
            for name, column in d.items()
        }

        def ours(kind: str = kind, d: Values = d) -> Values:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return said(
                    stats.backward_selection_cox("time", "event", terms, stay=stay, ties=ties, data=d)
                    if kind == "cox"
                    else stats.backward_selection_logistic("event", terms, stay=stay, data=d)
                )

        if len(ours()["selected"]) > 0 and "+" in ours()["selected"]:
            yield Case(
                f"backward_selection_{kind}",
                {"f": "backward", "kind": kind, "data": plain, "terms": terms, "stay": stay, "ties": ties},
                ours,
                tolerance=ITERATED,
            )


def normals(rng: np.random.Generator) -> Iterator[Case]:
    k = int(rng.integers(1, 6))
    loading = rng.normal(size=(k, int(rng.integers(k, k + 4)) if rng.random() < 0.6 else k + 1)) + float(
        rng.choice([0, 1.5])
    )
    r = loading @ loading.T
    d = np.sqrt(np.diag(r))
    r = (r / np.outer(d, d) + (r / np.outer(d, d)).T) / 2
    np.fill_diagonal(r, 1)
    upper = rng.normal(0.5, float(rng.choice([0.5, 1.5, 3])), k)
    lower = upper - rng.gamma(2, 1.2, k) if rng.random() < 0.4 else None
    tolerance = 1e-11 if k <= 3 else 1e-5
    call = lambda: {"p": stats.multivariate_normal_cdf(upper, r, lower=lower)}  # noqa: E731
    yield Case(
        "multivariate_normal_cdf",
        {
            "f": "normal",
            "upper": upper.tolist(),
            "r": r.tolist(),
            "lower": None if lower is None else lower.tolist(),
        },
        call,
        tolerance=tolerance,
        floor=1.0,
    )
    yield Case("multivariate_normal_tail", {"upper": upper.tolist(), "r": r.tolist()},
               lambda: {"p": 1 - stats.multivariate_normal_tail(upper, r, lower=lower)}, expected={"p": stats.multivariate_normal_cdf(upper, r, lower=lower)}, tolerance=1e-12, floor=1.0)  # fmt: skip


DRAWN = (
    one_proportion,
    one_table,
    strata_of_tables,
    groups_of_two,
    stratified_groups,
    measurements,
    pairs,
    logistic_models,
    selections,
    normals,
)


# ---- comparing


def in_r(requests: list[Values]) -> list[Any]:
    script = Path(__file__).with_suffix(".R")
    with tempfile.TemporaryDirectory() as folder:
        asked, said = Path(folder) / "requests.json", Path(folder) / "answers.json"
        asked.write_text(json.dumps(requests))
        done = subprocess.run(
            ["Rscript", str(script), str(asked), str(said)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"R ended with an error: {done.stderr}")
        return json.loads(said.read_text())


def missing_packages() -> list[str]:
    try:
        said = subprocess.run(
            ["Rscript", "-e", "cat(rownames(installed.packages()))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return ["R itself"]
    return [name for name in PACKAGES if name not in said]


def numbers(value: Any) -> list[Any]:
    words = {"NaN": math.nan, "NA": math.nan, "Inf": math.inf, "-Inf": -math.inf}
    listed = (
        [value]
        if isinstance(value, (str, float, int)) or value is None
        else list(np.asarray(value, dtype=object).ravel())
    )
    return [math.nan if v is None else words.get(v, v) if isinstance(v, str) else float(v) for v in listed]


def apart(ours: Any, theirs: Any, floor: float) -> float:
    """The relative difference; 0 for the same words, infinities, or not a number on both sides."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return 0.0 if ours == theirs else math.inf
    if math.isnan(ours) or math.isnan(theirs):
        return 0.0 if math.isnan(ours) and math.isnan(theirs) else math.inf
    if ours == theirs:
        return 0.0
    if math.isinf(ours) or math.isinf(theirs):
        return math.inf
    return abs(ours - theirs) / max(abs(ours), abs(theirs), floor)


@dataclass
class Tally:
    """What was compared of a function."""

    calls: int = 0
    compared: int = 0
    largest: float = 0.0
    intended: int = 0
    not_run: int = 0
    refused: int = 0
    unexplained: list[str] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)


def compare(cases: list[Case], tallies: dict[str, Tally]) -> None:
    asked = [case for case in cases if case.expected is None]
    answers = iter(in_r([case.request for case in asked]))
    for case in cases:
        tally = tallies[case.function]
        answer = case.expected if case.expected is not None else next(answers)
        tally.calls += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)
                ours = case.ours()
        except DataError as error:
            tally.refused += 1
            if "failed" not in answer:
                tally.unexplained.append(f"refused: {error} | {case.request}")
            continue
        except Exception as error:  # a traceback is a fault, whatever it is
            tally.unexplained.append(f"{type(error).__name__}: {error} | {case.request}")
            continue
        if "failed" in answer:
            tally.not_run += 1
            tally.reasons.add(str(answer["failed"])[:90])
            continue
        for name, theirs in answer.items():
            if name not in ours:
                continue
            mine, other = numbers(ours[name]), numbers(theirs)
            if len(mine) != len(other):
                tally.unexplained.append(f"{name}: {len(mine)} values, R {len(other)} | {case.request}")
                continue
            limit = next(
                (t for start, t in case.tolerances.items() if name.startswith(start)), case.tolerance
            )
            for one, two in zip(mine, other, strict=True):
                tally.compared += 1
                gap = apart(one, two, case.floor)
                if gap <= limit:
                    tally.largest = max(tally.largest, gap)
                elif any(
                    f == case.function and name.startswith(v) and when(case.request)
                    for f, v, when, _ in INTENDED
                ):
                    tally.intended += 1
                else:
                    tally.unexplained.append(f"{name}: {one!r}, R {two!r} (apart {gap:.2g}) | {case.request}")


def real_cases(rng: np.random.Generator) -> list[Case]:
    data = in_r([{"f": "real"}])[0]
    cases: list[Case] = []
    for a in data["tables"]:
        whole = np.asarray(a, dtype=int)
        cases += list(strata_of_tables(rng, whole.tolist()))
        for one in [*whole, whole.sum(axis=0)]:
            if min(one.sum(axis=0)) > 0 and min(one.sum(axis=1)) > 0:
                cases += list(one_table(rng, one.tolist()))
    for trial in data["trials"]:
        cases += list(stratified_groups(rng, trial))
        for four in zip(*(trial[n] for n in ("x1", "n1", "x0", "n0")), strict=True):
            if max(four) < 5000:
                cases += list(groups_of_two(rng, four))
    for model in data["models"]:
        cases += list(logistic_models(rng, model))
    for values in data["samples"]:
        cases += list(measurements(rng, values))
    for two in data["pairs"]:
        cases += list(pairs(rng, two))
    return cases


def main() -> int:
    draws = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    lacking = missing_packages()
    if lacking:
        print("cannot run, missing:", ", ".join(lacking))
        return 2
    rng = np.random.default_rng(seed)
    tallies: dict[str, Tally] = defaultdict(Tally)
    compare(real_cases(rng), tallies)
    for start in range(0, draws, 100):
        compare(
            [case for _ in range(min(100, draws - start)) for draw in DRAWN for case in draw(rng)], tallies
        )
    print(
        f"{'function':32}{'calls':>8}{'values':>9}{'largest':>10}{'meant':>7}{'R failed':>9}{'refused':>8}{'faults':>7}"
    )
    for name, tally in sorted(tallies.items()):
        print(
            f"{name:32}{tally.calls:8}{tally.compared:9}{tally.largest:10.1e}{tally.intended:7}{tally.not_run:9}{tally.refused:8}{len(tally.unexplained):7}"
        )
    for name, tally in sorted(tallies.items()):
        for words in sorted(tally.reasons):
            print(f"{name}: R failed: {words}")
        for words in tally.unexplained[:12]:
            print(f"\n{name}: {words[:700]}")
    total = sum(t.compared for t in tallies.values())
    faults = sum(len(t.unexplained) for t in tallies.values())
    print(f"\n{total} values compared, {faults} differences not explained")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
