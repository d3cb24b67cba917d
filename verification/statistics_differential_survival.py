"""Random and real data through the survival statistics and through R, side by side.

    .venv/bin/python verification/statistics_differential_survival.py 3000 1 [CHECK ...]

The first number is how many cases are drawn, the second the seed; names of checks draw only those. R answers through
statistics_differential_survival.R (R with survival, cmprsk, coin, etm, mvtnorm, jsonlite; timereg, MASS, boot, Epi and
riskRegression for data only). Prints a line for each check and every unexplained difference with what redraws it.
Exit code 1 on any of those, 2 when R or a package is missing.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from equipoise import stats
from equipoise.errors import DataError
from equipoise.stats.competing.incidence_curves import CumulativeIncidence
from equipoise.stats.competing.multi_state_results import TransitionProbabilities
from equipoise.stats.survival.curve import KaplanMeier
from equipoise.stats.survival.curves import SurvivalCurves
from equipoise.stats.survival.nelson_aalen import NelsonAalen
from equipoise.stats.survival.readings import SurvivalAt

Data = dict[str, Any]
Options = dict[str, Any]
SCRIPT = Path(__file__).with_suffix(".R")
PACKAGES = ("survival", "cmprsk", "coin", "etm", "mvtnorm", "jsonlite")
INTERVALS = ("plain", "log", "log-log", "logit", "arcsin")


# --- Draws
def drawn(rng: np.random.Generator, n_groups: int, *, most: int = 120, zero: bool = True) -> Data:
    n = int(rng.choice([2, 3, 5, 8, 15, 30, 60, most]))
    n = max(n, n_groups)
    kind = rng.choice(
        ["days", "heavy", "continuous", "tenths", "huge", "small", "one"],
        p=[0.25, 0.25, 0.2, 0.1, 0.08, 0.08, 0.04],
    )
    time = rng.exponential(1, n)
    if kind == "days":
        time = np.ceil(time * 60)
    elif kind == "heavy":
        time = rng.integers(1, 7, n).astype(float)
    elif kind == "tenths":
        time = np.cumsum(np.full(40, 0.1))[rng.integers(0, 40, n)]
    elif kind == "huge":
        time = np.ceil(time * 50) * 1e6
    elif kind == "small":
        time = np.ceil(time * 50) * 1e-3
    elif kind == "one":
        time = np.full(n, 5.0)
    if zero and kind in ("days", "heavy") and rng.random() < 0.3:
        time[rng.random(n) < 0.1] = 0.0
    share = float(rng.choice([0.0, 0.15, 0.5, 0.8, 1.0], p=[0.04, 0.2, 0.36, 0.25, 0.15]))
    event = (rng.random(n) < share).astype(int)
    code = rng.permutation(
        np.concatenate(
            (np.arange(n_groups), rng.choice(n_groups, n - n_groups, p=rng.dirichlet(np.full(n_groups, 3.0))))
        )
    )
    x1 = rng.normal(size=n) if rng.random() < 0.5 else rng.integers(0, 3, n).astype(float)
    x2 = rng.integers(0, 2, n).astype(float)
    x3 = rng.normal(size=n) * float(rng.choice([1, 1e-4, 1e5])) + float(rng.choice([0, 0, 1000]))
    special = rng.random()
    if special < 0.04:
        x3 = 2 * x1 - x2
    elif special < 0.08:
        x3 = event * 1.0
    elif special < 0.1:
        x3 = np.ones(n)
    cause = np.where(event == 1, rng.choice([1, 2, 3], n, p=[0.55, 0.35, 0.1]), 0)
    return _completed(rng, {"time": time, "event": event, "code": code, "x1": x1, "x2": x2, "x3": x3, "cause": cause,
                            "strata": rng.choice(["s1", "s2", "s3", "s4"], n, p=[0.5, 0.3, 0.15, 0.05])})  # fmt: skip


def _completed(rng: np.random.Generator, data: Data) -> Data:
    """Columns that a data set has not: entries, weights, clusters, changes of state."""
    time = np.asarray(data["time"], dtype=float)
    n = time.size
    data["group"] = np.array([f"g{1 + k}" for k in data.pop("code")]) if "code" in data else data["group"]
    if "entry" not in data:
        entry = (
            np.floor(time * rng.random(n) * 0.7)
            if np.all(time == np.floor(time))
            else time * rng.random(n) * 0.7
        )
        data["entry"] = np.where(rng.random(n) < 0.6, entry, 0.0)
    data["weight"] = np.round(rng.uniform(0.3, 3, n), 3) + 0.0001
    data["count"] = rng.integers(1, 5, n)
    data.setdefault("cluster", rng.integers(0, max(2, n // 2), n))
    if "wait" not in data:
        wait = np.floor(time * rng.random(n)) if np.all(time == np.floor(time)) else time * rng.random(n)
        data["wait"] = np.where((rng.random(n) < 0.5) & (wait < time), wait, np.nan)
    if "cause" not in data:
        data["cause"] = np.where(np.asarray(data["event"]) == 1, rng.choice([1, 2], n, p=[0.6, 0.4]), 0)
    data["marker"] = np.round(np.asarray(data["x1"]), int(rng.integers(0, 4)))
    data["shift"] = rng.normal(size=n)
    data["hazard"] = rng.exponential(1, n) * 0.6 + 1e-3
    return data


def read(path: Path) -> Data:
    import csv

    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    found: Data = {}
    for name in rows[0]:
        texts = [row[name] for row in rows]
        found[name] = (
            np.array(texts)
            if name in ("group", "strata")
            else np.array([float(t) if t else math.nan for t in texts])
        )
    return found


def sampled(rng: np.random.Generator, sets: dict[str, Data], n_groups: int, most: int) -> Data:
    """A real data set, or rows drawn from it; with the groups wanted, by merging those that are too many."""
    base = sets[str(rng.choice(sorted(sets)))]
    n = len(base["time"])
    size = min(n, most)
    rows = np.sort(
        rng.choice(
            n, size if rng.random() < 0.6 else int(rng.integers(min(10, size), size + 1)), replace=False
        )
    )
    data = {name: column[rows] for name, column in base.items()}
    code = np.unique(data["group"], return_inverse=True)[1] % n_groups
    if np.unique(code).size < n_groups:
        code = np.arange(rows.size) % n_groups
    del data["group"]
    for name in ("event", "cause", "cluster"):
        if name in data:
            data[name] = data[name].astype(int)
    return _completed(rng, {"code": code, **data})


# --- Checks
@dataclass(frozen=True)
class Check:
    """One comparison: options drawn, our values and R's under the same names."""

    name: str
    options: Callable[[np.random.Generator, Data], Options | None]
    ours: Callable[[Data, Options], dict[str, Any]]
    groups: int = 2
    most: int = 400
    zero: bool = True
    tolerance: float = 1e-8
    loose: dict[str, float] = field(default_factory=dict)
    absolute: dict[str, float] = field(default_factory=dict)
    share: float = 1.0


