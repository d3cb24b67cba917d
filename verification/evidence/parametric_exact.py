"""Closed forms for states, rates and cure fractions, by fractions, by the definitions, and by derivatives of the definitions.

Run from the repository's root: python verification/evidence/parametric_exact.py. Nothing of equipoise is used.
It writes states_exact.json, landmark_exact.json and parametric_exact.json.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path("src/equipoise/validation/evidence")
SCRIPT = "verification/evidence/parametric_exact.py"
cases: dict[str, list[dict[str, Any]]] = {"states": [], "landmark": [], "parametric": []}


def add(area: str, name: str, function: str, source: str, values: dict[str, Any], arguments: dict[str, Any], data: str | None = None,
        then: list[Any] | None = None, **more: Any) -> None:  # fmt: skip
    one: dict[str, Any] = {
        "id": name,
        "function": function,
        "source": source,
        "arguments": arguments,
        "values": values,
        **more,
    }
    if data:
        one["data"] = data
    if then:
        one["then"] = then
    cases[area].append(one)


# --- States. Subjects with weights in exact fractions: the estimate, and its derivative by each subject's weight.
PATHS = {
    "id": [1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 8],
    "start": [0, 2, 5, 0, 3, 0, 0, 0, 1, 4, 2, 0, 0, 4],
    "stop": [2, 5, 6, 3, 7, 0, 6, 4, 4, 8, 5, 7, 4, 9],
    "from": ["a", "b", "a", "a", "b", "b", "a", "a", "a", "b", "b", "a", "b", "a"],
    "to": ["b", "a", "c", "b", "none", "a", "c", "none", "b", "c", "c", "none", "a", "b"],
}
STATES = ["a", "b", "c"]


def occupation(
    weight: dict[int, Fraction], rows: list[tuple[Any, ...]]
) -> tuple[list[int], list[list[Fraction]]]:
    times = sorted({stop for _, _, stop, _, to, _ in rows if to != "none"})
    first = times[0]

    def inside(row: tuple[Any, ...], t: int) -> bool:
        return (row[1] < t or (row[1] == 0 and row[5])) and t <= row[2]

    total = {s: sum(weight[r[0]] for r in rows if r[3] == s and inside(r, first)) for s in STATES}
    p = [Fraction(total[s]) / sum(total.values()) for s in STATES]
    found = []
    for t in times:
        step = [[Fraction(i == j) for j in range(3)] for i in range(3)]
        for i, a in enumerate(STATES):
            n = sum(weight[r[0]] for r in rows if r[3] == a and inside(r, t))
            for j, b in enumerate(STATES):
                d = sum(weight[r[0]] for r in rows if r[3] == a and r[4] == b and r[2] == t)
                if i != j and n:
                    step[i][j] += d / n
                    step[i][i] -= d / n
        p = [sum(p[i] * step[i][j] for i in range(3)) for j in range(3)]
        found.append(p)
    return times, found


def states() -> None:
    seen: set[int] = set()
    rows = []
    for row in zip(*PATHS.values(), strict=True):
        rows.append((*row, row[0] not in seen))
        seen.add(row[0])
    one = {i: Fraction(1) for i in seen}
    times, p = occupation(one, rows)
    # The derivative by a weight of a ratio of polynomials: a central difference of 1e-12, exact to 1e-20 in fractions.
    h = Fraction(1, 10**12)
    variance = [[Fraction(0)] * 3 for _ in times]
    for i in seen:
        up, down = occupation(one | {i: 1 + h}, rows)[1], occupation(one | {i: 1 - h}, rows)[1]
        for t in range(len(times)):
            for s in range(3):
                variance[t][s] += ((up[t][s] - down[t][s]) / (2 * h)) ** 2
    arguments = {
        "subject": "id",
        "start": "start",
        "stop": "stop",
        "from_state": "from",
        "to_state": "to",
        "censored": "none",
    }
    add("states", "both ways, an event at 0, entry, ties: estimate and derivative by each weight", "aalen_johansen", "derivative",
        {"time": times, "probability": [[float(x) for x in r] for r in p], "std_err": [[math.sqrt(x) for x in r] for r in variance]},
        arguments, "paths")  # fmt: skip
    # Without censoring the probability of a state is the share of subjects in it.
    stop, reach = [1, 2, 2, 3, 3, 4, 5, 6, 6, 7], ["b", "c", "b", "c", "b", "b", "c", "c", "b", "c"]
    later = {"b": 8}
    data: dict[str, list[Any]] = {name: [] for name in PATHS}
    for i, (t, s) in enumerate(zip(stop, reach, strict=True)):
        for line in [(i, 0, t, "a", s)] + ([(i, t, later["b"] + i, "b", "c")] if s == "b" else []):
            for name, value in zip(PATHS, line, strict=True):
                data[name].append(value)
    for at in (2, 5, 6, 9, 10, 12):
        where = [
            "a" if at < t else s if s == "c" or at < later["b"] + i else "c"
            for i, (t, s) in enumerate(zip(stop, reach, strict=True))
        ]
        share = [where.count(s) / 10 for s in STATES]
        add("states", f"no censoring, at {at}: the share of subjects and its multinomial error", "aalen_johansen", "share",
            {"probability[0]": share, "std_err[0]": [math.sqrt(x * (1 - x) / 10) for x in share]}, arguments, "uncensored", [["at", {"times": [at]}]])  # fmt: skip
    spent = [sum(min(t, 10) for t in stop) / 10]
    ill = [
        min(later["b"] + i, 10) - t if s == "b" else 0
        for i, (t, s) in enumerate(zip(stop, reach, strict=True))
    ]
    well = [min(t, 10) for t in stop]
    dead = [10 - a - b for a, b in zip(well, ill, strict=True)]

    def error(values: list[int]) -> float:
        mean = Fraction(sum(values), 10)
        return math.sqrt(sum((v - mean) ** 2 for v in values)) / 10

    add("states", "no censoring: mean time in each state is the mean of the subjects' times, with its error", "aalen_johansen", "share",
        {"estimate": [spent[0], sum(ill) / 10, sum(dead) / 10], "std_err": [error(well), error(ill), error(dead)]}, arguments, "uncensored",
        [["restricted_mean", {"tau": 10}]])  # fmt: skip
    at_3 = [i for i, t in enumerate(stop) if t > 3]
    still = [0, 0, 0]
    for i in at_3:
        still["abc".index("a" if stop[i] > 6 else reach[i])] += 1
    add("states", "no censoring: transition probabilities from 3 to 6 are shares of those well at 3", "aalen_johansen", "share",
        {"probability[0,0]": [x / len(at_3) for x in still], "std_err[0,0]": [math.sqrt(x * (len(at_3) - x) / len(at_3) ** 3) for x in still]},
        arguments | {"variance": "greenwood"}, "uncensored", [["transition_probabilities", {"start": 3, "times": [6]}]])  # fmt: skip
    add("states", "everyone censored", "aalen_johansen", "share", {"probability": [[1, 0]], "std_err": [[0, 0]]},
        {"subject": [1, 2], "start": [0, 0], "stop": [3, 5], "from_state": [1, 1], "to_state": [0, 0], "states": [1, 2]}, None, [["at", {"times": [4]}]])  # fmt: skip
    write("states", {"paths": PATHS, "uncensored": data}, {
        "derivative": "the estimator with weights of subjects, in fractions; the error is the root of the sum of its squared derivatives by the weights",
        "share": "without censoring the probability of a state is the share of subjects in it, the mean time their mean, with the errors of shares and means"})  # fmt: skip


# --- Changing states.
CHANGES = {
    "time": [4, 6, 6, 7, 9, 10, 12, 3],
    "event": [1, 1, 0, 1, 1, 0, 1, 1],
    "change": [2, None, 3, None, 5, 0, None, None],
}


def landmarks() -> None:
    rows = []
    for t, e, c in zip(*CHANGES.values(), strict=True):
        if c is None:
            rows.append((0, t, e, 0))
        else:
            if c > 0:
                rows.append((0, c, 0, 0))
            rows.append((c, t, e, 1))
    expected, variance = [Fraction(0)] * 2, Fraction(0)
    survival = [[Fraction(1)], [Fraction(1)]]
    for t in sorted({r[1] for r in rows if r[2]}):
        at_risk = [sum((s < t or s == 0) and t <= u and x == g for s, u, _, x in rows) for g in (0, 1)]
        died = [sum(u == t and bool(e) and x == g for _, u, e, x in rows) for g in (0, 1)]
        n, d = sum(at_risk), sum(died)
        for g in (0, 1):
            expected[g] += Fraction(d * at_risk[g], n)
            if died[g]:
                survival[g].append(survival[g][-1] * (1 - Fraction(died[g], at_risk[g])))
        if n > 1:
            variance += Fraction(d * at_risk[0] * at_risk[1] * (n - d), n * n * (n - 1))
    observed = [sum(e for _, _, e, x in rows if x == g) for g in (0, 1)]
    chi_square = (observed[1] - expected[1]) ** 2 / variance
    arguments = {"time": "time", "event": "event", "change_time": "change"}
    add("landmark", "Mantel-Byar in fractions", "simon_makuch", "tables", {
        "mantel_byar.observed": observed, "mantel_byar.expected": [float(x) for x in expected], "mantel_byar.chi_square": float(chi_square),
        "mantel_byar.z": math.copysign(math.sqrt(chi_square), expected[1] - observed[1]),
        "mantel_byar.p_value_two_sided": math.erfc(math.sqrt(chi_square / 2)), "cox.score.chi_square": float(chi_square)},
        arguments, "changes")  # fmt: skip
    for g in (0, 1):
        add("landmark", f"Simon-Makuch curve in fractions, state {g}", "simon_makuch", "tables", {"survival": [float(x) for x in survival[g][1:]]},
            arguments, "changes", [["curve", {"changed": bool(g)}], ["at", {"times": sorted({r[1] for r in rows if r[2] and r[3] == g})}]])  # fmt: skip
    add("landmark", "rows", "split_at", "rows", {"start": [r[0] for r in rows], "stop": [r[1] for r in rows], "event": [r[2] for r in rows],
        "changed": [r[3] for r in rows]}, arguments, "changes")  # fmt: skip
    add("landmark", "a change on the last day has no time after it", "split_at", "rows", {"start": [0, 0], "stop": [5, 8], "event": [1, 0], "changed": [0, 0]},
        {"time": [5, 8], "event": [1, 0], "change_time": [5, 8]})  # fmt: skip
    kept = [(t - 3, e, c is not None and c <= 3) for t, e, c in zip(*CHANGES.values(), strict=True) if t > 3]
    add("landmark", "landmark at 3, counts", "landmark", "rows", {"n": len(kept), "n_excluded_events": 1, "n_excluded_censored": 0, "n_reached_later": 1,
        "curves.n": [sum(not x[2] for x in kept), sum(x[2] for x in kept)], "log_rank.observed": [sum(e for _, e, x in kept if not x), sum(e for _, e, x in kept if x)]},
        {"time": "time", "event": "event", "state_time": "change", "at": 3}, "changes")  # fmt: skip
    write("landmark", {"changes": CHANGES}, {"tables": "two-by-two tables at each event time and products of fractions, by hand from the rows",
                                             "rows": "what the definition says of each subject, written out"})  # fmt: skip


# --- Rates and cure.
def poisson_limit(x: int, tail: float, upper: bool) -> float:
    """Bisection of the Poisson tail, summed term by term."""
    low, high = 0.0, 10.0 * (x + 10)
    for _ in range(200):
        mean = (low + high) / 2
        to = x if upper else x - 1
        below = math.fsum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(to + 1))
        if (below > tail) if upper else (1 - below < tail):
            low = mean
        else:
            high = mean
    return (low + high) / 2


def rates() -> None:
    for x, days in ((0, 50), (1, 12), (5, 40), (20, 400)):
        time, event = [days / 25] * 25, [1] * x + [0] * (25 - x)
        add("parametric", f"exact limits of {x} events", "person_time", "tails",
            {"rate": [x / days], "upper": [poisson_limit(x, 0.025, True) / days], "lower": [poisson_limit(x, 0.025, False) / days if x else 0.0]},
            {"time": time, "event": event})  # fmt: skip
    # Nobody with the event: the upper limit is -log(0.025) over the person-time.
    add(
        "parametric",
        "no events",
        "person_time",
        "tails",
        {"rate": [0], "lower": [0], "upper": [-math.log(0.025) / 10]},
        {"time": [4, 6], "event": [0, 0]},
    )
    add("parametric", "the exponential model is one interval", "piecewise_exponential", "hand",
        {"rate": [[3 / 20]], "log_likelihood": [3 * math.log(3 / 20) - 3]}, {"time": [2, 5, 6, 7], "event": [1, 1, 0, 1], "cuts": []})  # fmt: skip
    add("parametric", "an event at a cut ends its interval", "piecewise_exponential", "hand", {"n_events": [[2, 1]], "person_time": [[17, 5]]},
        {"time": [2, 5, 6, 9], "event": [1, 1, 0, 1], "cuts": [5]})  # fmt: skip
    add("parametric", "survival in two intervals", "piecewise_exponential", "hand", {"survival": [math.exp(-2 / 17 * 3), math.exp(-2 / 17 * 5 - 1 / 5 * 2)]},
        {"time": [2, 5, 6, 9], "event": [1, 1, 0, 1], "cuts": [5]}, None, [["survival", {"times": [3, 7]}]])  # fmt: skip
    # One 0/1 covariate and one interval: two exponential models.
    add("parametric", "two exponential samples", "piecewise_exponential_regression", "hand",
        {"coefficients": [math.log((2 / 8) / (3 / 14))], "covariance": [[1 / 2 + 1 / 3]], "rate": [3 / 14], "log_rate_std_err": [math.sqrt(1 / 3)],
         "log_likelihood": 2 * math.log(2 / 8) + 3 * math.log(3 / 14) - 5},
        {"time": [2, 5, 7, 3, 4, 1], "event": [1, 1, 1, 1, 0, 1], "cuts": [], "covariates": [0, 0, 0, 1, 1, 1], "names": ["treated"]})  # fmt: skip
    # Ratio of rates: the P value sums binomial probabilities that are no more likely.
    n, q, seen = 7, Fraction(10, 26), 5
    mass = [math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(n + 1)]
    add("parametric", "two rates, exact P value", "person_time", "hand", {"rate_ratio": (5 / 10) / (2 / 16), "p_value_two_sided": float(sum(m for m in mass if m <= mass[seen]))},
        {"time": [4] * 4 + [2] * 5, "event": [1, 1, 0, 0, 1, 1, 1, 1, 1], "group": [0] * 4 + [1] * 5})  # fmt: skip
    # Cure: censored far beyond all events, the cured are the censored, and the others an exponential sample of their own.
    time = [1, 2, 3, 4] + [1e6] * 6
    add("parametric", "cure, censored far beyond the events, exponential", "mixture_cure", "far",
        {"cure_fraction": [0.6], "scale": [2.5], "shape": [1], "std_err": [math.sqrt(0.6 * 0.4 / 10)], "log_scale_std_err": [0.5],
         "log_likelihood": 6 * math.log(0.6) + 4 * math.log(0.4) - 4 * math.log(2.5) - 4},
        {"time": time, "event": [1] * 4 + [0] * 6, "distribution": "exponential"}, tolerance=1e-8)  # fmt: skip
    shape, scale = weibull([1, 2, 3, 4])
    add("parametric", "cure, censored far beyond the events, Weibull", "mixture_cure", "far", {"cure_fraction": [0.6], "scale": [scale], "shape": [shape]},
        {"time": time, "event": [1] * 4 + [0] * 6})  # fmt: skip
    add("parametric", "cure, censored far beyond the events, two groups", "mixture_cure", "far",
        {"cure_fraction": [0.5, 0.75], "scale": [(1 + 2 + 3 + 5) / 4, 4.5], "equal_cure.df": 1,
         "equal_cure.chi_square": 2 * (4 * math.log(0.5) * 2 + 2 * math.log(0.25) + 6 * math.log(0.75) - 6 * math.log(6 / 16) - 10 * math.log(10 / 16))},
        {"time": [1, 2, 3, 5] + [1e6] * 4 + [3, 6] + [1e6] * 6, "event": [1] * 4 + [0] * 4 + [1] * 2 + [0] * 6, "group": [0] * 8 + [1] * 8,
         "distribution": "exponential", "latency": "separate"})  # fmt: skip
    add("parametric", "cure, nobody censored: the boundary at 0", "mixture_cure", "far", {"cure_fraction": [0], "scale": [2.5], "std_err": [None], "lower": [0]},
        {"time": [1, 2, 3, 4], "event": [1] * 4, "distribution": "exponential"})  # fmt: skip
    write("parametric", {}, {"tails": "Poisson tails summed term by term, the mean by bisection", "hand": "events over person-time, by hand",
                             "far": "when the censored are followed far beyond every event, the cured are the censored, and the others a complete sample"})  # fmt: skip


def weibull(times: list[float]) -> tuple[float, float]:
    """Maximum likelihood of a complete sample by bisection of the equation for the shape."""

    def slope(a: float) -> float:
        power = [t**a for t in times]
        return (
            sum(p * math.log(t) for p, t in zip(power, times, strict=True)) / sum(power)
            - 1 / a
            - sum(map(math.log, times)) / len(times)
        )

    low, high = 0.01, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return low, (sum(t**low for t in times) / len(times)) ** (1 / low)


def write(area: str, data: dict[str, Any], words: dict[str, str]) -> None:
    sources = {
        name: {"kind": "closed form", "derivation": text, "script": SCRIPT} for name, text in words.items()
    }
    lines = ",\n".join("    " + json.dumps(one) for one in cases[area])
    (FOLDER / f"{area}_exact.json").write_text(
        f'{{\n  "area": "{area}",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(data)},\n  "cases": [\n{lines}\n  ]\n}}\n'
    )
    print(area, len(cases[area]), "cases")


if __name__ == "__main__":
    states()
    landmarks()
    rates()
