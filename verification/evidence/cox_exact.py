"""Cox's likelihoods by their definitions, in fractions and in 60 decimal digits.

Run from the repository's root: python verification/evidence/cox_exact.py. Nothing of equipoise is used.

Small data: every risk is a fraction, for with one whole-number covariate x it is r to the power x, r = exp(coefficient).
Sums over all choices, or all orders, of the tied deaths are written out; their first and second derivatives are carried
along exactly; and the r at which the score is 0 is found by halving an interval of fractions.
Trial data, exact marginal likelihood: the sum over all orders of d tied deaths with risks r_i before survivors of total
risk S is the sum over subsets A of the deaths of (-1)^|A| S / (S + sum of r over A), in 60 digits, maximized by Newton.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

getcontext().prec = 60
ROOT = Path("src/equipoise/validation")
OUT = ROOT / "evidence/cox_exact.json"
TIES = ("efron", "breslow", "exact-partial", "exact-marginal")
Z = Decimal("1.959963984540054235524594430520551527955550")
CHI = Decimal("3.841458820694124")


@dataclass(frozen=True)
class Jet:
    """A number with its first and second derivatives by the coefficient."""

    v: Fraction
    a: Fraction = Fraction(0)
    b: Fraction = Fraction(0)

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.v + other.v, self.a + other.a, self.b + other.b)

    def __mul__(self, other: Jet) -> Jet:
        return Jet(
            self.v * other.v,
            self.a * other.v + self.v * other.a,
            self.b * other.v + 2 * self.a * other.a + self.v * other.b,
        )

    def over(self, other: Jet) -> Jet:
        v = 1 / other.v
        a = -other.a * v * v
        b = (2 * other.a * other.a * v - other.b) * v * v
        return self * Jet(v, a, b)

    def times(self, k: Fraction) -> Jet:
        return Jet(k * self.v, k * self.a, k * self.b)


def total(jets: Sequence[Jet]) -> Jet:
    found = Jet(Fraction(0))
    for one in jets:
        found = found + one
    return found


def logs(data: dict[str, list[Any]], ties: str, r: Fraction) -> Iterator[tuple[Fraction, Jet]]:
    """Multipliers and factors: the log likelihood is the sum of multiplier times log of factor."""
    n = len(data["time"])
    zero = [0] * n
    time, event, x = data["time"], data["event"], data["x"]
    entry, stratum = data.get("entry", zero), data.get("stratum", zero)
    factor, weight = data.get("factor", [1] * n), [Fraction(str(w)) for w in data.get("weight", [1] * n)]
    risk = [Jet(k * r**e, e * k * r**e, e * e * k * r**e) for k, e in zip(factor, x, strict=True)]
    for s in sorted(set(stratum)):
        for t in sorted({u for u, d, own in zip(time, event, stratum, strict=True) if d and own == s}):
            at_risk = [
                i for i in range(n) if stratum[i] == s and time[i] >= t and (entry[i] < t or entry[i] == 0)
            ]
            dying = [i for i in at_risk if time[i] == t and event[i]]
            d = len(dying)
            if ties == "exact-partial":
                choices = [one_product([risk[i] for i in chosen]) for chosen in combinations(at_risk, d)]
                yield Fraction(1), one_product([risk[i] for i in dying]).over(total(choices))
            elif ties == "exact-marginal":
                orders = []
                for order in permutations(dying):
                    left, chance = list(at_risk), Jet(Fraction(1))
                    for i in order:
                        chance = chance * risk[i].over(total([risk[j] for j in left]))
                        left.remove(i)
                    orders.append(chance)
                yield Fraction(1), total(orders)
            else:
                each = sum(weight[i] for i in dying) / d
                for i in dying:
                    yield weight[i], risk[i]
                for k in range(d):
                    off = Fraction(k, d) if ties == "efron" else Fraction(0)
                    parts = [risk[i].times(weight[i] * (1 - off * (i in dying))) for i in at_risk]
                    yield -each, total(parts)


def one_product(jets: Sequence[Jet]) -> Jet:
    found = Jet(Fraction(1))
    for one in jets:
        found = found * one
    return found


def derivatives(data: dict[str, list[Any]], ties: str, r: Fraction) -> tuple[Fraction, Fraction]:
    """The score and the information."""
    score = information = Fraction(0)
    for m, jet in logs(data, ties, r):
        score += m * jet.a / jet.v
        information -= m * (jet.b / jet.v - (jet.a / jet.v) ** 2)
    return score, information


def decimal(x: Fraction) -> Decimal:
    return Decimal(x.numerator) / Decimal(x.denominator)


def log_likelihood(data: dict[str, list[Any]], ties: str, r: Fraction) -> Decimal:
    return sum((decimal(m) * decimal(jet.v).ln() for m, jet in logs(data, ties, r)), Decimal(0))


def residuals(data: dict[str, list[Any]], ties: str, r: Fraction) -> list[Fraction]:
    """Each row's weighted part of the score (Efron and Breslow)."""
    n = len(data["time"])
    zero = [0] * n
    time, event, x = data["time"], data["event"], data["x"]
    entry, stratum = data.get("entry", zero), data.get("stratum", zero)
    weight = [Fraction(str(w)) for w in data.get("weight", [1] * n)]
    risk = [k * r**e for k, e in zip(data.get("factor", [1] * n), x, strict=True)]
    found = [Fraction(0)] * n
    for s in sorted(set(stratum)):
        for t in sorted({u for u, d, own in zip(time, event, stratum, strict=True) if d and own == s}):
            at_risk = [
                i for i in range(n) if stratum[i] == s and time[i] >= t and (entry[i] < t or entry[i] == 0)
            ]
            dying = [i for i in at_risk if time[i] == t and event[i]]
            each = sum(weight[i] for i in dying) / len(dying)
            for k in range(len(dying)):
                off = Fraction(k, len(dying)) if ties == "efron" else Fraction(0)
                part = {i: weight[i] * risk[i] * (1 - off * (i in dying)) for i in at_risk}
                whole = sum(part.values())
                mean = sum(part[i] * x[i] for i in at_risk) / whole
                for i in at_risk:
                    found[i] -= each * part[i] / whole * (x[i] - mean)
                for i in dying:
                    found[i] += weight[i] * (x[i] - mean) / len(dying)
    return found


