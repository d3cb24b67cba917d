"""A made-up trial for looking at reports: synthetic patients, and rows by a small estimator of its own.

The numbers only have to be plausible and internally consistent; the estimators that equipoise answers for
have their own tests. Hazard ratios here are one-step (Peto) estimates.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from math import erfc, exp, log, sqrt
from typing import Any

import numpy as np
import polars as pl

from equipoise.analysis.results import Result, Results
from equipoise.protocol.definition import Protocol
from equipoise.report.provenance import Provenance

YEAR = 365.25
ARMS = ("obs", "lev", "lev5fu")


def document() -> dict[str, Any]:
    """The sample protocol as its file's content; tests change it before they build it."""
    return {
        "equipoise": 1,
        "protocol": "SAMPLE-1",
        "title": "Adjuvant levamisole and fluorouracil after resection of node-positive colon carcinoma",
        "summary": "Patients whose tumor had been resected were assigned to observation, levamisole alone, or "
        "levamisole plus fluorouracil. Every patient in this sample is synthetic.",
        "registry": "not stated",
        "phase": "Phase 3",
        "condition": "Stage III carcinoma of the colon",
        "masking": "none (open label)",
        "sponsor": "not stated",
        "items": {
            "age": {"label": "Age", "type": "integer", "unit": "year"},
            "sex": {"label": "Sex", "type": "choice", "choices": {"f": "Female", "m": "Male"}},
            "obstruction": {"label": "Obstruction of the colon by the tumor", "type": "boolean"},
            "differentiation": {
                "label": "Differentiation of the tumor", "type": "choice",
                "choices": {"well": "Well", "moderate": "Moderate", "poor": "Poor"},
            },
            "extent": {
                "label": "Extent of local spread", "type": "choice",
                "choices": {"submucosa": "Submucosa", "muscle": "Muscle", "serosa": "Serosa",
                            "contiguous": "Contiguous structures"},
            },
            "cea": {"label": "Carcinoembryonic antigen", "type": "decimal", "unit": "ng/mL"},
        },
        "derived": {
            "nodes": {"label": "Positive lymph nodes", "classes": {
                "few": {"label": "1 to 4", "when": "true"}, "many": {"label": "More than 4", "when": "true"}}},
        },
        "events": {
            "recurrence": {"label": "Recurrence of colon cancer"},
            "second_cancer": {"label": "Second primary cancer"},
            "death": {"label": "Death from any cause", "terminal": True},
        },
        "dispositions": {
            "screening": {"ineligible": "did not meet the eligibility criteria", "declined": "declined to take part",
                          "other": "had another reason"},
            "treatment": {"toxicity": "had unacceptable toxicity", "recurrence": "had a recurrence",
                          "refused": "refused further treatment", "other": "had another reason"},
            "follow_up": {"withdrew": "withdrew consent", "lost": "were lost to follow-up"},
        },
        "arms": {
            "obs": {"label": "Observation", "role": "control"},
            "lev": {"label": "Levamisole", "role": "experimental"},
            "lev5fu": {"label": "Levamisole plus fluorouracil", "short": "Levamisole + 5-FU",
                       "role": "experimental",
                       "description": "levamisole 50 mg 3 times a day for 3 days every 2 weeks, fluorouracil weekly"},
        },
        "randomizations": {"first": {
            "arms": list(ARMS), "ratio": {"obs": 1, "lev": 1, "lev5fu": 1},
            "strata": ["nodes", "extent"], "method": "permuted blocks"}},
        "endpoints": {
            "os": {"label": "Overall survival", "short": "OS", "role": "primary", "events": ["death"],
                   "definition": "the time from randomization to death from any cause"},
            "dfs": {"label": "Disease-free survival", "short": "DFS", "role": "secondary",
                    "events": ["recurrence", "second_cancer", "death"]},
        },
        "populations": {
            "itt": {"label": "all randomized patients", "require": "true",
                    "definition": "Every randomized patient, in the arm assigned"},
            "safety": {"label": "treated patients", "require": "true", "arm": "actual"},
        },
        "cutoffs": {"final": {"label": "Final analysis", "on": "1995-06-30"}},
        "baselines": {"baseline": {"population": "itt", "items": [
            {"item": "age", "show": ["median_iqr", "range"]}, {"item": "sex"}, {"item": "obstruction"},
            {"item": "differentiation"}, {"item": "extent"}, {"item": "nodes"},
            {"item": "cea", "show": ["mean_sd"]}]}},
        "analyses": {
            "os": _analysis("os", ["sex", "obstruction", "differentiation", "extent", "nodes"]),
            "dfs": _analysis("dfs", []),
        },
        "adverse_events": {
            "population": "safety", "dictionary": "MedDRA, version 27.0", "grading": "NCI CTCAE, version 5.0",
            "grades": {"1": "Mild", "2": "Moderate", "3": "Severe", "4": "Life-threatening", "5": "Death"},
            "minimum_percent": 2.0,
        },
        "report": {"style": "jama"},
    }  # fmt: skip