CHECKS: dict[str, Check] = {}


def check(
    name: str, options: Callable[[np.random.Generator, Data], Options | None], **more: Any
) -> Callable[[Any], Any]:
    def registered(ours: Callable[[Data, Options], dict[str, Any]]) -> Any:
        CHECKS[name] = Check(name, options, ours, **more)
        return ours

    return registered


def shown(result: Any) -> Any:
    """The result, after its words and rows were asked for; what is not estimable must have words."""
    text = result.summary()
    frame = result.to_frame()
    words = "Note:" in text
    assert text and (frame.height or words), "neither rows nor words"
    curve = frame.height > 40 or isinstance(result, CURVES)
    assert curve or words or not (frame["warning"] == "not estimable").any(), (
        "not estimable, and no words say why"
    )
    return result


def pick(result: Any, *names: str) -> dict[str, Any]:
    found = {}
    for name in names:
        value = result
        for part in name.split("."):
            value = getattr(value, part)
        found[name] = value
    return found


def some(rng: np.random.Generator, share: float = 0.4) -> bool:
    return bool(rng.random() < share)


def level(rng: np.random.Generator) -> float:
    return float(rng.choice([0.95, 0.9, 0.99]))


def legal(data: Data) -> bool:
    return bool(np.all(data["entry"] < data["time"]))


CURVES = (TransitionProbabilities, SurvivalAt, KaplanMeier, SurvivalCurves, CumulativeIncidence, NelsonAalen)
CURVE = ("time", "n_at_risk", "n_events", "n_censored", "survival", "std_err", "lower", "upper")


def _km_options(rng: np.random.Generator, data: Data) -> Options | None:
    found: Options = {
        "interval": str(rng.choice(INTERVALS)),
        "level": level(rng),
        "at": np.sort(rng.uniform(0, max(data["time"].max(), 1e-9), 3)).tolist(),
    }
    found["entry"] = some(rng, 0.3) and legal(data)
    found["weight"] = str(rng.choice(["none", "frequency", "sampling"]))
    found["cluster"] = found["weight"] != "frequency" and some(rng, 0.25)
    return found


@check("kaplan_meier", _km_options, share=2)
def _km(d: Data, o: Options) -> dict[str, Any]:
    weights = {"none": None, "frequency": "count", "sampling": "weight"}[o["weight"]]
    curve = shown(stats.kaplan_meier("time", "event", entry="entry" if o["entry"] else None, weights=weights, weight_type=o["weight"] if weights else None,
                                     cluster="cluster" if o["cluster"] else None, interval=o["interval"], confidence_level=o["level"], data=d))  # fmt: skip
    read_off = [curve.quantile(p) for p in (0.25, 0.75)]
    middle = curve.median()
    inside = [t for t in o["at"] if t <= curve.time.max()]
    found = pick(curve, *CURVE)
    found |= {
        "quantile": [q.estimate for q in read_off],
        "quantile_lower": [q.lower for q in read_off],
        "quantile_upper": [q.upper for q in read_off],
        "median": middle.estimate,
        "median_lower": middle.lower,
        "median_upper": middle.upper,
    }
    if inside:
        at = shown(curve.at(inside))
        found |= {"at_survival": at.survival, "at_std_err": at.std_err, "at_lower": at.lower}
    return found


@check("reverse_kaplan_meier", lambda rng, d: {"interval": str(rng.choice(INTERVALS)), "level": level(rng)})
def _reverse(d: Data, o: Options) -> dict[str, Any]:
    curve = shown(
        stats.reverse_kaplan_meier(
            "time", "event", interval=o["interval"], confidence_level=o["level"], data=d
        )
    )
    q = curve.median()
    return pick(curve, *CURVE) | {"median": q.estimate, "median_lower": q.lower, "median_upper": q.upper}


@check("observed_follow_up", lambda rng, d: {}, share=0.3)
def _follow_up(d: Data, o: Options) -> dict[str, Any]:
    return pick(shown(stats.observed_follow_up("time", data=d)), "minimum", "q1", "median", "q3", "maximum")


@check(
    "survival_curves",
    lambda rng, d: {
        "interval": str(rng.choice(INTERVALS)),
        "level": level(rng),
        "entry": some(rng) and legal(d),
    },
    groups=3,
)
def _curves(d: Data, o: Options) -> dict[str, Any]:
    curves = shown(
        stats.survival_curves(
            "time",
            "event",
            "group",
            interval=o["interval"],
            confidence_level=o["level"],
            entry="entry" if o["entry"] else None,
            data=d,
        )
    )
    return {name: np.concatenate([getattr(curves[g], name) for g in curves]) for name in CURVE} | pick(
        curves, "median", "median_lower", "median_upper"
    )


def _na_options(rng: np.random.Generator, data: Data) -> Options:
    ties = str(rng.choice(["aalen", "fleming-harrington"]))
    return {
        "ties": ties,
        "variance": str(rng.choice(["aalen", "klein", "greenwood"])) if ties == "aalen" else "aalen",
        "interval": str(rng.choice(["log", "plain"])),
        "level": level(rng),
        "entry": some(rng) and legal(data),
    }


@check("nelson_aalen", _na_options)
def _na(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.nelson_aalen(
            "time",
            "event",
            entry="entry" if o["entry"] else None,
            ties=o["ties"],
            variance=o["variance"],
            interval=o["interval"],
            confidence_level=o["level"],
            data=d,
        )
    )
    names = ["time", "cumulative_hazard", "std_err"] + (["survival"] if o["variance"] == "aalen" else [])
    values = pick(found, *names)
    if o["variance"] == "aalen":
        values |= {"survival_lower": found.survival_lower, "survival_upper": found.survival_upper}
    return {name: value() if callable(value) else value for name, value in values.items()}


@check("log_log_curves", lambda rng, d: {})
def _log_log(d: Data, o: Options) -> dict[str, Any]:
    curves = shown(stats.log_log_curves("time", "event", "group", groups=("g1", "g2"), data=d)).curves
    return {
        "time": np.concatenate([c.time for c in curves]),
        "value": np.concatenate([c.log_minus_log_survival for c in curves]),
    }


def _until(rng: np.random.Generator, d: Data) -> Options | None:
    last = min(d["time"][d["group"] == g].max() for g in ("g1", "g2"))
    return (
        {"until": float(last * rng.uniform(0.3, 1)), "level": level(rng), "groups": ["g1", "g2"]}
        if last > 0
        else None
    )


@check("restricted_mean", _until)
def _rmst(d: Data, o: Options) -> dict[str, Any]:
    return pick(
        shown(stats.restricted_mean("time", "event", until=o["until"], data=d)), "restricted_mean", "std_err"
    )


RATIOS = ("ratio", "ratio_lower", "ratio_upper", "time_lost_ratio", "time_lost_ratio_lower")


