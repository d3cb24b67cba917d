"""Closed forms and exact evaluations for competing risks, by fractions and by the definitions.

Run from the repository's root: python verification/evidence/competing_exact.py. Nothing of equipoise is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

OUT = Path("src/equipoise/validation/evidence/competing_exact.json")
Numbers = Sequence[int]

UNCENSORED = {
    "time": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7],
    "cause": [1, 2, 1, 1, 2, 1, 3, 1, 1, 2, 2, 1, 3, 2],
    "group": list("AAABABBBABABBA"),
}
CENSORED = {
    "time": [0, 1, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 7, 7, 8, 9],
    "cause": [2, 1, 0, 1, 2, 0, 2, 1, 1, 0, 2, 1, 0, 1, 2, 0],
    "group": list("ABBABAABABBABABA"),
    "site": [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2],
    "treated": [1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0],
    "dose": [2, 1, 0, 3, 1, 2, 0, 1, 3, 2, 1, 0, 2, 1, 3, 0],
}
ONE_CAUSE = {**CENSORED, "cause": [1 if one == 1 else 0 for one in CENSORED["cause"]]}
# Four who stay to the end: while a group has anybody left, the identity with the log-rank score holds.
LAST = {
    "time": [10] * 4,
    "cause": [1] * 4,
    "group": list("ABAB"),
    "site": [1, 1, 2, 2],
    "treated": [1, 0, 0, 1],
    "dose": [0] * 4,
}
NO_CENSORING = {name: column + LAST[name] for name, column in CENSORED.items()}
NO_CENSORING["cause"] = [one or 1 for one in NO_CENSORING["cause"]]
DOUBLED = {name: column * 2 for name, column in CENSORED.items()} | {"copy": [1] * 16 + [2] * 16}


def tables(time: Numbers, cause: Numbers, k: int) -> list[tuple[int, int, list[int]]]:
    """(time, at risk, events of causes 1..k) at each time with an event."""
    rows = []
    for u in sorted(set(time)):
        events = [sum(t == u and c == j for t, c in zip(time, cause, strict=True)) for j in range(1, k + 1)]
        if any(events):
            rows.append((u, sum(t >= u for t in time), events))
    return rows


def incidence(hazards: list[list[Fraction]], j: int) -> Fraction:
    """The probability of cause j by the last row of cause-specific hazards, by the product-integral."""
    free, total = Fraction(1), Fraction(0)
    for row in hazards:
        total += free * row[j]
        free *= 1 - sum(row)
    return total


def multinomial_variance(rows: list[tuple[int, int, list[int]]], j: int) -> Fraction:
    """The delta method for the multinomial hazards: the incidence is linear in the hazards of each time."""
    hazards = [[Fraction(d, n) for d in events] for _, n, events in rows]
    total = Fraction(0)
    base = incidence(hazards, j)
    for i, (_, n, _) in enumerate(rows):
        slopes = []
        for c in range(len(hazards[i])):
            moved = [list(row) for row in hazards]
            moved[i][c] += 1
            slopes.append(incidence(moved, j) - base)
        a = hazards[i]
        mean = sum(x * y for x, y in zip(slopes, a, strict=True))
        total += (sum(x * x * y for x, y in zip(slopes, a, strict=True)) - mean * mean) / n
    return total


def floats(value: Any) -> Any:
    return [floats(one) for one in value] if isinstance(value, list) else float(value)


def of_group(data: dict[str, Any], label: str | None) -> tuple[list[int], list[int]]:
    keep = [label is None or g == label for g in data["group"]]
    return ([t for t, k in zip(data["time"], keep, strict=True) if k],
            [c for c, k in zip(data["cause"], keep, strict=True) if k])  # fmt: skip


def log_rank_score(
    time: Numbers, cause: Numbers, group: Sequence[str], strata: Sequence[Any] | None = None
) -> list[float]:
    """Observed less expected events of cause 1 in groups A and B; other causes leave the risk set never."""
    strata = strata or [0] * len(time)
    forever = [math.inf if c > 1 else t for t, c in zip(time, cause, strict=True)]
    score = [Fraction(0), Fraction(0)]
    for s in set(strata):
        for u in sorted({t for t, c, own in zip(time, cause, strata, strict=True) if c == 1 and own == s}):
            n = [
                sum(
                    f >= u and g == label and own == s
                    for f, g, own in zip(forever, group, strata, strict=True)
                )
                for label in "AB"
            ]
            d = [
                sum(
                    t == u and c == 1 and g == label and own == s
                    for t, c, g, own in zip(time, cause, group, strata, strict=True)
                )
                for label in "AB"
            ]
            for i in range(2):
                score[i] += d[i] - Fraction(sum(d) * n[i], sum(n))
    return [float(one) for one in score]


def gray_exact(time: Numbers, cause: Numbers, group: Sequence[str]) -> tuple[list[Fraction], Fraction]:
    """Gray's score and the variance of that of group A, formula by formula in fractions (rho = 0, two groups)."""
    n = {label: sum(g == label for g in group) for label in "AB"}
    free = dict.fromkeys("AB", Fraction(1))
    own = dict.fromkeys("AB", Fraction(0))
    pooled, score = Fraction(0), dict.fromkeys("AB", Fraction(0))
    carried = dict.fromkeys(
        "AB", Fraction(0)
    )  # of the score of A through the pooled incidence, by group of the event
    pieces: list[
        tuple[str, Fraction, Fraction, Fraction]
    ] = []  # group, size, constant, slope in the final carried
    for u in sorted(set(time)):
        d = {
            (g, c): sum(t == u and a == g and b == c for t, a, b in zip(time, group, cause, strict=True))
            for g in "AB"
            for c in (0, 1, 2)
        }
        one, two = (d["A", c] + d["B", c] for c in (1, 2))
        if one + two:
            risk = {g: n[g] / free[g] if n[g] else Fraction(0) for g in "AB"}
            total = sum(risk.values())
            still = {g: risk[g] * (1 - own[g]) for g in "AB"}
            after = {g: free[g] * (n[g] - d[g, 1] - d[g, 2]) / n[g] if n[g] else free[g] for g in "AB"}
            effect = {"A": risk["A"] * (1 - risk["A"] / total), "B": -risk["A"] * risk["B"] / total}
            before, pooled = pooled, pooled + one / total
            for g in "AB":
                score[g] += d[g, 1] - one * still[g] / sum(still.values())
                carried[g] += effect[g] * one / (total * (1 - before))
            for g in "AB":
                if not n[g]:
                    continue
                left = (1 - pooled) / after[g] if after[g] else None
                if one:
                    tie = 1 - (one - 1) / (total * free[g] - 1) if one > 1 else Fraction(1)
                    factor = 1 - left if left is not None else Fraction(1)
                    pieces.append(
                        (g, tie * free[g] * one / (total * n[g]), effect[g] - factor * carried[g], factor)
                    )
                if d[g, 2] and left is not None:
                    tie = 1 - Fraction(d[g, 2] - 1, n[g] - 1) if d[g, 2] > 1 else Fraction(1)
                    pieces.append(
                        (g, tie * free[g] ** 2 * d[g, 2] / Fraction(n[g] ** 2), -left * carried[g], left)
                    )
            for g in "AB":
                if n[g]:
                    own[g] += free[g] * d[g, 1] / n[g]
                    free[g] = after[g] or free[g]
        for g in "AB":
            n[g] -= sum(d[g, c] for c in (0, 1, 2))
    variance = sum(size * (constant + slope * carried[g]) ** 2 for g, size, constant, slope in pieces)
    return [score["A"], score["B"]], Fraction(variance)


