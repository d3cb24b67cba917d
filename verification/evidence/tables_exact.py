"""Closed forms and printed values for tests of tables: python verification/evidence/tables_exact.py from the root.

Exact P values list every table and add up fractions; chi-squares are fractions; limits are found by bisection in
decimal arithmetic of 40 digits. Nothing of equipoise is called.
"""

# Functions made in a loop are used in the same turn of it.
# ruff: noqa: B023

from __future__ import annotations

import itertools
import json
from decimal import Decimal, getcontext
from fractions import Fraction
from math import comb, erfc, exp, factorial, log, prod, sqrt
from pathlib import Path

TARGET = Path("src/equipoise/validation/evidence/tables_exact.json")
CASES: list[dict] = []
getcontext().prec = 40
EQUAL = 1 + Fraction(1, 10**7)


def add(name, function, values, arguments, source="enumeration", tolerance=None, reason="", requirements=()):
    case = {"id": name, "function": function, "source": source, "arguments": arguments, "values": values}
    if requirements:
        case["requirements"] = list(requirements)
    if tolerance is not None:
        case |= {"tolerance": tolerance, "reason": reason}
    CASES.append(case)


def hypergeometric(table):
    """Whole-number weights of every first cell that has these margins."""
    (a, b), (c, d) = table
    row, column, n = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - n), min(row, column)
    return low, [comb(column, x) * comb(n - column, row - x) for x in range(low, high + 1)]


def exact_p(weights, place):
    total = sum(weights)
    return (
        float(Fraction(sum(w for w in weights if w <= EQUAL * weights[place]), total)),
        float(Fraction(sum(weights[: place + 1]), total)),
        float(Fraction(sum(weights[place:]), total)),
        float(Fraction(weights[place], total)),
    )


def pearson(table):
    rows, columns = [sum(r) for r in table], [sum(c) for c in zip(*table, strict=False)]
    n = sum(rows)
    return sum(
        (Fraction(x) - Fraction(r * c, n)) ** 2 / Fraction(r * c, n)
        for line, r in zip(table, rows, strict=False)
        for x, c in zip(line, columns, strict=False)
    )