@check("restricted_mean_difference", _until)
def _rmst_difference(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.restricted_mean_difference(
            "time",
            "event",
            "group",
            groups=("g1", "g2"),
            until=o["until"],
            confidence_level=o["level"],
            data=d,
        )
    )
    return pick(
        found,
        "restricted_mean",
        "std_err",
        "difference",
        "difference_std_err",
        "difference_lower",
        "difference_upper",
        "z",
        "p_value_two_sided",
        *RATIOS,
    )


@check(
    "milestone_difference",
    lambda rng, d: {
        "at": float(rng.uniform(0, d["time"].max() or 1)),
        "transform": str(rng.choice(INTERVALS)),
        "interval": "log-log",
        "groups": ["g1", "g2"],
    },
)
def _milestones(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.milestone_difference(
            "time", "event", "group", groups=("g1", "g2"), at=o["at"], transform=o["transform"], data=d
        )
    )
    return pick(found, "survival", "n_at_risk", "difference", "difference_std_err", "z", "chi_square")


# --- Tests
WEIGHTS = (
    "gehan",
    "tarone-ware",
    "fleming-harrington",
    "peto-prentice",
    "modified-peto-prentice",
    "modestly-weighted",
    "log-rank",
)


def _test_options(
    rng: np.random.Generator, d: Data, *, groups: int = 3, weights: tuple[str, ...] = WEIGHTS
) -> Options | None:
    weight = str(rng.choice(weights))
    found: Options = {
        "weight": weight,
        "groups": [f"g{1 + k}" for k in range(groups)],
        "strata": some(rng),
        "entry": some(rng, 0.3) and legal(d),
        "level": level(rng),
    }
    if weight == "fleming-harrington":
        found |= {"rho": float(rng.choice([0, 0.5, 1, 3])), "gamma": float(rng.choice([0, 0.5, 1, 2]))}
    if weight == "modestly-weighted":
        found |= {"until": float(d["time"].max() * rng.random())} if some(rng, 0.5) else {"smallest": 0.5}
    return found if d["event"].sum() else None


def _weights(o: Options) -> dict[str, Any]:
    named = {"rho": "rho", "gamma": "gamma", "until": "until", "smallest": "smallest_survival"}
    return {"weight": o["weight"]} | {ours: o[theirs] for theirs, ours in named.items() if theirs in o}


def _where(o: Options) -> dict[str, Any]:
    return {
        "groups": tuple(o["groups"]),
        "strata": "strata" if o.get("strata") else None,
        "entry": "entry" if o.get("entry") else None,
    }


@check("weighted_log_rank", _test_options, groups=3, most=150)
def _weighted(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.weighted_log_rank("time", "event", "group", **_where(o), **_weights(o), data=d))
    return pick(found, "observed", "expected", "variance", "chi_square", "df", "p_value_two_sided")


@check("log_rank_entry", lambda rng, d: _test_options(rng, d, weights=("log-rank",)), groups=3, most=150)
def _log_rank_entry(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.log_rank("time", "event", "group", **_where(o), data=d))
    return pick(found, "observed", "expected", "variance", "chi_square", "df", "p_value_two_sided")


@check(
    "log_rank",
    lambda rng, d: {"groups": ["g1", "g2", "g3"], "strata": some(rng)} if d["event"].sum() else None,
    groups=3,
    most=3000,
)
def _log_rank(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.log_rank("time", "event", "group", **_where(o), data=d))
    return pick(found, "n", "observed", "expected", "variance", "chi_square", "p_value_two_sided")


@check(
    "fleming_survdiff",
    lambda rng, d: (
        {"groups": ["g1", "g2"], "strata": some(rng), "rho": float(rng.choice([0.5, 1, 2]))}
        if d["event"].sum()
        else None
    ),
    most=3000,
)
def _fleming(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.weighted_log_rank(
            "time", "event", "group", **_where(o), weight="fleming-harrington", rho=o["rho"], gamma=0, data=d
        )
    )
    return pick(found, "chi_square", "variance")


@check(
    "trend_test",
    lambda rng, d: (
        (_test_options(rng, d) or {"none": 1}) | {"scores": [0.0, 1.0, float(rng.choice([2, 5]))]}
        if d["event"].sum()
        else None
    ),
    groups=3,
    most=150,
)
def _trend(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.trend_test("time", "event", "group", scores=o["scores"], **_where(o), **_weights(o), data=d)
    )
    return pick(found, "z", "chi_square", "variance", "p_value_one_sided", "p_value_two_sided")


@check("peto_hazard_ratio", lambda rng, d: _test_options(rng, d, groups=2, weights=("log-rank",)), most=150)
def _peto(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.peto_hazard_ratio("time", "event", "group", **_where(o), confidence_level=o["level"], data=d)
    )
    return pick(
        found, "hazard_ratio", "lower", "upper", "log_hazard_ratio", "std_err", "z", "p_value_two_sided"
    )


COMBOS = (
    [[0, 0], [0, 1]],
    [[0, 0], [1, 1]],
    [[0, 0], [0, 1], [1, 1]],
    [[0, 0], [1, 0], [1, 1]],
    [[0, 0], [0, 1], [1, 0], [1, 1]],
)


@check("max_combo", lambda rng, d: (_test_options(rng, d, groups=2) or {}) | {"exponents": COMBOS[int(rng.integers(5))]} if d["event"].sum() > 3 else None, most=120,
       absolute={"p_value_one_sided": 2e-6, "p_value_two_sided": 2e-6})  # fmt: skip
def _max_combo(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.max_combo("time", "event", "group", exponents=o["exponents"], **_where(o), data=d))
    return pick(found, "z", "correlation", "p_value_one_sided", "p_value_two_sided")


@check(
    "exact_log_rank",
    lambda rng, d: (
        {"groups": ["g1", "g2"], "strata": some(rng)} if d["event"].sum() and len(d["time"]) < 19 else None
    ),
    most=18,
    share=0.7,
)
def _exact_log_rank(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.exact_log_rank(
            "time", "event", "group", groups=("g1", "g2"), strata="strata" if o["strata"] else None, data=d
        )
    )
    other = stats.exact_log_rank(
        "time", "event", "group", groups=("g2", "g1"), strata="strata" if o["strata"] else None, data=d
    )
    return {
        "p_value_two_sided": found.p_value_two_sided,
        "smaller_one_sided": min(found.p_value_one_sided, other.p_value_one_sided),
    }


@check("one_sample_log_rank", lambda rng, d: {"level": level(rng)}, loose={"lower": 1e-7, "upper": 1e-7})
def _one_sample(d: Data, o: Options) -> dict[str, Any]:
    return pick(
        shown(
            stats.one_sample_log_rank(
                "event", cumulative_hazard="hazard", confidence_level=o["level"], data=d
            )
        ),
        "observed",
        "expected",
        "chi_square",
        "lower",
        "upper",
    )