def root(data: dict[str, list[Any]], ties: str) -> Fraction | None:
    """The r at which the score is 0, to 40 digits; None when it is 0 or infinite."""
    low, high = Fraction(1, 2**20), Fraction(2**20)
    if derivatives(data, ties, low)[0] <= 0 or derivatives(data, ties, high)[0] >= 0:
        return None
    r = Fraction(1)
    while high - low > high / 10**8:
        r = rounded((low + high) / 2)
        low, high = (r, high) if derivatives(data, ties, r)[0] > 0 else (low, r)
    r = (low + high) / 2
    for _ in range(4):  # Newton on log r, from eight digits on
        score, information = derivatives(data, ties, r)
        r = rounded(r + r * score / information)
    return r


def rounded(r: Fraction) -> Fraction:
    return Fraction(int(r * 10**45), 10**45)


def clustered(data: dict[str, list[Any]], parts: list[Fraction]) -> list[Fraction]:
    label = data.get("cluster", list(range(len(parts))))
    return [sum(p for p, own in zip(parts, label, strict=True) if own == c) for c in sorted(set(label))]


def values(data: dict[str, list[Any]], ties: str, robust: bool) -> dict[str, Any] | None:
    r = root(data, ties)
    if r is None:
        return None
    b, (_, information) = decimal(r).ln(), derivatives(data, ties, r)
    score, at_zero = derivatives(data, ties, Fraction(1))
    if information <= 0 or at_zero <= 0 or not any(one != 0 for one in data["x"]):
        return None
    start, end = log_likelihood(data, ties, Fraction(1)), log_likelihood(data, ties, r)
    se = used = (1 / decimal(information)).sqrt()
    found: dict[str, Any] = {}
    if robust:
        squares = sum(one * one for one in clustered(data, residuals(data, ties, r)))
        used = decimal(squares).sqrt() / decimal(information)
        null = sum(one * one for one in clustered(data, residuals(data, ties, Fraction(1))))
        found = {"robust_std_err[0]": float(used), "robust_score.chi_square": float(score * score / null)}
    return {
        "coefficients[0]": float(b),
        "hazard_ratio[0]": float(decimal(r)),
        "std_err[0]": float(se),
        "wald_z[0]": float(b / used),
        "lower[0]": float((b - Z * used).exp()),
        "upper[0]": float((b + Z * used).exp()),
        "log_likelihood_null": float(start),
        "log_likelihood": float(end),
        "likelihood_ratio.chi_square": float(2 * (end - start)),
        "wald.chi_square": float((b / used) ** 2),
        "score.chi_square": float(score * score / at_zero),
        **found,
    }