def chi_square_tail(x, df):
    """For df 1 and even df, as sums that end."""
    if df == 1:
        return erfc(sqrt(x / 2))
    return exp(-x / 2) * sum((x / 2) ** i / factorial(i) for i in range(df // 2))


# Two by two.
for table in (
    [[3, 1], [1, 3]],
    [[0, 5], [4, 3]],
    [[1, 104], [9, 94]],
    [[10, 2], [3, 15]],
    [[400, 100], [300, 200]],
    [[1521, 988], [1455, 1036]],
):
    low, weights = hypergeometric(table)
    two, less, greater, seen = exact_p(weights, table[0][0] - low)
    add(
        f"Fisher {table}",
        "fisher_exact",
        {"p_value_two_sided": two, "p_value_less": less, "p_value_greater": greater, "probability": seen},
        {"response": table},
    )
    add(
        f"Fisher mid-P {table}",
        "fisher_exact",
        {
            "p_value_two_sided": two - seen / 2,
            "p_value_less": less - seen / 2,
            "p_value_greater": greater - seen / 2,
        },
        {"response": table, "mid_p": True},
    )
    x = pearson(table)
    add(
        f"Pearson {table}",
        "pearson_chi_square",
        {"chi_square": float(x), "p_value_two_sided": chi_square_tail(float(x), 1)},
        {"response": table},
        "fractions",
    )


# Larger tables: every table with the margins.
def all_tables(rows, columns):
    if len(columns) == 1:
        yield [[r] for r in rows]
        return
    ranges = [range(min(r, columns[0]) + 1) for r in rows]
    for first in itertools.product(*ranges):
        if sum(first) == columns[0]:
            for rest in all_tables([r - x for r, x in zip(rows, first, strict=False)], columns[1:]):
                yield [[x, *line] for x, line in zip(first, rest, strict=False)]


for table in (
    [[2, 0], [0, 2], [1, 1]],
    [[4, 0, 1], [0, 3, 1], [1, 1, 5]],
    [[3, 1, 0, 2], [0, 2, 4, 1]],
    [[2, 1, 0], [0, 2, 1], [1, 0, 3], [1, 1, 1]],
    [[5, 5, 5], [5, 5, 5]],
):
    rows, columns = [sum(r) for r in table], [sum(c) for c in zip(*table, strict=False)]
    top = prod(map(factorial, rows)) * prod(map(factorial, columns))

    def probability(t):
        return Fraction(top, factorial(sum(rows)) * prod(factorial(x) for line in t for x in line))

    seen = probability(table)
    every = [probability(t) for t in all_tables(rows, columns)]
    assert sum(every) == 1
    p = sum(q for q in every if q <= EQUAL * seen)
    add(
        f"Fisher-Freeman-Halton {table}",
        "fisher_exact",
        {"p_value_two_sided": float(p), "probability": float(seen)},
        {"response": table},
    )
    x = pearson(table)
    df = (len(rows) - 1) * (len(columns) - 1)
    if df % 2 == 0:
        add(
            f"Pearson {table}",
            "pearson_chi_square",
            {"chi_square": float(x), "df": df, "p_value_two_sided": chi_square_tail(float(x), df)},
            {"response": table},
            "fractions",
        )


# Strata: the distribution of the sum of first cells by whole-number convolution, at any odds ratio.
def over_strata(tables):
    low, total = 0, [1]
    for table in tables:
        start, weights = hypergeometric(table)
        low += start
        total = [
            sum(total[i] * weights[k - i] for i in range(len(total)) if 0 <= k - i < len(weights))
            for k in range(len(total) + len(weights) - 1)
        ]
    return low, total


def root(rises, low=Decimal(-40), high=Decimal(40)):
    for _ in range(110):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) < 0 else (low, middle)
    return float(low.exp())


STRATA = {
    "two": [[[4, 1], [2, 3]], [[5, 2], [1, 4]]],
    "penicillin": [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]],
    "one": [[[10, 2], [3, 15]]],
    "none in control": [[[3, 4], [0, 6]], [[2, 2], [0, 5]]],
    "centers": [
        [[11, 25], [10, 27]],
        [[16, 4], [22, 10]],
        [[14, 5], [7, 12]],
        [[2, 14], [1, 16]],
        [[6, 11], [0, 12]],
        [[1, 10], [0, 10]],
        [[1, 4], [1, 8]],
        [[4, 2], [6, 1]],
    ],
}
for name, tables in STRATA.items():
    low, weights = over_strata(tables)
    place = sum(t[0][0] for t in tables) - low
    two, less, greater, seen = exact_p(weights, place)
    tail = Decimal("0.025")

    def tilted(log_ratio):
        w = [Decimal(x) * (log_ratio * (i - place)).exp() for i, x in enumerate(weights)]
        total = sum(w)
        return [x / total for x in w]

    first, last = place == 0, place == len(weights) - 1
    values = {
        "p_value_two_sided": two,
        "p_value_less": less,
        "p_value_greater": greater,
        "odds_ratio": 0
        if first
        else "Infinity"
        if last
        else root(lambda t: sum(w * (i - place) for i, w in enumerate(tilted(t)))),
        "lower": 0 if first else root(lambda t: sum(tilted(t)[place:]) - tail),
        "upper": "Infinity" if last else root(lambda t: tail - sum(tilted(t)[: place + 1])),
    }
    add(f"exact conditional, {name}", "exact_conditional", values, {"response": tables})
    add(
        f"exact conditional mid-P, {name}",
        "exact_conditional",
        {
            "p_value_two_sided": two - seen / 2,
            "lower": 0
            if first
            else root(lambda t: sum(tilted(t)[place + 1 :]) + tilted(t)[place] / 2 - tail),
            "upper": "Infinity"
            if last
            else root(lambda t: tail - sum(tilted(t)[:place]) - tilted(t)[place] / 2),
        },
        {"response": tables, "mid_p": True},
    )
    d, v = Fraction(0), Fraction(0)
    for (a, b), (c, e) in tables:
        n, r, s = a + b + c + e, a + b, a + c
        d += a - Fraction(r * s, n)
        v += Fraction(r * (n - r) * s * (n - s), n * n * (n - 1))
    add(
        f"CMH, {name}",
        "cochran_mantel_haenszel",
        {"chi_square": float(d * d / v), "p_value_two_sided": chi_square_tail(float(d * d / v), 1)},
        {"response": tables},
        "fractions",
    )
    cut = abs(d) - Fraction(1, 2)
    add(
        f"CMH corrected, {name}",
        "cochran_mantel_haenszel",
        {"chi_square": float(cut * cut / v)},
        {"response": tables, "correction": True},
        "fractions",
    )
    top = sum(Fraction(a * e, a + b + c + e) for (a, b), (c, e) in tables)
    bottom = sum(Fraction(b * c, a + b + c + e) for (a, b), (c, e) in tables)
    add(
        f"Mantel-Haenszel odds ratio, {name}",
        "mantel_haenszel_odds_ratio",
        {"odds_ratio": float(top / bottom) if bottom else "Infinity"},
        {"response": tables},
        "fractions",
    )