# --- Cox
def _cox_options(
    rng: np.random.Generator,
    d: Data,
    *,
    plain: bool = False,
    ties: tuple[str, ...] = ("efron", "breslow"),
    most: int = 3,
) -> Options | None:
    x = [str(one) for one in rng.choice(["x1", "x2", "x3"], int(rng.integers(1, most + 1)), replace=False)]
    found: Options = {
        "covariates": x,
        "ties": str(rng.choice(ties)),
        "strata": some(rng),
        "level": level(rng),
    }
    if not plain:
        exact = found["ties"] == "exact-partial"
        weighted = some(rng, 0.3) and not exact
        found |= {
            "entry": some(rng, 0.3) and legal(d) and not exact,
            "offset": some(rng, 0.25),
            "weights": weighted,
            "cluster": some(rng, 0.3) and not exact,
        }
        if found["entry"] and weighted:
            found["cluster"] = True
        if not exact and some(rng, 0.2) and not found["cluster"] and not found["entry"]:
            found["robust"] = True
    return found if d["event"].sum() >= 3 and len(d["time"]) > 7 else None


def _cox_model(d: Data, o: Options, extra: tuple[str, ...] = ()) -> Any:
    given = {name: name for name in ("entry", "strata") if o.get(name)}
    given |= {
        ours: theirs
        for ours, theirs in (("offset", "shift"), ("weights", "weight"), ("cluster", "cluster"))
        if o.get(ours)
    }
    return stats.cox(
        "time",
        "event",
        [*o["covariates"], *extra],
        **given,
        robust=o.get("robust"),
        ties=o["ties"],
        confidence_level=o.get("level", 0.95),
        data=d,
    )


def _cox_values(model: Any) -> dict[str, Any]:
    names = [
        "coefficients",
        "std_err",
        "wald_z",
        "p_value_two_sided",
        "lower",
        "upper",
        "log_likelihood_null",
        "log_likelihood",
        "likelihood_ratio.chi_square",
        "likelihood_ratio.df",
        "wald.chi_square",
        "score.chi_square",
    ]
    if model.robust:
        names += ["robust_std_err", "robust_score.chi_square"]
    found = pick(model, *names)
    if np.isinf(model.coefficients).any():
        return {
            "log_likelihood_null": model.log_likelihood_null,
            "supremum": model.log_likelihood,
            "score.chi_square": model.score.chi_square,
        }
    return found


@check(
    "cox",
    lambda rng, d: _cox_options(rng, d, ties=("efron", "breslow", "exact-partial")),
    share=4,
    loose={"log_likelihood": 1e-9, "lower": 1e-6, "upper": 1e-6},
)
def _cox(d: Data, o: Options) -> dict[str, Any]:
    return _cox_values(shown(_cox_model(d, o)))


@check(
    "likelihood_ratio_between",
    lambda rng, d: (
        (p := _cox_options(rng, d, most=1))
        and p
        | {
            "more": [x for x in ("x1", "x2", "x3") if x not in p["covariates"]],
            "weights": False,
            "cluster": False,
        }
    ),
)
def _nested(d: Data, o: Options) -> dict[str, Any]:
    return pick(
        shown(stats.likelihood_ratio_between(_cox_model(d, o), _cox_model(d, o, tuple(o["more"])))),
        "chi_square",
        "df",
    )


@check(
    "interaction_test",
    lambda rng, d: (
        {"ties": str(rng.choice(["efron", "breslow"])), "groups": ["g1", "g2"]}
        if d["event"].sum() > 5 and np.unique(d["strata"]).size > 1
        else None
    ),
)
def _interaction(d: Data, o: Options) -> dict[str, Any]:
    d = d | {"treated": (d["group"] == "g2") * 1.0}
    found = shown(stats.interaction_test("time", "event", "treated", "strata", ties=o["ties"], data=d))
    if np.isinf(found.larger.coefficients).any():
        return (
            {"likelihood_ratio.df": found.likelihood_ratio.df}
            if found.likelihood_ratio.df == np.unique(d["strata"]).size - 1
            else {}
        )
    return pick(
        found, "likelihood_ratio.chi_square", "likelihood_ratio.df", "wald.chi_square", "score.chi_square"
    )


@check(
    "profile_intervals",
    lambda rng, d: (
        (p := _cox_options(rng, d, plain=True, most=2)) and p | {"entry": False}
        if len(d["time"]) > 14
        else None
    ),
    tolerance=1e-6,
    share=0.5,
    most=150,
)
def _profile(d: Data, o: Options) -> dict[str, Any]:
    model = _cox_model(d, o)
    return pick(shown(stats.profile_intervals(model)), "coefficient_lower", "coefficient_upper")


@check("exact_marginal", lambda rng, d: {} if d["event"].sum() > 1 and len(d["time"]) < 40 else None, most=25)
def _marginal(d: Data, o: Options) -> dict[str, Any]:
    return pick(
        shown(stats.cox("time", "event", ["x1"], ties="exact-marginal", data=d)),
        "log_likelihood_null",
        "log_likelihood",
    )


def _after(rng: np.random.Generator, d: Data) -> Options | None:
    return _cox_options(rng, d)


@check(
    "baseline_hazard",
    lambda rng, d: (p := _after(rng, d)) and p | {"centered": some(rng, 0.5), "offset": False},
)
def _baseline(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.baseline_hazard(_cox_model(d, o), centered=o["centered"]))
    return {
        name: np.concatenate([getattr(s, name) for s in found.strata])
        for name in ("time", "cumulative_hazard")
    }


def _new(rng: np.random.Generator, d: Data) -> Options | None:
    p = _after(rng, d)
    if not p:
        return None
    row = int(rng.integers(len(d["time"])))
    return p | {
        "offset": False,
        "new": {x: [float(d[x][row])] for x in p["covariates"]},
        "stratum": str(d["strata"][row]),
        "interval": str(rng.choice(["log", "log-log", "plain"])),
    }


@check("predicted_survival", _new, share=1.5)
def _predicted(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.predicted_survival(
            _cox_model(d, o),
            o["new"],
            strata=[o["stratum"]] if o["strata"] else None,
            interval=o["interval"],
            confidence_level=o["level"],
        )
    ).curves[0]
    q = found.median()
    return pick(found, "time", "cumulative_hazard", "survival", "log_std_err", "lower", "upper") | {
        "median": q.estimate,
        "median_lower": q.lower,
        "median_upper": q.upper,
    }


KINDS = ("martingale", "deviance", "score", "dfbeta", "dfbetas", "schoenfeld", "scaled schoenfeld")


def _residual_options(rng: np.random.Generator, d: Data) -> Options | None:
    p, kind = _after(rng, d), str(rng.choice(KINDS))
    return p and p | {
        "kind": kind,
        "weighted": some(rng, 0.5) and kind != "deviance",
        "collapse": "schoenfeld" not in kind and some(rng, 0.3),
        "robust": p.get("robust"),
    }


@check("cox_residuals", _residual_options, share=2)
def _residuals(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.cox_residuals(
            _cox_model(d, o),
            kind=o["kind"],
            weighted=o["weighted"],
            collapse="cluster" if o["collapse"] else None,
            data=d,
        )
    )
    values = np.sort(found.values, axis=0) if "schoenfeld" in o["kind"] else np.asarray(found.values)
    return {"values": values.ravel(order="F")}