def limits(data: dict[str, list[Any]], ties: str) -> tuple[float, float] | None:
    """Profile-likelihood limits of the one coefficient, by halving on log r."""
    r = root(data, ties)
    if r is None:
        return None
    target = log_likelihood(data, ties, r) - CHI / 2
    found = []
    for side in (-1, 1):
        inside, outside = decimal(r).ln(), decimal(r).ln() + side * 12
        for _ in range(60):
            middle = (inside + outside) / 2
            there = log_likelihood(data, ties, Fraction(int(middle.exp() * 10**30), 10**30))
            inside, outside = (middle, outside) if there > target else (inside, middle)
        found.append(float(inside))
    return found[0], found[1]


def drawn(seed: int, n: int, **extra: bool) -> dict[str, list[Any]]:
    """Small data with many ties."""
    one = random.Random(seed)
    data: dict[str, list[Any]] = {
        "time": [one.randint(0, 5) for _ in range(n)],
        "event": [int(one.random() < 0.75) for _ in range(n)],
        "x": [one.choice([0, 1, 1, 2, -1]) for _ in range(n)],
    }
    if extra.get("entry"):
        data["time"] = [t + 2 for t in data["time"]]
        data["entry"] = [one.randint(0, t - 1) for t in data["time"]]
    if extra.get("stratum"):
        data["stratum"] = [one.randint(1, 2) for _ in range(n)]
    if extra.get("weight"):
        data["weight"] = [one.choice([0.5, 1, 1.25, 2, 3.5]) for _ in range(n)]
    if extra.get("factor"):
        data["factor"] = [one.choice([1, 2, 3]) for _ in range(n)]
    if extra.get("cluster"):
        data["cluster"] = [one.randint(1, n // 2) for _ in range(n)]
    return data


def arguments(data: dict[str, list[Any]], ties: str) -> dict[str, Any]:
    given: dict[str, Any] = {"time": "time", "event": "event", "covariates": ["x"], "ties": ties}
    names = {
        "entry": "entry",
        "stratum": "strata",
        "weight": "weights",
        "factor": "offset",
        "cluster": "cluster",
    }
    return given | {option: column for column, option in names.items() if column in data}


def shown(data: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """As the case states the data: the factor of a risk is an offset, its logarithm."""
    return {k: [float(Decimal(f).ln()) for f in v] if k == "factor" else v for k, v in data.items()}


# The data of Therneau's validation: ties at time 6; (start, stop]; weights.
THERNEAU_1 = {"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1], "x": [1, 1, 1, 0, 0, 0]}
THERNEAU_2 = {
    "entry": [1, 2, 5, 2, 1, 7, 3, 4, 8, 8],
    "time": [2, 3, 6, 7, 8, 9, 9, 9, 14, 17],
    "event": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
    "x": [1, 0, 0, 1, 0, 1, 1, 1, 0, 0],
}
THERNEAU_3 = {
    "time": [1, 1, 2, 2, 2, 2, 3, 4, 5],
    "event": [1, 0, 1, 1, 1, 0, 0, 1, 0],
    "x": [2, 0, 1, 1, 0, 1, 0, 1, 0],
    "weight": [1, 2, 3, 4, 3, 2, 1, 2, 1],
}
TWO = {"time": [1, 2, 2, 3], "event": [1, 1, 1, 0], "x": [1, 0, 1, 0]}
MATCHED = {
    "time": [1, 2] * 7,
    "event": [1, 0] * 7,
    "x": [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1],
    "stratum": sorted([*range(1, 8)] * 2),
}
KINDS: dict[str, dict[str, list[Any]]] = {
    "Therneau 1": THERNEAU_1,
    "Therneau 2": THERNEAU_2,
    "Therneau 3": THERNEAU_3,
    "four subjects": TWO,
    "seven matched pairs": MATCHED,
    "ties": drawn(1, 11),
    "ties of many": drawn(2, 12)
    | {"time": [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4], "event": [1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 1]},
    "events at 0": drawn(3, 10)
    | {"time": [0, 0, 0, 1, 1, 2, 3, 3, 4, 5], "event": [1, 1, 0, 1, 1, 0, 1, 1, 1, 0]},
    "entries": drawn(14, 12, entry=True),
    "entries and strata": drawn(17, 14, entry=True, stratum=True),
    "strata": drawn(21, 14, stratum=True),
    "offsets": drawn(31, 11, factor=True),
    "weights": drawn(41, 11, weight=True),
    "weights, strata and offsets": drawn(52, 14, weight=True, stratum=True, factor=True),
    "weights and entries": drawn(65, 13, weight=True, entry=True)
    | {"cluster": [1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6]},
    "clusters": drawn(71, 14, cluster=True),
    "clusters, strata and offsets": drawn(83, 14, cluster=True, stratum=True, factor=True),
}


def small_cases() -> Iterator[dict[str, Any]]:
    for name, data in KINDS.items():
        approximate_only = "weight" in data or "cluster" in data
        for ties in TIES[:2] if approximate_only else TIES:
            robust = "cluster" in data or any(w != int(w) for w in data.get("weight", [1]))
            found = values(data, ties, robust)
            if found is not None:
                yield {"id": f"cox, {name}, {ties}", "function": "cox", "source": "enumeration", "data": name,
                       "arguments": arguments(data, ties), "values": found}  # fmt: skip
            elif name == "Therneau 1":
                yield {"id": f"cox, {name}, {ties}, infinite", "function": "cox", "source": "enumeration", "data": name,
                       "arguments": arguments(data, ties), "tolerance": 1e-8,
                       "values": {"coefficients[0]": "Infinity", "std_err[0]": None, "log_likelihood": float(-2 * Decimal(3).ln())}}  # fmt: skip
            bounds = None if robust or "entry" in data else limits(data, ties)
            if bounds:
                yield {"id": f"profile limits, {name}, {ties}", "function": "cox", "source": "enumeration", "data": name,
                       "arguments": arguments(data, ties), "then": [["stats.profile_intervals", {"confidence_level": 0.95}]],
                       "values": {"coefficient_lower[0]": bounds[0], "coefficient_upper[0]": bounds[1]}}  # fmt: skip


def monotone() -> Iterator[dict[str, Any]]:
    """Three treated die before three controls: the product below, as s = exp(-b) falls to 0, is 6, and e^(CHI/2) times 6 at the limit."""
    low, high = Decimal(0), Decimal(10)
    for _ in range(150):
        s = (low + high) / 2
        product = (3 + 3 * s) * (2 + 3 * s) * (1 + 3 * s)
        low, high = (s, high) if product < 6 * (CHI / 2).exp() else (low, s)
    data = {"time": [1, 2, 3, 4, 5, 6], "event": [1, 1, 1, 0, 0, 0], "x": [1, 1, 1, 0, 0, 0]}
    yield {"id": "profile limits, monotone likelihood", "function": "cox", "source": "enumeration", "data": "monotone",
           "arguments": arguments(data, "efron"), "then": [["stats.profile_intervals", {}]],
           "values": {"coefficient_lower[0]": float(-low.ln()), "upper[0]": "Infinity"}}  # fmt: skip
    yield {"id": "cox, monotone likelihood", "function": "cox", "source": "enumeration", "data": "monotone",
           "arguments": arguments(data, "efron"),
           "values": {"coefficients[0]": "Infinity", "hazard_ratio[0]": "Infinity", "std_err[0]": None,
                      "log_likelihood": float(-Decimal(6).ln()), "log_likelihood_null": float(-Decimal(120).ln()),
                      "likelihood_ratio.chi_square": float(2 * Decimal(20).ln())}}  # fmt: skip


def interactions() -> Iterator[dict[str, Any]]:
    """Two arms in two strata that are the factor's levels: the larger model is one model a stratum, the smaller one common r."""
    data = {"time": [1, 2, 2, 3, 4, 5, 6, 6, 1, 1, 2, 3, 3, 4, 5, 7], "event": [1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1],
            "x": [1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0], "level": [1] * 8 + [2] * 8}  # fmt: skip
    for ties in TIES:
        own = [{k: v[i : i + 8] for k, v in data.items()} for i in (0, 8)]
        common: dict[str, list[Any]] = {**data, "stratum": data["level"]}
        r = root(common, ties)
        apart = [root(one, ties) for one in own]
        assert r is not None and apart[0] is not None and apart[1] is not None
        gain = sum(log_likelihood(one, ties, s) for one, s in zip(own, apart, strict=True)) - log_likelihood(
            common, ties, r
        )  # type: ignore[arg-type]
        information = [derivatives(one, ties, s)[1] for one, s in zip(own, apart, strict=True)]  # type: ignore[arg-type]
        difference = decimal(apart[1]).ln() - decimal(apart[0]).ln()
        wald = difference**2 / sum(1 / decimal(one) for one in information)
        # At the common r the two scores are opposite; the score test is theirs, squared, over each information.
        at = [derivatives(one, ties, r) for one in own]
        score = sum(u * u / i for u, i in at)
        yield {"id": f"interaction of two arms and two strata, {ties}", "function": "interaction_test", "source": "enumeration",
               "data": "two strata", "arguments": {"time": "time", "event": "event", "treatment": "x", "factor": "level", "strata": "level", "ties": ties},
               "values": {"likelihood_ratio.chi_square": float(2 * gain), "likelihood_ratio.df": 1, "wald.chi_square": float(wald),
                          "score.chi_square": float(score), "larger.log_likelihood_null": float(log_likelihood(common, ties, Fraction(1)))}}  # fmt: skip
    KINDS["two strata"] = data


def indicator_cases() -> Iterator[dict[str, Any]]:
    yield {"id": "indicators by hand", "function": "indicators", "source": "enumeration", "data": "labels",
           "arguments": {"values": "arm", "reference": "b"},
           "values": {"matrix": [[1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], "reference": "b"}}  # fmt: skip


# ---- trial data, exact marginal likelihood ----


def table(name: str) -> dict[str, list[str]]:
    rows = list(csv.DictReader((ROOT / "data" / name).read_text(encoding="utf-8").splitlines()))
    return {column: [row[column] for row in rows] for column in rows[0]}


class Many:
    """A positive number with its gradient and second derivatives by p coefficients, in decimals."""

    def __init__(self, v: Decimal, a: list[Decimal], b: list[list[Decimal]]) -> None:
        self.v, self.a, self.b = v, a, b

    def __add__(self, other: Many) -> Many:
        a = [x + y for x, y in zip(self.a, other.a, strict=True)]
        return Many(
            self.v + other.v,
            a,
            [[x + y for x, y in zip(m, o, strict=True)] for m, o in zip(self.b, other.b, strict=True)],
        )


def marginal(
    time: list[float], event: list[int], x: list[list[Decimal]], stratum: list[str], beta: list[Decimal]
) -> tuple[Decimal, list[Decimal], list[list[Decimal]]]:
    """Log likelihood, score and information of the exact marginal likelihood, by inclusion and exclusion."""
    p, n = len(beta), len(time)
    span = range(p)
    value, score, information = Decimal(0), [Decimal(0)] * p, [[Decimal(0)] * p for _ in span]
    none = Many(Decimal(0), [Decimal(0)] * p, [[Decimal(0)] * p for _ in span])
    risk = []
    for row in x:
        v = sum(c * z for c, z in zip(beta, row, strict=True)).exp()
        risk.append(Many(v, [v * z for z in row], [[v * row[j] * row[k] for k in span] for j in span]))
    for s in sorted(set(stratum)):
        order = sorted((i for i in range(n) if stratum[i] == s), key=lambda i: -time[i])
        survivors, at = none, 0
        while at < len(order):
            here = [i for i in order[at:] if time[i] == time[order[at]]]
            at += len(here)
            for i in here:
                if not event[i]:
                    survivors = survivors + risk[i]
            dying = [i for i in here if event[i]]
            if dying and survivors.v:
                v, a, b = Decimal(0), [Decimal(0)] * p, [[Decimal(0)] * p for _ in span]
                for size in range(len(dying) + 1):
                    for chosen in combinations(dying, size):
                        whole = survivors
                        for i in chosen:
                            whole = whole + risk[i]
                        sign = (-1) ** size
                        q = survivors.v / whole.v
                        # S / T with both derivatives: logarithmic derivatives of the two.
                        u = [survivors.a[j] / survivors.v - whole.a[j] / whole.v for j in span]
                        v += sign * q
                        for j in span:
                            a[j] += sign * q * u[j]
                            for k in span:
                                second = (
                                    survivors.b[j][k] / survivors.v
                                    - survivors.a[j] * survivors.a[k] / survivors.v**2
                                    - whole.b[j][k] / whole.v
                                    + whole.a[j] * whole.a[k] / whole.v**2
                                )
                                b[j][k] += sign * q * (u[j] * u[k] + second)
                value += v.ln()
                for j in span:
                    score[j] += a[j] / v
                    for k in span:
                        information[j][k] -= b[j][k] / v - a[j] * a[k] / v**2
            for i in dying:
                survivors = survivors + risk[i]
    return value, score, information


def solved(matrix: list[list[Decimal]], right: list[Decimal]) -> list[Decimal]:
    rows = [[*row, r] for row, r in zip(matrix, right, strict=True)]
    p = len(rows)
    for j in range(p):
        for k in range(p):
            if k != j:
                f = rows[k][j] / rows[j][j]
                rows[k] = [x - f * y for x, y in zip(rows[k], rows[j], strict=True)]
    return [rows[j][p] / rows[j][j] for j in range(p)]


def marginal_case(
    name: str, time: str, event: str, covariates: list[str], strata: str = ""
) -> dict[str, Any]:
    data = table(f"{name}.csv")
    times, events = [float(t) for t in data[time]], [int(float(e)) for e in data[event]]
    x = [[Decimal(data[c][i]) for c in covariates] for i in range(len(times))]
    p = len(covariates)
    mean = [sum(row[j] for row in x) / len(x) for j in range(p)]
    x = [[z - m for z, m in zip(row, mean, strict=True)] for row in x]
    stratum = data[strata] if strata else [""] * len(times)
    beta = [Decimal(0)] * p
    start, score, at_zero = marginal(times, events, x, stratum, beta)
    score_test = sum(u * s for u, s in zip(score, solved(at_zero, score), strict=True))
    for _ in range(12):
        value, score, information = marginal(times, events, x, stratum, beta)
        step = solved(information, score)
        beta = [b + s for b, s in zip(beta, step, strict=True)]
        if max(map(abs, step)) < Decimal("1e-25"):
            break
    unit = [[Decimal(j == k) for k in range(p)] for j in range(p)]
    inverse = [solved(information, one) for one in unit]
    given: dict[str, Any] = {"time": time, "event": event, "covariates": covariates, "ties": "exact-marginal"}
    if strata:
        given["strata"] = strata
    return {
        "id": f"cox, {name}: {' + '.join(covariates)}, exact-marginal{', strata ' + strata if strata else ''}",
        "function": "cox", "source": "inclusion", "data": name, "arguments": given,
        "values": {
            "coefficients": [float(b) for b in beta],
            "std_err": [float(inverse[j][j].sqrt()) for j in range(p)],
            "covariance": [[float(c) for c in row] for row in inverse],
            "log_likelihood_null": float(start),
            "log_likelihood": float(value),
            "likelihood_ratio.chi_square": float(2 * (value - start)),
            "score.chi_square": float(score_test),
        },
    }  # fmt: skip


def main() -> None:
    cases = [*small_cases(), *monotone(), *interactions(), *indicator_cases()]
    cases += [
        marginal_case("lung", "time", "status", ["age", "sex"]),
        marginal_case("veteran", "time", "status", ["trt", "karno"]),
        marginal_case("veteran", "time", "status", ["trt", "age"], "celltype"),
        marginal_case("ovarian", "futime", "fustat", ["age", "rx"]),
        marginal_case("rats", "time", "status", ["rx"], "sex"),
        marginal_case("stanford2", "time", "status", ["age"]),
        marginal_case("aml", "time", "status", ["in_group"])
        if "in_group" in table("aml.csv")
        else marginal_case("kidney", "time", "status", ["age", "sex"]),
    ]
    sources = {
        "enumeration": {"kind": "closed form", "name": "the likelihood written out over every choice or order of the tied deaths, in fractions",
                        "derivation": "The definitions of the four likelihoods, summed term by term in fractions with exact derivatives; the score's zero by halving.",
                        "script": "verification/evidence/cox_exact.py"},
        "inclusion": {"kind": "closed form", "name": "the exact marginal likelihood by inclusion and exclusion, in 60 digits",
                      "derivation": "P(d deaths before all survivors) = sum over subsets A of (-1)^|A| S / (S + r(A)); maximized by Newton's method in 60 digits.",
                      "script": "verification/evidence/cox_exact.py"},
    }  # fmt: skip
    files = {case["data"] for case in cases if (ROOT / "data" / f"{case['data']}.csv").exists()}
    data: dict[str, Any] = {name: f"{name}.csv" for name in sorted(files)}
    data |= {name: shown(one) for name, one in KINDS.items()}
    data["monotone"] = {"time": [1, 2, 3, 4, 5, 6], "event": [1, 1, 1, 0, 0, 0], "x": [1, 1, 1, 0, 0, 0]}
    data["labels"] = {"arm": list("abcda")}
    lines = ",\n".join("    " + json.dumps(one) for one in cases)
    OUT.write_text(
        f'{{\n  "area": "cox",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(data)},\n  "cases": [\n{lines}\n  ]\n}}\n',
        encoding="utf-8",
    )
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