def _analysis(endpoint: str, subgroups: list[str]) -> dict[str, Any]:
    return {
        "endpoint": endpoint, "population": "itt",
        "comparisons": [{"experimental": "lev5fu", "control": "obs"}, {"experimental": "lev", "control": "obs"}],
        "kaplan_meier": {"interval": "log-log", "times": [3, 5]},
        "log_rank": {"strata": ["nodes"], "sided": 2, "overall": True},
        "cox": {"strata": ["nodes"]},
        "subgroups": subgroups,
        "figure": {"until": 8, "every": 1},
    }  # fmt: skip


def protocol(change: Callable[[dict[str, Any]], None] | None = None) -> Protocol:
    """The sample protocol, after a change to its content."""
    content = document()
    if change is not None:
        change(content)
    return Protocol.model_validate_json(json.dumps(content))


def provenance(**changes: Any) -> Provenance:
    """The origin that the sample report states."""
    known: dict[str, Any] = {
        "protocol_name": "SAMPLE-1", "protocol_hash": "3f1a" * 16, "data_hash": "77c0" * 16,
        "cutoff": "1995-06-30 (final analysis)", "data_source": (("patients.csv", "ab12" * 16),),
        "log_length": 12814, "versions": {"equipoise": "0.1.0", "numpy": "2.3.0", "polars": "2.1.0"},
        "synthetic": True, "command": "equipoise report sample --cutoff final",
    }  # fmt: skip
    return Provenance(**{**known, **changes})


class Patients:
    """Columns of synthetic patients."""

    def __init__(self, arms: tuple[str, ...], per_arm: int, seed: int, hazard: float = 0.3) -> None:
        draw = np.random.Generator(np.random.Philox(seed))
        n = per_arm * len(arms) + 5
        self.arm = np.array([arms[index % len(arms)] for index in range(n)])
        self.age = np.clip(np.round(draw.normal(60, 12, n)), 18, 85)
        self.factors = {
            "sex": draw.choice(["f", "m"], n), "obstruction": draw.choice(["true", "false"], n, p=[0.2, 0.8]),
            "differentiation": draw.choice(["well", "moderate", "poor", ""], n, p=[0.1, 0.7, 0.17, 0.03]),
            "extent": draw.choice(["submucosa", "muscle", "serosa", "contiguous"], n, p=[0.02, 0.12, 0.81, 0.05]),
            "nodes": draw.choice(["few", "many"], n, p=[0.73, 0.27]),
        }  # fmt: skip
        self.cea = np.where(draw.random(n) < 0.1, np.nan, draw.lognormal(1.2, 0.8, n))
        rate = (
            hazard
            * np.where(self.arm == arms[-1], 0.62, 1.0)
            * np.where(self.factors["nodes"] == "many", 2.2, 1)
        )
        recurrence = draw.exponential(YEAR / rate)
        cured = draw.random(n) < np.where(self.arm == arms[-1], 0.52, 0.36)
        recurrence = np.where(cured, 1e7, recurrence)
        death = np.minimum(recurrence + draw.exponential(1.4 * YEAR, n), draw.exponential(30 * YEAR, n))
        second = draw.exponential(120 * YEAR, n)
        end = draw.uniform(5.2 * YEAR, 9.1 * YEAR, n)
        end = np.where(draw.random(n) < 0.04, draw.uniform(0, 5 * YEAR, n), end)
        first = np.minimum(np.minimum(recurrence, second), death)
        kind = np.where(
            first == recurrence, "recurrence", np.where(first == second, "second_cancer", "death")
        )
        self.n = n
        self.times = {
            "os": (np.ceil(np.minimum(death, end)), death <= end, np.full(n, "death")),
            "dfs": (np.ceil(np.minimum(first, end)), first <= end, kind),
        }