@check(
    "proportional_hazards_test",
    lambda rng, d: (
        (p := _after(rng, d)) and p | {"transform": str(rng.choice(["km", "identity", "rank", "log"]))}
    ),
    share=1.5,
    zero=False,
)
def _zph(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.proportional_hazards_test(_cox_model(d, o), transform=o["transform"]))
    return pick(
        found, "chi_square", "df", "p_value_two_sided", "global_test.chi_square", "global_test.df"
    ) | {"transformed": np.sort(found.transformed), "scaled": np.sort(found.scaled, axis=0).ravel(order="F")}


PAIRS = ("concordant", "discordant", "tied_marker", "tied_time", "tied_both")


@check(
    "concordance",
    lambda rng, d: {
        "strata": some(rng),
        "entry": (e := some(rng, 0.3) and legal(d)),
        "weights": some(rng),
        "cluster": some(rng, 0.3),
        "level": level(rng),
        "time_weights": "n" if e else str(rng.choice(["n", "n/G2", "S", "S/G", "I"])),
    },
    share=1.5,
)
def _concordance(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.concordance(time="time", event="event", marker="marker", entry="entry" if o["entry"] else None, strata="strata" if o["strata"] else None, weights="weight" if o["weights"] else None,
                                    cluster="cluster" if o["cluster"] else None, time_weights=o["time_weights"], confidence_level=o["level"], data=d))  # fmt: skip
    return pick(found, "estimate", "std_err", "lower", *PAIRS)


@check("concordance_model", lambda rng, d: _after(rng, d))
def _concordance_model(d: Data, o: Options) -> dict[str, Any]:
    return pick(shown(stats.concordance(_cox_model(d, o))), "estimate", "std_err", *PAIRS)


# --- Competing risks
def _incidence_options(rng: np.random.Generator, d: Data) -> Options:
    found: Options = {"variance": str(rng.choice(["aalen", "greenwood"])), "interval": str(rng.choice(["plain", "log", "log-log"])), "level": level(rng), "groups": ["g1", "g2"], "causes": [1, 2, 3],
                      "at": np.sort(rng.uniform(0, d["time"].max(), 4)).tolist()}  # fmt: skip
    found["group"] = found["variance"] == "aalen" and some(rng)
    found["entry"] = found["variance"] == "greenwood" and some(rng) and legal(d)
    return found


@check("cumulative_incidence", _incidence_options, share=2)
def _incidence(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.cumulative_incidence(
            "time",
            "cause",
            group="group" if o["group"] else None,
            groups=("g1", "g2") if o["group"] else None,
            causes=o["causes"],
            entry="entry" if o["entry"] else None,
            variance=o["variance"],
            interval=o["interval"],
            confidence_level=o["level"],
            data=d,
        )
    )
    at = shown(found.at(o["at"]))
    if o["variance"] == "aalen":
        return {"estimate": at.estimate.ravel(), "variance": at.variance.ravel()}
    known = np.asarray(o["at"]) <= d["time"].max()
    return {"known": known} | {
        name: getattr(at, name)[0][:, known].ravel()
        for name in ("estimate", "std_err", "lower", "upper")[: 2 if o["entry"] else 4]
    }


@check(
    "gray_test",
    lambda rng, d: (
        {
            "groups": ["g1", "g2", "g3"],
            "strata": some(rng),
            "rho": float(rng.choice([0, 0, 1, -0.5])),
            "cause": int(rng.choice([1, 2])),
        }
        if d["event"].sum()
        else None
    ),
    groups=3,
)
def _gray(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.gray_test(
            "time",
            "cause",
            "group",
            groups=o["groups"],
            strata="strata" if o["strata"] else None,
            rho=o["rho"],
            cause_of_interest=o["cause"],
            data=d,
        )
    )
    return pick(found, "chi_square", "p_value_two_sided", "df")


def _fine_gray_options(rng: np.random.Generator, d: Data) -> Options | None:
    p = _cox_options(rng, d, plain=True, most=2)
    return (
        p and p | {"cause": 1, "at": np.sort(rng.uniform(0, d["time"].max(), 4)).tolist()}
        if np.sum(d["cause"] == 1) > 3
        else None
    )


@check("fine_gray_crr", _fine_gray_options, zero=False, tolerance=1e-6)
def _crr(d: Data, o: Options) -> dict[str, Any]:
    model = shown(stats.fine_gray("time", "cause", o["covariates"], data=d))
    x = np.column_stack([d[name] for name in o["covariates"]])[:2]
    inside = [t for t in o["at"] if t <= model.last_time]
    found = pick(
        model,
        "coefficients",
        "std_err",
        "log_likelihood",
        "log_likelihood_null",
        "baseline_time",
        "baseline_hazard",
    )
    if np.isinf(model.coefficients).any():
        return pick(model, "log_likelihood_null")
    return found | (
        {"predicted": shown(model.predict(x, o["at"])).estimate.ravel(order="C")} if len(inside) == 4 else {}
    )


@check(
    "fine_gray_finegray",
    lambda rng, d: (p := _fine_gray_options(rng, d)) and p | {"ties": str(rng.choice(["efron", "breslow"]))},
    zero=False,
)
def _finegray(d: Data, o: Options) -> dict[str, Any]:
    model = shown(
        stats.fine_gray(
            "time",
            "cause",
            o["covariates"],
            strata="strata" if o["strata"] else None,
            ties=o["ties"],
            censoring_ties="survival",
            variance="robust",
            data=d,
        )
    )
    if np.isinf(model.coefficients).any():
        return pick(model, "score.chi_square")
    return pick(
        model, "coefficients", "std_err", "log_likelihood", "likelihood_ratio.chi_square", "score.chi_square"
    ) | {"model_std_err": np.sqrt(np.diag(model.model_covariance))}


@check(
    "cause_specific_cox",
    lambda rng, d: (
        (p := _cox_options(rng, d, plain=True)) and p | {"cause": 1} if np.sum(d["cause"] == 1) > 3 else None
    ),
)
def _cause_specific(d: Data, o: Options) -> dict[str, Any]:
    return _cox_values(
        shown(
            stats.cause_specific_cox(
                "time",
                "cause",
                o["covariates"],
                strata="strata" if o["strata"] else None,
                ties=o["ties"],
                confidence_level=o["level"],
                data=d,
            )
        )
    )


# --- States
@check("split_at", lambda rng, d: {})
def _split(d: Data, o: Options) -> dict[str, Any]:
    return pick(
        shown(stats.split_at("time", "event", "wait", data=d)), "start", "stop", "event", "changed", "subject"
    )


