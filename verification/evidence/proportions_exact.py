"""Closed forms and printed values for one proportion: python verification/evidence/proportions_exact.py from the root.

Binomial tails are fractions or decimals of 40 digits; limits are found by bisection. Nothing of equipoise is called.
"""

# Functions made in a loop are used in the same turn of it.
# ruff: noqa: B023

from __future__ import annotations

import json
from decimal import Decimal, getcontext
from fractions import Fraction
from math import comb
from pathlib import Path

TARGET = Path("src/equipoise/validation/evidence/proportions_exact.json")
CASES: list[dict] = []
getcontext().prec = 40
Z = Decimal("1.959963984540054235524594430520551527955550")
TAIL = Decimal("0.025")


def add(name, values, arguments, source="bisection", function="proportion_interval", tolerance=None):
    case = {"id": name, "function": function, "source": source, "arguments": arguments, "values": values}
    if tolerance is not None:
        case |= {"tolerance": tolerance, "reason": "four printed digits"}
    CASES.append(case)


def tail(x, n, p, above):
    """P(X >= x) or P(X <= x)."""
    outcomes = range(x, n + 1) if above else range(x + 1)
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in outcomes)


def root(rises):
    low, high = Decimal(0), Decimal(1)
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) < 0 else (low, middle)
    return float(low)


def acceptability(x, n, p):
    lower, upper = tail(x, n, p, False), tail(x, n, p, True)
    if upper <= lower:
        return upper + max(
            [tail(y, n, p, False) for y in range(n + 1) if tail(y, n, p, False) <= upper], default=Decimal(0)
        )
    return lower + max(
        [tail(y, n, p, True) for y in range(n + 1) if tail(y, n, p, True) <= lower], default=Decimal(0)
    )


def blaker(x, n):
    """The outermost acceptable p: a grid finds the first acceptable point, bisection the place where it begins."""
    steps, found = 2000, []
    for mirrored in (False, True):
        k = n - x if mirrored else x
        if k == 0:
            found.append(0.0)
            continue
        good = next(i for i in range(1, steps) if acceptability(k, n, Decimal(i) / steps) > 2 * TAIL)
        low, high = Decimal(good - 1) / steps, Decimal(good) / steps
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (low, middle) if acceptability(k, n, middle) > 2 * TAIL else (middle, high)
        found.append(float(high))
    return found[0], 1 - found[1]


for x, n in ((2, 10), (0, 20), (7, 7), (15, 40), (1, 29)):
    given = {"events": x, "n": n}
    p = Decimal(x) / n
    add(
        f"{x} of {n}, Clopper-Pearson",
        {
            "lower": 0 if x == 0 else root(lambda p: tail(x, n, p, True) - TAIL),
            "upper": 1 if x == n else root(lambda p: TAIL - tail(x, n, p, False)),
        },
        given | {"method": "clopper-pearson"},
    )
    add(
        f"{x} of {n}, mid-P",
        {
            "lower": 0
            if x == 0
            else root(lambda p: (tail(x, n, p, True) + tail(x + 1, n, p, True)) / 2 - TAIL),
            "upper": 1
            if x == n
            else root(lambda p: TAIL - (tail(x, n, p, False) + tail(x - 1, n, p, False)) / 2),
        },
        given | {"method": "mid-p"},
    )

    # The score limits are where (x - n p)^2 = z^2 n p (1 - p): found on the curve, not from the root formula.
    def score(q):
        return (x - n * q) ** 2 - Z**2 * n * q * (1 - q)

    add(
        f"{x} of {n}, Wilson",
        {
            "lower": 0 if x == 0 else root(lambda q: -score(q) if q < p else Decimal(1)),
            "upper": 1 if x == n else root(lambda q: score(q) if q > p else Decimal(-1)),
        },
        given | {"method": "wilson"},
    )

    def lost(q):
        return (
            (x * (p / q).ln() if x else 0) + ((n - x) * ((1 - p) / (1 - q)).ln() if x < n else 0) - Z**2 / 2
        )

    add(
        f"{x} of {n}, likelihood ratio",
        {
            "lower": 0
            if x == 0
            else root(lambda q: -lost(q) if 0 < q < p else Decimal(q >= p) - Decimal("0.5")),
            "upper": 1 if x == n else root(lambda q: lost(q) if q > p else Decimal(-1)),
        },
        given | {"method": "likelihood-ratio"},
    )
    if 0 < x < n:
        reach = Z * (Decimal(n) / (x * (n - x))).sqrt()
        odds = Decimal(x) / (n - x)
        lower, upper = odds * (-reach).exp(), odds * reach.exp()
        add(
            f"{x} of {n}, logit",
            {"lower": float(lower / (1 + lower)), "upper": float(upper / (1 + upper))},
            given | {"method": "logit"},
        )
        wide = Z * (p * (1 - p) / n).sqrt()
        add(
            f"{x} of {n}, Wald, corrected",
            {
                "lower": float(p - wide - Decimal(1) / (2 * n)),
                "upper": float(p + wide + Decimal(1) / (2 * n)),
            },
            given | {"method": "wald_cc"},
        )
    if n <= 29:
        lower, upper = blaker(x, n)
        add(f"{x} of {n}, Blaker", {"lower": lower, "upper": upper}, given | {"method": "blaker"})