# Trend: every way to deal the events among the groups.
for sizes, events, scores in (
    ((5, 5, 5), (0, 2, 4), (1, 2, 3)),
    ((4, 6, 3), (1, 3, 3), (0, 1, 5)),
    ((6, 2, 4, 3), (3, 0, 2, 0), (1, 2, 4, 8)),
):
    x, n = sum(events), sum(sizes)
    ways = {}
    for dealt in itertools.product(*(range(s + 1) for s in sizes)):
        if sum(dealt) == x:
            t = sum(s * e for s, e in zip(scores, dealt, strict=False))
            ways[t] = ways.get(t, 0) + prod(comb(s, e) for s, e in zip(sizes, dealt, strict=False))
    seen, center = (
        sum(s * e for s, e in zip(scores, events, strict=False)),
        Fraction(x * sum(s * m for s, m in zip(scores, sizes, strict=False)), n),
    )
    total = sum(ways.values())
    table = [[s - e, e] for s, e in zip(sizes, events, strict=False)]
    add(
        f"trend {table}, exact",
        "cochran_armitage",
        {
            "p_value_two_sided": float(
                Fraction(sum(w for t, w in ways.items() if abs(t - center) >= abs(seen - center)), total)
            ),
            "p_value_less": float(Fraction(sum(w for t, w in ways.items() if t <= seen), total)),
            "p_value_greater": float(Fraction(sum(w for t, w in ways.items() if t >= seen), total)),
        },
        {"response": table, "scores": list(scores), "exact": True},
    )
    spread = sum(m * s * s for s, m in zip(scores, sizes, strict=False)) - Fraction(
        sum(m * s for s, m in zip(scores, sizes, strict=False)) ** 2, n
    )
    for divisor, bessel in (("n", 1), ("n-1", Fraction(n - 1, n))):
        z2 = (seen - center) ** 2 / (Fraction(x * (n - x), n * n) * spread) * bessel
        add(
            f"trend {table}, divisor {divisor}",
            "cochran_armitage",
            {"chi_square": float(z2), "p_value_two_sided": chi_square_tail(float(z2), 1)},
            {"response": table, "scores": list(scores), "divisor": divisor},
            "fractions",
        )

# Pairs: only those who changed inform, and each change is forth or back with probability 1/2.
for table in ([[10, 1], [6, 12]], [[794, 86], [150, 570]], [[3, 0], [7, 2]], [[5, 4], [4, 5]]):
    forth, back = table[0][1], table[1][0]
    weights = [comb(forth + back, i) for i in range(forth + back + 1)]
    two, less, greater, seen = exact_p(weights, forth)
    add(
        f"McNemar exact {table}",
        "mcnemar",
        {"p_value_two_sided": two, "p_value_less": less, "p_value_greater": greater},
        {"first": table, "method": "exact"},
    )
    add(
        f"McNemar mid-P {table}",
        "mcnemar",
        # Fagerland, Lydersen and Laake 2013, supplement: 1 less half of what was observed where forth and back are equal.
        {
            "p_value_two_sided": 1 - seen / 2 if forth == back else 2 * (min(less, greater) - seen / 2),
            "p_value_less": less - seen / 2,
        },
        {"first": table, "method": "mid-p"},
    )
    x = Fraction((forth - back) ** 2, forth + back)
    add(
        f"McNemar {table}",
        "mcnemar",
        {"chi_square": float(x), "p_value_two_sided": chi_square_tail(float(x), 1)},
        {"first": table},
        "fractions",
    )
    add(
        f"McNemar corrected {table}",
        "mcnemar",
        {"chi_square": float(Fraction(max(abs(forth - back) - 1, 0) ** 2, forth + back))},
        {"first": table, "method": "corrected"},
        "fractions",
    )

