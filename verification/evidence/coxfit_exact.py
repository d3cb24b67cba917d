"""Closed forms of what follows a Cox fit: python verification/evidence/coxfit_exact.py (calls nothing of equipoise)."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations
from math import exp, log, sqrt

cases: list[dict] = []
data: dict[str, dict] = {}


def add(
    id: str, source: str, table: str, function: str, arguments: dict, values: dict, then: list | None = None
) -> None:
    case = {
        "id": id,
        "function": function,
        "source": source,
        "data": table,
        "arguments": arguments,
        "values": values,
    }
    if then:
        case["then"] = then
    cases.append(case)


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, Fraction) else value


# Three events, x = 0, 1, 0. The score is -r/(2 + r) + 1 - r/(1 + r) with r = exp(beta), so r = sqrt 2.
data["three"] = {"time": [1, 2, 3], "event": [1, 1, 1], "x": [0, 1, 0]}
FIT = {"time": "time", "event": "event", "covariates": ["x"]}
r = sqrt(2)
h = [1 / (2 + r), 1 / (1 + r), 1.0]
mean = [r / (2 + r), r / (1 + r), 0.0]
variance = [m * (1 - m) for m in mean]
information = sum(variance)
H = [h[0], h[0] + h[1], h[0] + h[1] + h[2]]
x = [0, 1, 0]
martingale = [1 - H[0], 1 - r * H[1], 1 - H[2]]
score = [
    x[i] - mean[i] - sum((x[i] - mean[k]) * h[k] * (r if x[i] else 1) for k in range(i + 1)) for i in range(3)
]
after = [["stats.cox_residuals", {}]]
add(
    "martingale, three events",
    "root two",
    "three",
    "cox",
    FIT,
    {"values": martingale, "expected": [1 - m for m in martingale]},
    after,
)
deviance = [(1 if m > 0 else -1) * sqrt(-2 * (m + log(1 - m))) for m in martingale]
add(
    "deviance, three events",
    "root two",
    "three",
    "cox",
    FIT,
    {"values": deviance},
    [["stats.cox_residuals", {"kind": "deviance"}]],
)
two = [martingale[0] + martingale[1], martingale[2]]
e = 2 - two[0]
add(
    "deviance of a cluster of two events",
    "root two",
    "three",
    "cox",
    FIT,
    {
        "values": [(1 if two[0] > 0 else -1) * sqrt(2 * (e - 2 + 2 * log(2 / e))), deviance[2]],
        "expected": [e, 1 - two[1]],
    },
    [["stats.cox_residuals", {"kind": "deviance", "collapse": [1, 1, 2]}]],
)
for kind, values in {
    "score": score,
    "dfbeta": [s / information for s in score],
    "dfbetas": [s / sqrt(information) for s in score],
    "schoenfeld": [x[k] - mean[k] for k in range(3)],
    "scaled schoenfeld": [(x[k] - mean[k]) / information * 3 + log(r) for k in range(3)],
}.items():
    add(
        f"{kind}, three events",
        "root two",
        "three",
        "cox",
        FIT,
        {f"values[{i}]": [v] for i, v in enumerate(values) if v},
        [["stats.cox_residuals", {"kind": kind}]],
    )
own = [sum(h[k] ** 2 for k in range(i + 1)) for i in range(3)]
for value in (0, 1, 2.5):
    risk = r**value
    apart = [sum(h[k] * risk * (mean[k] - value) for k in range(i + 1)) for i in range(3)]
    se = [sqrt(risk**2 * own[i] + apart[i] ** 2 / information) for i in range(3)]
    cumulative = [risk * one for one in H]
    add(
        f"predicted survival at {value}",
        "root two",
        "three",
        "cox",
        FIT,
        {
            "curves[0].cumulative_hazard": cumulative,
            "curves[0].log_std_err": se,
            "curves[0].survival": [exp(-c) for c in cumulative],
            "curves[0].lower": [exp(-c - 1.959963984540054 * s) for c, s in zip(cumulative, se, strict=True)],
            "curves[0].upper": [
                min(1.0, exp(-c + 1.959963984540054 * s)) for c, s in zip(cumulative, se, strict=True)
            ],
        },
        [["stats.predicted_survival", {"covariates": {"x": value}}]],
    )
    if value == 0:
        add(
            "baseline hazard, three events",
            "root two",
            "three",
            "cox",
            FIT,
            {
                "strata[0].time": [1, 2, 3],
                "strata[0].hazard": h,
                "strata[0].cumulative_hazard": H,
                "strata[0].std_err": se,
                "strata[0].n_at_risk": [3, 2, 1],
            },
            [["stats.baseline_hazard", {}]],
        )
# A predictor of a thousand: the hazard is r**2000 times the baseline, and its inverse at -2000.
for value in (-1500, -2000):
    add(
        f"far from the data, x = {value}",
        "root two",
        "three",
        "cox",
        FIT,
        {"curves[0].cumulative_hazard": [exp(value * log(2) / 2 + log(one)) for one in H]},
        [["stats.predicted_survival", {"covariates": {"x": value}}]],
    )
cases[-1]["tolerance"] = cases[-2]["tolerance"] = 1e-7
cases[-1]["reason"] = cases[-2]["reason"] = (
    "the error of the coefficient is multiplied by the covariate, 2000"
)
for transform, g in {
    "identity": [1.0, 2.0, 3.0],
    "km": [0.0, 1 / 3, 2 / 3],
    "rank": [1.0, 2.0, 3.0],
    "log": [0.0, log(2), log(3)],
}.items():
    c = [one - sum(g) / 3 for one in g]
    u = sum(c[k] * (x[k] - mean[k]) for k in range(3))
    cross, square = (sum(c[k] ** power * variance[k] for k in range(3)) for power in (1, 2))
    if square - cross**2 / information > 1e-12:
        chi = u**2 / (square - cross**2 / information)
        add(
            f"proportional hazards by {transform}, three events",
            "root two",
            "three",
            "cox",
            FIT,
            {"chi_square": [chi], "df": [1], "global_test.chi_square": chi, "transformed": g},
            [["stats.proportional_hazards_test", {"transform": transform}]],
        )

# A covariate that is the same for everyone: Nelson–Aalen with Breslow, Fleming–Harrington with Efron ties.
data["alike"] = {
    "time": [0, 1, 1, 1, 2, 4, 4, 7, 7, 9],
    "event": [1, 1, 1, 0, 0, 1, 1, 1, 1, 0],
    "x": [3] * 10,
    "w": [1, 2, 1, 3, 1, 2, 2, 1, 4, 1],
    "entry": [0, 0, 0, 0, 0, 1, 3, 0, 4, 0],
    "s": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
}
T = data["alike"]


def steps(ties: str, rows: list[int], weighted: bool, entries: bool) -> tuple[list, list, list]:
    times = sorted({T["time"][i] for i in rows})
    w = {i: Fraction(T["w"][i]) if weighted else Fraction(1) for i in rows}
    total = square = Fraction(0)
    H, V = [], []
    for t in times:
        at_risk = [
            i for i in rows if T["time"][i] >= t and (not entries or T["entry"][i] < t or T["entry"][i] == 0)
        ]
        dying = [i for i in at_risk if T["time"][i] == t and T["event"][i]]
        everyone, dead, d = sum(w[i] for i in at_risk), sum((w[i] for i in dying), Fraction(0)), len(dying)
        for k in range(d):
            denominator = everyone - (dead * Fraction(k, d) if ties == "efron" else 0)
            total += dead / d / denominator
            square += dead / d / denominator**2
        H.append(total)
        V.append(square)
    return times, H, V


for ties in ("breslow", "efron"):
    for weighted in (False, True):
        for entries in (False, True):
            options = (
                {"ties": ties}
                | ({"weights": "w", "robust": False} if weighted else {})
                | ({"entry": "entry"} if entries else {})
            )
            times, H, V = steps(ties, list(range(10)), weighted, entries)
            words = f"{ties}{', weights' if weighted else ''}{', entry' if entries else ''}"
            add(
                f"baseline of a constant covariate, {words}",
                "no covariate",
                "alike",
                "cox",
                {**FIT, **options},
                {
                    "strata[0].time": times,
                    "strata[0].cumulative_hazard": plain(H),
                    "strata[0].std_err": [sqrt(v) for v in V],
                },
                [["stats.baseline_hazard", {}]],
            )
            if ties == "breslow":

                def hazard(t, H=H, times=times):
                    return next((H[k] for k in reversed(range(len(times))) if times[k] <= t), Fraction(0))

                residuals = [
                    T["event"][i]
                    - (hazard(T["time"][i]) - (hazard(T["entry"][i]) if entries and T["entry"][i] else 0))
                    for i in range(10)
                ]
                add(
                    f"martingale residuals of a constant covariate, {words}",
                    "no covariate",
                    "alike",
                    "cox",
                    {**FIT, **options},
                    {"values": plain(residuals)},
                    after,
                )
parts = [steps("efron", [i for i in range(10) if T["s"][i] == s], False, False) for s in (0, 1)]
add(
    "baseline of a constant covariate, strata",
    "no covariate",
    "alike",
    "cox",
    {**FIT, "strata": "s"},
    {
        name: value
        for s, (t, H, V) in enumerate(parts)
        for name, value in {
            f"strata[{s}].time": t,
            f"strata[{s}].cumulative_hazard": plain(H),
            f"strata[{s}].std_err": [sqrt(v) for v in V],
        }.items()
    },
    [["stats.baseline_hazard", {}]],
)

# Concordance by all pairs, its standard error by the exact derivative of the ratio in each weight.
n = 40
data["pairs"] = {
    "time": [(7 * i * i + 3 * i) % 17 for i in range(n)],
    "event": [1 if (i * 5 + i // 7) % 3 else 0 for i in range(n)],
    "marker": [(i * i * 3 + i) % 9 for i in range(n)],
    "w": [1 + i % 4 for i in range(n)],
    "s": [i % 3 for i in range(n)],
    "c": [i // 2 for i in range(n)],
}
P = data["pairs"]
P["entry"] = [max(0, t - 1 - (3 * i) % 11) if t else 0 for i, t in enumerate(P["time"])]


def time_weight(kind: str, t: int, w: list, entries: bool) -> Fraction:
    """S and G are products over the times before t; who has the event at a time is not at risk of censoring at it."""

    def at_risk(u: int) -> Fraction:
        return sum(
            w[i]
            for i in range(n)
            if P["time"][i] >= u and (not entries or P["entry"][i] == 0 or P["entry"][i] < u)
        )

    def ended(u: int, event: int) -> Fraction:
        return sum((w[i] for i in range(n) if P["time"][i] == u and P["event"][i] == event), Fraction(0))

    S = G = Fraction(1)
    for u in sorted({one for one in P["time"] if one < t}):
        S *= 1 - ended(u, 1) / at_risk(u)
        if ended(u, 0):
            G *= 1 - ended(u, 0) / (at_risk(u) - ended(u, 1))
    return {
        "n": Fraction(1),
        "S": sum(w) * S / at_risk(t),
        "I": 1 / at_risk(t),
        "n/G2": 1 / G**2,
        "S/G": sum(w) * S / G / at_risk(t),
    }[kind]


def all_pairs(weights: bool, strata: bool, entries: bool, cluster: bool, kind_of_time: str = "n") -> dict:
    w = [Fraction(P["w"][i]) if weights else Fraction(1) for i in range(n)]
    count = [Fraction(0)] * 5
    influence = [[Fraction(0)] * 3 for _ in range(n)]
    for i, j in combinations(range(n), 2):
        if strata and P["s"][i] != P["s"][j]:
            continue
        if (P["time"][j], -P["event"][j]) < (P["time"][i], -P["event"][i]):
            i, j = j, i
        if not P["event"][i] or (entries and P["entry"][j] and P["entry"][j] >= P["time"][i]):
            continue
        own = time_weight(kind_of_time, P["time"][i], w, entries)
        same = P["marker"][i] == P["marker"][j]
        if P["time"][i] == P["time"][j] and P["event"][j]:
            count[4 if same else 3] += own * w[i] * w[j]
            continue
        kind = 2 if same else 0 if P["marker"][i] > P["marker"][j] else 1
        count[kind] += own * w[i] * w[j]
        influence[i][kind] += own * w[j]
        influence[j][kind] += own * w[i]
    pairs = sum(count[:3])
    somers = (count[0] - count[1]) / pairs
    each = [w[i] * (a - b - somers * (a + b + c)) for i, (a, b, c) in enumerate(influence)]
    if cluster:
        each = [sum(each[i] for i in range(n) if P["c"][i] == k) for k in sorted(set(P["c"]))]
    return {
        "estimate": plain((somers + 1) / 2),
        "somers_d": plain(somers),
        "std_err": sqrt(sum(one**2 for one in each)) / float(2 * pairs),
        "concordant": plain(count[0]),
        "discordant": plain(count[1]),
        "tied_marker": plain(count[2]),
        "tied_time": plain(count[3]),
        "tied_both": plain(count[4]),
    }


for weights in (False, True):
    for strata in (False, True):
        for entries in (False, True):
            for cluster in (False, True):
                options = {"weights": weights, "strata": strata, "entry": entries, "cluster": cluster}
                column = {"weights": "w", "strata": "s", "entry": "entry", "cluster": "c"}
                given = {name: column[name] for name, wanted in options.items() if wanted}
                add(
                    f"concordance by all pairs{''.join(', ' + name for name in given)}",
                    "all pairs",
                    "pairs",
                    "concordance",
                    {"time": "time", "event": "event", "marker": "marker", **given},
                    all_pairs(weights, strata, entries, cluster),
                )

for kind in ("S", "I", "n/G2", "S/G"):
    for entries in (False, True):
        if not (entries and "G" in kind):
            add(
                f"concordance by all pairs, time weights {kind}{', entry' if entries else ''}",
                "all pairs",
                "pairs",
                "concordance",
                {"time": "time", "event": "event", "marker": "marker", "weights": "w", "time_weights": kind}
                | ({"entry": "entry"} if entries else {}),
                all_pairs(True, False, entries, False, kind),
            )

# log(-log S) of 5 events without ties or censoring: S = 4/5, 3/5, 2/5, 1/5, 0.
data["five"] = {"time": [1, 2, 3, 4, 5, 6], "event": [1, 1, 1, 1, 1, 0], "group": [1, 1, 1, 1, 1, 2]}
add(
    "log-log curve without censoring",
    "log-log",
    "five",
    "log_log_curves",
    {"time": "time", "event": "event", "group": "group", "groups": [1, 2]},
    {
        "curves[0].time": [1, 2, 3, 4],
        "curves[0].log_time": [log(t) for t in (1, 2, 3, 4)],
        "curves[0].log_minus_log_survival": [log(-log(k / 5)) for k in (4, 3, 2, 1)],
        "curves[1].time": [],
    },
)

sources = {
    "root two": {
        "kind": "closed form",
        "derivation": "events at 1, 2, 3 with x = 0, 1, 0: the score -r/(2 + r) + 1 - r/(1 + r) is 0 at r = sqrt 2; everything else is a sum of three terms",
    },
    "no covariate": {
        "kind": "closed form",
        "derivation": "a constant covariate leaves Nelson–Aalen (Breslow) or Fleming–Harrington (Efron), added up in fractions",
    },
    "all pairs": {
        "kind": "closed form",
        "derivation": "all pairs enumerated in fractions, the standard error from the exact derivative in each weight",
    },
    "log-log": {"kind": "closed form", "derivation": "without censoring S is the share still without event"},
}
for one in sources.values():
    one["script"] = "verification/evidence/coxfit_exact.py"
lines = ",\n".join("    " + json.dumps(one, ensure_ascii=False) for one in cases)
with open("src/equipoise/validation/evidence/coxfit_exact.json", "w", encoding="utf-8") as file:
    file.write(
        '{\n  "area": "coxfit",\n  "sources": '
        + json.dumps(sources, ensure_ascii=False)
        + ',\n  "data": '
        + json.dumps(data)
        + ',\n  "cases": [\n'
        + lines
        + "\n  ]\n}\n"
    )
print(len(cases), "cases")
