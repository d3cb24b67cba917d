"""Selection in closed form and in 60-digit arithmetic: python verification/evidence/selection_exact.py (standard library alone)."""

from __future__ import annotations

import json
import math
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
TARGET = "src/equipoise/validation/evidence/selection_exact.json"
cases: list[dict] = []
data: dict[str, dict] = {}
SOURCES = {
    "cells": {
        "kind": "closed form",
        "derivation": "one factor of counts is a saturated logistic model: log odds are log(a/b), their variance 1/a + 1/b, "
        "likelihoods sums of x log x, the score test is Pearson's chi-square",
        "script": "verification/evidence/selection_exact.py",
    },
    "digits": {
        "kind": "closed form",
        "derivation": "Cox's partial likelihood without ties, and the logistic likelihood, maximized by Newton's method in 60 digits "
        "at every step of the selection",
        "script": "verification/evidence/selection_exact.py",
    },
    "remission": {
        "kind": "printed",
        "citation": "SAS/STAT User's Guide, The LOGISTIC Procedure, Stepwise Logistic Regression and Predicted Values: "
        "the final models of the remission data of Lee 1974",
    },
}


def dec(x) -> Decimal:
    x = Fraction(x)
    return Decimal(x.numerator) / Decimal(x.denominator)


def solve(matrix: list[list[Decimal]], right: list[Decimal]) -> list[Decimal]:
    n = len(right)
    rows = [[*list(row), value] for row, value in zip(matrix, right, strict=True)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [x - rows[r][i] * y for x, y in zip(rows[r], rows[i], strict=True)]
    return [row[n] for row in rows]


def inverse(matrix: list[list[Decimal]]) -> list[list[Decimal]]:
    n = len(matrix)
    columns = [solve(matrix, [Decimal(int(i == j)) for i in range(n)]) for j in range(n)]
    return [[columns[j][i] for j in range(n)] for i in range(n)]


def erfc(x: Decimal) -> Decimal:
    """By its series, with digits enough for the cancellation."""
    getcontext().prec = 120
    total, term, k = Decimal(0), x, 0
    while abs(term) > Decimal(10) ** -110:
        total += term / (2 * k + 1)
        k += 1
        term *= -x * x / k
    pi = Decimal(
        "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651"
    )
    result = 1 - 2 * total / pi.sqrt()
    getcontext().prec = 60
    return +result


def p_value(chi: Decimal, df: int) -> Decimal:
    half = chi / 2
    if df % 2 == 0:
        return (-half).exp() * sum(half**k / math.factorial(k) for k in range(df // 2))
    result = erfc(half.sqrt())
    if df == 3:
        pi = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
        result += 2 * (half / pi).sqrt() * (-half).exp()
    return result


def cox(rows, time, event):
    def at(beta):
        p = len(beta)
        height, u, info = Decimal(0), [Decimal(0)] * p, [[Decimal(0)] * p for _ in range(p)]
        for i in range(len(time)):
            if not event[i]:
                continue
            risk = [
                (sum((b * x for b, x in zip(beta, rows[k], strict=True)), Decimal(0)), rows[k])
                for k in range(len(time))
                if time[k] >= time[i]
            ]
            weight = [e.exp() for e, _ in risk]
            total = sum(weight)
            mean = [sum(w * r[j] for w, (_, r) in zip(weight, risk, strict=True)) / total for j in range(p)]
            height += sum((b * x for b, x in zip(beta, rows[i], strict=True)), Decimal(0)) - total.ln()
            for a in range(p):
                u[a] += rows[i][a] - mean[a]
                for b in range(p):
                    info[a][b] += (
                        sum(w * r[a] * r[b] for w, (_, r) in zip(weight, risk, strict=True)) / total
                        - mean[a] * mean[b]
                    )
        return height, u, info

    return at


def logit(rows, y):
    rows = [[Decimal(1), *row] for row in rows]

    def at(beta):
        p = len(beta)
        height, u, info = Decimal(0), [Decimal(0)] * p, [[Decimal(0)] * p for _ in range(p)]
        for row, happened in zip(rows, y, strict=True):
            eta = sum((b * x for b, x in zip(beta, row, strict=True)), Decimal(0))
            q = 1 / (1 + (-eta).exp())
            height += q.ln() if happened else (1 - q).ln()
            for a in range(p):
                u[a] += (happened - q) * row[a]
                for b in range(p):
                    info[a][b] += q * (1 - q) * row[a] * row[b]
        return height, u, info

    return at


def maximum(at, p: int):
    beta = [Decimal(0)] * p
    for _ in range(60):
        height, u, info = at(beta)
        step = solve(info, u) if p else []
        share = Decimal(1)
        while (
            p
            and at([b + share * s for b, s in zip(beta, step, strict=True)])[0] < height - Decimal(10) ** -50
        ):
            share /= 2
        beta = [b + share * s for b, s in zip(beta, step, strict=True)]
        if not p or max(abs(s) for s in step) < Decimal(10) ** -40:
            break
    height, _, info = at(beta)
    return beta, height, inverse(info) if p else []


def backward(id, kind, terms: dict[str, list], stay: float, test: str, **given) -> None:
    names = list(terms)
    n = len(next(iter(terms.values())))
    first = 0 if kind == "cox" else 1

    def fit(left):
        rows = [[dec(Fraction(str(terms[name][i]))) for name in left] for i in range(n)]
        at = cox(rows, given["time"], given["event"]) if kind == "cox" else logit(rows, given["y"])
        return maximum(at, len(left) + first)

    left, values, step = list(names), {}, 0
    while True:
        beta, height, v = fit(left)
        values[f"steps[{step}].log_likelihood"] = float(height)
        values[f"steps[{step}].aic"] = float(2 * len(beta) - 2 * height)
        tests = []
        for j, name in enumerate(left):
            if test == "wald":
                chi = beta[first + j] ** 2 / v[first + j][first + j]
            else:
                chi = 2 * (height - fit([other for other in left if other != name])[1])
            tests.append((p_value(chi, 1), chi, name))
        if not tests or max(tests)[0] <= Decimal(str(stay)):
            break
        p, chi, name = max(tests)
        step += 1
        values[f"removed[{step - 1}]"] = name
        values[f"steps[{step}].test.chi_square"], values[f"steps[{step}].test.p_value_two_sided"] = (
            float(chi),
            float(p),
        )
        left.remove(name)
    for j, name in enumerate(left):
        values[f"selected[{j}]"] = name
        values[f"tests[{j}].p_value_two_sided"] = float(tests[j][0])
        values[f"model.coefficients[{first + j}]"] = float(beta[first + j])
        values[f"model.std_err[{first + j}]"] = float(v[first + j][first + j].sqrt())
    name = "small_" + kind
    data[name] = {**given, **terms}
    arguments = {"time": "time", "event": "event"} if kind == "cox" else {"response": "y"}
    add(
        id,
        f"backward_selection_{kind}",
        "digits",
        values,
        {**arguments, "terms": names, "stay": stay, "test": test},
        name,
    )
    for which in ("wald", "likelihood-ratio", "score"):
        alone = {}
        for j, term in enumerate(names):
            beta, height, v = fit([term])
            rows = [[dec(Fraction(str(terms[term][i])))] for i in range(n)]
            at = cox(rows, given["time"], given["event"]) if kind == "cox" else logit(rows, given["y"])
            if kind == "cox":
                height_null, u, info = at([Decimal(0)])
            else:
                m = sum(given["y"])
                height_null, u, info = at([dec(Fraction(m, n - m)).ln(), Decimal(0)])
            score = sum(a * b for a, b in zip(u, solve(info, u), strict=True))
            chi = {
                "wald": beta[-1] ** 2 / v[-1][-1],
                "likelihood-ratio": 2 * (height - height_null),
                "score": score,
            }[which]
            alone[f"terms[{j}].chi_square"], alone[f"terms[{j}].p_value_two_sided"] = (
                float(chi),
                float(p_value(chi, 1)),
            )
        add(
            f"{id}, alone, {which}",
            f"univariate_screen_{kind}",
            "digits",
            alone,
            {**arguments, "terms": names, "test": which},
            name,
        )


def add(id, function, source, values, arguments, name, tolerance=None, reason=None):
    one = {
        "id": id,
        "function": function,
        "source": source,
        "requirements": [162],
        "data": name,
        "arguments": arguments,
        "values": values,
    }
    if tolerance:
        one["tolerance"], one["reason"] = tolerance, reason
    if all(one["id"] != other["id"] for other in cases):
        cases.append(one)


COX = {
    "time": [3, 5, 8, 11, 12, 14, 17, 21, 22, 26, 30, 31],
    "event": [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1],
}
COX_TERMS = {
    "a": [4, 3, 1, 5, 2, 2, 3, 1, 2, 0, 1, 1],
    "b": [1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0],
    "c": [0.5, 2.5, 1.5, 0.25, 3.5, 1.75, 2.25, 0.75, 3.25, 1.25, 2, 3],
}
LOGIT = {"y": [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1]}
LOGIT_TERMS = {
    "a": [5, 1, 4, 3, 2, 1, 5, 3, 2, 2, 4, 4, 0, 3],
    "b": [1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0],
    "c": [0.5, 1.5, 2.5, 3.5, 0.25, 1.25, 2.25, 3.25, 1, 2, 3, 0.75, 1.75, 2.75],
}
for test in ("wald", "likelihood-ratio"):
    for stay in (0.15, 0.5):
        backward(f"twelve subjects, {test}, stay {stay}", "cox", COX_TERMS, stay, test, **COX)
        backward(f"fourteen subjects, {test}, stay {stay}", "logistic", LOGIT_TERMS, stay, test, **LOGIT)

# ---- a factor of three levels, counts
groups = {"low": (4, 6), "middle": (9, 3), "top": (2, 16)}
data["three_groups"] = {
    "y": [1, 0] * 3,
    "dose": [name for name in groups for _ in "ab"],
    "count": [k for pair in groups.values() for k in pair],
}
lods = [dec(Fraction(a, b)).ln() for a, b in groups.values()]
var = [dec(Fraction(1, a) + Fraction(1, b)) for a, b in groups.values()]
contrast = [lods[1] - lods[0], lods[2] - lods[0]]
covariance = [[var[0] + var[1], var[0]], [var[0], var[0] + var[2]]]
wald = sum(x * y for x, y in zip(contrast, solve(covariance, contrast), strict=True))


def entropy(*counts):
    return sum((dec(k) * dec(Fraction(k, sum(counts))).ln() for k in counts if k), Decimal(0))


ratio = 2 * (sum(entropy(*pair) for pair in groups.values()) - entropy(15, 25))
score = dec(
    sum((a - Fraction((a + b) * 15, 40)) ** 2 * 1600 / ((a + b) * Fraction(375)) for a, b in groups.values())
)
for which, chi in (("wald", wald), ("likelihood-ratio", ratio), ("score", score)):
    add(
        f"three groups, {which}", "univariate_screen_logistic", "cells",
        {"terms[0].chi_square": float(chi), "terms[0].df": 2, "terms[0].p_value_two_sided": float(p_value(chi, 2)),
         "terms[0].n": 40, "terms[0].n_events": 15, "terms[0].columns[0]": "dose=middle", "terms[0].model.coefficients[1]": float(contrast[0])},
        {"response": "y", "terms": ["dose"], "weights": "count", "test": which}, "three_groups",
    )  # fmt: skip
for stay in (0.0001, 0.15):
    p = p_value(wald, 2)
    gone = float(p) > stay
    values = {"steps[0].log_likelihood": float(sum(entropy(*pair) for pair in groups.values()))}
    if gone:
        values |= {"removed[0]": "dose", "steps[1].test.chi_square": float(wald), "steps[1].test.df": 2, "steps[1].log_likelihood": float(entropy(15, 25)),
                   "model.coefficients[0]": float(dec(Fraction(15, 25)).ln())}  # fmt: skip
    else:
        values |= {"selected[0]": "dose", "tests[0].p_value_two_sided": float(p), "tests[0].df": 2}
    add(
        f"three groups, stay {stay}",
        "backward_selection_logistic",
        "cells",
        values,
        {"response": "y", "terms": ["dose"], "weights": "count", "stay": stay},
        "three_groups",
    )

# ---- printed: backward from three candidates keeps what SAS prints as its final models
with open("src/equipoise/validation/evidence/logistic_exact.json", encoding="utf-8") as file:
    remission = json.load(file)["data"]["remission"]
data["remission"] = remission
add("remission, three terms stay at .35", "backward_selection_logistic", "remission",
    {"selected[0]": "cell", "selected[1]": "li", "selected[2]": "temp", "model.coefficients[0]": 67.6339, "model.coefficients[1]": 9.6522, "model.coefficients[2]": 3.8671, "model.coefficients[3]": -82.0737,
     "model.std_err[2]": 1.7783},
    {"response": "remiss", "terms": ["cell", "li", "temp"], "stay": 0.35}, "remission", 3e-5, "four decimals are printed")  # fmt: skip

with open(TARGET, "w", encoding="utf-8") as file:
    file.write('{\n  "area": "selection",\n  "sources": ' + json.dumps(SOURCES))
    file.write(
        ',\n  "data": '
        + json.dumps({k: v for k, v in data.items() if k in {one["data"] for one in cases}})
        + ',\n  "cases": [\n'
    )
    file.write(",\n".join("    " + json.dumps(one) for one in cases) + "\n  ]\n}\n")
print(len(cases), "cases")