# The rule: one event in a group makes it Fisher's test, whatever is expected.
low, weights = hypergeometric([[1, 104], [9, 94]])
add(
    "rule, a count of 5 or fewer",
    "chi_square_or_fisher",
    {"p_value_two_sided": exact_p(weights, 1 - low)[0], "method": "Fisher exact"},
    {"response": [[1, 104], [9, 94]], "expected_below": None, "count_at_most": 5},
    requirements=[161],
)
x = float(pearson([[1, 104], [9, 94]]))
low, weights = hypergeometric([[1, 104], [9, 94]])
add(
    "rule, smallest expected count 4.95",
    "chi_square_or_fisher",
    {"method": "Fisher exact", "p_value_two_sided": exact_p(weights, 1 - low)[0]},
    {"response": [[1, 104], [9, 94]]},
    requirements=[151],
)
x = float(pearson([[3, 104], [8, 94]]))
add(
    "rule, smallest expected count 5.4",
    "chi_square_or_fisher",
    {"method": "Pearson chi-square", "p_value_two_sided": chi_square_tail(x, 1)},
    {"response": [[3, 104], [8, 94]]},
    "fractions",
    requirements=[151],
)

# Printed.
add(
    "tea tasting",
    "fisher_exact",
    {"p_value_two_sided": 0.486, "p_value_greater": 0.243},
    {"response": [[3, 1], [1, 3]]},
    "tea",
    1.02e-3,
    "three printed digits",
)
add(
    "AALL1331, MRD at the end of reinduction",
    "chi_square_or_fisher",
    {"p_value_two_sided": 0.39},
    {"response": [[26, 79], [31, 72]], "expected_below": None, "count_at_most": 5},
    "brown",
    0.0128,
    "two printed digits",
    [151],
)
HOGAN = (
    ("infections (total), age", 0.85, 0.006, [(167, 308), (140, 270), (44, 83)]),
    ("infections (total) of grade 4-5, age", 0.0008, 0.0625, [(26, 308), (42, 270), (19, 83)]),
    ("infections (total), marrow or extramedullary", 0.024, 0.021, [(294, 532), (57, 129)]),
    ("infections (total), four groups", 0.013, 0.039, [(116, 209), (178, 323), (20, 32), (37, 97)]),
    ("infections (total) of grade 4-5, four groups", 0.36, 0.014, [(33, 209), (37, 323), (6, 32), (11, 97)]),
    ("infections, age", 0.058, 0.0087, [(100, 308), (104, 270), (38, 83)]),
    ("infections, marrow or extramedullary", 0.007, 0.072, [(208, 532), (34, 129)]),
    ("infections of grade 4-5, marrow or extramedullary", 0.72, 0.007, [(68, 532), (15, 129)]),
    ("infections of grade 4-5, four groups", 0.33, 0.0152, [(31, 209), (37, 323), (6, 32), (9, 97)]),
    ("sepsis, age", 0.007, 0.072, [(20, 308), (33, 270), (14, 83)]),
    ("sepsis of grade 4-5, age", 0.005, 0.1, [(19, 308), (32, 270), (14, 83)]),
    ("oral mucositis, age", 0.013, 0.039, [(15, 308), (14, 270), (11, 83)]),
    ("hyperglycemia, age", 0.001, 0.5, [(36, 308), (51, 270), (23, 83)]),
    ("hyperglycemia of grade 4-5, age", 0.61, 0.0083, [(9, 308), (8, 270), (4, 83)]),
    ("hyperbilirubinemia, age", 0.052, 0.0097, [(17, 308), (19, 270), (11, 83)]),
    ("hyperbilirubinemia of grade 4-5, age", 0.018, 0.028, [(3, 308), (1, 270), (4, 83)]),
    ("gastrointestinal toxicity of grade 4-5, sex", 0.75, 0.0067, [(5, 380), (5, 281)]),
    ("hypoalbuminemia, sex", 0.002, 0.25, [(14, 380), (27, 281)]),
    ("hypoalbuminemia of grade 4-5, sex", 1.0, 0.005, [(1, 380), (0, 281)]),
)
for name, printed, tolerance, groups in HOGAN:
    add(
        f"AALL1331, {name}",
        "chi_square_or_fisher",
        {"p_value_two_sided": printed},
        {"response": [[x, n - x] for x, n in groups], "expected_below": None, "count_at_most": 5},
        "hogan",
        tolerance,
        "half of the last printed digit",
        [161],
    )
