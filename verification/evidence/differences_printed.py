"""Printed differences, ratios and odds ratios of two groups: python verification/evidence/differences_printed.py

Each printed number is a case of its own, since its tolerance is half a unit of its last digit.
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "src/equipoise/validation/evidence"
SOURCES = {
    "aall1331": {
        "kind": "printed",
        "citation": "Brown PA, Ji L, Xu X, et al. JAMA 2021;325(9):833-842 (AALL1331, high- and intermediate-risk), Table 2",
        "script": "verification/evidence/differences_printed.py",
    },
    "amgen": {
        "kind": "printed",
        "citation": "Locatelli F, Rizzari C, Gruhn B, et al. Blinatumomab consolidation in children with high-risk first-relapse B-cell precursor acute lymphoblastic leukemia: final 5-year follow-up analysis (NCT02393859), text: differences with 95% CI",
        "script": "verification/evidence/differences_printed.py",
    },
    "newcombe": {
        "kind": "printed",
        "citation": "Newcombe RG. Stat Med 1998;17:873-890, Table II",
        "script": "verification/evidence/differences_printed.py",
    },
    "gart-nam-1990": {
        "kind": "printed",
        "citation": "Gart JJ, Nam J. Biometrics 1990;46:637-643, score limits without skewness correction, as quoted by the tests of R package ratesci",
        "script": "verification/evidence/differences_printed.py",
    },
    "gart-nam-1988": {
        "kind": "printed",
        "citation": "Gart JJ, Nam J. Biometrics 1988;44:323-338, score limits without skewness correction, as quoted by the tests of R package ratesci",
        "script": "verification/evidence/differences_printed.py",
    },
    "fagerland": {
        "kind": "printed",
        "citation": "Fagerland MW, Newcombe RG. Stat Med 2013;32:2823-2836, Miettinen-Nurminen limits, as quoted by the tests of R package ratesci",
        "script": "verification/evidence/differences_printed.py",
    },
    "cornfield": {
        "kind": "printed",
        "citation": "Cornfield J. Proc Third Berkeley Symposium 1956;4:135-148, limits with continuity correction, as quoted by the tests of R package ratesci",
        "script": "verification/evidence/differences_printed.py",
    },
    "gart-thomas": {
        "kind": "printed",
        "citation": "Gart JJ, Thomas DG. Am J Epidemiol 1982;115:453-470, score limits, as quoted by the tests of R package ratesci",
        "script": "verification/evidence/differences_printed.py",
    },
    "mehta": {
        "kind": "printed",
        "citation": "Mehta CR, Senchaudhuri P. Conditional versus unconditional exact tests for comparing two binomials, 2003: influenza vaccine, Barnard's one-sided P (also in the documentation of scipy's barnard_exact)",
        "script": "verification/evidence/differences_printed.py",
    },
    "sas": {
        "kind": "printed",
        "citation": "R package tern, tests/testthat/test-prop_diff.R: values 'according to SAS' and reference values of SAS EXACT RISKDIFF(METHOD=NOSCORE)",
        "script": "verification/evidence/differences_printed.py",
    },
}


def four(x1: int, n1: int, x0: int, n0: int) -> dict[str, object]:
    return {"events_experimental": x1, "n_experimental": n1, "events_control": x0, "n_control": n0}


def cases_of(
    area: str, source: str, function: str, table: tuple[int, int, int, int], values: dict[str, str],
    requirement: int, scale: float = 1.0, **arguments: object,
) -> list[dict[str, object]]:  # fmt: skip
    """values: numbers as printed, texts; scale: 100 where per cent are printed."""
    found = []
    words = ", ".join(str(v) for v in arguments.values())
    for name, text in values.items():
        digits = len(text.partition(".")[2])
        value = float(text) / scale
        found.append({
            "id": "{}/{} vs {}/{}, ".format(*table) + f"{words}, {name} {text}", "function": function, "requirements": [requirement],
            "source": source, "arguments": {**four(*table), **arguments}, "values": {name: value},
            "tolerance": 0.5001 * 10**-digits / abs(float(text)) if float(text) else 0, "reason": f"printed as {text}",
        })  # fmt: skip
    return found


def write(area: str, cases: list[dict[str, object]]) -> None:
    used = {str(case["source"]) for case in cases}
    sources = {name: one for name, one in SOURCES.items() if name in used}
    lines = ",\n".join("    " + json.dumps(case) for case in cases)
    text = f'{{\n  "area": "{area}",\n  "sources": {json.dumps(sources)},\n  "data": {{}},\n  "cases": [\n{lines}\n  ]\n}}\n'
    (FOLDER / f"{area}_printed.json").write_text(text, encoding="utf-8")


# Events of 105 and 103, difference and limits in per cent, odds ratio and limits.
TABLE_2 = (
    (1, 9, "-8", "-14", "-2", None),
    (35, 32, "2", "-10", "15", None),
    (12, 18, "-6", "-16", "3", None),
    (26, 31, "-5", "-17", "7", ("0.76", "0.4", "1.5")),
    (79, 33, "43", "31", "55", ("6.4", "3.4", "12.4")),
    (69, 33, "34", "21", "46", ("4.1", "2.2", "7.6")),
    # The printed difference, 27, is 70 minus 43, both rounded before; the difference of the shares is 27.8.
    (74, 44, None, "15", "41", ("3.2", "1.7", "5.9")),
)

NEWCOMBE = {
    (56, 70, 48, 80): {"wald": "0.0575 0.3425", "wald_cc": "0.0441 0.3559", "mee": "0.0533 0.3377", "miettinen-nurminen": "0.0528 0.3382", "newcombe": "0.0524 0.3339", "newcombe_cc": "0.0428 0.3422"},
    (9, 10, 3, 10): {"wald": "0.2605 0.9395", "mee": "0.1821 0.8370", "miettinen-nurminen": "0.1700 0.8406", "newcombe": "0.1705 0.8090", "newcombe_cc": "0.1013 0.8387"},
    (6, 7, 2, 7): {"mee": "0.0544 0.8478", "miettinen-nurminen": "0.0342 0.8534", "newcombe": "0.0582 0.8062", "newcombe_cc": "-0.0290 0.8423"},
    (5, 56, 0, 29): {"wald": "0.0146 0.1640", "wald_cc": "-0.0116 0.1901", "mee": "-0.0313 0.1926", "miettinen-nurminen": "-0.0326 0.1933", "newcombe": "-0.0381 0.1926", "newcombe_cc": "-0.0667 0.2037"},
    (0, 10, 0, 20): {"newcombe": "-0.1611 0.2775", "newcombe_cc": "-0.2005 0.3445"},
    (0, 10, 0, 10): {"newcombe": "-0.2775 0.2775"},
    (10, 10, 0, 20): {"newcombe": "0.6791 1.0000"},
    (10, 10, 0, 10): {"newcombe": "0.6075 1.0000"},
}  # fmt: skip


def limits(text: str) -> dict[str, str]:
    lower, upper = text.split()
    return {"lower": lower, "upper": upper}


if __name__ == "__main__":
    differences, odds = [], []
    for x1, x0, estimate, lower, upper, ratio in TABLE_2:
        values = ({"risk_difference": estimate} if estimate else {}) | {"lower": lower, "upper": upper}
        differences += cases_of(
            "differences", "aall1331", "risk_difference", (x1, 105, x0, 103), values, 152, 100, method="wald"
        )
        if ratio:
            odds += cases_of(
                "odds",
                "aall1331",
                "odds_ratio",
                (x1, 105, x0, 103),
                dict(zip(("odds_ratio", "lower", "upper"), ratio, strict=True)),
                153,
                method="exact",
            )
    for table, text in (((5, 54, 10, 57), "-8.3 -22.1 5.0"), ((51, 54, 39, 57), "26.0 10.6 40.5")):
        differences += cases_of(
            "differences",
            "amgen",
            "risk_difference",
            table,
            dict(zip(("risk_difference", "lower", "upper"), text.split(), strict=True)),
            166,
            100,
            method="exact-score",
        )
    differences += cases_of(
        "differences", "mehta", "unconditional_exact_test", (7, 15, 12, 15), {"p_value_one_sided": "0.0341"}, 166,
        statistic="score", alternative="less",
    )  # fmt: skip
    for table, methods in NEWCOMBE.items():
        for method, text in methods.items():
            differences += cases_of(
                "differences", "newcombe", "risk_difference", table, limits(text), 152, method=method
            )
    differences += cases_of(
        "differences",
        "gart-nam-1990",
        "risk_difference",
        (7, 25, 2, 25),
        limits("-0.014 0.412"),
        152,
        method="mee",
    )
    for table, level, text in (
        ((40, 78, 5, 17), 0.95, "-0.0466 0.4676"), ((27, 57, 3, 3), 0.95, "-0.9057 0.1197"),
        ((27, 57, 3, 3), 0.99, "-0.9586 0.2677"), ((0, 2, 2, 2), 0.9, "-1.0000 0.0543"),
    ):  # fmt: skip
        differences += cases_of(
            "differences",
            "sas",
            "risk_difference",
            table,
            limits(text),
            166,
            method="exact-difference",
            confidence_level=level,
        )
    differences += cases_of(
        "differences",
        "sas",
        "risk_difference",
        (3, 4, 1, 2),
        limits("-0.2967 0.6750"),
        152,
        method="newcombe",
        confidence_level=0.9,
    )
    differences += cases_of(
        "differences",
        "sas",
        "risk_difference",
        (1, 2, 1, 2),
        limits("-0.3616 0.3616"),
        152,
        method="newcombe",
        confidence_level=0.6,
    )
    differences += cases_of(
        "differences",
        "sas",
        "risk_difference",
        (3, 4, 1, 2),
        {"lower": "-0.9195"},
        152,
        method="hauck-anderson",
        confidence_level=0.9,
    )
    differences += cases_of(
        "differences",
        "sas",
        "risk_difference",
        (1, 2, 1, 2),
        limits("-0.8451 0.8451"),
        152,
        method="hauck-anderson",
        confidence_level=0.6,
    )
    for table, text in (((8, 15, 4, 15), "0.815 5.336"), ((6, 10, 6, 20), "0.844 4.594")):
        odds += cases_of("odds", "gart-nam-1988", "risk_ratio", table, limits(text), 153, method="koopman")
    for table, ratio, odd in (
        ((24, 73, 53, 65), "0.280 0.560", "0.050 0.245"), ((29, 55, 11, 11), "0.397 0.742", "0 0.417"), ((7, 18, 1, 18), "1.296 42.544", "1.416 76.428"),
    ):  # fmt: skip
        odds += cases_of(
            "odds", "fagerland", "risk_ratio", table, limits(ratio), 153, method="miettinen-nurminen"
        )
        odds += cases_of(
            "odds", "fagerland", "odds_ratio", table, limits(odd), 153, method="miettinen-nurminen"
        )
    odds += cases_of(
        "odds",
        "cornfield",
        "odds_ratio",
        (3, 14, 60, 92),
        limits("0.0296 0.6228"),
        153,
        method="cornfield_cc",
    )
    odds += cases_of(
        "odds",
        "cornfield",
        "odds_ratio",
        (3, 14, 60, 92),
        limits("0.0209 0.8797"),
        153,
        method="cornfield_cc",
        confidence_level=0.99,
    )
    odds += cases_of(
        "odds", "gart-thomas", "odds_ratio", (28, 51, 71, 230), limits("1.476 5.035"), 153, method="cornfield"
    )
    write("differences", differences)
    write("odds", odds)
