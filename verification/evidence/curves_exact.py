"""Closed forms for survival curves: fractions by the definitions, 50-digit decimals for roots and logarithms.

Run from the repository's root: python verification/evidence/curves_exact.py. Nothing of equipoise is used.
"""

from __future__ import annotations

import json
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

getcontext().prec = 50
Z = Decimal(
    "1.95996398454005423552459443052055152795555007786954839847695264636163527414488266"
)  # normal, 0.975
OUT = Path("src/equipoise/validation/evidence/curves_exact.json")

DATA = {
    "uncensored": {"time": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3], "event": [1] * 10, "group": list("ABABABABAB")},
    "ties": {
        "time": [0, 2, 2, 2, 3, 3, 5, 5, 5, 6, 8, 8, 9, 9, 11, 12],
        "event": [1, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0],
        "group": list("ABBAABABBAABABBA"),
        "count": [2, 1, 3, 1, 1, 2, 4, 1, 1, 2, 1, 1, 5, 1, 2, 1],
        "weight": [0.5, 1.25, 2, 1, 0.75, 3, 1, 1.5, 0.25, 2, 1, 1, 4, 0.5, 1, 2.5],
        "pair": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8],
        "entry": [0, 0, 1, 0, 2, 0, 0, 3, 4, 2, 5, 3, 0, 6, 9, 8],
    },
    "six_mp": {
        "time": [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
        "event": [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
    },
    "freireich": {
        "time": [
            6,
            6,
            6,
            6,
            7,
            9,
            10,
            10,
            11,
            13,
            16,
            17,
            19,
            20,
            22,
            23,
            25,
            32,
            32,
            34,
            35,
            1,
            1,
            2,
            2,
            3,
            4,
            4,
            5,
            5,
            8,
            8,
            8,
            8,
            11,
            11,
            12,
            12,
            15,
            17,
            22,
            23,
        ],
        "event": [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0] + [1] * 21,
        "group": ["6-MP"] * 21 + ["placebo"] * 21,
    },
    "one": {"time": [4], "event": [1]},
    "huge": {"time": [10**9, 2 * 10**9, 3 * 10**9, 4 * 10**9], "event": [1, 0, 1, 0]},
    "tiny": {"time": [1e-6, 2e-6, 3e-6, 4e-6], "event": [1, 0, 1, 0]},
    "half": {"time": [1, 2, 3, 4], "event": [1, 1, 0, 0]},
    "flat": {"time": [1, 2, 3, 4], "event": [1, 1, 1, 1]},
}


class Dual:
    """A fraction with its derivative: exact differentiation of the curve in a subject's weight."""

    def __init__(self, value, slope=0):
        self.value, self.slope = Fraction(value), Fraction(slope)

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __truediv__(self, other):
        return Dual(
            self.value / other.value, (self.slope * other.value - self.value * other.slope) / other.value**2
        )


def decimal(value):
    return (
        Decimal(value.numerator) / Decimal(value.denominator)
        if isinstance(value, Fraction)
        else Decimal(value)
    )


def root(value):
    return decimal(value).sqrt()


def number(value):
    return None if value is None else float(value)


def risk_sets(data, weights=None, entry=None):
    """(time, at risk, events, censored) at each distinct time, by counting."""
    time, event = data["time"], data["event"]
    weights = [Fraction(w) for w in (weights or [1] * len(time))]
    entry = entry or [0] * len(time)
    rows = []
    for t in sorted(set(time)):
        at_risk = [i for i in range(len(time)) if time[i] >= t and (entry[i] < t or entry[i] == 0)]
        rows.append((
            t,
            sum(weights[i] for i in at_risk),
            sum(weights[i] for i in at_risk if time[i] == t and event[i]),
            sum(weights[i] for i in at_risk if time[i] == t and not event[i]),
        ))  # fmt: skip
    return rows


def curve(rows):
    """Survival and Greenwood's sum (None once everyone is dead) as fractions, after each row."""
    survival, greenwood, out = Fraction(1), Fraction(0), []
    for _, n, d, _ in rows:
        survival *= 1 - Fraction(d) / n
        greenwood = None if greenwood is None or n == d else greenwood + Fraction(d) / (n * (n - d))
        out.append((survival, greenwood))
    return out


def limits(kind, survival, log_variance):
    """Lower and upper limit on the scales that need no angles."""
    if log_variance is None or survival == 0:
        return None, None
    s, e = decimal(survival), root(log_variance)
    if kind == "plain":
        return max(s - Z * s * e, Decimal(0)), min(s + Z * s * e, Decimal(1))
    if kind == "log":
        return s * (-Z * e).exp(), min(s * (Z * e).exp(), Decimal(1))
    if survival == 1:
        return None, None
    if kind == "log-log":
        r = Z * e / -s.ln()
        return (s.ln() * r.exp()).exp(), (s.ln() * (-r).exp()).exp()
    odds, r = s / (1 - s), Z * e / (1 - s)
    return odds * (-r).exp() / (1 + odds * (-r).exp()), odds * r.exp() / (1 + odds * r.exp())


def whole(rows, kind, variances=None):
    points = curve(rows)
    variances = variances or [greenwood for _, greenwood in points]
    reach = [limits(kind, s, v) for (s, _), v in zip(points, variances, strict=True)]
    return {
        "time": [float(row[0]) for row in rows],
        "n_at_risk": [float(row[1]) for row in rows],
        "n_events": [float(row[2]) for row in rows],
        "n_censored": [float(row[3]) for row in rows],
        "survival": [float(s) for s, _ in points],
        "std_err": [
            None if v is None or s == 0 else float(decimal(s) * root(v))
            for (s, _), v in zip(points, variances, strict=True)
        ],
        "lower": [number(low) for low, _ in reach],
        "upper": [number(high) for _, high in reach],
    }


def robust(data, weights, cluster, entry=None):
    """The infinitesimal-jackknife variance of log survival: exact derivatives in each weight, squared by cluster."""
    time, event, n = data["time"], data["event"], len(data["time"])
    entry = entry or [0] * n
    sums = {}
    distinct = sorted(set(time))
    for i in range(n):
        w = [Dual(weights[k], 1 if k == i else 0) for k in range(n)]
        survival, slopes = Dual(1), []
        for t in distinct:
            at_risk = [k for k in range(n) if time[k] >= t and (entry[k] < t or entry[k] == 0)]
            total, stay = Dual(0), Dual(0)
            for k in at_risk:
                total = total + w[k]
                if not (time[k] == t and event[k]):
                    stay = stay + w[k]
            survival = survival * (stay / total)
            slopes.append(
                None if survival.value == 0 else Fraction(weights[i]) * survival.slope / survival.value
            )
        old = sums.get(cluster[i], [Fraction(0)] * len(distinct))
        sums[cluster[i]] = [None if b is None else a + b for a, b in zip(old, slopes, strict=True)]
    return [
        None
        if any(one[row] is None for one in sums.values())
        else sum(one[row] ** 2 for one in sums.values())
        for row in range(len(distinct))
    ]


def part(data, group):
    chosen = [i for i, label in enumerate(data["group"]) if label == group]
    return {"time": [data["time"][i] for i in chosen], "event": [data["event"][i] for i in chosen]}


def survival_at(data, t):
    """Survival and the variance of its logarithm at a time within follow-up."""
    rows = risk_sets(data)
    found = [point for row, point in zip(rows, curve(rows), strict=True) if row[0] <= t]
    return found[-1] if found else (Fraction(1), Fraction(0))


def restricted(data, until):
    """Area under the curve and its variance."""
    rows = [row for row in risk_sets(data) if row[0] <= until]
    steps = [Fraction(1), *(s for s, _ in curve(rows))]
    times = [Fraction(0), *(Fraction(row[0]) for row in rows), Fraction(until)]
    pieces = [(b - a) * s for a, b, s in zip(times, times[1:], steps, strict=False)]
    variance = Fraction(0)
    for i, (_, n, d, _) in enumerate(rows):
        if n > d:
            variance += sum(pieces[i + 1 :]) ** 2 * Fraction(d) / (n * (n - d))
    return sum(pieces), variance


CASES = []


def add(id_, function, values, arguments, data, then=None, tolerance=None, reason=None):
    case = {"id": id_, "function": function, "source": "exact", "data": data, "arguments": arguments}
    if then:
        case["then"] = then
    case["values"] = values
    if tolerance:
        case["tolerance"], case["reason"] = tolerance, reason
    CASES.append(case)


def kaplan_meier_cases():
    for name in ("uncensored", "ties", "six_mp", "one", "huge", "tiny"):
        for kind in ("plain", "log", "log-log", "logit"):
            add(f"{name}, fractions, {kind}", "kaplan_meier", whole(risk_sets(DATA[name]), kind),
                {"time": "time", "event": "event", "interval": kind}, name)  # fmt: skip
    time = DATA["uncensored"]["time"]
    shares = [Fraction(sum(u > t for u in time), len(time)) for t in sorted(set(time))]
    binomial = [None if s == 0 else float(root(s * (1 - s) / len(time))) for s in shares]
    add("without censoring: proportions and their binomial standard errors", "kaplan_meier",
        {"survival": [float(s) for s in shares], "std_err": binomial}, {"time": "time", "event": "event"}, "uncensored")  # fmt: skip
    weights = {"count": [1.0] * 10}
    DATA["ones"] = {**DATA["uncensored"], **weights}
    add("without censoring, weights of 1: the robust standard error is the binomial one", "kaplan_meier",
        {"survival": [float(s) for s in shares], "std_err": binomial},
        {"time": "time", "event": "event", "weights": "count", "weight_type": "sampling"}, "ones")  # fmt: skip
    ties = DATA["ties"]
    base = {"time": "time", "event": "event"}
    for kind in ("plain", "log", "log-log", "logit"):
        rows = risk_sets(ties, entry=ties["entry"])
        add(
            f"delayed entry, fractions, {kind}",
            "kaplan_meier",
            whole(rows, kind),
            {**base, "entry": "entry", "interval": kind},
            "ties",
        )
        rows = risk_sets(ties, weights=ties["count"])
        add(f"counts as weights, fractions, {kind}", "kaplan_meier", whole(rows, kind),
            {**base, "weights": "count", "weight_type": "frequency", "interval": kind}, "ties")  # fmt: skip
    rows = risk_sets(ties, weights=ties["count"], entry=ties["entry"])
    add("counts as weights and delayed entry", "kaplan_meier", whole(rows, "log"),
        {**base, "entry": "entry", "weights": "count", "weight_type": "frequency", "interval": "log"}, "ties")  # fmt: skip
    alone, ones = list(range(len(ties["time"]))), [1] * len(ties["time"])
    for words, weights, cluster, entry, arguments in (
        ("sampling weights", ties["weight"], alone, None, {"weights": "weight", "weight_type": "sampling"}),
        ("sampling weights in pairs", ties["weight"], ties["pair"], None,
         {"weights": "weight", "weight_type": "sampling", "cluster": "pair"}),
        ("pairs", ones, ties["pair"], None, {"cluster": "pair"}),
        ("pairs with delayed entry", ones, ties["pair"], ties["entry"], {"cluster": "pair", "entry": "entry"}),
        ("sampling weights with delayed entry", ties["weight"], alone, ties["entry"],
         {"weights": "weight", "weight_type": "sampling", "entry": "entry"}),
    ):  # fmt: skip
        rows = risk_sets(ties, weights=weights, entry=entry)
        add(f"{words}: exact derivatives in the weights", "kaplan_meier",
            whole(rows, "log", robust(ties, weights, cluster, entry)), {**base, **arguments, "interval": "log"}, "ties")  # fmt: skip


def reading_cases():
    base = {"time": "time", "event": "event"}
    for name, p, expected in (
        ("half", 0.5, 3.0), ("half", 0.25, 1.5), ("half", 0.6, None), ("flat", 0.5, 2.5), ("flat", 0.75, 3.5), ("flat", 0.74, 3.0),
        ("flat", 0.9, 4.0), ("six_mp", 0.5, 23.0), ("six_mp", 0.2, 10.0), ("one", 0.5, 4.0),
    ):  # fmt: skip
        add(f"{name}: quantile {p} on a step, between steps, on a flat stretch", "kaplan_meier", {"estimate": expected}, base, name,
            [["quantile", {"probability": p}]])  # fmt: skip
    ties = DATA["ties"]
    ticks = [0, 1, 2, 4.5, 8, 12, 13]
    at = {
        "n_at_risk": [float(sum(t >= tick for t in ties["time"])) for tick in ticks],
        "cumulative_events": [float(sum(t <= tick and e for t, e in zip(ties["time"], ties["event"], strict=True))) for tick in ticks],
        "cumulative_censored": [float(sum(t <= tick and not e for t, e in zip(ties["time"], ties["event"], strict=True))) for tick in ticks],
    }  # fmt: skip
    add("counts under a figure", "kaplan_meier", at, base, "ties", [["risk_table", {"times": ticks}]])
    late = [
        float(
            sum(t >= tick and (e < tick or e == 0) for t, e in zip(ties["time"], ties["entry"], strict=True))
        )
        for tick in ticks
    ]
    add("counts under a figure with delayed entry", "kaplan_meier", {"n_at_risk": late}, {**base, "entry": "entry"}, "ties",
        [["risk_table", {"times": ticks}]])  # fmt: skip
    reverse = {"time": ties["time"], "event": [1 - e for e in ties["event"]]}
    add("censorings as events", "reverse_kaplan_meier", whole(risk_sets(reverse), "log-log"), base, "ties")
    ordered = sorted(ties["time"])

    def seventh(p):
        place = (len(ordered) - 1) * p
        below = int(place)
        return ordered[below] + (place - below) * (ordered[min(below + 1, len(ordered) - 1)] - ordered[below])

    add("quartiles of the observed times", "observed_follow_up",
        {"n": len(ordered), "median": float(seventh(Fraction(1, 2))), "q1": float(seventh(Fraction(1, 4))), "q3": float(seventh(Fraction(3, 4))),
         "minimum": ordered[0], "maximum": ordered[-1]}, {"time": "time"}, "ties")  # fmt: skip
    both = DATA["freireich"]
    groups = ["placebo", "6-MP"]
    add("Freireich: sizes, events, medians", "survival_curves",
        {"n": [21, 21], "n_events": [21, 9], "median": [8.0, 23.0]}, {**base, "group": "group", "groups": groups}, "freireich")  # fmt: skip
    for label in groups:
        add(f"Freireich, {label}: fractions", "survival_curves", whole(risk_sets(part(both, label)), "log-log"),
            {**base, "group": "group", "groups": groups}, "freireich", [["__getitem__", {"label": label}]])  # fmt: skip


def hazard_cases():
    for name in ("ties", "six_mp", "uncensored"):
        rows = risk_sets(DATA[name])
        for variance in ("aalen", "klein", "greenwood", "one after the other"):
            hazard, total, hazards, errors = Fraction(0), Fraction(0), [], []
            for _, n, d, _ in rows:
                if variance == "one after the other":
                    hazard += sum((1 / Fraction(n - j) for j in range(int(d))), Fraction(0))
                    total += sum((1 / Fraction(n - j) ** 2 for j in range(int(d))), Fraction(0))
                else:
                    hazard += Fraction(d) / n
                    divisor = {"aalen": n**2 * (n - d) or 1, "klein": n**2 * (n - 1) or 1, "greenwood": n**3}[
                        variance
                    ]
                    total += Fraction(d) / n**2 if variance == "aalen" else Fraction(d) * (n - d) / divisor
                hazards.append(hazard)
                errors.append(root(total))
            for kind in ("plain", "log"):
                if kind == "plain":
                    reach = [
                        (max(decimal(h) - Z * e, Decimal(0)), decimal(h) + Z * e)
                        for h, e in zip(hazards, errors, strict=True)
                    ]
                else:
                    reach = [(None, None) if h == 0 else (decimal(h) * (-Z * e / decimal(h)).exp(), decimal(h) * (Z * e / decimal(h)).exp())
                             for h, e in zip(hazards, errors, strict=True)]  # fmt: skip
                options = (
                    {"ties": "fleming-harrington"}
                    if variance == "one after the other"
                    else {"variance": variance}
                )
                values = {
                    "cumulative_hazard": [float(h) for h in hazards],
                    "std_err": [float(e) for e in errors],
                    "lower": [number(low) for low, _ in reach],
                    "upper": [number(high) for _, high in reach],
                    "survival": [float((-decimal(h)).exp()) for h in hazards],
                }
                add(f"{name}: sums of fractions, variance {variance}, {kind}", "nelson_aalen", values,
                    {"time": "time", "event": "event", "interval": kind, **options}, name)  # fmt: skip


def two_group_cases():
    for name, groups, ticks, untils in (
        ("ties", ["A", "B"], [3, 5.5, 8], [4, 8, Fraction(21, 2)]),
        ("freireich", ["placebo", "6-MP"], [6, 10, 22], [10, 20, 23]),
        ("uncensored", ["A", "B"], [3, 4], [4, 6]),
    ):
        parts = [part(DATA[name], label) for label in groups]
        base = {"time": "time", "event": "event", "group": "group", "groups": groups}
        values = {
            "survival": [],
            "difference": [],
            "difference_std_err": [],
            "ratio": [],
            "ratio_lower": [],
            "ratio_upper": [],
        }
        tests = {kind: [] for kind in ("plain", "log", "log-log", "logit")}
        for t in ticks:
            (s0, v0), (s1, v1) = (survival_at(one, t) for one in parts)
            a, b = decimal(s0), decimal(s1)
            values["survival"].append([float(s0), float(s1)])
            values["difference"].append(float(s1 - s0))
            values["difference_std_err"].append(float(root(s0**2 * v0 + s1**2 * v1)))
            error = root(v0 + v1)
            values["ratio"].append(float(s1 / s0))
            values["ratio_lower"].append(float(b / a * (-Z * error).exp()))
            values["ratio_upper"].append(float(b / a * (Z * error).exp()))
            tests["plain"].append(float((b - a) / root(s0**2 * v0 + s1**2 * v1)))
            tests["log"].append(float((b / a).ln() / error))
            tests["log-log"].append(
                float(
                    ((-a.ln()).ln() - (-b.ln()).ln())
                    / (decimal(v0) / a.ln() ** 2 + decimal(v1) / b.ln() ** 2).sqrt()
                )
            )
            tests["logit"].append(
                float((b / (1 - b) / (a / (1 - a))).ln() / root(v0 / (1 - s0) ** 2 + v1 / (1 - s1) ** 2))
            )
        for kind, z in tests.items():
            add(f"{name}: milestones in fractions, {kind}", "milestone_difference", {**values, "z": z, "chi_square": [one**2 for one in z]},
                {**base, "at": ticks, "transform": kind}, name)  # fmt: skip
        for until in untils:
            (m0, v0), (m1, v1) = (restricted(one, until) for one in parts)
            error, log_error = root(v0 + v1), root(v0 / m0**2 + v1 / m1**2)
            l0, l1 = until - m0, until - m1
            lost_error = root(v0 / l0**2 + v1 / l1**2)
            difference = decimal(m1 - m0)
            found = {
                "restricted_mean": [float(m0), float(m1)], "std_err": [float(root(v0)), float(root(v1))], "time_lost": [float(l0), float(l1)],
                "difference": float(difference), "difference_std_err": float(error), "difference_lower": float(difference - Z * error),
                "difference_upper": float(difference + Z * error), "z": float(difference / error), "ratio": float(m1 / m0),
                "ratio_lower": float(decimal(m1 / m0) * (-Z * log_error).exp()), "ratio_upper": float(decimal(m1 / m0) * (Z * log_error).exp()),
                "time_lost_ratio": float(l1 / l0), "time_lost_ratio_lower": float(decimal(l1 / l0) * (-Z * lost_error).exp()),
                "time_lost_ratio_upper": float(decimal(l1 / l0) * (Z * lost_error).exp()),
            }  # fmt: skip
            add(f"{name}: restricted means until {float(until):g} in fractions", "restricted_mean_difference", found,
                {**base, "until": float(until)}, name)  # fmt: skip
    for name, untils in (
        ("six_mp", (6, 20, 35)),
        ("ties", (0.5, 5, 12)),
        ("uncensored", (9, 20)),
        ("one", (3, 4, 7)),
        ("huge", (3 * 10**9,)),
    ):
        for until in untils:
            mean, variance = restricted(DATA[name], Fraction(until))
            reach = Z * root(variance)
            add(f"{name}: area until {until:g} in fractions", "restricted_mean",
                {"restricted_mean": float(mean), "std_err": float(root(variance)), "lower": float(decimal(mean) - reach),
                 "upper": float(decimal(mean) + reach), "time_lost": float(Fraction(until) - mean)},
                {"time": "time", "event": "event", "until": until}, name)  # fmt: skip
    mean = Fraction(sum(DATA["uncensored"]["time"]), 10)
    spread = sum((t - mean) ** 2 for t in DATA["uncensored"]["time"]) / Fraction(100)
    add("without censoring: the arithmetic mean, and its standard error with divisor n", "restricted_mean",
        {"restricted_mean": float(mean), "std_err": float(root(spread))}, {"time": "time", "event": "event"}, "uncensored")  # fmt: skip


def main():
    kaplan_meier_cases()
    reading_cases()
    hazard_cases()
    two_group_cases()
    derivation = (
        "Kaplan-Meier, Greenwood, Nelson-Aalen and areas as fractions from counts of subjects, roots and logarithms in 50 digits; robust variances "
        "by exact derivatives of the curve in each weight; without censoring proportions, binomial errors and arithmetic means"
    )
    sources = {
        "exact": {
            "kind": "closed form",
            "derivation": derivation,
            "script": "verification/evidence/curves_exact.py",
        }
    }
    lines = ",\n".join("    " + json.dumps(case) for case in CASES)
    head = f'  "area": "curves",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(DATA)},\n'
    OUT.write_text("{\n" + head + '  "cases": [\n' + lines + "\n  ]\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
