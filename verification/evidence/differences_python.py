"""Two proportions by statsmodels and scipy: python verification/evidence/differences_python.py, in an environment with both.

Left out, since it is wrong there: statsmodels' score interval of the difference (its restricted estimate is not the
maximum likelihood one; 56/70 vs 48/80 gives .0526, .3440 for Newcombe's printed .0528, .3382).
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import statsmodels
from scipy.stats import barnard_exact, boschloo_exact
from scipy.stats.contingency import odds_ratio, relative_risk
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

warnings.simplefilter("ignore")
FOLDER = Path(__file__).resolve().parents[2] / "src/equipoise/validation/evidence"
SCRIPT = "verification/evidence/differences_python.py"
SOURCES = {
    "statsmodels": {
        "kind": "program",
        "name": f"Python statsmodels {statsmodels.__version__}",
        "script": SCRIPT,
    },
    "scipy": {"kind": "program", "name": f"Python scipy {scipy.__version__}", "script": SCRIPT},
}
TABLES = (
    (56, 70, 48, 80),
    (26, 105, 31, 103),
    (51, 54, 39, 57),
    (5, 54, 10, 57),
    (36, 40, 16, 80),
    (3, 14, 60, 92),
)
# barnard_exact compares statistics as rounded numbers and so loses mirrored tables, which are exactly as far in the other
# direction: its two-sided P of these two tables lack them (Fractions: 0.8312204 for the first, scipy 0.8260073).
TIED = ((7, 12, 8, 15), (9, 30, 20, 31))
SMALL = ((1, 10, 6, 10), (7, 12, 8, 15), (3, 4, 1, 6), (12, 20, 5, 25), (9, 30, 20, 31), (2, 7, 0, 9))


def plain(value: float) -> object:
    value = float(value)
    return (
        value if np.isfinite(value) else None if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    )


def case(
    id_: str,
    function: str,
    source: str,
    table: tuple[int, ...],
    arguments: dict[str, object],
    values: dict[str, float],
    requirement: int,
    **more: object,
) -> dict[str, object]:
    four = dict(
        zip(("events_experimental", "n_experimental", "events_control", "n_control"), table, strict=True)
    )
    return {
        "id": "{}/{} vs {}/{}, ".format(*table) + id_, "function": function, "requirements": [requirement], "source": source,
        "arguments": {**four, **arguments}, "values": {k: plain(v) for k, v in values.items()}, **more,
    }  # fmt: skip


def write(area: str, cases: list[dict[str, object]]) -> None:
    lines = ",\n".join("    " + json.dumps(one) for one in cases)
    text = f'{{\n  "area": "{area}",\n  "sources": {json.dumps(SOURCES)},\n  "data": {{}},\n  "cases": [\n{lines}\n  ]\n}}\n'
    (FOLDER / f"{area}_python.json").write_text(text, encoding="utf-8")


ROUNDED = {
    "tolerance": 1e-6,
    "reason": "statsmodels finds score limits by brentq to 2e-12 of the ratio, in a wide bracket",
}
SEARCHED = {"tolerance": 1e-6, "reason": "scipy's search for the nuisance parameter (shgo) ends near 1e-7"}

if __name__ == "__main__":
    differences, odds = [], []
    for t in TABLES:
        for theirs, ours in (("wald", "wald"), ("agresti-caffo", "agresti-caffo"), ("newcomb", "newcombe")):
            for level in (0.95, 0.99):
                lower, upper = confint_proportions_2indep(*t, compare="diff", method=theirs, alpha=1 - level)
                differences.append(
                    case(
                        f"{ours}, {level}",
                        "risk_difference",
                        "statsmodels",
                        t,
                        {"method": ours, "confidence_level": level},
                        {"lower": lower, "upper": upper},
                        152,
                    )
                )
        z, p = test_proportions_2indep(
            *t, value=0.05, compare="diff", method="wald", alternative="two-sided", return_results=False
        )[:2]
        differences.append(
            case(
                "Wald test, margin 0.05",
                "risk_difference_test",
                "statsmodels",
                t,
                {"margin": 0.05, "method": "wald"},
                {"z": z, "p_value_two_sided": p},
                152,
            )
        )
        for theirs, ours in (
            ("log", "log"),
            ("log-adjusted", "adjusted-log"),
            ("score", "miettinen-nurminen"),
        ):
            lower, upper = confint_proportions_2indep(*t, compare="ratio", method=theirs)
            odds.append(
                case(
                    f"ratio, {ours}",
                    "risk_ratio",
                    "statsmodels",
                    t,
                    {"method": ours},
                    {"lower": lower, "upper": upper},
                    153,
                    **(ROUNDED if theirs == "score" else {}),
                )
            )
        lower, upper = confint_proportions_2indep(*t, compare="ratio", method="score", correction=False)
        odds.append(
            case(
                "ratio, koopman",
                "risk_ratio",
                "statsmodels",
                t,
                {"method": "koopman"},
                {"lower": lower, "upper": upper},
                153,
                **ROUNDED,
            )
        )
        for theirs, ours, correction in (
            ("logit", "woolf", True),
            ("logit-adjusted", "gart", True),
            ("score", "miettinen-nurminen", True),
            ("score", "cornfield", False),
        ):
            lower, upper = confint_proportions_2indep(
                *t, compare="odds-ratio", method=theirs, correction=correction
            )
            odds.append(
                case(
                    f"odds ratio, {ours}",
                    "odds_ratio",
                    "statsmodels",
                    t,
                    {"method": ours},
                    {"lower": lower, "upper": upper},
                    153,
                    **(ROUNDED if theirs == "score" else {}),
                )
            )
        r = relative_risk(*t)
        low, high = r.confidence_interval(0.9)
        odds.append(
            case(
                "relative_risk, 0.9",
                "risk_ratio",
                "scipy",
                t,
                {"method": "log", "confidence_level": 0.9},
                {"risk_ratio": r.relative_risk, "lower": low, "upper": high},
                153,
            )
        )
    for t in (*TABLES, *SMALL, (0, 5, 3, 7), (5, 5, 3, 7), (0, 9, 8, 8)):
        table = [[t[0], t[1] - t[0]], [t[2], t[3] - t[2]]]
        r = odds_ratio(table, kind="conditional")
        for level in (0.95, 0.99):
            low, high = r.confidence_interval(level)
            odds.append(
                case(
                    f"conditional, {level}",
                    "odds_ratio",
                    "scipy",
                    t,
                    {"method": "exact", "confidence_level": level},
                    {"odds_ratio_conditional": r.statistic, "lower": low, "upper": high},
                    153,
                )
            )
    for t in SMALL:
        table = [[t[0], t[2]], [t[1] - t[0], t[3] - t[2]]]
        for alternative in ("greater", "less"):
            for pooled in (True, False):
                one = barnard_exact(table, alternative=alternative, pooled=pooled, n=128)
                two = barnard_exact(table, alternative="two-sided", pooled=pooled, n=128)
                if alternative == "greater":
                    differences.append(case(f"barnard_exact, pooled={pooled}", "unconditional_exact_test", "scipy", t, {"statistic": "score" if pooled else "wald"},
                                            {"statistic": one.statistic, "p_value_one_sided": one.pvalue} | ({} if t in TIED else {"p_value_two_sided": two.pvalue}), 166, **SEARCHED))  # fmt: skip
                elif pooled:
                    differences.append(
                        case(
                            "barnard_exact, less",
                            "unconditional_exact_test",
                            "scipy",
                            t,
                            {"alternative": "less"},
                            {"p_value_one_sided": one.pvalue},
                            166,
                            **SEARCHED,
                        )
                    )
            b, c = (
                boschloo_exact(table, alternative=alternative, n=128),
                boschloo_exact(table, alternative="two-sided", n=128),
            )
            differences.append(case(f"boschloo_exact, {alternative}", "unconditional_exact_test", "scipy", t, {"statistic": "fisher", "alternative": alternative},
                                    {"statistic": b.statistic, "p_value_one_sided": b.pvalue, "p_value_two_sided": c.pvalue}, 166, **SEARCHED))  # fmt: skip
    write("differences", differences)
    write("odds", odds)