def censoring(
    time: Numbers, cause: Numbers, group: Sequence[Any], label: Any, u: int, events_first: bool
) -> Fraction:
    """The Kaplan–Meier curve of the censoring of one group just before u."""
    curve = Fraction(1)
    mine = [(t, c) for t, c, g in zip(time, cause, group, strict=True) if g == label]
    if u > max(t for t, _ in mine):
        return Fraction(0)
    for v in sorted({t for t, c in mine if c == 0 and t < u}):
        n = sum(t > v or (t == v and (c == 0 or not events_first)) for t, c in mine)
        curve *= 1 - Fraction(sum(t == v and c == 0 for t, c in mine), n)
    return curve


class FineGray:
    """The model of one 0/1 covariate by its definition: a risk set is a list of (subject, weight)."""

    def __init__(
        self,
        data: dict[str, Any],
        groups: str | None = None,
        strata: str | None = None,
        events_first: bool = False,
    ) -> None:
        self.time, self.cause, self.x = data["time"], data["cause"], data["treated"]
        n = len(self.time)
        self.group = data[groups] if groups else [0] * n
        self.strata = data[strata] if strata else [0] * n
        self.events_first = events_first
        self.sets = []
        for i in range(n):
            if self.cause[i] == 1:
                members = [
                    (j, self.weight(j, self.time[i])) for j in range(n) if self.strata[j] == self.strata[i]
                ]
                self.sets.append((i, [(j, w) for j, w in members if w]))

    def weight(self, j: int, u: int) -> Fraction:
        if self.time[j] >= u:
            return Fraction(1)
        if self.cause[j] != 2:
            return Fraction(0)
        at = [
            censoring(self.time, self.cause, self.group, self.group[j], v, self.events_first)
            for v in (u, self.time[j])
        ]
        return at[0] / at[1]

    def share(self, members: list[tuple[int, Fraction]], ratio: Fraction) -> Fraction:
        """The mean of the covariate in a risk set, at a hazard ratio."""
        one = sum((w for j, w in members if self.x[j]), Fraction(0)) * ratio
        return one / (one + sum((w for j, w in members if not self.x[j]), Fraction(0)))

    def score(self, ratio: Fraction) -> Fraction:
        return sum((self.x[i] - self.share(members, ratio) for i, members in self.sets), Fraction(0))

    def fit(self) -> Fraction:
        """The hazard ratio at which the score is zero: it falls as the ratio grows; bisection to 1e-25."""
        low, high = Fraction(1, 1000), Fraction(1000)
        for _ in range(110):
            middle = Fraction(
                (low.numerator * high.denominator + high.numerator * low.denominator),
                2 * low.denominator * high.denominator,
            )
            middle = middle.limit_denominator(10**40)
            low, high = (middle, high) if self.score(middle) > 0 else (low, middle)
        return ((low + high) / 2).limit_denominator(10**18)

    def information(self, ratio: Fraction) -> Fraction:
        return sum(
            (p * (1 - p) for p in (self.share(members, ratio) for _, members in self.sets)), Fraction(0)
        )

    def log_likelihood(self, ratio: Fraction) -> float:
        total = 0.0
        for i, members in self.sets:
            denominator = sum((w * (ratio if self.x[j] else 1) for j, w in members), Fraction(0))
            total += math.log((ratio if self.x[i] else Fraction(1)) / denominator)
        return total

    def variance(self, ratio: Fraction, with_censoring: bool) -> Fraction:
        """The sandwich: eta and, if asked, psi of Fine and Gray (1999), subject by subject."""
        n = len(self.time)
        parts = [Fraction(0)] * n
        pulls = {}
        for i, members in self.sets:
            mean = self.share(members, ratio)
            size = sum((w * (ratio if self.x[j] else 1) for j, w in members), Fraction(0))
            parts[i] += self.x[i] - mean
            for j, w in members:
                term = w * (ratio if self.x[j] else 1) * (self.x[j] - mean) / size
                parts[j] -= term
                for u in {
                    t
                    for t, c, g in zip(self.time, self.cause, self.group, strict=True)
                    if c == 0 and g == self.group[j]
                }:
                    # s >= u > X of the paper, s being the time of the event
                    if self.time[i] >= u > self.time[j]:
                        pulls[self.group[j], u] = pulls.get((self.group[j], u), Fraction(0)) + term
        if with_censoring:
            for (g, u), pull in pulls.items():
                there = [j for j in range(n) if self.group[j] == g and self.time[j] >= u]
                now = [j for j in there if self.time[j] == u and self.cause[j] == 0]
                for j in now:
                    parts[j] += pull / len(there)
                for j in there:
                    parts[j] -= pull / len(there) * Fraction(len(now), len(there))
        return sum(one * one for one in parts) / self.information(ratio) ** 2


