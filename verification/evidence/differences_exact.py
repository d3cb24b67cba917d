"""Closed forms for the comparison of two proportions: python verification/evidence/differences_exact.py

Nothing of equipoise is used. Restricted risks are found by bisection on the slope of the likelihood (not from a cubic
or quadratic), limits by bisection, all in decimal arithmetic of 50 digits; the exact unconditional methods list every
table, write each tail as a polynomial with fractions as coefficients, and take its maximum at the roots of its derivative.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import pairwise
from math import comb
from pathlib import Path

import numpy as np

getcontext().prec = 50
D = Decimal
ONE, ZERO, HALF = D(1), D(0), D("0.5")
FOLDER = Path(__file__).resolve().parents[2] / "src/equipoise/validation/evidence"


def pi() -> Decimal:
    """Machin's formula."""

    def arctan_inverse(n: int) -> Decimal:
        total, power, k = ZERO, ONE / n, 0
        while abs(power) > D(10) ** -55:
            total += power / (2 * k + 1) * (1 if k % 2 == 0 else -1)
            power /= n * n
            k += 1
        return total

    return 4 * (4 * arctan_inverse(5) - arctan_inverse(239))


PI = pi()


def normal_cdf(x: Decimal) -> Decimal:
    """By the series x + x^3/3 + x^5/(3 5) + ... times the density."""
    term, total, k = x, x, 1
    while abs(term) > D(10) ** -52:
        k += 2
        term *= x * x / k
        total += term
    return HALF + total * (-(x * x) / 2).exp() / (2 * PI).sqrt()


def crossing(rises: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, rounds: int = 110) -> Decimal:
    """Bisection."""
    for _ in range(rounds):
        middle = (low + high) / 2
        if rises(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def quantile(level: str) -> Decimal:
    p = (1 + D(level)) / 2
    return crossing(lambda x: normal_cdf(x) - p, ZERO, D(8), 150)


Z = {level: quantile(level) for level in ("0.9", "0.95", "0.99")}


def slope(x: int, n: int, p: Decimal) -> Decimal:
    """d/dp of the binomial log likelihood; at the ends what decides its sign."""
    far = D(10) ** 60
    up = ZERO if x == 0 else (far if p <= 0 else x / p)
    down = ZERO if x == n else (far if p >= 1 else (n - x) / (1 - p))
    return up - down


def variance_at_difference(x1: int, n1: int, x0: int, n0: int, d: Decimal) -> Decimal:
    low, high = max(ZERO, -d), min(ONE, 1 - d)
    p0 = crossing(lambda p: -(slope(x1, n1, p + d) + slope(x0, n0, p)), low, high, 100)
    p1 = p0 + d
    return p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0


def score_difference(x1: int, n1: int, x0: int, n0: int, d: Decimal) -> Decimal:
    gap = D(x1) / n1 - D(x0) / n0 - d
    variance = variance_at_difference(x1, n1, x0, n0, d)
    return gap / variance.sqrt() if variance > 0 else gap * D(10) ** 40


def wilson(x: int, n: int, z: Decimal, cc: bool = False) -> tuple[Decimal, Decimal]:
    """The roots of (|x/n - p| - cc/(2n))^2 = z^2 p (1 - p) / n, by bisection from the observed share."""
    half = HALF / n if cc else ZERO
    share = D(x) / n

    def away(p: Decimal) -> Decimal:
        return (abs(share - p) - half) - z * (p * (1 - p) / n).sqrt()

    lower = ZERO if x == 0 else crossing(lambda p: -away(p), ZERO, share)
    upper = ONE if x == n else crossing(away, share, ONE)
    return lower, upper


def difference_limits(method: str, x1: int, n1: int, x0: int, n0: int, level: str) -> tuple[Decimal, Decimal]:
    z, d = Z[level], D(x1) / n1 - D(x0) / n0
    p1, p0 = D(x1) / n1, D(x0) / n0
    separate = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0).sqrt()
    if method == "wald":
        return d - z * separate, d + z * separate
    if method == "wald_cc":
        more = (ONE / n1 + ONE / n0) / 2
        return d - z * separate - more, d + z * separate + more
    if method == "agresti-caffo":
        a, b = D(x1 + 1) / (n1 + 2), D(x0 + 1) / (n0 + 2)
        error = (a * (1 - a) / (n1 + 2) + b * (1 - b) / (n0 + 2)).sqrt()
        return a - b - z * error, a - b + z * error
    if method == "hauck-anderson":
        error = (p1 * (1 - p1) / (n1 - 1) + p0 * (1 - p0) / (n0 - 1)).sqrt()
        more = HALF / min(n1, n0)
        return d - z * error - more, d + z * error + more
    if method.startswith("newcombe"):
        (l1, u1), (l0, u0) = (wilson(x, n, z, method.endswith("cc")) for x, n in ((x1, n1), (x0, n0)))
        return d - ((p1 - l1) ** 2 + (u0 - p0) ** 2).sqrt(), d + ((u1 - p1) ** 2 + (p0 - l0) ** 2).sqrt()
    n = D(n1 + n0)
    far = z * (n / (n - 1)).sqrt() if method == "miettinen-nurminen" else z
    lower = -ONE if d == -1 else crossing(lambda t: far - score_difference(x1, n1, x0, n0, t), -ONE, d, 90)
    upper = ONE if d == 1 else crossing(lambda t: -far - score_difference(x1, n1, x0, n0, t), d, ONE, 90)
    return lower, upper