# Arcsine: with (x + 3/8) / (n + 3/4) = 1/2 the angle is a quarter of pi, and sin^2(pi/4 -+ d) = (1 -+ sin 2d) / 2.
def sine(value):
    term, total, k = value, value, 1
    while abs(term) > Decimal("1e-38"):
        term *= -value * value / ((k + 1) * (k + 2))
        total, k = total + term, k + 2
    return total


for n in (10, 64):
    swing = sine(Z / Decimal(n).sqrt())
    add(
        f"{n // 2} of {n}, arcsine",
        {"lower": float((1 - swing) / 2), "upper": float((1 + swing) / 2)},
        {"events": n // 2, "n": n, "method": "arcsine"},
    )

for x, n, null in (
    (9, 24, Fraction(1, 4)),
    (3, 7, Fraction(1, 2)),
    (0, 12, Fraction(1, 8)),
    (12, 12, Fraction(3, 4)),
):
    weights = [comb(n, i) * null**i * (1 - null) ** (n - i) for i in range(n + 1)]
    limit = weights[x] * (1 + Fraction(1, 10**7))
    two, less, greater = sum(w for w in weights if w <= limit), sum(weights[: x + 1]), sum(weights[x:])
    given = {"events": x, "n": n, "null": float(null)}
    add(
        f"{x} of {n}, exact test of {null}",
        {"p_value_two_sided": float(two), "p_value_less": float(less), "p_value_greater": float(greater)},
        given,
        "fractions",
        "proportion_test",
    )
    half = weights[x] / 2
    add(
        f"{x} of {n}, mid-P test of {null}",
        {
            "p_value_two_sided": float(two - half),
            "p_value_less": float(less - half),
            "p_value_greater": float(greater - half),
        },
        given | {"method": "mid-p"},
        "fractions",
        "proportion_test",
    )

PRINTED = {
    "wilson": (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ),
    "wilson_cc": (
        (81, 263, 0.2535, 0.3682),
        (15, 148, 0.0598, 0.1644),
        (0, 20, 0, 0.2005),
        (1, 29, 0.0018, 0.1963),
    ),
    "clopper-pearson": (
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ),
    "mid-p": (
        (81, 263, 0.2544, 0.3658),
        (15, 148, 0.0601, 0.1581),
        (0, 20, 0, 0.1391),
        (1, 29, 0.0017, 0.1585),
    ),
    "likelihood-ratio": (
        (81, 263, 0.2542, 0.3655),
        (15, 148, 0.0596, 0.1567),
        (0, 20, 0, 0.0916),
        (1, 29, 0.0020, 0.1432),
    ),
}
for method, rows in PRINTED.items():
    for x, n, lower, upper in rows:
        for side, value in (("lower", lower), ("upper", upper)):
            add(
                f"Newcombe, {x} of {n}, {method}, {side}",
                {side: value},
                {"events": x, "n": n, "method": method},
                "newcombe",
                tolerance=0.51e-4 / value if value else 1e-8,
            )

SOURCES = {
    "bisection": {
        "kind": "closed form",
        "derivation": "the defining equation of the limits, solved by bisection in decimals of 40 digits",
        "script": "verification/evidence/proportions_exact.py",
    },
    "fractions": {
        "kind": "closed form",
        "derivation": "binomial probabilities as fractions",
        "script": "verification/evidence/proportions_exact.py",
    },
    "newcombe": {"kind": "printed", "citation": "Newcombe, Statistics in Medicine 1998;17:857-872, Table I"},
}
lines = ",\n".join("    " + json.dumps(case) for case in CASES)
TARGET.write_text(
    '{\n  "area": "proportions",\n  "sources": '
    + json.dumps(SOURCES)
    + ',\n  "data": {},\n  "cases": [\n'
    + lines
    + "\n  ]\n}\n"
)
print(len(CASES), "cases")