def main() -> None:
    cases: list[dict[str, Any]] = []

    def add(
        id: str,
        function: str,
        source: str,
        data: str,
        arguments: dict[str, Any],
        values: dict[str, Any],
        **more: Any,
    ) -> None:
        cases.append({"id": id, "function": function, "requirements": [105], "source": source, "data": data,
                      "arguments": arguments, "values": values, **more})  # fmt: skip

    event = {"time": "time", "cause": "cause"}

    # Without censoring the incidence is the share of subjects, its multinomial variance p (1 - p) / n.
    ticks = [0, 1, 2, 3, 5, 8, 9]
    for groups in ((None,), ("A", "B")):
        shares, spreads = [], []
        for label in groups:
            t, c = of_group(UNCENSORED, label)
            p = [
                [Fraction(sum(a <= u and b == j for a, b in zip(t, c, strict=True)), len(t)) for u in ticks]
                for j in (1, 2, 3)
            ]
            shares.append(p)
            spreads.append([[q * (1 - q) / len(t) for q in row] for row in p])
        arguments = event | ({"group": "group"} if groups[0] else {})
        add(f"incidence is the share without censoring, {len(groups)} group(s)", "cumulative_incidence", "share", "uncensored",
            arguments | {"variance": "greenwood"}, {"estimate": floats(shares), "variance": floats(spreads)},
            then=[["at", {"times": ticks}]])  # fmt: skip
        if groups[0]:
            for j in (1, 2):
                a, b = (shares[g][j - 1] for g in (0, 1))
                va, vb = (spreads[g][j - 1] for g in (0, 1))
                chosen = [3, 4]
                add(f"difference of shares without censoring, cause {j}", "cumulative_incidence", "share", "uncensored",
                    arguments | {"variance": "greenwood"},
                    {"risk_difference": [float(b[i] - a[i]) for i in chosen],
                     "std_err": [math.sqrt(va[i] + vb[i]) for i in chosen],
                     "z": [float(a[i] - b[i]) / math.sqrt(va[i] + vb[i]) for i in chosen]},
                    then=[["difference", {"times": [ticks[i] for i in chosen], "cause": j}]])  # fmt: skip

    # With censoring, by the product-integral and the delta method in fractions.
    for label in (None, "A", "B"):
        data = (
            CENSORED
            if label is None
            else dict(zip(("time", "cause"), of_group(CENSORED, label), strict=True))
        )
        name = "censored" if label is None else f"censored_{label}"
        rows = tables(data["time"], data["cause"], 2)
        at = [u for u, _, _ in rows]
        estimate, variance = [], []
        for j in (0, 1):
            parts = [rows[: i + 1] for i in range(len(rows))]
            estimate.append(
                [incidence([[Fraction(d, n) for d in e] for _, n, e in part], j) for part in parts]
            )
            variance.append([multinomial_variance(part, j) for part in parts])
        add(f"incidence and variance in fractions, {name}", "cumulative_incidence", "definition", name, event | {"variance": "greenwood"},
            {"estimate": floats([estimate]), "variance": floats([variance])}, then=[["at", {"times": at}]])  # fmt: skip
        add(f"incidences and being free of events sum to 1, {name}", "cumulative_incidence", "definition", name, event,
            {"event_free[-1]": float(1 - estimate[0][-1] - estimate[1][-1])}, then=[["curve", {"cause": 2}]])  # fmt: skip

    # One cause only: 1 - Kaplan–Meier, Greenwood's variance.
    rows = tables(ONE_CAUSE["time"], ONE_CAUSE["cause"], 1)
    free, greenwood, risk, spread = Fraction(1), Fraction(0), [], []
    for _, n, (d,) in rows:
        free *= 1 - Fraction(d, n)
        greenwood += Fraction(d, n * (n - d))
        risk.append(1 - free)
        spread.append(free * free * greenwood)
    add("one cause: the incidence is 1 less Kaplan–Meier", "cumulative_incidence", "one cause", "one_cause", event | {"variance": "greenwood"},
        {"estimate": floats([[risk]]), "variance": floats([[spread]])}, then=[["at", {"times": [u for u, _, _ in rows]}]])  # fmt: skip

    # Gray's score without censoring, and without other causes, is that of the log-rank test of the subdistribution.
    for name, data in (("no_censoring", NO_CENSORING), ("one_cause", ONE_CAUSE)):
        add(f"Gray's score is a log-rank score, {name}", "gray_test", "log-rank score", name, event | {"group": "group"},
            {"score": log_rank_score(data["time"], data["cause"], data["group"])})  # fmt: skip
        if "site" in data:
            add(f"Gray's stratified score is a log-rank score, {name}", "gray_test", "log-rank score", name,
                event | {"group": "group", "strata": "site"},
                {"score": log_rank_score(data["time"], data["cause"], data["group"], data["site"])})  # fmt: skip
    for name, data in (("censored", CENSORED), ("no_censoring", NO_CENSORING)):
        score, variance = gray_exact(data["time"], data["cause"], data["group"])
        chi_square = score[0] ** 2 / variance
        add(f"Gray's test in fractions, {name}", "gray_test", "definition", name, event | {"group": "group"},
            {"score": floats(score), "variance": [[float(variance), -float(variance)], [-float(variance), float(variance)]],
             "chi_square": float(chi_square), "df": 1, "z": math.copysign(math.sqrt(chi_square), -score[1]),
             "p_value_two_sided": math.erfc(math.sqrt(chi_square / 2))})  # fmt: skip
    add("Gray's test of two equal groups", "gray_test", "symmetry", "doubled", event | {"group": "copy"},
        {"chi_square": 0, "df": 1, "p_value_two_sided": 1, "score": [0, 0]}, tolerance=1e-12)  # fmt: skip

    # Fine and Gray's model of one binary covariate: the score is a rational function of the hazard ratio.
    def fine_gray(
        id: str,
        name: str,
        model: FineGray,
        arguments: dict[str, Any],
        source: str,
        robust: Callable[[], Fraction] | None = None,
    ) -> None:
        ratio = model.fit()
        values: dict[str, Any] = {
            "coefficients": [math.log(ratio)], "hazard_ratio": [float(ratio)],
            "log_likelihood": model.log_likelihood(ratio), "log_likelihood_null": model.log_likelihood(Fraction(1)),
            "model_covariance": [[float(1 / model.information(ratio))]],
            "score.chi_square": float(model.score(Fraction(1)) ** 2 / model.information(Fraction(1))),
            "likelihood_ratio.chi_square": 2 * (model.log_likelihood(ratio) - model.log_likelihood(Fraction(1))),
            "covariance": [[float((robust or (lambda: model.variance(ratio, True)))())]],
        }  # fmt: skip
        add(id, "fine_gray", source, name, event | {"covariates": ["treated"]} | arguments, values)

    fine_gray("Fine-Gray in fractions", "censored", FineGray(CENSORED), {}, "definition")
    fine_gray(
        "Fine-Gray in fractions, censoring groups",
        "censored",
        FineGray(CENSORED, groups="site"),
        {"censoring_groups": "site"},
        "definition",
    )
    fine_gray(
        "Fine-Gray in fractions, strata",
        "censored",
        FineGray(CENSORED, strata="group"),
        {"strata": "group"},
        "definition",
    )
    fine_gray(
        "Fine-Gray in fractions, strata and censoring groups",
        "censored",
        FineGray(CENSORED, groups="group", strata="site"),
        {"strata": "site", "censoring_groups": "group"},
        "definition",
    )
    late = FineGray(CENSORED, events_first=True)
    fine_gray("Fine-Gray in fractions, events first", "censored", late, {"censoring_ties": "survival", "variance": "robust"}, "definition",
              lambda: late.variance(late.fit(), False))  # fmt: skip
    fine_gray(
        "Fine-Gray without censoring is Cox with competing events at risk for ever",
        "no_censoring",
        FineGray(NO_CENSORING),
        {},
        "for ever",
    )
    fine_gray("Fine-Gray without other causes is Cox", "one_cause", FineGray(ONE_CAUSE), {}, "for ever")
    single = FineGray(CENSORED)
    double = FineGray(DOUBLED)
    fine_gray(
        "Fine-Gray of data twice: half the variance",
        "doubled",
        double,
        {},
        "copies",
        lambda: single.variance(single.fit(), True) / 2,
    )
    fine_gray("Fine-Gray of two equal censoring groups is that of one", "doubled", double, {"censoring_groups": "copy"}, "copies",
              lambda: single.variance(single.fit(), True) / 2)  # fmt: skip
    ratio = FineGray(ONE_CAUSE).fit()
    add("cause-specific Cox in fractions", "cause_specific_cox", "definition", "one_cause", event | {"covariates": ["treated"], "ties": "breslow"},
        {"coefficients": [math.log(ratio)], "covariance": [[float(1 / FineGray(ONE_CAUSE).information(ratio))]]})  # fmt: skip
    renamed = {**CENSORED, "cause": [0 if one == 2 else one for one in CENSORED["cause"]]}
    ratio = FineGray(renamed).fit()
    add("cause-specific Cox censors other causes", "cause_specific_cox", "definition", "censored", event | {"covariates": ["treated"], "ties": "breslow"},
        {"coefficients": [math.log(ratio)], "covariance": [[float(1 / FineGray(renamed).information(ratio))]]})  # fmt: skip

    script = "verification/evidence/competing_exact.py"
    words = {
        "share": "without censoring the incidence is the share p of subjects with the event, its multinomial variance p (1 - p) / n",
        "definition": "the definition, term by term in exact fractions; maxima by bisection of the score to 1e-25; the variance of the incidence by the delta method, the incidence being linear in the hazards of each time",
        "one cause": "with a single cause the incidence is 1 less the Kaplan-Meier curve, with Greenwood's variance, in fractions",
        "log-rank score": "without censoring, or without other causes, Gray's risk sets are those of the subdistribution with competing events at risk for ever: the score is observed less expected, in fractions",
        "symmetry": "two equal groups differ in nothing",
        "for ever": "without censoring all weights are 1, without other causes there are none: the partial likelihood of Cox with competing events at risk for ever, in fractions",
        "copies": "every subject twice: the same estimate, half the variance, and a censoring curve for each copy is the same curve",
    }
    sources = {
        name: {"kind": "closed form", "derivation": text, "script": script} for name, text in words.items()
    }
    by_group = {
        f"censored_{g}": dict(zip(("time", "cause"), of_group(CENSORED, g), strict=True)) for g in "AB"
    }
    data = {
        "uncensored": UNCENSORED,
        "censored": CENSORED,
        "one_cause": ONE_CAUSE,
        "no_censoring": NO_CENSORING,
        "doubled": DOUBLED,
    } | by_group
    lines = ",\n".join("    " + json.dumps(one) for one in cases)
    OUT.write_text(
        f'{{\n  "area": "competing",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(data)},\n  "cases": [\n{lines}\n  ]\n}}\n'
    )
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
