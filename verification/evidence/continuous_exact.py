"""Closed forms for tests of measurements: python verification/evidence/continuous_exact.py from the root.

Exact P values list every way to deal ranks or signs; statistics are fractions; Student's t with 1 and 2 degrees of
freedom has tails in closed form, and so has F with 2 between. Nothing of equipoise is called.
"""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from math import atan, erfc, exp, pi, sqrt
from pathlib import Path

TARGET = Path("src/equipoise/validation/evidence/continuous_exact.json")
CASES: list[dict] = []


def add(name, function, values, arguments, source="enumeration"):
    CASES.append(
        {"id": name, "function": function, "source": source, "arguments": arguments, "values": values}
    )


def ranks(values):
    return [Fraction(2 * sum(v < x for v in values) + sum(v == x for v in values) + 1, 2) for x in values]


def share(outcomes, keep):
    outcomes = list(outcomes)
    return float(Fraction(sum(map(keep, outcomes)), len(outcomes)))


def middle(values):
    v = sorted(values)
    return (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2


def tails(outcomes, seen, center):
    return {
        "p_value_two_sided": share(outcomes, lambda t: abs(t - center) >= abs(seen - center)),
        "p_value_less": share(outcomes, lambda t: t <= seen),
        "p_value_greater": share(outcomes, lambda t: t >= seen),
    }


# Rank sums: every choice of who is in the experimental group.
for name, a, b in (
    ("untied", [1, 2, 3], [4, 6, 8]),
    ("tied", [1, 2, 2, 5], [2, 3, 5, 5]),
    ("one", [4, 7, 9, 1], [5]),
    ("all tied but one", [2, 2, 2], [2, 2, 3]),
    ("larger", [3, 1, 4, 1, 5], [9, 2, 6, 5, 3, 5]),
):
    r = ranks(a + b)
    sums = [sum(chosen) for chosen in itertools.combinations(r, len(b))]
    seen, center = sum(r[len(a) :]), Fraction(len(b) * (len(a) + len(b) + 1), 2)
    given = {"values": a + b, "group": ["c"] * len(a) + ["e"] * len(b), "groups": ["c", "e"]}
    values = tails(sums, seen, center) | {
        "statistic": float(seen - Fraction(len(b) * (len(b) + 1), 2)),
        "estimate": middle([y - x for x in a for y in b]),
    }
    add(f"rank sum, exact, {name}", "rank_sum_test", values, given | {"method": "exact"})
    # The permutation variance of the rank sum, from the list itself.
    variance = sum((s - center) ** 2 for s in sums) / len(sums)
    z2 = float((seen - center) ** 2 / variance)
    add(
        f"rank sum, normal, {name}",
        "rank_sum_test",
        {"p_value_two_sided": erfc(sqrt(z2 / 2))},
        given | {"method": "normal", "correction": False},
        "moments",
    )
    add(
        f"Kruskal-Wallis of two, {name}",
        "kruskal_wallis",
        {"chi_square": z2, "p_value_two_sided": erfc(sqrt(z2 / 2))},
        {"values": a + b, "group": given["group"]},
        "moments",
    )
    add(
        f"van Elteren of one stratum, {name}",
        "van_elteren",
        {"chi_square": z2},
        {"values": a + b, "group": given["group"], "strata": ["x"] * len(a + b)},
        "moments",
    )

# Signed ranks: every way to give signs.
for name, x in (
    ("untied", [1.5, -0.25, 2.5, 3.0]),
    ("tied", [1, -1, 2, 2, 3, -2]),
    ("all positive", [1, 2, 3, 4, 5]),
    ("one", [-2]),
):
    r = ranks([abs(v) for v in x])
    sums = [
        sum(q for q, sign in zip(r, signs, strict=False) if sign)
        for signs in itertools.product((0, 1), repeat=len(r))
    ]
    seen = sum(q for q, v in zip(r, x, strict=False) if v > 0)
    walsh = middle([(x[i] + x[j]) / 2 for i in range(len(x)) for j in range(i, len(x))])
    add(
        f"signed rank, exact, {name}",
        "signed_rank_test",
        tails(sums, seen, sum(r) / 2) | {"statistic": float(seen), "estimate": walsh},
        {"first": x, "method": "exact"},
    )
    variance = sum(q * q for q in r) / 4
    add(
        f"signed rank, normal, {name}",
        "signed_rank_test",
        {"p_value_two_sided": erfc(sqrt(float((seen - sum(r) / 2) ** 2 / variance) / 2))},
        {"first": x, "method": "normal", "correction": False},
        "moments",
    )

# Within strata: every way to deal ranks inside each stratum, weighted by 1 / (n + 1).
strata = {"x": ([1, 4, 2], [3, 6]), "y": ([2, 2], [5, 7, 2])}
total, variance = Fraction(0), Fraction(0)
for a, b in strata.values():
    r, n = ranks(a + b), len(a + b)
    sums = [sum(chosen) / (n + 1) for chosen in itertools.combinations(r, len(b))]
    center = sum(sums) / len(sums)
    total += sum(r[len(a) :]) / (n + 1) - center
    variance += sum((s - center) ** 2 for s in sums) / len(sums)
flat = [(v, g, s) for s, (a, b) in strata.items() for g, vs in (("c", a), ("e", b)) for v in vs]
z2 = float(total**2 / variance)
add(
    "van Elteren, two strata",
    "van_elteren",
    {"chi_square": z2, "df": 1, "z": sqrt(z2), "p_value_two_sided": erfc(sqrt(z2 / 2))},
    {"values": [v for v, _, _ in flat], "group": [g for _, g, _ in flat], "strata": [s for _, _, s in flat]},
    "moments",
)

# Three groups: H as a fraction; a chi-square of 2 degrees of freedom has the tail exp(-x / 2).
for values, group in (([1, 2, 3, 4, 6, 8, 2, 2, 5], "AAABBBCCC"), ([9, 1, 4, 6, 6, 2, 2, 7], "AABBBCCC")):
    r, n = ranks(values), len(values)
    h = Fraction(12, n * (n + 1)) * sum(
        sum(q for q, g in zip(r, group, strict=False) if g == k) ** 2 / Fraction(group.count(k))
        for k in "ABC"
    ) - 3 * (n + 1)
    h /= 1 - Fraction(sum(values.count(v) ** 3 - values.count(v) for v in set(values)), n**3 - n)
    add(
        f"Kruskal-Wallis {values}",
        "kruskal_wallis",
        {"chi_square": float(h), "df": 2, "p_value_two_sided": exp(-float(h) / 2)},
        {"values": values, "group": list(group)},
        "fractions",
    )
    means = {
        k: Fraction(sum(v for v, g in zip(values, group, strict=False) if g == k), group.count(k))
        for k in "ABC"
    }
    grand = Fraction(sum(values), n)
    between = sum(group.count(k) * (means[k] - grand) ** 2 for k in "ABC") / 2
    within = sum((v - means[g]) ** 2 for v, g in zip(values, group, strict=False)) / (n - 3)
    f, inside = float(between / within), n - 3
    # P(F > f) with 2 between is (1 + 2 f / inside)^(-inside / 2).
    add(
        f"analysis of variance {values}",
        "analysis_of_variance",
        {"f": f, "df": 2, "df_within": inside, "p_value_two_sided": (1 + 2 * f / inside) ** (-inside / 2)},
        {"values": values, "group": list(group)},
        "fractions",
    )


# t with 1 and 2 degrees of freedom.
def two_sided(t, df):
    return 1 - 2 * atan(abs(t)) / pi if df == 1 else 1 - abs(t) / sqrt(2 + t * t)


for x in ([1.0, 4.0], [2.0, 3.0, 7.0]):
    n, mean = len(x), sum(x) / len(x)
    t = mean / sqrt(sum((v - mean) ** 2 for v in x) / (n - 1) / n)
    add(
        f"one sample t, {x}",
        "one_sample_t_test",
        {
            "estimate": mean,
            "t": t,
            "df": n - 1,
            "p_value_two_sided": two_sided(t, n - 1),
            "p_value_greater": two_sided(t, n - 1) / 2,
        },
        {"values": x},
        "t of 1 and 2",
    )
    add(
        f"paired t, {x}",
        "paired_t_test",
        {"estimate": mean, "t": t, "p_value_two_sided": two_sided(t, n - 1)},
        {"first": [v + 10 for v in x], "second": [10] * n},
        "t of 1 and 2",
    )
# Two and two: pooled with 2 degrees of freedom; equal spreads make Welch's the same.
t = 5 / sqrt(0.5 * (0.5 + 0.5))
for variances in ("pooled", "welch"):
    add(
        f"two samples, {variances}",
        "t_test",
        {"estimate": 5, "t": t, "df": 2, "p_value_two_sided": two_sided(t, 2), "std_err": sqrt(0.5)},
        {"values": [1, 2, 6, 7], "group": list("AABB"), "groups": ["A", "B"], "variances": variances},
        "t of 1 and 2",
    )
# The quantile of 2 degrees of freedom: t = (2 p - 1) / sqrt(2 p (1 - p)).
reach = 0.95 / sqrt(2 * 0.975 * 0.025) * sqrt(0.5)
add(
    "two samples, limits",
    "t_test",
    {"lower": 5 - reach, "upper": 5 + reach},
    {"values": [1, 2, 6, 7], "group": list("AABB"), "groups": ["A", "B"], "variances": "pooled"},
    "t of 1 and 2",
)

# Correlation: of four points with r = 0.8, t has 2 degrees of freedom; tau by counting pairs.
add(
    "correlation, Pearson",
    "correlation",
    {"estimate": 0.8, "t": 0.8 * sqrt(2 / 0.36), "p_value_two_sided": 0.2},
    {"first": [1, 2, 3, 4], "second": [1, 3, 2, 4]},
    "t of 1 and 2",
)
add(
    "correlation, Spearman",
    "correlation",
    {"estimate": 0.8, "p_value_two_sided": 0.2},
    {"first": [1, 20, 300, 4000], "second": [5, 9, 7, 11], "method": "spearman"},
    "t of 1 and 2",
)
x, y = [1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 7, 5]
s = sum((x[j] - x[i]) * (y[j] - y[i]) > 0 for i in range(6) for j in range(i + 1, 6)) * 2 - 15
add(
    "correlation, Kendall",
    "correlation",
    {
        "estimate": s / 15,
        "z": s / sqrt(6 * 5 * 17 / 18),
        "p_value_two_sided": erfc(s / sqrt(6 * 5 * 17 / 18) / sqrt(2)),
    },
    {"first": x, "second": y, "method": "kendall"},
    "moments",
)
add(
    "four numbers, type 7",
    "describe",
    {"n": 4, "mean": 2.5, "sd": sqrt(5 / 3), "q1": 1.75, "median": 2.5, "q3": 3.25},
    {"values": [4, 1, 3, 2]},
    "fractions",
)
add(
    "four numbers, type 2",
    "describe",
    {"q1": 1.5, "median": 2.5, "q3": 3.5},
    {"values": [4, 1, 3, 2], "kind": 2},
    "fractions",
)

SOURCES = {
    "enumeration": {
        "kind": "closed form",
        "derivation": "every choice of ranks or signs listed; P values as fractions; shifts as the middle of all pairs",
    },
    "moments": {
        "kind": "closed form",
        "derivation": "mean and variance of the statistic from the list of all its values; normal tails by erfc",
    },
    "fractions": {
        "kind": "closed form",
        "derivation": "the statistic as a fraction; the tail of a chi-square with 2 degrees of freedom is exp(-x/2), of F with 2 and m it is (1 + 2f/m)^(-m/2)",
    },
    "t of 1 and 2": {
        "kind": "closed form",
        "derivation": "Student's t: two-sided P is 1 - 2 atan(t)/pi with 1, and 1 - t/sqrt(2 + t^2) with 2 degrees of freedom",
    },
}
for source in SOURCES.values():
    source["script"] = "verification/evidence/continuous_exact.py"
lines = ",\n".join("    " + json.dumps(case) for case in CASES)
TARGET.write_text(
    '{\n  "area": "continuous",\n  "sources": '
    + json.dumps(SOURCES)
    + ',\n  "data": {},\n  "cases": [\n'
    + lines
    + "\n  ]\n}\n"
)
print(len(CASES), "cases")