# Exact unconditional: polynomials in the control risk p0, with p1 = p0 + d.
def product(a: list[Fraction], b: list[Fraction]) -> list[Fraction]:
    found = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, u in enumerate(a):
        for j, v in enumerate(b):
            found[i + j] += u * v
    return found


def power(a: list[Fraction], k: int) -> list[Fraction]:
    found = [Fraction(1)]
    for _ in range(k):
        found = product(found, a)
    return found


def tail_maximum(tables: list[tuple[int, int]], n1: int, n0: int, d: Fraction) -> float:
    """The largest probability of these tables over p0, where p1 - p0 = d."""
    total = [Fraction(0)] * (n1 + n0 + 1)
    first = [product(power([d, Fraction(1)], i), power([1 - d, Fraction(-1)], n1 - i)) for i in range(n1 + 1)]
    second = [
        product(power([Fraction(0), Fraction(1)], j), power([Fraction(1), Fraction(-1)], n0 - j))
        for j in range(n0 + 1)
    ]
    for i, j in tables:
        both = product(first[i], second[j])
        for k, c in enumerate(both):
            total[k] += c * comb(n1, i) * comb(n0, j)
    low, high = max(Fraction(0), -d), min(Fraction(1), 1 - d)
    derivative = [float(k * c) for k, c in enumerate(total)][1:]
    roots = (
        np.polynomial.polynomial.polyroots(np.trim_zeros(np.array(derivative), "b"))
        if any(derivative)
        else []
    )
    places = [
        low,
        high,
        *(
            Fraction(float(r.real))
            for r in np.atleast_1d(roots)
            if abs(r.imag) < 1e-3 and low < r.real < high
        ),
    ]

    def value(p: Fraction) -> Fraction:
        answer = Fraction(0)
        for c in reversed(total):
            answer = answer * p + c
        return answer

    return float(max(value(p) for p in places))


def more_extreme(x1: int, n1: int, x0: int, n0: int, d: Fraction, score: bool) -> list[tuple[int, int]]:
    tables = [(i, j) for i in range(n1 + 1) for j in range(n0 + 1)]
    if not score:
        return [
            (i, j)
            for i, j in tables
            if Fraction(i, n1) - Fraction(j, n0) >= Fraction(x1, n1) - Fraction(x0, n0)
        ]
    exact = D(d.numerator) / d.denominator
    at = score_difference(x1, n1, x0, n0, exact)
    return [
        (i, j)
        for i, j in tables
        if score_difference(i, n1, j, n0, exact) >= at - D(10) ** -20 * max(1, abs(at))
    ]


def exact_lower(x1: int, n1: int, x0: int, n0: int, alpha: float, score: bool) -> float:
    """The smallest d whose tail exceeds alpha: a scan in steps of 1/200, then bisection between two neighbors."""
    observed = Fraction(x1, n1) - Fraction(x0, n0)
    low, high = Fraction(-1), observed
    steps = 200
    for k in range(1, steps + 1):
        d = Fraction(-1) + (observed + 1) * k / steps
        if tail_maximum(more_extreme(x1, n1, x0, n0, d, score), n1, n0, d) > alpha:
            low, high = d - (observed + 1) / steps, d
            break
    for _ in range(40):
        middle = Fraction(float((low + high) / 2))
        if tail_maximum(more_extreme(x1, n1, x0, n0, middle, score), n1, n0, middle) > alpha:
            high = middle
        else:
            low = middle
    return float(high)


