"""Nested models whose likelihoods have a closed form: .venv/bin/python verification/evidence/nested_exact.py

A Cox model of three patients without ties, one of two groups: with u the hazard ratio the partial likelihood is
u / ((2u + 1)(u + 1)) and largest at u = 1/sqrt 2. A logistic model of a 2 x 2 table fits it exactly, so the
likelihood ratio against the intercept is G = 2 sum O log(O/E); with two covariates of one factor that of a 3 x 2 table.
Two-sided P values by the error function and, on two degrees of freedom, by exp(-x/2).
"""

from __future__ import annotations

import json
from decimal import Decimal, getcontext
from fractions import Fraction
from math import erfc, exp, sqrt
from pathlib import Path

getcontext().prec = 40
OUT = Path("src/equipoise/validation/evidence/nested_exact.json")


def call(name: str, **arguments: object) -> dict[str, object]:
    return {"call": name, "arguments": arguments}


def g_statistic(table: list[tuple[int, int]]) -> float:
    """2 sum O log(O / E) of rows (with, without), in 40 digits."""
    total = sum(a + b for a, b in table)
    with_event = sum(a for a, _ in table)
    result = Decimal(0)
    for a, b in table:
        for observed, column in ((a, with_event), (b, total - with_event)):
            ratio = Fraction(observed * total, (a + b) * column)
            result += 2 * observed * (Decimal(ratio.numerator) / Decimal(ratio.denominator)).ln()
    return float(result)


def columns(table: list[tuple[int, int]]) -> dict[str, list[int]]:
    rows = [(i, y) for i, (a, b) in enumerate(table) for y in [1] * a + [0] * b]
    found = {"y": [y for _, y in rows]}
    for level in range(1, len(table)):
        found[f"level{level}"] = [int(i == level) for i, _ in rows]
    return found


root = Decimal(2).sqrt()
three = float(2 * (Decimal(6) / (3 + 2 * root)).ln())
tables = {
    "two groups": [(8, 12), (14, 6)],
    "two large groups": [(51, 3), (39, 18)],
    "three groups": [(5, 15), (9, 11), (13, 7)],
}
cases = [
    {
        "id": "three patients against none of the covariates", "function": "likelihood_ratio_between", "source": "exact",
        "requirements": [160], "data": "three", "tolerance": 1e-8,
        "arguments": {"smaller": call("cox", time="time", event="event", covariates=[], names=[]),
                      "larger": call("cox", time="time", event="event", covariates=["x"])},
        "values": {"chi_square": three, "df": 1, "p_value_two_sided": erfc(sqrt(three / 2))},
    }
]  # fmt: skip
# Every patient goes from state 0 to state 1: the transition's model is the Cox model of the three patients, with u = 1/sqrt 2.
cases.append(
    {
        "id": "three patients, one transition", "function": "transition_cox", "source": "exact", "requirements": [160],
        "data": "three", "arguments": {"subject": "subject", "start": "start", "stop": "time", "from_state": "from", "to_state": "to",
                                        "covariates": ["x"], "transition": ["well", "ill"], "censored": "censored"},
        "values": {"coefficients[0]": float(-Decimal(2).ln() / 2), "hazard_ratio[0]": float(1 / root),
                   "likelihood_ratio.chi_square": three, "log_likelihood": float(-(3 + 2 * root).ln())},
    }
)  # fmt: skip
for name, table in tables.items():
    g, df = g_statistic(table), len(table) - 1
    cases.append({
        "id": f"{name} against the intercept", "function": "logistic_likelihood_ratio", "source": "exact", "requirements": [161],
        "data": name,
        "arguments": {"smaller": call("logistic", response="y", covariates=[], names=[]),
                      "larger": call("logistic", response="y", covariates=[f"level{i}" for i in range(1, len(table))])},
        "values": {"chi_square": g, "df": df, "p_value_two_sided": erfc(sqrt(g / 2)) if df == 1 else exp(-g / 2)},
    })  # fmt: skip
content = {
    "area": "nested",
    "sources": {"exact": {"kind": "closed form", "derivation": "partial likelihood of three patients; G of saturated tables (verification/evidence/nested_exact.py)", "script": "verification/evidence/nested_exact.py"}},
    "data": {"three": {"time": [1, 2, 3], "event": [1, 1, 1], "x": [1, 0, 1], "subject": [1, 2, 3], "start": [0, 0, 0], "from": ["well"] * 3, "to": ["ill"] * 3}, **{name: columns(table) for name, table in tables.items()}},
    "cases": cases,
}  # fmt: skip
lines = (
    json.dumps(content | {"cases": []})[:-3]
    + "[\n"
    + ",\n".join(json.dumps(case) for case in cases)
    + "\n]}\n"
)
OUT.write_text(lines)