@check(
    "simon_makuch",
    lambda rng, d: (
        {
            "landmark": float(rng.choice([0.0, np.quantile(d["time"], 0.2)])),
            "ties": str(rng.choice(["efron", "breslow"])),
        }
        if d["event"].sum() > 2 and len(d["time"]) > 7
        else None
    ),
    zero=False,
    most=150,
)
def _simon(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.simon_makuch("time", "event", "wait", landmark=o["landmark"], ties=o["ties"], data=d))
    curves = found.curves.curves
    values = {
        name: np.concatenate([getattr(c, name) for c in curves])
        for name in ("survival", "std_err", "lower", "upper")
    }
    values |= {
        "chi_square": found.mantel_byar.chi_square,
        "expected": found.mantel_byar.expected,
        "n": found.n,
    }
    return (
        values
        if np.isinf(found.cox.coefficients).any()
        else values
        | {
            "coefficients": found.cox.coefficients,
            "cox_std_err": found.cox.std_err,
            "log_likelihood": found.cox.log_likelihood,
        }
    )


@check(
    "landmark",
    lambda rng, d: (
        {"at": float(np.quantile(d["time"], rng.uniform(0, 0.5)))} if d["event"].sum() > 2 else None
    ),
)
def _landmark(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.landmark("time", "event", "wait", at=o["at"], data=d))
    values = {
        "n": found.n,
        "chi_square": found.log_rank.chi_square,
        "expected": found.log_rank.expected,
        "n_excluded_events": found.n_excluded_events,
    }
    return (
        values
        if np.isinf(found.cox.coefficients).any()
        else values | pick(found.cox, "coefficients", "std_err", "log_likelihood")
    )


def histories(rng: np.random.Generator) -> Data:
    """Paths through three states, in whole or fractional time, some seen from later than 0."""
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "start", "stop", "from", "to", "x1")}
    whole, late, states = some(rng, 0.5), some(rng, 0.3), ["a", "b", "c"]
    for subject in range(int(rng.choice([6, 12, 30, 60]))):
        now, state, x = 0.0, "a" if some(rng, 0.8) else "b", float(rng.normal())
        if late and some(rng, 0.4):
            now = float(rng.integers(1, 4)) if whole else float(rng.random())
        for _ in range(int(rng.integers(1, 5))):
            stay = float(rng.integers(1, 6)) if whole else float(rng.exponential(1.5) + 0.01)
            to = "none" if some(rng, 0.25) else str(rng.choice([s for s in states if s != state]))
            for name, value in zip(rows, (subject, now, now + stay, state, to, x), strict=True):
                rows[name].append(value)
            now, state = now + stay, to
            if to in ("none", "c"):
                break
    return {name: np.array(column) for name, column in rows.items()}


def _state_options(rng: np.random.Generator, d: Data) -> Options | None:
    states = ["a", "b", "c"]
    if set(d["from"]) | set(d["to"]) - {"none"} != set(states):
        return None
    t = np.sort(rng.uniform(0, d["stop"].max(), 4)).tolist()
    pairs = [["a", "b"], ["a", "c"], ["b", "a"], ["b", "c"]]
    return {
        "states": states,
        "interval": str(rng.choice(["plain", "log", "log-log"])),
        "at": t,
        "start": t[0],
        "until": t[2],
        "transition": pairs[int(rng.integers(4))],
        "clock": str(rng.choice(["forward", "reset"])),
        "ties": str(rng.choice(["efron", "breslow"])),
    }


ROWS = ("id", "start", "stop", "from", "to")


@check("aalen_johansen", _state_options)
def _aalen(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.aalen_johansen(*ROWS, censored="none", states=o["states"], interval=o["interval"], data=d)
    )
    first = min(d["start"].max(), d["stop"].min())
    used = np.array([t >= d["stop"].min() and t <= d["stop"].max() for t in o["at"]])
    at = shown(found.at(np.asarray(o["at"])[used])) if used.any() else None
    assert first >= 0
    return {"used": used} | (
        {name: getattr(at, name).ravel(order="F") for name in ("probability", "std_err", "lower", "upper")}
        if at
        else {}
    )


@check("transition_probabilities", _state_options)
def _transitions(d: Data, o: Options) -> dict[str, Any]:
    found = stats.aalen_johansen(*ROWS, censored="none", states=o["states"], variance="greenwood", data=d)
    seen = shown(found.transition_probabilities(o["start"], o["until"]))
    return {"probability": seen.probability[0].ravel(), "std_err": seen.std_err[0].ravel()}


@check("transition_cox", _state_options)
def _transition_cox(d: Data, o: Options) -> dict[str, Any]:
    model = shown(
        stats.transition_cox(
            *ROWS,
            "x1",
            transition=tuple(o["transition"]),
            clock=o["clock"],
            censored="none",
            ties=o["ties"],
            data=d,
        )
    )
    return (
        {}
        if np.isinf(model.coefficients).any()
        else pick(model, "coefficients", "std_err", "log_likelihood", "log_likelihood_null")
    )


# --- Rates
@check(
    "person_time",
    lambda rng, d: {"groups": ["g1", "g2"], "level": level(rng), "entry": some(rng) and legal(d)},
    loose={"rate_ratio_lower": 1e-6, "rate_ratio_upper": 1e-6, "p_value_two_sided": 1e-7},
)
def _rates(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.person_time(
            "time",
            "event",
            entry="entry" if o["entry"] else None,
            group="group",
            groups=("g1", "g2"),
            confidence_level=o["level"],
            data=d,
        )
    )
    return pick(
        found,
        "n_events",
        "person_time",
        "rate",
        "lower",
        "upper",
        "rate_ratio",
        "rate_ratio_lower",
        "rate_ratio_upper",
        "p_value_two_sided",
    )


def _cuts(rng: np.random.Generator, d: Data) -> Options | None:
    cuts = np.unique(np.round(np.quantile(d["time"], rng.uniform(0.1, 0.9, int(rng.integers(1, 4)))), 3))
    return {"cuts": cuts.tolist(), "entry": some(rng) and legal(d)} if cuts.size and cuts[0] > 0 else None


@check("piecewise_exponential", _cuts, zero=False)
def _piecewise(d: Data, o: Options) -> dict[str, Any]:
    found = shown(
        stats.piecewise_exponential("time", "event", o["cuts"], entry="entry" if o["entry"] else None, data=d)
    )
    return pick(found, "n_events", "person_time", "rate")


@check(
    "piecewise_exponential_regression",
    lambda rng, d: (
        (p := _cuts(rng, d)) and p | {"covariates": ["x1", "x2"]} if d["event"].sum() > 4 else None
    ),
    zero=False,
    tolerance=1e-6,
)
def _piecewise_regression(d: Data, o: Options) -> dict[str, Any]:
    model = shown(
        stats.piecewise_exponential_regression(
            "time", "event", o["cuts"], o["covariates"], entry="entry" if o["entry"] else None, data=d
        )
    )
    return {} if not np.isfinite(model.coefficients).all() else pick(model, "coefficients", "std_err")