def unconditional(x1: int, n1: int, x0: int, n0: int, statistic: str, margin: Fraction) -> dict[str, float]:
    tables = [(i, j) for i in range(n1 + 1) for j in range(n0 + 1)]
    if statistic == "fisher":

        def p_of(i: int, j: int) -> Fraction:
            total = comb(n1 + n0, i + j)
            return sum(
                (Fraction(comb(n1, k) * comb(n0, i + j - k), total) for k in range(i, min(n1, i + j) + 1)),
                Fraction(0),
            )

        def q_of(i: int, j: int) -> Fraction:
            total = comb(n1 + n0, i + j)
            return sum(
                (
                    Fraction(comb(n1, k) * comb(n0, i + j - k), total)
                    for k in range(max(0, i + j - n0), i + 1)
                ),
                Fraction(0),
            )

        up = tail_maximum([t for t in tables if p_of(*t) <= p_of(x1, x0)], n1, n0, margin)
        down = tail_maximum([t for t in tables if q_of(*t) <= q_of(x1, x0)], n1, n0, margin)
        return {
            "statistic": float(p_of(x1, x0)),
            "p_value_one_sided": up,
            "p_value_two_sided": min(1.0, 2 * min(up, down)),
        }

    def value(i: int, j: int) -> Decimal:
        m = D(margin.numerator) / margin.denominator
        if statistic == "score":
            return score_difference(i, n1, j, n0, m)
        p1, p0 = D(i) / n1, D(j) / n0
        variance = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
        gap = p1 - p0 - m
        return gap / variance.sqrt() if variance > 0 else (gap * D(10) ** 40)

    at, slack = value(x1, x0), D(10) ** -20
    up = tail_maximum([t for t in tables if value(*t) >= at - slack], n1, n0, margin)
    two = tail_maximum([t for t in tables if abs(value(*t)) >= abs(at) - slack], n1, n0, margin)
    return {"statistic": float(at), "p_value_one_sided": up, "p_value_two_sided": two}


# Ratios
def ratio_limits(x1: int, n1: int, x0: int, n0: int, z: Decimal, corrected: bool) -> tuple[Decimal, Decimal]:
    n = D(n1 + n0)
    far = z * (n / (n - 1)).sqrt() if corrected else z

    def score(log: Decimal) -> Decimal:
        r = log.exp()
        p0 = crossing(lambda p: -(slope(x1, n1, r * p) * r + slope(x0, n0, p)), ZERO, min(ONE, 1 / r), 100)
        p1 = r * p0
        variance = p1 * (1 - p1) / n1 + r * r * p0 * (1 - p0) / n0
        gap = D(x1) / n1 - r * x0 / n0
        return gap / variance.sqrt() if variance > 0 else gap * D(10) ** 40

    lower = ZERO if x1 == 0 else crossing(lambda t: far - score(t), D(-25), D(25), 90).exp()
    upper = D("Infinity") if x0 == 0 else crossing(lambda t: -far - score(t), D(-25), D(25), 90).exp()
    return lower, upper


def odds_score_limits(
    x1: int, n1: int, x0: int, n0: int, z: Decimal, corrected: bool, cc: bool
) -> tuple[Decimal, Decimal]:
    n = D(n1 + n0)
    far = z * (n / (n - 1)).sqrt() if corrected else z
    total = x1 + x0

    def score(log: Decimal, moved: Decimal) -> Decimal:
        r = log.exp()
        p0 = crossing(lambda p: n1 * p * r / (1 - p + p * r) + n0 * p - total, ZERO, ONE, 130)
        p1 = p0 * r / (1 - p0 + p0 * r)
        return (x1 + moved - n1 * p1) * (1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0))).sqrt()

    shift = HALF if cc else ZERO
    lower = (
        ZERO if x1 == 0 or x0 == n0 else crossing(lambda t: far - score(t, -shift), D(-25), D(25), 90).exp()
    )
    upper = (
        D("Infinity")
        if x0 == 0 or x1 == n1
        else crossing(lambda t: -far - score(t, shift), D(-25), D(25), 90).exp()
    )
    return lower, upper


