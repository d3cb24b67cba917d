"""Closed forms and full enumeration for logistic regression, in rational and 60-digit arithmetic.

Run from the repository's root: python verification/evidence/logistic_exact.py. Uses the standard library alone.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
TARGET = "src/equipoise/validation/evidence/logistic_exact.json"
cases: list[dict] = []
data: dict[str, dict] = {}
SOURCES = {
    "two by two": {
        "kind": "closed form",
        "derivation": "2 x 2 table: log odds ratio log(ad/bc), variance 1/a + 1/b + 1/c + 1/d (Woolf), intercept log(c/d)",
    },
    "saturated": {
        "kind": "closed form",
        "derivation": "saturated model: fitted probabilities are the proportions, deviance from sums of x log x",
    },
    "half": {
        "kind": "closed form",
        "derivation": "Jeffreys penalty of a saturated 2 x 2 table: one half added to each cell",
    },
    "enumeration": {
        "kind": "closed form",
        "derivation": "all ways to choose who has the event, counted one by one; probabilities as fractions, estimates and "
        "limits by bisection of their defining equations in 60 digits",
    },
    "supremum": {
        "kind": "closed form",
        "derivation": "separated 2 x 2 table: the supremum of the likelihood is that of the other group alone",
    },
    "profile": {
        "kind": "closed form",
        "derivation": "one group: the likelihood limits of a proportion; two groups of 3 of 3 and 0 of 3: 6 log(1/(1+exp(-b/2)))",
    },
    "agresti": {
        "kind": "printed",
        "citation": "Agresti, An Introduction to Categorical Data Analysis: snoring and heart disease; AZT and AIDS; death penalty",
    },
    "remission": {
        "kind": "printed",
        "citation": "SAS/STAT User's Guide, The LOGISTIC Procedure, Stepwise Logistic Regression and Predicted Values (remission data of Lee 1974)",
    },
}


def case(
    id, function, source, values, arguments, name, then=None, tolerance=None, reason=None, requirements=(161,)
):
    one = {
        "id": id,
        "function": function,
        "source": source,
        "requirements": list(requirements),
        "data": name,
        "arguments": arguments,
    }
    if then:
        one["then"] = then
    one["values"] = values
    if tolerance:
        one["tolerance"], one["reason"] = tolerance, reason
    cases.append(one)


def number(x):
    if x is None:
        return None
    x = float(x)
    return "Infinity" if x == math.inf else "-Infinity" if x == -math.inf else x


Z = Decimal("1.95996398454005423552459443052055152795555007786954")


def log(x) -> Decimal:
    x = Fraction(x)
    return (Decimal(x.numerator) / Decimal(x.denominator)).ln()


def dec(x) -> Decimal:
    x = Fraction(x)
    return Decimal(x.numerator) / Decimal(x.denominator)


def entropy(*counts: int) -> Decimal:
    """The log likelihood of counts at their proportions."""
    total = sum(counts)
    return sum((dec(n) * log(Fraction(n, total)) for n in counts if n), Decimal(0))


# ---- 2 x 2 tables: a, b events and others of the exposed, c, d of the others
for a, b, c, d in [
    (7, 3, 2, 8),
    (1, 1, 1, 1),
    (120, 880, 60, 940),
    (3, 1, 1, 3),
    (50, 1, 1, 50),
    (999, 1, 998, 2),
    (10, 10, 10, 10),
]:
    name = f"cells_{a}_{b}_{c}_{d}"
    data[name] = {"y": [1, 0, 1, 0], "x": [1, 1, 0, 0], "count": [a, b, c, d]}
    beta, start = log(Fraction(a * d, b * c)), log(Fraction(c, d))
    se, se0 = (
        dec(sum(Fraction(1, k) for k in (a, b, c, d))).sqrt(),
        dec(Fraction(1, c) + Fraction(1, d)).sqrt(),
    )
    n, m = a + b + c + d, a + c
    ll, null = entropy(a, b) + entropy(c, d), entropy(m, n - m)
    pearson = Fraction(n * (a * d - b * c) ** 2, (a + b) * (c + d) * m * (n - m))
    values = {
        "coefficients": [number(start), number(beta)],
        "std_err": [number(se0), number(se)],
        "odds_ratio[1]": number(Fraction(a * d, b * c)),
        "lower[1]": number((beta - Z * se).exp()),
        "upper[1]": number((beta + Z * se).exp()),
        "log_likelihood": number(ll),
        "log_likelihood_null": number(null),
        "likelihood_ratio.chi_square": number(2 * (ll - null)),
        "score.chi_square": number(pearson),
        "wald.chi_square": number((beta / se) ** 2),
        "aic": number(4 - 2 * ll),
        "n": n,
        "n_events": m,
    }
    arguments = {"response": "y", "covariates": "x", "weights": "count"}
    if a * d == b * c:  # the difference of two equal likelihoods, and its log odds ratio, are rounding
        for gone in ("likelihood_ratio.chi_square", "score.chi_square", "wald.chi_square"):
            values.pop(gone)
        values.pop("coefficients")
    case(f"2 x 2 {a} {b} {c} {d}, Woolf", "logistic", "two by two", values, arguments, name)
    half = [Fraction(2 * k + 1, 2) for k in (a, b, c, d)]
    case(
        f"2 x 2 {a} {b} {c} {d}, Firth", "firth_logistic", "half",
        {"odds_ratio": [number(half[2] / half[3]), number(half[0] * half[3] / (half[1] * half[2]))]}, arguments, name,
    )  # fmt: skip

for a, b, c, d in [(5, 0, 3, 4), (0, 6, 4, 5), (3, 0, 0, 3)]:
    name = f"cells_{a}_{b}_{c}_{d}"
    data[name] = {"y": [1, 0, 1, 0], "x": [1, 1, 0, 0], "count": [a, b, c, d]}
    arguments = {"response": "y", "covariates": "x", "weights": "count"}
    half = [Fraction(2 * k + 1, 2) for k in (a, b, c, d)]
    case(
        f"2 x 2 {a} {b} {c} {d}, Firth", "firth_logistic", "half",
        {"odds_ratio": [number(half[2] / half[3]), number(half[0] * half[3] / (half[1] * half[2]))]}, arguments, name,
    )  # fmt: skip
    n, m = a + b + c + d, a + c
    ll, null = entropy(a, b) + entropy(c, d), entropy(m, n - m)
    values = {
        "coefficients[1]": "Infinity" if b == 0 else "-Infinity",
        "std_err[1]": None,
        "p_value_two_sided[1]": None,
        "wald.chi_square": None,
        "log_likelihood": number(ll),
        "likelihood_ratio.chi_square": number(2 * (ll - null)),
        "likelihood_ratio.df": 1,
        "separation": "quasi-complete" if c and d else "complete",
    }
    if c and d:
        values["coefficients[0]"] = number(log(Fraction(c, d)))
        values["std_err[0]"] = number(dec(Fraction(1, c) + Fraction(1, d)).sqrt())
    case(f"2 x 2 {a} {b} {c} {d}, separated", "logistic", "supremum", values, arguments, name)

# ---- a saturated model of three groups
data["groups"] = {
    "y": [1, 0] * 3,
    "b": [0, 0, 1, 1, 0, 0],
    "c": [0, 0, 0, 0, 1, 1],
    "count": [4, 6, 9, 3, 2, 16],
}
groups = [(4, 6), (9, 3), (2, 16)]
logs = [log(Fraction(a, b)) for a, b in groups]
case(
    "three groups, saturated", "logistic", "saturated",
    {
        "coefficients": [number(logs[0]), number(logs[1] - logs[0]), number(logs[2] - logs[0])],
        "std_err": [number(dec(Fraction(1, 4) + Fraction(1, 6)).sqrt())]
        + [number(dec(Fraction(1, 4) + Fraction(1, 6) + Fraction(1, a) + Fraction(1, b)).sqrt()) for a, b in groups[1:]],
        "log_likelihood": number(sum(entropy(*g) for g in groups)),
        "score.chi_square": number(sum((a - Fraction((a + b) * 15, 40)) ** 2 * 40 * 40 / ((a + b) * Fraction(15 * 25)) for a, b in groups)),
        "fitted": [0.4, 0.4, 0.75, 0.75, number(Fraction(1, 9)), number(Fraction(1, 9))],
    },
    {"response": "y", "covariates": ["b", "c"], "weights": "count"}, "groups",
)  # fmt: skip


# ---- profile limits in closed form
def bisect(function, low: Decimal, high: Decimal) -> Decimal:
    """The zero of an increasing function."""
    for _ in range(220):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def softplus(x: Decimal) -> Decimal:
    return (1 + x.exp()).ln()


CHI = Z * Z
data["one_group"] = {"y": [1, 0], "count": [7, 13]}
best = entropy(7, 13)
one = lambda b: 2 * (best - (7 * b - 20 * softplus(b))) - CHI  # noqa: E731
centre = log(Fraction(7, 13))
case(
    "7 of 20, likelihood limits", "logistic", "profile",
    {"coefficient_lower": [number(-bisect(lambda b: one(-b), -centre, Decimal(10)))], "coefficient_upper": [number(bisect(one, centre, Decimal(10)))]},
    {"response": "y", "covariates": [], "weights": "count"}, "one_group", then=[["stats.logistic_profile_intervals", {}]],
)  # fmt: skip
limit = bisect(lambda b: -(12 * softplus(-b / 2)) + CHI, Decimal(0), Decimal(20))
only = bisect(lambda a: 6 * softplus(a) - CHI, Decimal(-20), Decimal(20))
case(
    "3 of 3 and 0 of 3, likelihood limits", "logistic", "profile",
    {"coefficient_lower[0]": "-Infinity", "coefficient_lower[1]": number(limit), "coefficient_upper[0]": number(only), "coefficient_upper[1]": "Infinity"},
    {"response": "y", "covariates": "x", "weights": "count"}, "cells_3_0_0_3", then=[["stats.logistic_profile_intervals", {}]],
)  # fmt: skip


# ---- exact conditional inference by enumeration
def ways(rows: list[tuple], events: list[int], strata: list[int]) -> Counter:
    """How many choices of subjects with an event, so many in each stratum, give each vector of sums."""
    total: Counter = Counter({tuple(Fraction(0) for _ in rows[0]): 1})
    for s in sorted(set(strata)):
        of = [row for row, label in zip(rows, strata, strict=True) if label == s]
        k = sum(y for y, label in zip(events, strata, strict=True) if label == s)
        here: Counter = Counter()
        for chosen in itertools.combinations(of, k):
            here[
                tuple(map(sum, zip(*chosen, strict=True))) if chosen else tuple(Fraction(0) for _ in rows[0])
            ] += 1
        total = counter_sum(total, here)
    return total


def counter_sum(a: Counter, b: Counter) -> Counter:
    result: Counter = Counter()
    for x, n in a.items():
        for y, m in b.items():
            result[tuple(p + q for p, q in zip(x, y, strict=True))] += n * m
    return result


def tilted(counts: dict, beta: Decimal) -> dict:
    top = max(counts)
    weight = {t: dec(n) * (beta * dec(t - top)).exp() for t, n in counts.items()}
    total = sum(weight.values())
    return {t: w / total for t, w in weight.items()}


def exact_values(counts: dict, observed: Fraction, mid: bool = False) -> dict:
    low, high = min(counts), max(counts)
    total = sum(counts.values())
    p = {t: Fraction(n, total) for t, n in counts.items()}
    point = p[observed]
    mean = sum(t * q for t, q in p.items())
    variance = sum((t - mean) ** 2 * q for t, q in p.items())
    probability = sum(q for q in p.values() if q <= point)
    score = sum(q for t, q in p.items() if abs(t - mean) >= abs(observed - mean))
    upper, lower = (
        sum(q for t, q in p.items() if t >= observed),
        sum(q for t, q in p.items() if t <= observed),
    )
    far = Decimal(400) / dec(high - low)

    def solve(function):
        return bisect(function, -far, far)

    half = Decimal("0.5") if mid else Decimal(0)

    def up(beta):
        q = tilted(counts, beta)
        return sum(w for t, w in q.items() if t >= observed), q[observed]

    def down(beta):
        q = tilted(counts, beta)
        return sum(w for t, w in q.items() if t <= observed), q[observed]

    first, last = observed == low, observed == high
    estimate = (
        -math.inf
        if first
        else math.inf
        if last
        else solve(lambda b: sum(dec(t) * w for t, w in tilted(counts, b).items()) - dec(observed))
    )
    above = None if first else solve(lambda b: up(b)[0] - Decimal("0.5"))
    below = None if last else solve(lambda b: Decimal("0.5") - down(b)[0])
    median = above if below is None else below if above is None else (above + below) / 2
    level = Decimal("0.025")
    lower_limit = Decimal("-Infinity") if first else solve(lambda b: up(b)[0] - half * up(b)[1] - level)
    upper_limit = Decimal("Infinity") if last else solve(lambda b: level - (down(b)[0] - half * down(b)[1]))
    return {
        "sufficient": [number(observed)],
        "coefficients": [number(estimate)],
        "median_unbiased": [number(median)],
        "lower": [0.0 if first else number(lower_limit.exp())],
        "upper": ["Infinity" if last else number(upper_limit.exp())],
        "chi_square": [number((observed - mean) ** 2 / variance)],
        "p_value_two_sided": [number(probability)],
        "mid_p_value_two_sided": [number(probability - point / 2)],
        "p_value_score": [number(score)],
        "mid_p_value_score": [number(score - point / 2)],
        "p_value_doubled": [number(min(2 * min(upper, lower), Fraction(1)))],
        "p_value_upper": [number(upper)],
        "p_value_lower": [number(lower)],
    }


def enumerate_case(id, columns: dict, y: list[int], strata: list | None = None, mid: bool = False) -> None:
    names = list(columns)
    rows = list(zip(*[[Fraction(str(x)) for x in column] for column in columns.values()], strict=True))
    counts = ways(rows, y, strata or [0] * len(y))
    observed = tuple(
        sum(row[j] for row, happened in zip(rows, y, strict=True) if happened) for j in range(len(names))
    )
    name = "enumerated_" + "".join(ch if ch.isalnum() else "_" for ch in id)
    data[name] = {"y": y, **columns, **({"stratum": strata} if strata else {})}
    arguments = {"response": "y", "covariates": names}
    if strata:
        arguments["strata"] = "stratum"
    for j, target in enumerate(names):
        given = {
            s[j]: n
            for s, n in counts.items()
            if all(s[i] == observed[i] for i in range(len(names)) if i != j)
        }
        if len(given) == 1:
            values = {
                "coefficients": [None],
                "p_value_two_sided": [None],
                "sufficient": [number(observed[j])],
            }
        else:
            values = exact_values(given, observed[j], mid)
        case(
            f"{id}, {target}{', mid-P limits' if mid else ''}", "exact_logistic", "enumeration", values,
            {**arguments, "effects": [target], **({"interval": "mid-p"} if mid else {})}, name,
        )  # fmt: skip
    if len(names) > 1:
        total = sum(counts.values())
        p = {s: Fraction(n, total) for s, n in counts.items()}
        k = len(names)
        mean = [sum(s[i] * q for s, q in p.items()) for i in range(k)]
        cov = [
            [sum((s[i] - mean[i]) * (s[j] - mean[j]) * q for s, q in p.items()) for j in range(k)]
            for i in range(k)
        ]
        inverse = inverted(cov)
        distance = {
            s: sum((s[i] - mean[i]) * inverse[i][j] * (s[j] - mean[j]) for i in range(k) for j in range(k))
            for s in p
        }
        point = p[observed]
        case(
            f"{id}, joint{', mid-P' if mid else ''}", "exact_logistic", "enumeration",
            {
                "joint[0].chi_square": number(distance[observed]),
                "joint[0].p_value_two_sided": number(sum(q for q in p.values() if q <= point)),
                "joint[0].p_value_score": number(sum(q for s, q in p.items() if distance[s] >= distance[observed])),
                "joint[0].mid_p_value_score": number(sum(q for s, q in p.items() if distance[s] >= distance[observed]) - point / 2),
            },
            {**arguments, "effects": [], "joint": [names]}, name,
        )  # fmt: skip


def inverted(matrix):
    n = len(matrix)
    rows = [list(row) + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(matrix)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [x - rows[r][i] * y for x, y in zip(rows[r], rows[i], strict=True)]
    return [row[n:] for row in rows]


enumerate_case(
    "doses and sex",
    {"dose": [0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3, 0], "male": [1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0]},
    [0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0],
)
enumerate_case(
    "doses and sex",
    {"dose": [0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3, 0], "male": [1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0]},
    [0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0],
    mid=True,
)
enumerate_case(
    "decimal ages",
    {"age": [1.5, 2.25, 0.75, 3.1, 4.4, 2.2, 1.9, 3.3, 2.7, 0.5]},
    [0, 0, 1, 1, 1, 0, 0, 1, 0, 0],
)
enumerate_case(
    "separated", {"x": [1, 2, 3, 4, 5, 6, 7, 8], "g": [0, 1, 0, 1, 0, 1, 0, 1]}, [0, 0, 0, 0, 1, 1, 1, 1]
)
enumerate_case("least possible", {"x": [5, 4, 4, 3, 2, 2, 1, 1, 0]}, [0, 0, 0, 0, 0, 0, 1, 1, 1])
enumerate_case(
    "three strata",
    {"x": [1, 0, 2, 1, 3, 0, 1, 2, 2, 4, 0, 1], "z": [0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0]},
    [1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1],
    strata=[1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3],
)
enumerate_case(
    "a stratum without events",
    {"x": [1, 0, 2, 1, 3, 0, 1, 2]},
    [1, 0, 1, 0, 0, 0, 0, 0],
    strata=[1, 1, 1, 1, 2, 2, 2, 2],
)
enumerate_case(
    "three covariates",
    {
        "a": [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0],
        "b": [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 2, 1],
        "c": [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1],
    },
    [0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0],
)
enumerate_case("determined", {"x": [1, 2, 4, 8, 16], "z": [3, 9, 1, 27, 81]}, [1, 0, 1, 0, 0])

# ---- agreement of a model of one covariate with its events, and term tests of a saturated model
AGREE_X = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
AGREE_Y = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1]
data["twelve"] = {"y": AGREE_Y, "x": AGREE_X}
start, slope = Decimal(0), Decimal(0)
for _ in range(60):
    q = [1 / (1 + (-start - slope * x).exp()) for x in AGREE_X]
    u = (
        sum(y - p for y, p in zip(AGREE_Y, q, strict=True)),
        sum((y - p) * x for y, p, x in zip(AGREE_Y, q, AGREE_X, strict=True)),
    )
    i0, i1, i2 = (sum(p * (1 - p) * x**k for p, x in zip(q, AGREE_X, strict=True)) for k in (0, 1, 2))
    start, slope = (
        start + (i2 * u[0] - i1 * u[1]) / (i0 * i2 - i1 * i1),
        slope + (i0 * u[1] - i1 * u[0]) / (i0 * i2 - i1 * i1),
    )
assert slope > 0  # so the order of the probabilities is that of x, and quarters of twelve are threes
observed = [sum(AGREE_Y[k : k + 3]) for k in (0, 3, 6, 9)]
expected = [sum(q[k : k + 3]) for k in (0, 3, 6, 9)]
lack = sum((o - e) ** 2 / (e * (1 - e / 3)) for o, e in zip(observed, expected, strict=True))
SOURCES["twelve"] = {
    "kind": "closed form",
    "derivation": "the likelihood maximized in 60 digits; pairs counted one by one, DeLong's variance from each subject's share of "
    "pairs; Hosmer-Lemeshow in quarters of three subjects",
}
given = {"response": "y", "covariates": "x"}
case(
    "twelve, Hosmer-Lemeshow",
    "logistic",
    "twelve",
    {
        "chi_square": number(lack),
        "df": 2,
        "p_value_two_sided": number((-lack / 2).exp()),
        "observed": observed,
        "expected": [number(e) for e in expected],
    },
    given,
    "twelve",
    then=[["stats.hosmer_lemeshow", {"groups": 4}]],
)
with_event = [x for x, y in zip(AGREE_X, AGREE_Y, strict=True) if y]
without = [x for x, y in zip(AGREE_X, AGREE_Y, strict=True) if not y]
share = [Fraction(sum(a > b for b in without), len(without)) for a in with_event]
other = [Fraction(sum(a > b for a in with_event), len(with_event)) for b in without]
area = sum(share) / len(share)
spread = sum((v - area) ** 2 for v in share) / (len(share) - 1) / len(share) + sum(
    (v - area) ** 2 for v in other
) / (len(other) - 1) / len(other)
reach = Z * dec(spread).sqrt()
case(
    "twelve, C statistic",
    "logistic",
    "twelve",
    {
        "estimate": number(area),
        "std_err": number(dec(spread).sqrt()),
        "lower": number(dec(area) - reach),
        "upper": number(min(dec(area) + reach, Decimal(1))),
    },
    given,
    "twelve",
    then=[["stats.c_statistic", {}]],
)
variance = [dec(Fraction(1, a) + Fraction(1, b)) for a, b in groups]
contrast = logs[1] - logs[0], logs[2] - logs[0]
v11, v12, v22 = variance[0] + variance[1], variance[0], variance[0] + variance[2]
wald = (v22 * contrast[0] ** 2 - 2 * v12 * contrast[0] * contrast[1] + v11 * contrast[1] ** 2) / (
    v11 * v22 - v12**2
)
ratio = 2 * (sum(entropy(*g) for g in groups) - entropy(15, 25))
for test, chi in (("wald", wald), ("likelihood-ratio", ratio)):
    case(
        f"three groups, {test} term test",
        "logistic",
        "saturated",
        {"chi_square": number(chi), "df": 2, "p_value_two_sided": number((-chi / 2).exp())},
        {"response": "y", "covariates": ["b", "c"], "weights": "count"},
        "groups",
        then=[["stats.logistic_term_test", {"covariates": ["b", "c"], "test": test}]],
    )

# ---- printed
data["snoring"] = {
    "y": [1] * 4 + [0] * 4,
    "score": [0, 2, 4, 5] * 2,
    "count": [24, 35, 21, 30, 1355, 603, 192, 224],
}
case(
    "snoring, printed",
    "logistic",
    "agresti",
    {"coefficients": [-3.87, 0.40]},
    {"response": "y", "covariates": "score", "weights": "count"},
    "snoring",
    tolerance=0.0125,
    reason="two decimals are printed",
)
data["azt"] = {
    "y": [1] * 4 + [0] * 4,
    "azt": [1, 0, 1, 0] * 2,
    "white": [1, 1, 0, 0] * 2,
    "count": [14, 32, 11, 12, 93, 81, 52, 43],
}
case(
    "AZT, printed",
    "logistic",
    "agresti",
    {"coefficients": [-1.0736, -0.7195, 0.0555], "std_err": [0.2629, 0.2790, 0.2886]},
    {"response": "y", "covariates": ["azt", "white"], "weights": "count"},
    "azt",
    tolerance=1e-3,
    reason="four decimals are printed",
)
data["penalty"] = {
    "y": [1] * 4 + [0] * 4,
    "white_defendant": [1, 0, 1, 0] * 2,
    "white_victim": [1, 1, 0, 0] * 2,
    "count": [53, 11, 0, 4, 414, 37, 16, 139],
}
case(
    "death penalty, printed",
    "logistic",
    "agresti",
    {"coefficients": [-3.5961, -0.8678, 2.4044], "std_err": [0.5069, 0.3671, 0.6006]},
    {"response": "y", "covariates": ["white_defendant", "white_victim"], "weights": "count"},
    "penalty",
    tolerance=2e-4,
    reason="four decimals are printed",
)

REMISSION = """1 .8 .83 .66 1.9 1.1 .996|1 .9 .36 .32 1.4 .74 .992|0 .8 .88 .7 .8 .176 .982|0 1 .87 .87 .7 1.053 .986|1 .9 .75 .68 1.3 .519 .98
0 1 .65 .65 .6 .519 .982|1 .95 .97 .92 1 1.23 .992|0 .95 .87 .83 1.9 1.354 1.02|0 1 .45 .45 .8 .322 .999|0 .95 .36 .34 .5 0 1.038
0 .85 .39 .33 .7 .279 .988|0 .7 .76 .53 1.2 .146 .982|0 .8 .46 .37 .4 .38 1.006|0 .2 .39 .08 .8 .114 .99|0 1 .9 .9 1.1 1.037 .99
1 1 .84 .84 1.9 2.064 1.02|0 .65 .42 .27 .5 .114 1.014|0 1 .75 .75 1 1.322 1.004|0 .5 .44 .22 .6 .114 .99|1 1 .63 .63 1.1 1.072 .986
0 1 .33 .33 .4 .176 1.01|0 .9 .93 .84 .6 1.591 1.02|1 1 .58 .58 1 .531 1.002|0 .95 .32 .3 1.6 .886 .988|1 1 .6 .6 1.7 .964 .99
1 1 .69 .69 .9 .398 .986|0 1 .73 .73 .7 .398 .986"""
rows = [[float(x) for x in row.split()] for row in REMISSION.replace("\n", "|").split("|")]
assert len(rows) == 27
data["remission"] = {
    name: [row[i] for row in rows]
    for i, name in enumerate(["remiss", "cell", "smear", "infil", "li", "blast", "temp"])
}
case(
    "remission, li",
    "logistic",
    "remission",
    {"coefficients": [-3.7771, 2.8973], "std_err": [1.3786, 1.1868]},
    {"response": "remiss", "covariates": "li"},
    "remission",
    tolerance=3e-5,
    reason="four decimals are printed",
)
case(
    "remission, cell li temp",
    "logistic",
    "remission",
    {
        "coefficients": [67.6339, 9.6522, 3.8671, -82.0737],
        "std_err": [56.8875, 7.7511, 1.7783, 61.7124],
        "log_likelihood": -21.953 / 2,
    },
    {"response": "remiss", "covariates": ["cell", "li", "temp"]},
    "remission",
    tolerance=3e-5,
    reason="four decimals are printed",
)

used = {one["data"] for one in cases}
with open(TARGET, "w", encoding="utf-8") as file:
    file.write(
        '{\n  "area": "logistic",\n  "sources": '
        + json.dumps(
            {
                **{
                    k: {
                        **v,
                        **(
                            {"script": "verification/evidence/logistic_exact.py"}
                            if v["kind"] == "closed form"
                            else {}
                        ),
                    }
                    for k, v in SOURCES.items()
                }
            },
            ensure_ascii=False,
        )
    )
    file.write(
        ',\n  "data": ' + json.dumps({k: v for k, v in data.items() if k in used}) + ',\n  "cases": [\n'
    )
    file.write(",\n".join("    " + json.dumps(one) for one in cases) + "\n  ]\n}\n")
print(len(cases), "cases")