centers = STRATA["centers"]
add(
    "eight centers, CMH",
    "cochran_mantel_haenszel",
    {"chi_square": 6.38},
    {"response": centers},
    "agresti",
    8e-4,
    "three printed digits",
)
add(
    "eight centers, common odds ratio",
    "mantel_haenszel_odds_ratio",
    {"odds_ratio": 2.13},
    {"response": centers},
    "agresti",
    2.4e-3,
    "three printed digits",
)
add(
    "eight centers, Breslow-Day",
    "breslow_day",
    {"chi_square": 8.0, "df": 7},
    {"response": centers, "tarone": False},
    "agresti",
    7e-3,
    "two printed digits",
)
# Whole numbers only: at a common odds ratio of 1 the fitted tables are the expected ones.
same = [[[4, 4], [4, 4]], [[6, 2], [3, 1]], [[2, 1], [6, 3]]]
for tarone in (True, False):
    add(
        f"Breslow-Day, the same in all, {tarone}",
        "breslow_day",
        {"odds_ratio": 1, "chi_square": 0, "df": 2, "p_value_two_sided": 1},
        {"response": same, "tarone": tarone},
        "fractions",
    )
turned = [[[6, 2], [2, 6]], [[2, 6], [6, 2]]]
# a - A is 2 and -2 and the variances are 1 / (4 / 4) = 1: 4 + 4, and Tarone's correction is 0.
for tarone in (True, False):
    add(
        f"Breslow-Day, opposite strata, {tarone}",
        "breslow_day",
        {"odds_ratio": 1, "chi_square": 8, "df": 1, "p_value_two_sided": chi_square_tail(8.0, 1)},
        {"response": turned, "tarone": tarone},
        "fractions",
    )
# Cells of 1 : 1 against 3 : 1 of the expected count: G = 2 (2 a log(a / e) + ...), with logarithms of 3/2 and 1/2.
add(
    "likelihood ratio, [[3, 1], [1, 3]]",
    "likelihood_ratio_chi_square",
    {"chi_square": 2 * (6 * log(1.5) + 2 * log(0.5)), "df": 1},
    {"response": [[3, 1], [1, 3]]},
    "fractions",
)
add(
    "likelihood ratio, a diagonal",
    "likelihood_ratio_chi_square",
    {"chi_square": 2 * 12 * log(3), "df": 4, "p_value_two_sided": chi_square_tail(24 * log(3), 4)},
    {"response": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]},
    "fractions",
)

SOURCES = {
    "enumeration": {
        "kind": "closed form",
        "derivation": "every table with the margins (or every way to deal the events), weights as whole numbers, P values as fractions; limits by bisection in 40 digits",
        "script": "verification/evidence/tables_exact.py",
    },
    "fractions": {
        "kind": "closed form",
        "derivation": "the statistic as a fraction; tails of df 1 by erfc, of even df by the sum that ends",
        "script": "verification/evidence/tables_exact.py",
    },
    "tea": {
        "kind": "printed",
        "citation": "Agresti, Categorical Data Analysis, 2nd ed. 2002, section 3.5: Fisher's tea taster, P 0.243 one-sided, 0.486 two-sided",
    },
    "brown": {"kind": "printed", "citation": "Brown et al., JAMA 2021;325:833-842 (AALL1331), Table 2"},
    "hogan": {
        "kind": "printed",
        "citation": "Hogan et al., Haematologica 2025, doi 10.3324/haematol.2025.287386 (AALL1331), Table 2; counts from its percentages and group sizes",
    },
    "agresti": {
        "kind": "printed",
        "citation": "Agresti, Categorical Data Analysis, 2nd ed. 2002, section 6.3: clinical trial in eight centers (Beitler & Landis 1985)",
    },
}
lines = ",\n".join("    " + json.dumps(case) for case in CASES)
TARGET.write_text(
    '{\n  "area": "tables",\n  "sources": '
    + json.dumps(SOURCES)
    + ',\n  "data": {},\n  "cases": [\n'
    + lines
    + "\n  ]\n}\n"
)
print(len(CASES), "cases")