@check(
    "mixture_cure",
    lambda rng, d: (
        {"distribution": str(rng.choice(["weibull", "exponential"]))}
        if d["event"].sum() > 4 and len(d["time"]) > 14
        else None
    ),
    zero=False,
    share=0.3,
    most=150,
    loose={"log_likelihood": 1e-7, "cure_fraction": 1e-3},
)
def _cure(d: Data, o: Options) -> dict[str, Any]:
    found = shown(stats.mixture_cure("time", "event", distribution=o["distribution"], data=d))
    return {"log_likelihood": found.log_likelihood, "cure_fraction": found.cure_fraction[0]}


# --- Differences that are meant: check, name of the value, R's error or value, and ours. The reason is printed with the count.
@dataclass(frozen=True)
class Case:
    """A drawn case, what we answered and what R answered."""

    number: int
    check: Check
    data: Data
    options: Options
    ours: dict[str, Any]
    refusal: str
    r: dict[str, Any]


Meant = tuple[str, Callable[[Case, str, np.ndarray, np.ndarray], bool]]


def _both(ours: np.ndarray, theirs: np.ndarray) -> bool:
    return ours.shape == theirs.shape


def _robust_at_zero(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Everything is equal but where the curve is 0: there R's robust error and limits are 0 (or missing), ours are not estimable."""
    if case.check.name != "kaplan_meier" or not (
        case.options["weight"] == "sampling" or case.options["cluster"]
    ):
        return False
    if name.startswith(("quantile_", "median_")):
        return bool(
            case.ours["survival"][-1] == 0
            and _both(ours, theirs)
            and np.all(np.isnan(ours) | np.isclose(ours, theirs, rtol=1e-8))
        )
    if name not in ("std_err", "lower", "upper", "at_std_err", "at_lower"):
        return False
    apart = ~np.isclose(ours, theirs, rtol=1e-8, atol=1e-13, equal_nan=True)
    survival = case.ours["at_survival" if name.startswith("at_") else "survival"]
    return bool(
        _both(ours, theirs)
        and np.all(np.isnan(ours[apart]))
        and np.all(np.asarray(survival)[apart] == 0)
        and np.all(np.abs(theirs[apart]) < 1e-6)
    )


def _rising_limit(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    if (
        case.check.name == "survival_curves"
    ):  # limits of quantile() of each group, whose curves lie one after the other
        return name in ("median_lower", "median_upper") and bool((ours <= theirs).all())
    curve = name.removeprefix("quantile_")
    return (
        case.check.name == "kaplan_meier"
        and name.startswith("quantile_")
        and bool(np.nanmax(np.diff(case.ours[curve]), initial=0) > 0)
    )


def _after_last_event(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    """timepoints() is missing beyond the last follow-up also where the last subject had an event."""
    apart = ~np.isclose(ours, theirs, rtol=1e-8, atol=1e-13, equal_nan=True)
    return (
        case.check.name == "cumulative_incidence"
        and case.options["variance"] == "aalen"
        and _both(ours, theirs)
        and bool(np.all(np.isnan(theirs[apart])))
    )


def _no_information(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    return case.check.name in (
        "log_rank",
        "fleming_survdiff",
        "one_sample_log_rank",
        "peto_hazard_ratio",
        "concordance",
    ) and bool(np.all(np.isnan(ours)) and np.all((theirs == 0) | (theirs == 1) | np.isinf(theirs)))


def _flat_to_the_end(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    return (
        case.check.name.endswith("kaplan_meier")
        and name.startswith("median")
        and bool(
            np.isclose(theirs, case.ours["time"]).any()
            and np.isclose(ours, (theirs + case.ours["time"][-1]) / 2).all()
        )
    )


def _weights_of_others(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    """R multiplies sorted Schoenfeld residuals by weights that it has not sorted."""
    return (
        case.check.name == "cox_residuals"
        and "schoenfeld" in case.options["kind"]
        and bool(case.options["weights"] and case.options["weighted"])
    )


def _negative_gray(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    """cmprsk prints -1 where the variance is singular, and a negative statistic where it is negative."""
    return case.check.name == "gray_test" and np.atleast_1d(case.r["chi_square"])[0] < 0


def _several_events(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    """R leaves status * log(status) out, which is 0 for one event only: collapsed rows with several are missing or wrong."""
    return (
        case.check.name == "cox_residuals"
        and case.options["kind"] == "deviance"
        and bool(case.options["collapse"])
    )


def _no_divisor(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    return name.startswith(("ratio", "time_lost_ratio")) and bool(
        np.all(np.isnan(ours)) and not np.isfinite(theirs).any()
    )


def _no_events(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    return (
        case.check.name == "person_time"
        and name.startswith(("rate_ratio", "p_value"))
        and not case.data["event"].any()
    )


def _infinite(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    return "a coefficient at infinity" in name and "expected finite" in name


def _nobody_there(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> bool:
    apart = ~np.isclose(ours, theirs, rtol=1e-8, atol=1e-13, equal_nan=True)
    return case.check.name == "transition_probabilities" and bool(
        np.all(np.isnan(ours[apart])) and np.all((theirs[apart] == 0) | (theirs[apart] == 1))
    )


MEANT: list[Meant] = [
    ("where a robust curve is 0 its error is not estimable (R: 0)", _robust_at_zero),
    (
        "a limit that rises again is read where it first crosses (as R's print, not its quantile)",
        _rising_limit,
    ),
    ("after a last event the incidence is known (timepoints: missing)", _after_last_event),
    ("no information is not estimable (R: 0 or 1)", _no_information),
    (
        "exactly at the level until the last follow-up: the middle of it (as R's quantile; its print: the left end)",
        _flat_to_the_end,
    ),
    ("R's weighted Schoenfeld residuals take the weights of other rows", _weights_of_others),
    (
        "cmprsk: -1 for a singular variance, negative for a negative one; ours by rank, or not estimable",
        _negative_gray,
    ),
    ("R's deviance of collapsed rows holds for one event only", _several_events),
    ("a ratio to nothing is not estimable (R: infinite)", _no_divisor),
    ("no events in both groups: no ratio (R: from 0 to infinity)", _no_events),
    ("a model with a coefficient at infinity has nothing after the fit (R: its last iteration)", _infinite),
    ("nobody in the state at the start: not estimable (etm: stays there for ever)", _nobody_there),
]


def meant_difference(case: Case, name: str, ours: np.ndarray, theirs: np.ndarray) -> str:
    if not ours.size:  # a refusal, whose words stand in the place of the name
        return MEANT[-2][0] if _infinite(case, name, ours, theirs) else ""
    if ours.shape != theirs.shape:
        return ""
    return next((why for why, holds in MEANT if holds(case, name, ours, theirs)), "")


# --- Comparison
def flat(value: Any) -> np.ndarray:
    """One row of numbers; nothing where lists are of unequal length."""
    try:
        return np.atleast_1d(np.asarray(value, dtype=float)).ravel()
    except ValueError:
        return np.zeros(0)


def difference(ours: Any, theirs: Any, slack: float) -> tuple[float, int]:
    """The largest difference relative to the value (or to a millionth of the array's largest); infinite where only one is not a number."""
    a, b = (flat(x) for x in (ours, theirs))
    if a.shape != b.shape:
        return math.inf, max(a.size, 1)
    if np.any(np.isnan(a) != np.isnan(b)) or np.any((np.isinf(a) | np.isinf(b)) & (a != b) & ~np.isnan(a)):
        return math.inf, a.size
    both = np.isfinite(a) & np.isfinite(b)
    if not both.any():
        return 0.0, a.size
    a, b = a[both], b[both]
    scale = np.maximum(np.abs(b), 1e-6 * np.abs(b).max())
    apart = np.maximum(np.abs(a - b) - slack, 0)
    return float(np.max(np.where(apart > 0, apart / np.maximum(scale, 1e-300), 0))), int(both.size)


def plain(value: Any) -> Any:
    """As JSON, NaN as null."""
    if isinstance(value, np.ndarray):
        return [plain(x) for x in value.tolist()]
    if isinstance(value, dict):
        return {k: plain(x) for k, x in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(x) for x in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [numbers(x) for x in value]
    return (
        math.nan
        if value is None
        else float(value)
        if isinstance(value, str) and value.endswith("Infinity")
        else value
    )


def draw(number: int, seed: int, check: Check, sets: dict[str, Data]) -> tuple[Data, Options] | None:
    rng = np.random.default_rng([seed, number])
    if check.ours in (_aalen, _transitions, _transition_cox):
        data = histories(rng)
    elif rng.random() < 0.3:
        data = sampled(rng, sets, check.groups, check.most)
        if not check.zero:
            data = {name: column[np.asarray(data["time"]) > 0] for name, column in data.items()}
    else:
        data = drawn(rng, check.groups, most=min(120, check.most), zero=check.zero)
    if "group" in data and np.unique(data["group"]).size != check.groups:
        return None
    options = check.options(rng, data)
    return None if options is None else (data, options)


def answered(check: Check, data: Data, options: Options) -> tuple[dict[str, Any], str]:
    """Our values, or why they were refused; any other exception is a fault and is kept as its last lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            return check.ours(data, options), ""
    except DataError as refused:
        return {}, f"refused: {refused}"
    except Exception:  # whatever it is, it is what this campaign looks for
        return {}, "fault: " + " | ".join(traceback.format_exc().strip().splitlines()[-5:])


def main(n_cases: int, seed: int, names: list[str]) -> int:
    if shutil.which("Rscript") is None:
        print("Rscript is not on the path: install R with the packages", ", ".join(PACKAGES))
        return 2
    asked = (
        "cat(Filter(function(p) !requireNamespace(p, quietly = TRUE), c("
        + ", ".join(f"'{p}'" for p in PACKAGES)
        + ")))"
    )
    missing = subprocess.run(
        ["Rscript", "-e", asked], capture_output=True, text=True, check=True
    ).stdout.strip()
    if missing:
        print("R packages that are missing:", missing)
        return 2
    chosen = [CHECKS[name] for name in names] if names else list(CHECKS.values())
    share = np.array([c.share for c in chosen])
    order = np.random.default_rng(seed).choice(len(chosen), n_cases, p=share / share.sum())
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "sets").mkdir()
        subprocess.run(["Rscript", str(SCRIPT), "data", str(place / "sets")], check=True)
        sets = {path.stem: read(path) for path in (place / "sets").glob("*.csv")}
        print(f"{len(sets)} real data sets: {', '.join(sorted(sets))}")
        drawn_cases = []
        for number, which in enumerate(order.tolist()):
            found = draw(number, seed, chosen[which], sets)
            if found:
                drawn_cases.append((number, chosen[which], *found))
        for begin in range(0, len(drawn_cases), 400):
            part = drawn_cases[begin : begin + 400]
            sent = [{"check": c.name, "data": plain(d), "options": plain(o)} for _, c, d, o in part]
            (place / "in.json").write_text(json.dumps(sent), encoding="utf-8")
            subprocess.run(
                ["Rscript", str(SCRIPT), "cases", str(place / "in.json"), str(place / "out.json")], check=True
            )
            answers = numbers_of((place / "out.json").read_text(encoding="utf-8"))
            for (number, c, d, o), r in zip(part, answers, strict=True):
                cases.append(Case(number, c, d, o, *answered(c, d, o), r))
    return report(cases, seed)


def numbers_of(text: str) -> list[dict[str, Any]]:
    return [{name: numbers(value) for name, value in one.items()} for one in json.loads(text)]


def report(cases: list[Case], seed: int) -> int:
    compared: Counter[str] = Counter()
    drawn_by: Counter[str] = Counter()
    notes: Counter[tuple[str, str]] = Counter()
    largest: dict[str, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    open_ones: list[str] = []
    for case in cases:
        name = case.check.name
        drawn_by[name] += 1
        where = f"{name} case {case.number} (seed {seed}, n {len(next(iter(case.data.values())))}, {json.dumps(plain(case.options))})"
        if "error" in case.r and not case.refusal.startswith("fault"):
            notes[name, "R: " + str(case.r["error"])[:70]] += 1
            continue
        if case.refusal:
            why = meant_difference(case, case.refusal, np.zeros(0), np.zeros(0))
            if why:
                notes[name, why] += 1
            else:
                open_ones.append(f"{where}\n    {case.refusal}\n    R: {str(case.r)[:300]}")
            continue
        for value, ours in case.ours.items():
            theirs = case.r.get(value)
            if theirs is None:
                if value not in ("supremum",):
                    notes[name, f"R has no {value}"] += 1
                continue
            tolerance = case.check.loose.get(value, case.check.tolerance)
            apart, count = difference(ours, theirs, case.check.absolute.get(value, 1e-13))
            a, b = (flat(x) for x in (ours, theirs))
            if apart > tolerance:
                why = meant_difference(case, value, a, b)
                if why:
                    notes[name, why] += 1
                    continue
                open_ones.append(
                    f"{where}\n    {value}: differs by {apart:.3g}\n    ours {a[:8]}\n    R    {b[:8]}"
                )
            else:
                compared[name] += count
                largest[name] = max(largest[name], (apart, value))
    print(f"\n{'check':36}{'cases':>7}{'values':>9}  largest relative difference")
    for name in sorted(drawn_by):
        apart, value = largest[name]
        print(f"{name:36}{drawn_by[name]:7}{compared[name]:9}  {apart:.2g} {value}")
    print(f"{'together':36}{len(cases):7}{compared.total():9}\n\nnot compared, or different and meant:")
    for (name, why), count in sorted(notes.items()):
        print(f"{count:7}  {name}: {why}")
    print(f"\n{len(open_ones)} unexplained differences")
    for one in open_ones:
        print("-", one)
    return 1 if open_ones else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(int(given[0]) if given else 1000, int(given[1]) if len(given) > 1 else 1, given[2:]))
