"""Printed numbers for the tests between survival curves: python verification/evidence/tests_printed.py from the root."""

from __future__ import annotations

import json
import math
from pathlib import Path

TARGET = Path("src/equipoise/validation/evidence/tests_printed.json")
SOURCES = {
    "kleinbaum": "Kleinbaum & Klein, Survival Analysis: A Self-Learning Text, 3rd ed. 2012, chapter 2: remission data of 42 "
    "leukemia patients (Freireich et al. 1963)",
    "collett": "Collett, Modelling Survival Data in Medical Research, chapter 2: women with breast cancer by HPA staining",
    "jennison": "Jennison & Turnbull, Group Sequential Methods 2000, tables 2.1 and 2.3: constants of Pocock and O'Brien-Fleming, "
    "two-sided 0.05",
    "dunnett": "Dunnett 1955 (JASA 50:1096) and 1964 (Biometrics 20:482): comparisons with a control, infinite degrees of freedom, 0.05",
}
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
SIX_MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
NEGATIVE = [23, 47, 69, -70, -71, -100, -101, 148, 181, -198, -208, -212, -224]  # minus: censored
POSITIVE = [5, 8, 10, 13, 18, 24, 26, 26, 31, 35, 40, 41, 48, 50, 59, 61, 68, 71, -76, -105, -107, -109, 113, -116, 118, 143,
            -154, -162, -188, -212, -217, -225]  # fmt: skip
DATA = {
    "remission": {
        "time": PLACEBO + SIX_MP,
        "event": [1] * 21 + [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
        "group": ["placebo"] * 21 + ["6-MP"] * 21,
    },
    "staining": {
        "time": [abs(t) for t in NEGATIVE + POSITIVE],
        "event": [int(t > 0) for t in NEGATIVE + POSITIVE],
        "group": ["negative"] * len(NEGATIVE) + ["positive"] * len(POSITIVE),
    },
}
CASES: list[dict] = []


def case(
    name: str,
    function: str,
    source: str,
    values: dict,
    tolerance: float,
    reason: str,
    data: str | None,
    **arguments,
) -> None:
    one = {"id": name, "function": function, "source": source, "arguments": arguments, "values": values,
           "tolerance": tolerance, "reason": reason}  # fmt: skip
    CASES.append(one | ({"data": data} if data else {}))


def main() -> None:
    columns = {"time": "time", "event": "event", "group": "group"}
    remission = {**columns, "groups": ["placebo", "6-MP"]}
    case("remission, log-rank", "log_rank", "kleinbaum", {"observed": [21, 9], "expected": [10.75, 19.25], "chi_square": 16.79},
         5e-4, "printed to two decimals", "remission", **remission)  # fmt: skip
    for kind, value in (("gehan", 13.46), ("tarone-ware", 15.12), ("peto-prentice", 14.08)):
        case(f"remission, {kind}", "weighted_log_rank", "kleinbaum", {"chi_square": value}, 4e-4, "printed to two decimals",
             "remission", weight=kind, **remission)  # fmt: skip
    staining = {**columns, "groups": ["negative", "positive"]}
    case("staining, log-rank", "log_rank", "collett", {"expected[0]": 9.565, "variance[0,0]": 5.929, "chi_square": 3.515}, 2e-4,
         "printed to three decimals", "staining", **staining)  # fmt: skip
    case("staining, Wilcoxon", "weighted_log_rank", "collett", {"chi_square": 4.180, "variance[0,0]": 6048.136}, 2e-4,
         "printed to three decimals", "staining", weight="gehan", **staining)  # fmt: skip
    constants = {2: (2.178, 1.977), 3: (2.289, 2.004), 4: (2.361, 2.024), 5: (2.413, 2.040)}
    for looks, (pocock, brien) in constants.items():
        r = [[math.sqrt(min(i, j) / max(i, j)) for j in range(1, looks + 1)] for i in range(1, looks + 1)]
        for name, limits in (
            ("Pocock", [pocock] * looks),
            ("O'Brien-Fleming", [brien * math.sqrt(looks / i) for i in range(1, looks + 1)]),
        ):
            case(f"{name}, {looks} looks", "multivariate_normal_cdf", "jennison", {"": 0.95}, 1e-4, "constants printed to three decimals",
                 None, upper=limits, lower=[-c for c in limits], correlation=r)  # fmt: skip
    for k, (one, two) in {2: (1.92, 2.21), 3: (2.06, 2.35), 4: (2.16, 2.44), 5: (2.23, 2.51)}.items():
        r = [[1 if i == j else 0.5 for j in range(k)] for i in range(k)]
        reason = "constants printed to two decimals"
        case(f"Dunnett, {k} comparisons, one-sided", "multivariate_normal_cdf", "dunnett", {"": 0.95}, 1e-3, reason, None,
             upper=[one] * k, correlation=r)  # fmt: skip
        case(f"Dunnett, {k} comparisons, two-sided", "multivariate_normal_cdf", "dunnett", {"": 0.95}, 1e-3, reason, None,
             upper=[two] * k, lower=[-two] * k, correlation=r)  # fmt: skip
    sources = {
        key: {"kind": "printed", "citation": words, "script": "verification/evidence/tests_printed.py"}
        for key, words in SOURCES.items()
    }
    lines = ",\n".join("    " + json.dumps(one) for one in CASES)
    TARGET.write_text(
        f'{{\n  "area": "tests",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(DATA)},\n  "cases": [\n{lines}\n  ]\n}}\n',
        encoding="utf-8",
    )
    print(len(CASES), "cases")


if __name__ == "__main__":
    main()