def conditional(x1: int, n1: int, x0: int, n0: int, alpha: Decimal) -> dict[str, dict[str, Decimal]]:
    """Exact, mid-P and two-sided limits, and the conditional estimate, from whole-number weights."""
    total = x1 + x0
    low, high = max(0, total - n0), min(n1, total)
    weight = {k: comb(n1, k) * comb(n0, total - k) for k in range(low, high + 1)}

    def shares(log: Decimal) -> dict[int, Decimal]:
        r = log.exp()
        w = {k: v * r ** (k - low) for k, v in weight.items()}
        all_of = sum(w.values())
        return {k: v / all_of for k, v in w.items()}

    inf, span = D("Infinity"), D(60)

    def solve(rises: Callable[[dict[int, Decimal]], Decimal]) -> Decimal:
        return crossing(lambda t: rises(shares(t)), -span, span, 120).exp()

    answer = {
        "estimate": {
            "e": ZERO
            if x1 == low
            else inf
            if x1 == high
            else solve(lambda s: sum(k * v for k, v in s.items()) - x1)
        }
    }
    for name, own in (("exact", ONE), ("mid_p", HALF)):
        lower = (
            ZERO
            if x1 == low
            else solve(lambda s, own=own: sum(v for k, v in s.items() if k > x1) + own * s[x1] - alpha / 2)
        )
        upper = (
            inf
            if x1 == high
            else solve(lambda s, own=own: alpha / 2 - sum(v for k, v in s.items() if k < x1) - own * s[x1])
        )
        answer[name] = {"lower": lower, "upper": upper}

    def two_sided(log: Decimal) -> Decimal:
        s = shares(log)
        return sum(v for v in s.values() if v <= s[x1] * (1 + D(10) ** -7))

    def outermost(sign: int) -> Decimal:
        """The farthest place where the two-sided P exceeds alpha, from a fine scan inward."""
        steps = [sign * D(12) * (4000 - k) / 4000 for k in range(8000)]
        for outside, inside in pairwise(steps):
            if two_sided(inside) > alpha:
                for _ in range(80):
                    middle = (outside + inside) / 2
                    outside, inside = (outside, middle) if two_sided(middle) > alpha else (middle, inside)
                return inside.exp()
        raise AssertionError

    answer["minimum-likelihood"] = {
        "lower": ZERO if x1 == low else outermost(-1), "upper": inf if x1 == high else outermost(1)
    }  # fmt: skip
    return answer