@cache
def results(arms: tuple[str, ...] = ARMS, per_arm: int = 303, seed: int = 36, hazard: float = 0.3) -> Results:
    """All rows of the sample report."""
    patients = Patients(arms, per_arm, seed, hazard)
    rows = [
        *flow_rows(patients, arms), *baseline_rows(patients, arms), *follow_up_rows(patients, arms),
        *(row for endpoint in ("os", "dfs") for row in endpoint_rows(patients, arms, endpoint)),
        *adverse_event_rows(patients, arms, seed),
    ]  # fmt: skip
    return Results.of(rows)


def flow_rows(patients: Patients, arms: tuple[str, ...]) -> Iterator[Result]:
    def row(
        variable: str, value: float, group: str = "overall", level: str = "", population: str = ""
    ) -> Result:
        return Result(analysis="flow", population=population, group=group, variable=variable, level=level,
                      statistic="n", value=float(value))  # fmt: skip

    yield row("registered", patients.n + 112)
    yield row("not_randomized", 112)
    for level, value in (("ineligible", 71), ("declined", 33), ("other", 8)):
        yield row("not_randomized", value, level=level)
    yield row("randomized", patients.n)
    for index, arm in enumerate(arms):
        n = int((patients.arm == arm).sum())
        deaths = int(patients.times["os"][1][patients.arm == arm].sum())
        yield row("allocated", n, arm)
        yield row("treated", n - 3 - index, arm)
        yield row("not_treated", 3 + index, arm)
        yield row("not_treated", 3 + index, arm, "refused")
        if index:
            reasons = {"toxicity": n * 2 // 15, "recurrence": n // 10, "refused": n // 23, "other": n // 50}
            stopped = sum(reasons.values())
            yield row("treatment_completed", n - 3 - index - stopped, arm)
            yield row("treatment_discontinued", stopped, arm)
            for level, value in reasons.items():
                yield row("treatment_discontinued", value, arm, level)
        yield row("in_follow_up", n - deaths - 12, arm)
        yield row("died", deaths, arm)
        yield row("follow_up_discontinued", 12, arm)
        yield row("follow_up_discontinued", 9, arm, "lost")
        yield row("follow_up_discontinued", 3, arm, "withdrew")
        yield row("analyzed", n, arm, population="itt")
        yield row("analyzed", n - 3 - index, arm, population="safety")
        yield row("analyzed", 3 + index, arm, "excluded", population="safety")


def baseline_rows(patients: Patients, arms: tuple[str, ...]) -> Iterator[Result]:
    for group in (*arms, "overall"):
        here = np.ones(patients.n, bool) if group == "overall" else patients.arm == group

        def row(variable: str, statistic: str, value: float, level: str = "", group: str = group) -> Result:
            return Result(analysis="baseline", population="itt", group=group, variable=variable, level=level,
                          statistic=statistic, value=float(value))  # fmt: skip

        yield row("subjects", "n", here.sum())
        for item, values in (("age", patients.age[here]), ("cea", patients.cea[here])):
            known = values[~np.isnan(values)]
            yield row(item, "n", len(known))
            yield row(item, "n_missing", len(values) - len(known))
            if not len(known):
                continue
            yield row(item, "mean", known.mean())
            yield row(item, "sd", known.std(ddof=1))
            for name, q in (("min", 0), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("max", 1)):
                yield row(item, name, np.quantile(known, q))
        for item, values in patients.factors.items():
            codes = values[here]
            known_n = int((codes != "").sum())
            yield row(item, "n", known_n)
            yield row(item, "n_missing", len(codes) - known_n)
            for code in sorted(set(values) - {""}):
                n = int((codes == code).sum())
                yield row(item, "n", n, code)
                yield row(item, "denominator", known_n, code)
                yield row(item, "percent", 100 * n / max(known_n, 1), code)


def follow_up_rows(patients: Patients, arms: tuple[str, ...]) -> Iterator[Result]:
    days, died, _ = patients.times["os"]
    for group in (*arms, "overall"):
        here = np.ones(patients.n, bool) if group == "overall" else patients.arm == group
        living = days[here & ~died]

        def row(statistic: str, value: float, method: str, group: str = group) -> Result:
            return Result(analysis="follow_up", population="itt", group=group, variable="os",
                          statistic=statistic, value=float(value), method=method)  # fmt: skip

        observed = "observed among the living"
        yield row("n", len(living), observed)
        for name, q in (("min", 0), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("max", 1)):
            yield row(name, np.quantile(living, q) if len(living) else np.nan, observed)
        for name, value in (("median", 2505), ("lower", 2466), ("upper", 2571)):
            yield row(name, value, "reverse Kaplan-Meier")


def kaplan_meier(days: Any, event: Any) -> Iterator[tuple[float, int, int, int, float, float]]:
    """Time, at risk, events, censored, survival and Greenwood's standard error at each distinct time."""
    survival, variance = 1.0, 0.0
    for time in np.unique(days):
        at_risk = int((days >= time).sum())
        events = int(((days == time) & event).sum())
        censored = int(((days == time) & ~event).sum())
        survival *= 1 - events / at_risk
        variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
        yield float(time), at_risk, events, censored, survival, survival * sqrt(variance)


def log_log(survival: float, error: float) -> tuple[float | None, float | None]:
    if survival in (0.0, 1.0) or error == 0:
        return None, None
    half = 1.959964 * error / (survival * log(survival))
    return survival ** exp(-half), survival ** exp(half)


def endpoint_rows(patients: Patients, arms: tuple[str, ...], endpoint: str) -> Iterator[Result]:
    days, event, kind = patients.times[endpoint]

    def row(statistic: str, value: float | None, group: str, **more: Any) -> Result:
        known = {"analysis": endpoint, "population": "itt", "variable": endpoint, **more}
        return Result(
            statistic=statistic, value=None if value is None else float(value), group=group, **known
        )

    for group in (*arms, "overall"):
        here = np.ones(patients.n, bool) if group == "overall" else patients.arm == group
        yield from (
            row("n", here.sum(), group),
            row("events", (here & event).sum(), group),
            row("censored", (here & ~event).sum(), group),
        )
        for code in {"os": ["death"], "dfs": ["recurrence", "second_cancer", "death"]}[endpoint]:
            yield row("first_events", (here & event & (kind == code)).sum(), group, level=code)
    for arm in arms:
        yield from _curve_rows(row, days[patients.arm == arm], event[patients.arm == arm], arm)
    yield row("chi_square", 9.4, "overall", method="stratified log-rank by nodes")
    yield row("df", 2, "overall", method="stratified log-rank by nodes")
    yield row("p_value_two_sided", 0.0092, "overall", method="stratified log-rank by nodes")
    for experimental in [arm for arm in arms if arm != arms[0]]:
        group = f"{experimental} vs {arms[0]}"
        yield from _ratio_rows(
            row, patients, endpoint, experimental, arms[0], np.ones(patients.n, bool), group, "all"
        )
        factors = ("sex", "obstruction", "differentiation", "extent", "nodes") if endpoint == "os" else ()
        for index, factor in enumerate(factors):
            for code in sorted(set(patients.factors[factor]) - {""}):
                here = patients.factors[factor] == code
                yield from _ratio_rows(
                    row, patients, endpoint, experimental, arms[0], here, group, f"{factor}={code}"
                )
            for name, value in (
                ("chi_square", 1.2),
                ("df", 1),
                ("p_value", (0.73, 0.21, 0.045, 0.98, 0.0007)[index]),
            ):
                yield row(f"interaction_{name}", value, group, level=factor, method="likelihood ratio")
    for factor in ("sex", "obstruction", "differentiation", "extent", "nodes") if endpoint == "os" else ():
        for code in sorted(set(patients.factors[factor]) - {""}):
            for arm in arms:
                here = (patients.arm == arm) & (patients.factors[factor] == code)
                yield row("n", here.sum(), arm, subset=f"{factor}={code}")
                yield row("events", (here & event).sum(), arm, subset=f"{factor}={code}")


def _curve_rows(row: Callable[..., Result], days: Any, event: Any, arm: str) -> Iterator[Result]:
    steps = list(kaplan_meier(days, event))
    for time, at_risk, events, censored, survival, error in steps:
        lower, upper = log_log(survival, error)
        for statistic, value in (
            ("survival", survival), ("std_err", error), ("lower", lower), ("upper", upper),
            ("n_at_risk", at_risk), ("n_events", events), ("n_censored", censored),
        ):  # fmt: skip
            yield row(statistic, value, arm, at=time, method="curve log-log")
    for years in (3, 5):
        before = [step for step in steps if step[0] <= years * YEAR]
        survival, error = (before[-1][4], before[-1][5]) if before else (1.0, 0.0)
        lower, upper = log_log(survival, error)
        for statistic, value in (
            ("survival", survival), ("std_err", error), ("lower", lower), ("upper", upper),
            ("n_at_risk", (days >= years * YEAR).sum()),
        ):  # fmt: skip
            yield row(statistic, value, arm, at=years * YEAR, method="log-log")
    for years in range(9):
        here = days < years * YEAR
        yield row("at_risk", (~here).sum(), arm, at=years * YEAR, method="risk table")
        yield row("cumulative_events", (here & event).sum(), arm, at=years * YEAR, method="risk table")
        yield row("cumulative_censored", (here & ~event).sum(), arm, at=years * YEAR, method="risk table")
    median = next((step[0] for step in steps if step[4] <= 0.5), None)
    lower = next((step[0] for step in steps if (log_log(step[4], step[5])[0] or 1) <= 0.5), None)
    for statistic, value in (("median", median), ("median_lower", lower), ("median_upper", None)):
        warning = "" if value is not None else "not reached"
        yield row(statistic, value, arm, method="log-log", warning=warning)


def _ratio_rows(
    row: Callable[..., Result], patients: Patients, endpoint: str, experimental: str, control: str, here: Any,
    group: str, subset: str,
) -> Iterator[Result]:  # fmt: skip
    days, event, _ = patients.times[endpoint]
    here = here & np.isin(patients.arm, (experimental, control))
    treated = patients.arm == experimental
    difference, variance = 0.0, 0.0
    for time in np.unique(days[here & event]):
        risk = here & (days >= time)
        n, n1, d = int(risk.sum()), int((risk & treated).sum()), int((here & event & (days == time)).sum())
        difference += int((here & event & treated & (days == time)).sum()) - d * n1 / n
        variance += d * n1 * (n - n1) * (n - d) / (n * n * (n - 1)) if n > 1 else 0.0
    cox = {"subset": subset, "method": "Cox, Efron ties, stratified by nodes"}
    if variance == 0:
        for statistic in ("hazard_ratio", "lower", "upper"):
            yield row(statistic, None, group, warning="no event in either arm", **cox)
        return
    ratio, error = difference / variance, 1 / sqrt(variance)
    yield row("hazard_ratio", exp(ratio), group, **cox)
    yield row("lower", exp(ratio - 1.96 * error), group, **cox)
    yield row("upper", exp(ratio + 1.96 * error), group, **cox)
    z = -difference / sqrt(variance)
    if subset == "all":
        yield row("p_value_two_sided", erfc(abs(z) / sqrt(2)), group, **cox)
        test = {"method": "stratified log-rank by nodes"}
        yield row("chi_square", z * z, group, **test)
        yield row("df", 1, group, **test)
        yield row("z", z, group, **test)
        yield row("p_value_two_sided", erfc(abs(z) / sqrt(2)), group, **test)


TERMS = {
    "Gastrointestinal disorders": ["Nausea", "Diarrhea", "Vomiting", "Stomatitis", "Abdominal pain", "Constipation"],
    "Blood and lymphatic system disorders": ["Leukopenia", "Anemia", "Thrombocytopenia", "Neutropenia"],
    "Skin and subcutaneous tissue disorders": ["Dermatitis", "Alopecia", "Pruritus", "Rash maculo-papular"],
    "Nervous system disorders": ["Dysgeusia", "Headache", "Dizziness", "Paresthesia", "Ataxia"],
    "General disorders and administration site conditions": ["Fatigue", "Fever", "Malaise", "Edema limbs"],
    "Infections and infestations": ["Upper respiratory infection", "Urinary tract infection", "Sepsis"],
    "Metabolism and nutrition disorders": ["Anorexia", "Hyperglycemia"],
    "Musculoskeletal and connective tissue disorders": ["Arthralgia", "Myalgia", "Back pain"],
    "Investigations": ["Alanine aminotransferase increased", "Aspartate aminotransferase increased",
                       "Blood bilirubin increased", "Lymphocyte count decreased"],
    "Cardiac disorders": ["Palpitations", "Atrial fibrillation"],
}  # fmt: skip


def adverse_event_rows(patients: Patients, arms: tuple[str, ...], seed: int) -> Iterator[Result]:
    draw = np.random.Generator(np.random.Philox(seed + 1))
    base = {term: float(draw.beta(1, 9)) for terms in TERMS.values() for term in terms}
    for index, arm in enumerate(arms):
        n = int((patients.arm == arm).sum()) - 3 - index

        def row(statistic: str, value: float, variable: str, level: str = "", arm: str = arm) -> Result:
            return Result(analysis="adverse_events", population="safety", group=arm, variable=variable,
                          level=level, statistic=statistic, value=float(value))  # fmt: skip

        yield row("n", n, "subjects")
        worst = np.zeros(n, int)
        for name, terms in TERMS.items():
            in_class = np.zeros(n, int)
            for term in terms:
                had = draw.random(n) < base[term] * (0.4 + 0.8 * index)
                grade = np.where(had, draw.choice([1, 2, 3, 4, 5], n, p=[0.5, 0.3, 0.15, 0.045, 0.005]), 0)
                in_class = np.maximum(in_class, grade)
                yield from _grade_rows(row, grade, n, name, term)
            yield from _grade_rows(row, in_class, n, name, "")
            worst = np.maximum(worst, in_class)
        yield from _grade_rows(row, worst, n, "any", "")
        yield row("n_serious", (worst >= 4).sum(), "any")


def _grade_rows(
    row: Callable[..., Result], grade: Any, n: int, variable: str, level: str
) -> Iterator[Result]:
    if not grade.any():
        return
    yield row("n_any_grade", (grade > 0).sum(), variable, level)
    yield row("n_severe", (grade >= 3).sum(), variable, level)
    yield row("percent_any_grade", 100 * (grade > 0).sum() / n, variable, level)
    yield row("percent_severe", 100 * (grade >= 3).sum() / n, variable, level)
    for worst in range(1, 6):
        yield row(f"n_grade_{worst}", (grade == worst).sum(), variable, level)


def published() -> pl.DataFrame:
    """Published numbers, one of which does not agree."""
    return pl.DataFrame({
        "item": ["Patients randomized", "Hazard ratio, overall survival, levamisole + 5-FU vs observation",
                 "5-year overall survival, observation, %", "Deaths, levamisole"],
        "source": ["Table 1", "Results, paragraph 3", "Figure 2", "Table 3"],
        "printed": ["914", "0.67", "51", "not printed"],
        "computed": ["914", "0.67", "53.1", "131"],
        "agrees": [True, True, False, None],
        "note": ["", "", "Read off the printed curve; the tick marks allow ±1.", ""],
    })  # fmt: skip


HOSTILE = {
    "script": "<script>alert(1)</script> & co",
    "math": "$x_1$ \\frac{a}{b} 100% \"quoted\" 'single'",
    "long": "Daunorubicin-cytarabine-liposome-plus-gemtuzumab-ozogamicin-followed-by-maintenance " * 3,
    "mixed": "العلاج الكيميائي 🧪 化学療法 =cmd()|' /C calc'!A0",
}


def hostile_document(arms: int = 4) -> dict[str, Any]:
    """The sample protocol with labels that break naive HTML, SVG, mathtext, CSV and layout."""
    content = document()
    labels = list(HOSTILE.values())[:arms]
    names = ["obs", *(f"x{index}" for index in range(1, arms))]
    content["arms"] = {
        name: {"label": label.strip(), "role": "experimental" if index else "control"}
        for index, (name, label) in enumerate(zip(names, labels, strict=True))
    }
    content["randomizations"]["first"]["arms"] = names
    content["randomizations"]["first"]["ratio"] = dict.fromkeys(names, 1)
    for plan in content["analyses"].values():
        plan["comparisons"] = [{"experimental": name, "control": "obs"} for name in names[1:]]
    content["title"] = f"{HOSTILE['script']}: {HOSTILE['long']}".strip()
    content["endpoints"]["os"]["label"] = "=SUM(A1) <b>survival</b> & $\\alpha$"
    content["items"]["sex"]["choices"] = {"f": HOSTILE["script"], "m": "W" * 120}
    content["items"]["age"]["label"] = HOSTILE["mixed"]
    content["dispositions"]["treatment"]["toxicity"] = "</text></svg><script>alert(2)</script>" + "x" * 90
    content["populations"]["itt"]["label"] = "</style><script>alert(3)</script>"
    content["registry"] = '"><img src=http://example.org/x.png>'
    return content


def hostile(arms: int = 4) -> tuple[Protocol, Results]:
    """The hostile protocol and its rows."""
    content = hostile_document(arms)
    return Protocol.model_validate_json(json.dumps(content)), results(tuple(content["arms"]), 60, 7)
