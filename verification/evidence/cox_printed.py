"""Printed results of Cox models: python verification/evidence/cox_printed.py. Nothing of equipoise is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OUT = Path("src/equipoise/validation/evidence/cox_printed.json")

# Remission times of 42 children with leukemia, 6-MP (treated) and placebo (Freireich et al. 1963), and log white blood cells.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
LOG_WBC = [
    2.31, 4.06, 3.28, 4.43, 2.96, 2.88, 3.60, 2.32, 2.57, 3.20, 2.80, 2.70, 2.60, 2.16, 2.05, 2.01, 1.78, 2.20, 2.53, 1.47, 1.45,
    2.80, 5.00, 4.91, 4.48, 4.01, 4.36, 2.42, 3.49, 3.97, 3.52, 3.05, 2.32, 3.26, 3.49, 2.12, 1.50, 3.06, 2.30, 2.95, 2.73, 1.97,
]  # fmt: skip
RX = [0] * 21 + [1] * 21
LEUKEMIA = {
    "time": TREATED + PLACEBO,
    "event": [1] * 9 + [0] * 12 + [1] * 21,
    "rx": RX,
    "log_wbc": LOG_WBC,
    "product": [r * w for r, w in zip(RX, LOG_WBC, strict=True)],
}
# Days to death from vaginal cancer of rats in two pretreatment groups (Pike 1966; Kalbfleisch & Prentice 1980).
GROUP_0 = [143, 164, 188, 188, 190, 192, 206, 209, 213, 216, 220, 227, 230, 234, 246, 265, 304, 216, 244]
GROUP_1 = [
    142,
    156,
    163,
    198,
    205,
    232,
    232,
    233,
    233,
    233,
    233,
    239,
    240,
    261,
    280,
    280,
    296,
    296,
    323,
    204,
    344,
]
PIKE = {
    "days": GROUP_0 + GROUP_1,
    "died": [1] * 17 + [0] * 2 + [1] * 19 + [0] * 2,
    "group": [0] * 19 + [1] * 21,
}
THERNEAU = {"time": [1, 1, 6, 6, 8, 9], "status": [1, 0, 1, 1, 0, 1], "x": [1, 1, 1, 0, 0, 0]}

SOURCES = {
    "kleinbaum": {"kind": "printed", "citation": "Kleinbaum & Klein, Survival Analysis: A Self-Learning Text, chapter 3, computer output of "
                  "models 1 to 3 for the remission times of Freireich et al. 1963 (Breslow ties)"},
    "sas": {"kind": "printed", "citation": "SAS/STAT User's Guide, The PHREG Procedure, Getting Started: rats with vaginal cancer, from Kalbfleisch & Prentice 1980 (Breslow ties)"},
    "therneau": {"kind": "printed", "citation": "Therneau, Software validation (vignette of R survival), section Test data 1; also Therneau & Grambsch 2000, appendix E"},
}  # fmt: skip


def leukemia(model: int, covariates: list[str], values: dict[str, Any], tolerance: float) -> dict[str, Any]:
    return {"id": f"remission times, model {model}: {' + '.join(covariates)}", "function": "cox", "source": "kleinbaum", "data": "leukemia",
            "arguments": {"time": "time", "event": "event", "covariates": covariates, "ties": "breslow"}, "values": values,
            "tolerance": tolerance, "reason": "printed to three decimals: half of the last one over the smallest value"}  # fmt: skip


def therneau(ties: str, values: dict[str, Any], tolerance: float = 4e-7) -> dict[str, Any]:
    return {"id": f"Therneau's test data 1, {ties}", "function": "cox", "source": "therneau", "data": "therneau",
            "arguments": {"time": "time", "event": "status", "covariates": ["x"], "ties": ties}, "values": values,
            "tolerance": tolerance, "reason": "printed to six decimals, or to four"}  # fmt: skip


CASES = [
    leukemia(1, ["rx"], {"coefficients": [1.509], "std_err": [0.410], "hazard_ratio": [4.523], "lower": [2.027], "upper": [10.094],
                         "log_likelihood": -86.380}, 1.3e-3),
    leukemia(2, ["rx", "log_wbc"], {"coefficients": [1.294, 1.604], "std_err": [0.422, 0.329], "hazard_ratio": [3.648, 4.975],
                                    "lower": [1.595, 2.609], "upper": [8.343, 9.486], "log_likelihood": -72.280}, 1.6e-3),
    leukemia(3, ["rx", "log_wbc", "product"], {"coefficients": [2.355, 1.803, -0.342], "std_err": [1.681, 0.447, 0.520],
                                               "log_likelihood": -72.066}, 1.6e-3),
    {"id": "vaginal cancer of rats", "function": "cox", "source": "sas", "data": "pike",
     "arguments": {"time": "days", "event": "died", "covariates": ["group"], "ties": "breslow"},
     "values": {"coefficients": [-0.59590], "std_err": [0.34840], "likelihood_ratio.chi_square": 2.8784,
                "score.chi_square": 3.0001, "log_likelihood_null": -204.317 / 2, "log_likelihood": -201.438 / 2},
     "tolerance": 2e-5, "reason": "printed to four or five digits"},
    {"id": "vaginal cancer of rats, P value and hazard ratio", "function": "cox", "source": "sas", "data": "pike",
     "arguments": {"time": "days", "event": "died", "covariates": ["group"], "ties": "breslow"},
     "values": {"p_value_two_sided": [0.0872], "hazard_ratio": [0.551]}, "tolerance": 1e-3, "reason": "printed to three digits"},
    therneau("breslow", {"coefficients": [1.475285], "score.chi_square": 1.6}),
    therneau("efron", {"coefficients": [1.676857], "log_likelihood_null": -4.276666, "covariance": [[1 / 0.612632]]}, 1e-6),
    therneau("exact-partial", {"coefficients": ["Infinity"], "log_likelihood": -2.1972}, 2e-5),
]  # fmt: skip

lines = ",\n".join("    " + json.dumps(one) for one in CASES)
DATA = {"leukemia": LEUKEMIA, "pike": PIKE, "therneau": THERNEAU}
OUT.write_text(
    f'{{\n  "area": "cox",\n  "sources": {json.dumps(SOURCES)},\n  "data": {json.dumps(DATA)},\n  "cases": [\n{lines}\n  ]\n}}\n',
    encoding="utf-8",
)
print(len(CASES), "cases")
