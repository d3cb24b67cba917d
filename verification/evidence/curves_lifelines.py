"""Survival curves, cumulative hazards and fixed-time tests by lifelines; run with a Python that has it.

From the repository's root: python verification/evidence/curves_lifelines.py. Nothing of equipoise is used.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import lifelines
import numpy as np
from lifelines import KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import survival_difference_at_fixed_point_in_time_test
from lifelines.utils import restricted_mean_survival_time

FOLDER = Path("src/equipoise/validation")
CASES = []


def table(name):
    with (FOLDER / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        c: np.array([float("nan") if r[c] == "NA" else float(r[c]) for r in rows])
        for c in rows[0]
        if _numeric(rows, c)
    }


def _numeric(rows, column):
    try:
        [float(row[column]) for row in rows if row[column] != "NA"]
    except ValueError:
        return False
    return True


def numbers(values):
    return [None if math.isnan(v) else float(v) for v in np.asarray(values, dtype=float).ravel()]


def add(id_, function, data, arguments, values, then=None):
    case = {"id": id_, "function": function, "source": "lifelines", "data": data, "arguments": arguments}
    if then:
        case["then"] = then
    CASES.append({**case, "values": values})


TIMES = {
    "lung": [50, 200, 500, 800],
    "ovarian": [60, 400, 700],
    "veteran": [10, 100, 300],
    "heart": [5, 50, 300],
}
for name, time, event, entry in (
    ("lung", "time", "status", None), ("ovarian", "futime", "fustat", None), ("veteran", "time", "status", None),
    ("heart", "stop", "event", "start"),
):  # fmt: skip
    d = table(name)
    at = TIMES[name]
    given = {"time": time, "event": event, **({"entry": entry} if entry else {})}
    late = d[entry] if entry else None
    km = KaplanMeierFitter().fit(d[time], d[event], entry=late)
    row = [int(np.searchsorted(km.survival_function_.index, t, side="right")) - 1 for t in at]
    limits = km.confidence_interval_.to_numpy()[row]
    add(f"{name}, at times, by lifelines", "kaplan_meier", name, given,
        {"survival": numbers(km.survival_function_.to_numpy()[row]), "lower": numbers(limits[:, 0]), "upper": numbers(limits[:, 1])},
        [["at", {"times": at}]])  # fmt: skip
    for smooth in (True, False):
        na = NelsonAalenFitter(nelson_aalen_smoothing=smooth).fit(d[time], d[event], entry=late)
        limits = na.confidence_interval_.to_numpy()[row]
        options = {"ties": "fleming-harrington"} if smooth else {"variance": "greenwood"}
        add(f"{name}, cumulative hazard by lifelines, {next(iter(options.values()))}", "nelson_aalen", name, {**given, **options},
            {"cumulative_hazard": numbers(na.cumulative_hazard_.to_numpy()[row]), "lower": numbers(limits[:, 0]),
             "upper": numbers(limits[:, 1])}, [["at", {"times": at}]])  # fmt: skip

for name, time, event, group, labels, at in (
    ("lung", "time", "status", "sex", [1, 2], [11, 145, 239, 700]), ("veteran", "time", "status", "trt", [1, 2], [8, 30, 51, 100, 200]),
    ("ovarian", "futime", "fustat", "rx", [1, 2], [400]), ("colon_death", "time", "status", "sex", [0, 1], [499, 1825, 2152]),
):  # fmt: skip
    d = table(name)
    one, other = (KaplanMeierFitter().fit(d[time][d[group] == g], d[event][d[group] == g]) for g in labels)
    for t in at:
        test = survival_difference_at_fixed_point_in_time_test(t, one, other)
        # Between observed times lifelines interpolates the variance, though survival is a step: other numbers.
        observed = all(t in km.survival_function_.index for km in (one, other))
        if observed:
            add(f"{name} by {group} at {t}, by lifelines", "milestone_difference", name,
                {"time": time, "event": event, "group": group, "groups": labels, "at": t, "transform": "log-log"},
                {"chi_square": [float(test.test_statistic)], "p_value_two_sided": [float(test.p_value)]})  # fmt: skip
        add(f"{name}, {group} {labels[0]}, mean until {t}, by lifelines", "restricted_mean_difference", name,
            {"time": time, "event": event, "group": group, "groups": labels, "until": t},
            {"restricted_mean": [float(restricted_mean_survival_time(km, t=t)) for km in (one, other)]})  # fmt: skip

sources = {
    "lifelines": {
        "kind": "program",
        "name": f"lifelines {lifelines.__version__}",
        "script": "verification/evidence/curves_lifelines.py",
    }
}
data = {name: f"{name}.csv" for name in ("lung", "ovarian", "veteran", "heart", "colon_death")}
lines = ",\n".join("    " + json.dumps(case) for case in CASES)
head = f'  "area": "curves",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(data)},\n'
(FOLDER / "evidence" / "curves_lifelines.json").write_text(
    "{\n" + head + '  "cases": [\n' + lines + "\n  ]\n}\n", encoding="utf-8"
)