# Strata
def stratified(tables: list[tuple[int, int, int, int]], level: str) -> dict[str, dict[str, Decimal]]:
    z = Z[level]
    d = [D(a) / n1 - D(c) / n0 for a, n1, c, n0 in tables]
    raw = [D(n1) * n0 / (n1 + n0) for _, n1, _, n0 in tables]
    w = [one / sum(raw) for one in raw]
    estimate = sum(a * b for a, b in zip(w, d, strict=True))
    separate = [D(a) * (n1 - a) / D(n1) ** 3 + D(c) * (n0 - c) / D(n0) ** 3 for a, n1, c, n0 in tables]
    robins = sum(a * a * b for a, b in zip(w, separate, strict=True)).sqrt()
    p = sum(
        (D(n1) ** 2 * c - D(n0) ** 2 * a + D(n1) * n0 * (n0 - n1) / 2) / (n1 + n0) ** 2
        for a, n1, c, n0 in tables
    )
    q = sum((D(a) * (n0 - c) + D(c) * (n1 - a)) / (2 * (n1 + n0)) for a, n1, c, n0 in tables)
    sato = (estimate * p + q).sqrt() / sum(raw)
    found = {}
    for name, error in (("sato", sato), ("greenland-robins", robins)):
        found[name] = {
            "risk_difference": estimate,
            "std_err": error,
            "lower": estimate - z * error,
            "upper": estimate + z * error,
            "z": estimate / error,
        }

    def restricted(t: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
        answer = []
        for a, n1, c, n0 in tables:
            p0 = crossing(
                lambda p, a=a, n1=n1, c=c, n0=n0: -(slope(a, n1, p + t) + slope(c, n0, p)),
                max(ZERO, -t),
                min(ONE, 1 - t),
                70,
            )
            p1, n = p0 + t, D(n1 + n0)
            answer.append((p1, p0, (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * n / (n - 1)))
        return answer

    def weights_at(risks: list[tuple[Decimal, Decimal, Decimal]], iterated: bool) -> list[Decimal]:
        current = w
        for _ in range(60 if iterated else 0):
            first, second = (sum(u * r[k] for u, r in zip(current, risks, strict=True)) for k in (0, 1))
            renewed = [
                1 / (first * (1 - first) / (second * (1 - second)) / n1 + ONE / n0) for _, n1, _, n0 in tables
            ]
            current = [one / sum(renewed) for one in renewed]
        return current

    for name, iterated in (("miettinen-nurminen", False), ("miettinen-nurminen-iterated", True)):

        def score(t: Decimal, iterated: bool = iterated) -> Decimal:
            risks = restricted(t)
            u = weights_at(risks, iterated)
            gap = sum(a * (b - t) for a, b in zip(u, d, strict=True))
            return gap / sum(a * a * r[2] for a, r in zip(u, risks, strict=True)).sqrt()

        top = D("0.999999")
        middle = crossing(lambda t: -score(t), -top, top, 60)
        found[name] = {
            "risk_difference": middle, "lower": crossing(lambda t: z - score(t), -top, middle, 60),
            "upper": crossing(lambda t: -z - score(t), middle, top, 60), "z": score(ZERO),
        }  # fmt: skip
        if not iterated:
            found[name]["homogeneity_chi_square"] = sum(
                (a - middle) ** 2 / r[2] for a, r in zip(d, restricted(middle), strict=True)
            )

    def hybrid(u: list[Decimal]) -> dict[str, Decimal]:
        """Yan and Su: stratified Wilson limits of each group at a smaller quantile, joined as Newcombe does."""

        def limits(which: int) -> tuple[Decimal, Decimal]:
            errors = [
                one * (D(t[which]) * (t[which + 1] - t[which]) / D(t[which + 1]) ** 3).sqrt()
                for one, t in zip(u, tables, strict=True)
            ]
            at = z * sum(e * e for e in errors).sqrt() / sum(errors)
            both = [wilson(t[which], t[which + 1], at) for t in tables]
            lower = sum(one * b[0] for one, b in zip(u, both, strict=True))
            return lower, sum(one * b[1] for one, b in zip(u, both, strict=True))

        (l1, u1), (l0, u0) = limits(0), limits(2)
        s1, s0 = (sum(one * one / t[k] for one, t in zip(u, tables, strict=True)) for k in (1, 3))
        middle = sum(a * b for a, b in zip(u, d, strict=True))
        return {
            "risk_difference": middle,
            "lower": middle - z * (s1 * l1 * (1 - l1) + s0 * u0 * (1 - u0)).sqrt(),
            "upper": middle + z * (s1 * u1 * (1 - u1) + s0 * l0 * (1 - l0)).sqrt(),
        }

    found["newcombe"] = hybrid(w)
    pooled = [(D(a + c), D(n1 + n0)) for a, n1, c, n0 in tables]
    current = [ONE / len(tables)] * len(tables)
    for _ in range(200):
        errors = [one * (x * (n - x) / n**3).sqrt() for one, (x, n) in zip(current, pooled, strict=True)]
        at = z * sum(e * e for e in errors).sqrt() / sum(errors)
        renewed = [(1 + at**2 / n) ** 2 / (x * (n - x) / n**3 + at**2 / (4 * n**2)) for x, n in pooled]
        current = [one / sum(renewed) for one in renewed]
    found["newcombe-wilson"] = hybrid(current)
    both = [difference_limits("miettinen-nurminen", *t, level) for t in tables]
    precision = [(2 * z / (high - low)) ** 2 for low, high in both]
    middle = sum(one * (low + high) / 2 for one, (low, high) in zip(precision, both, strict=True)) / sum(
        precision
    )
    error = (1 / sum(precision)).sqrt()
    found["summary-score"] = {
        "risk_difference": middle, "std_err": error, "lower": middle - z * error, "upper": middle + z * error,
    }  # fmt: skip
    inverse = [1 / v for v in separate] if all(separate) else []
    if inverse:
        middle, error = (
            sum(a * b for a, b in zip(inverse, d, strict=True)) / sum(inverse),
            (1 / sum(inverse)).sqrt(),
        )
        found["inverse-variance"] = {
            "risk_difference": middle, "std_err": error, "lower": middle - z * error, "upper": middle + z * error,
            "homogeneity_chi_square": sum((a - middle) ** 2 * b for a, b in zip(d, inverse, strict=True)),
        }  # fmt: skip
    return found


def plain(value: Decimal | float) -> float | str:
    value = float(value)
    return value if abs(value) != float("inf") else "Infinity" if value > 0 else "-Infinity"


def write(area: str, name: str, sources: dict[str, object], cases: list[dict[str, object]]) -> None:
    lines = ",\n".join("    " + json.dumps(case) for case in cases)
    text = f'{{\n  "area": "{area}",\n  "sources": {json.dumps(sources)},\n  "data": {{}},\n  "cases": [\n{lines}\n  ]\n}}\n'
    (FOLDER / name).write_text(text, encoding="utf-8")


def four(x1: int, n1: int, x0: int, n0: int) -> dict[str, int]:
    return {"events_experimental": x1, "n_experimental": n1, "events_control": x0, "n_control": n0}


def case(
    id_: str,
    function: str,
    source: str,
    arguments: dict[str, object],
    values: dict[str, object],
    requirements: list[int],
    **more: object,
) -> dict[str, object]:
    return {
        "id": id_,
        "function": function,
        "requirements": requirements,
        "source": source,
        "arguments": arguments,
        "values": {k: plain(v) for k, v in values.items()},
        **more,
    }


NEWCOMBE = (
    (56, 70, 48, 80),
    (9, 10, 3, 10),
    (6, 7, 2, 7),
    (5, 56, 0, 29),
    (0, 10, 0, 20),
    (0, 10, 0, 10),
    (10, 10, 0, 20),
    (10, 10, 0, 10),
)
OTHERS = ((51, 54, 39, 57), (3, 4, 1, 2), (1, 100, 99, 100), (7, 7, 12, 12))
STRATA = {
    "three": [(12, 30, 8, 30), (15, 35, 10, 35), (9, 23, 6, 27)],
    "sparse": [(1, 8, 0, 13), (42, 50, 3, 70), (1, 95, 2, 13)],
    "rare": [(21, 464, 26, 453), (11, 165, 25, 174), (8, 69, 11, 70)],
    "many": [(4, 16, 5, 79), (2, 16, 3, 87), (4, 18, 10, 90), (1, 15, 3, 82)],
}


def differences() -> list[dict[str, object]]:
    cases = []
    for table in NEWCOMBE + OTHERS:
        label = "{}/{} vs {}/{}".format(*table)
        for method in (
            "miettinen-nurminen",
            "mee",
            "newcombe",
            "newcombe_cc",
            "agresti-caffo",
            "hauck-anderson",
            "wald",
            "wald_cc",
        ):
            level = "0.9" if method in ("mee", "newcombe_cc") and table in OTHERS else "0.95"
            lower, upper = difference_limits(method, *table, level)
            values = {
                "risk_difference": Fraction(table[0], table[1]) - Fraction(table[2], table[3]),
                "lower": lower,
                "upper": upper,
            }
            cases.append(
                case(
                    f"{label}, {method}, {level}",
                    "risk_difference",
                    "decimal",
                    {**four(*table), "method": method, "confidence_level": float(level)},
                    values,
                    [152],
                )
            )
    for table in (
        (3, 4, 1, 2),
        (0, 3, 2, 3),
        (2, 2, 0, 2),
        (1, 5, 4, 6),
        (5, 6, 2, 6),
        (0, 1, 1, 3),
        (0, 4, 0, 5),
    ):
        label = "{}/{} vs {}/{}".format(*table)
        x1, n1, x0, n0 = table
        for method, score in (("exact-score", True), ("exact-difference", False)):
            lower = (
                -1.0
                if Fraction(x1, n1) - Fraction(x0, n0) == -1
                else exact_lower(x1, n1, x0, n0, 0.025, score)
            )
            upper = (
                1.0
                if Fraction(x1, n1) - Fraction(x0, n0) == 1
                else -exact_lower(x0, n0, x1, n1, 0.025, score)
            )
            cases.append(case(f"{label}, {method}", "risk_difference", "enumeration", {**four(*table), "method": method}, {"lower": lower, "upper": upper}, [166],
                              tolerance=1e-7, reason="the roots of the derivative are those of numpy, 1e-8"))  # fmt: skip
    for table in ((3, 4, 1, 6), (5, 6, 2, 8), (1, 7, 0, 5), (6, 6, 3, 7)):
        for statistic in ("score", "wald", "fisher"):
            found = unconditional(*table, statistic, Fraction(0))
            cases.append(
                case(
                    "{}/{} vs {}/{}, {}".format(*table, statistic),
                    "unconditional_exact_test",
                    "enumeration",
                    {**four(*table), "statistic": statistic},
                    found,
                    [166],
                    tolerance=1e-8,
                )
            )
        found = unconditional(*table, "score", Fraction(-1, 5))
        cases.append(case("{}/{} vs {}/{}, margin -0.2".format(*table), "unconditional_exact_test", "enumeration", {**four(*table), "margin": -0.2},
                          {k: v for k, v in found.items() if k != "p_value_two_sided"}, [166]))  # fmt: skip
    for table in ((56, 70, 48, 80), (5, 56, 0, 29), (51, 54, 39, 57), (88, 100, 90, 100)):
        for margin in ("0", "-0.1", "0.15"):
            n, m = D(table[1] + table[3]), D(margin)
            z = score_difference(*table, m)
            p1, p0 = D(table[0]) / table[1], D(table[2]) / table[3]
            apart, more = p1 - p0 - m, HALF / min(table[1], table[3])
            unbiased = (p1 * (1 - p1) / (table[1] - 1) + p0 * (1 - p0) / (table[3] - 1)).sqrt()
            hauck = (apart - more if apart > 0 else apart + more) / unbiased if abs(apart) > more else ZERO
            for method, value in (
                ("hauck-anderson", hauck),
                ("farrington-manning", z),
                ("miettinen-nurminen", z * ((n - 1) / n).sqrt()),
            ):
                one = 1 - normal_cdf(value)
                cases.append(case("{}/{} vs {}/{}, margin {}, {}".format(*table, margin, method), "risk_difference_test", "decimal",
                                  {**four(*table), "margin": float(margin), "method": method}, {"z": value, "p_value_one_sided": one}, [152]))  # fmt: skip
    for name, tables in STRATA.items():
        arguments = {key: [t[k] for t in tables] for k, key in enumerate(four(0, 0, 0, 0))}
        for level in ("0.95", "0.9"):
            for method, values in stratified(tables, level).items():
                if level == "0.9" and method.startswith("miettinen"):
                    continue
                cases.append(
                    case(
                        f"{name} strata, {method}, {level}",
                        "stratified_risk_difference",
                        "strata",
                        {**arguments, "method": method, "confidence_level": float(level)},
                        values,
                        [152],
                    )
                )
    return cases


def common_ratios(tables: list[tuple[int, int, int, int]], level: str) -> dict[str, dict[str, Decimal]]:
    """Mantel-Haenszel's ratio with the variance of Greenland and Robins; inverse variances of the logarithms."""
    z, n = Z[level], [D(n1 + n0) for _, n1, _, n0 in tables]
    above = sum(D(a) * n0 / m for (a, _, _, n0), m in zip(tables, n, strict=True))
    below = sum(D(c) * n1 / m for (_, n1, c, _), m in zip(tables, n, strict=True))
    middle = sum(
        (D(n1) * n0 * (a + c) - D(a) * c * m) / m**2 for (a, n1, c, n0), m in zip(tables, n, strict=True)
    )
    found = {"mantel-haenszel": ((above / below).ln(), (middle / (above * below)).sqrt())}
    if all(a and c for a, _, c, _ in tables):
        logs = [(D(a) / n1 / (D(c) / n0)).ln() for a, n1, c, n0 in tables]
        weights = [1 / (ONE / a - ONE / n1 + ONE / c - ONE / n0) for a, n1, c, n0 in tables]
        mean = sum(u * v for u, v in zip(weights, logs, strict=True)) / sum(weights)
        found["inverse-variance"] = (mean, (1 / sum(weights)).sqrt())
    return {
        method: {
            "risk_ratio": log.exp(),
            "std_err": error,
            "lower": (log - z * error).exp(),
            "upper": (log + z * error).exp(),
            "z": log / error,
        }
        for method, (log, error) in found.items()
    }


def needed() -> list[dict[str, object]]:
    """One over the difference and over its limits, turned where 0 is between them."""
    cases = []
    for table in ((56, 70, 48, 80), (48, 80, 56, 70), (10, 20, 9, 20), (5, 54, 10, 57), (51, 54, 39, 57)):
        for method in ("newcombe", "wald", "miettinen-nurminen"):
            lower, upper = difference_limits(method, *table, "0.95")
            inside = lower < 0 < upper
            values = {
                "number_needed": 1 / (Fraction(table[0], table[1]) - Fraction(table[2], table[3])),
                "lower": 1 / (lower if inside else upper),
                "upper": 1 / (upper if inside else lower),
            }
            label = "{}/{} vs {}/{}, number needed, ".format(*table) + method
            cases.append(
                case(
                    label,
                    "number_needed_to_treat",
                    "decimal",
                    {**four(*table), "method": method},
                    values,
                    [152],
                )
            )
    return cases


def odds() -> list[dict[str, object]]:
    cases = []
    for name, strata in STRATA.items():
        arguments = {key: [t[k] for t in strata] for k, key in enumerate(four(0, 0, 0, 0))}
        for level in ("0.95", "0.9"):
            for method, values in common_ratios(strata, level).items():
                more = {"method": method, "confidence_level": float(level)}
                cases.append(
                    case(
                        f"{name} strata, {method}, {level}",
                        "stratified_risk_ratio",
                        "strata",
                        {**arguments, **more},
                        values,
                        [153],
                    )
                )
    tables = (
        (26, 105, 31, 103),
        (79, 105, 33, 103),
        (3, 4, 1, 4),
        (1, 10, 6, 12),
        (0, 5, 3, 7),
        (5, 5, 3, 7),
        (9, 9, 0, 8),
        (28, 51, 71, 230),
    )
    for table in tables:
        label = "{}/{} vs {}/{}".format(*table)
        for level in ("0.95", "0.9"):
            found = conditional(*table, 1 - D(level))
            for method in ("exact", "mid_p", "minimum-likelihood"):
                if method == "minimum-likelihood" and (level == "0.9" or table[1] > 60):
                    continue
                values = {"odds_ratio_conditional": found["estimate"]["e"], **found[method]}
                cases.append(
                    case(
                        f"{label}, {method}, {level}",
                        "odds_ratio",
                        "decimal",
                        {**four(*table), "method": method, "confidence_level": float(level)},
                        values,
                        [153],
                    )
                )
        for method in ("miettinen-nurminen", "cornfield", "cornfield_cc"):
            lower, upper = odds_score_limits(
                *table, Z["0.95"], method == "miettinen-nurminen", method == "cornfield_cc"
            )
            cases.append(
                case(
                    f"{label}, {method}",
                    "odds_ratio",
                    "decimal",
                    {**four(*table), "method": method},
                    {"lower": lower, "upper": upper},
                    [153],
                )
            )
        for method in ("miettinen-nurminen", "koopman"):
            lower, upper = ratio_limits(*table, Z["0.95"], method == "miettinen-nurminen")
            cases.append(
                case(
                    f"{label}, ratio, {method}",
                    "risk_ratio",
                    "decimal",
                    {**four(*table), "method": method},
                    {"lower": lower, "upper": upper},
                    [153],
                )
            )
    return cases


SOURCES = {
    "decimal": {
        "kind": "closed form",
        "derivation": "score equations with restricted risks found by bisection on the slope of the likelihood; conditional distribution from whole-number weights; 50 digits",
        "script": "verification/evidence/differences_exact.py",
    },
    "enumeration": {
        "kind": "closed form",
        "derivation": "every table listed; each tail a polynomial in the control risk with fractions as coefficients, its maximum at the roots of the derivative",
        "script": "verification/evidence/differences_exact.py",
    },
    "strata": {
        "kind": "closed form",
        "derivation": "the published formulas in decimal arithmetic of 50 digits, restricted risks by bisection",
        "script": "verification/evidence/differences_exact.py",
    },
}

if __name__ == "__main__":
    write("differences", "differences_exact.json", SOURCES, differences() + needed())
    write("odds", "odds_exact.json", {name: SOURCES[name] for name in ("decimal", "strata")}, odds())
