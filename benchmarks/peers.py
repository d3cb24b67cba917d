"""One library in one process: reads the columns of a folder, runs operations when asked, says seconds and values.

    python benchmarks/peers.py LIBRARY FOLDER

Protocol, one line each way: ``operation loops`` in; out a JSON object with the CPU and wall seconds of one call, the
peak memory of the calls above what was there before (MB), and the values that must agree. ``version`` and ``list`` are
answered too. ``benchmarks/peers.R`` speaks the same for R.
"""

from __future__ import annotations

import contextlib
import gc
import json
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np

FLOATS = ("time", "x1", "x2", "x3", "x4", "x5")
INTEGERS = ("event", "arm", "stratum", "cause")
SIX = ["arm", "x1", "x2", "x3", "x4", "x5"]
# Where curves are compared, in days.
YEARS = np.array([200.0, 500.0, 1000.0])
# Some libraries ask for an array of n by n; they are refused it instead of bringing the machine down.
MOST_MEMORY = 16 * 2**30


def column(folder, name):
    """A column as it was written."""
    return np.fromfile(folder / f"{name}.bin", np.float64 if name in FLOATS else np.int32)


class Columns(dict):
    """Columns, read when first used."""

    def __init__(self, folder):
        """Columns of a folder."""
        super().__init__()
        self.folder = folder

    def __missing__(self, name):
        self[name] = column(self.folder, name)
        return self[name]

    def matrix(self, names):
        """Covariates side by side."""
        return np.column_stack([self[name] for name in names]).astype(float)


def state_rows(d):
    """Subject, start, stop, state and what follows: those with x3 fall ill at 0.4 of their time; 1 well, 2 ill, 3 dead."""
    ill = d["x3"] == 1
    subject = np.arange(ill.size)
    change, last = 0.4 * d["time"][ill], np.where(d["event"] == 1, 3, 0)
    return (
        np.concatenate((subject, subject[ill])),
        np.concatenate((np.zeros(ill.size), change)),
        np.concatenate((np.where(ill, 0.4 * d["time"], d["time"]), d["time"][ill])),
        np.concatenate((np.ones(ill.size, dtype=int), np.full(change.size, 2))),
        np.concatenate((np.where(ill, 2, last), last[ill])),
    )


def read(times, values, start):
    """A step function at YEARS."""
    row = np.searchsorted(np.asarray(times), YEARS, side="right")
    return np.concatenate(([start], np.asarray(values, dtype=float)))[row].tolist()


def equipoise(d):
    """This package, by its public functions."""
    import equipoise
    from equipoise import stats

    arms = (0, 1)

    def log_rank(strata=None):
        return stats.log_rank(d["time"], d["event"], d["arm"], groups=arms, strata=strata)

    def cox(names, strata=None):
        return stats.cox(d["time"], d["event"], d.matrix(names), names=names, strata=strata)

    def incidence(variance):
        return stats.cumulative_incidence(
            d["time"], d["cause"], group=d["arm"], groups=arms, variance=variance
        )

    def ends(found):
        return [v for a in arms for v in read(found.curve(1, a).time, found.curve(1, a).estimate, 0.0)]

    def gray():
        return incidence("aalen"), stats.gray_test(d["time"], d["cause"], d["arm"], groups=arms)

    def fine_gray(names):
        return stats.fine_gray(d["time"], d["cause"], d.matrix(names), names=names)

    def limits():
        curve = stats.kaplan_meier(d["time"], d["event"])
        return curve, curve.n_at_risk, curve.std_err, curve.lower, curve.upper

    def states():
        if "states" not in d:
            d["states"] = state_rows(d)
        return stats.aalen_johansen(*d["states"])

    operations = {
        "km": (lambda: stats.kaplan_meier(d["time"], d["event"]), lambda k: read(k.time, k.survival, 1.0)),
        "km_limits": (limits, lambda k: read(k[0].time, k[3], 1.0)),
        "logrank": (log_rank, lambda f: [f.chi_square]),
        "logrank_s": (lambda: log_rank(d["stratum"]), lambda f: [f.chi_square]),
        "cox1": (lambda: cox(["arm"]), lambda m: m.coefficients.tolist()),
        "cox6": (lambda: cox(SIX), lambda m: m.coefficients.tolist()),
        "cox6_s": (lambda: cox(SIX, d["stratum"]), lambda m: m.coefficients.tolist()),
        "cif": (lambda: incidence("aalen"), ends),
        "aj": (lambda: incidence("greenwood"), ends),
        "gray": (gray, lambda f: [f[1].chi_square]),
        "states": (states, lambda f: read(f.time, f.probability[:, 2], 0.0)),
        "fg6": (lambda: fine_gray(SIX), lambda m: m.coefficients.tolist()),
    }
    missing = {"km": "kaplan_meier", "km_limits": "kaplan_meier", "states": "aalen_johansen", "cif": "cumulative_incidence", "aj": "cumulative_incidence", "gray": "gray_test",
               "fg6": "fine_gray"}  # fmt: skip
    kept = {op: pair for op, pair in operations.items() if missing.get(op, "cox") in stats.HOME}
    return equipoise.__version__, kept


def lifelines(d):
    """lifelines (PyPI)."""
    import lifelines as library
    import pandas as pd
    from lifelines.statistics import logrank_test

    def cox(names, strata=False):
        columns = ["time", "event", *names, *(["stratum"] if strata else [])]
        frame = pd.DataFrame({name: d[name] for name in columns})
        return library.CoxPHFitter().fit(frame, "time", "event", strata=["stratum"] if strata else None)

    def log_rank():
        treated = d["arm"] == 1
        return logrank_test(
            d["time"][~treated], d["time"][treated], d["event"][~treated], d["event"][treated]
        )

    def incidence():
        return [library.AalenJohansenFitter(seed=1).fit(d["time"][d["arm"] == a], d["cause"][d["arm"] == a], 1)
                for a in (0, 1)]  # fmt: skip

    def curve(k):
        found = k.survival_function_
        return read(found.index.to_numpy(), found.iloc[:, 0].to_numpy(), 1.0)

    def ends(found):
        return [v for f in found
                for v in read(f.cumulative_density_.index.to_numpy(), f.cumulative_density_.iloc[:, 0].to_numpy(), 0.0)]  # fmt: skip

    return library.__version__, {
        "km": (lambda: library.KaplanMeierFitter().fit(d["time"], d["event"]), curve),
        "km_limits": (
            lambda: library.KaplanMeierFitter().fit(d["time"], d["event"]),
            lambda k: read(
                k.confidence_interval_.index.to_numpy(), k.confidence_interval_.iloc[:, 0].to_numpy(), 1.0
            ),
        ),
        "logrank": (log_rank, lambda f: [f.test_statistic]),
        "cox1": (lambda: cox(["arm"]), lambda m: m.params_.tolist()),
        "cox6": (lambda: cox(SIX), lambda m: m.params_.tolist()),
        "cox6_s": (lambda: cox(SIX, True), lambda m: m.params_.tolist()),
        "cif": (incidence, ends),
    }


def sksurv(d):
    """scikit-survival (PyPI)."""
    import sksurv as library
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import cumulative_incidence_competing_risks, kaplan_meier_estimator
    from sksurv.util import Surv

    def outcome():
        return Surv.from_arrays(d["event"] == 1, d["time"])

    def incidence():
        return [cumulative_incidence_competing_risks(d["cause"][d["arm"] == a], d["time"][d["arm"] == a],
                                                     conf_type="log-log") for a in (0, 1)]  # fmt: skip

    return library.__version__, {
        "km": (
            lambda: kaplan_meier_estimator(d["event"] == 1, d["time"], conf_type="log-log"),
            lambda k: read(k[0], k[1], 1.0),
        ),
        "logrank": (lambda: compare_survival(outcome(), d["arm"]), lambda f: [f[0]]),
        "cox1": (
            lambda: CoxPHSurvivalAnalysis(ties="efron").fit(d.matrix(["arm"]), outcome()),
            lambda m: m.coef_.tolist(),
        ),
        "cox6": (
            lambda: CoxPHSurvivalAnalysis(ties="efron").fit(d.matrix(SIX), outcome()),
            lambda m: m.coef_.tolist(),
        ),
        "cif": (incidence, lambda found: [v for f in found for v in read(f[0], f[1][1], 0.0)]),
    }


def statsmodels(d):
    """statsmodels (PyPI)."""
    import statsmodels as library
    import statsmodels.api as sm
    from statsmodels.duration.survfunc import CumIncidenceRight, survdiff

    def cox(names, strata=None):
        return sm.PHReg(d["time"], d.matrix(names), status=d["event"], strata=strata, ties="efron").fit()

    def incidence():
        return [CumIncidenceRight(d["time"][d["arm"] == a], d["cause"][d["arm"] == a]) for a in (0, 1)]

    return library.__version__, {
        "km": (
            lambda: sm.SurvfuncRight(d["time"], d["event"]),
            lambda k: read(k.surv_times, k.surv_prob, 1.0),
        ),
        "logrank": (lambda: survdiff(d["time"], d["event"], d["arm"]), lambda f: [f[0]]),
        "logrank_s": (
            lambda: survdiff(d["time"], d["event"], d["arm"], strata=d["stratum"]),
            lambda f: [f[0]],
        ),
        "cox1": (lambda: cox(["arm"]), lambda m: m.params.tolist()),
        "cox6": (lambda: cox(SIX), lambda m: m.params.tolist()),
        "cox6_s": (lambda: cox(SIX, d["stratum"]), lambda m: m.params.tolist()),
        "cif": (incidence, lambda found: [v for f in found for v in read(f.times, f.cinc[0], 0.0)]),
    }


def survival(d):
    """survival (PyPI): a port of the R package."""
    from importlib.metadata import version

    import survival as library

    def frame(names):
        return {name: d[name] for name in ("time", "event", *names)}

    def fit(names, strata=""):
        formula = f"Surv(time, event) ~ {' + '.join(names)}{strata}"
        return library.coxph(formula, frame([*names, *(["stratum"] if strata else [])]), ties="efron")

    def coefficients(model):
        return [float(value) for value in np.asarray(library.coef(model)).ravel()]

    return version("survival"), {
        "km": (
            lambda: library.survfit("Surv(time, event) ~ 1", frame([]), conf_type="log-log"),
            lambda k: read(k.time, k.surv, 1.0),
        ),
        "logrank": (lambda: library.survdiff("Surv(time, event) ~ arm", frame(["arm"])), lambda f: [f.chisq]),
        "logrank_s": (
            lambda: library.survdiff("Surv(time, event) ~ arm + strata(stratum)", frame(["arm", "stratum"])),
            lambda f: [f.chisq],
        ),
        "cox1": (lambda: fit(["arm"]), coefficients),
        "cox6": (lambda: fit(SIX), coefficients),
        "cox6_s": (lambda: fit(SIX, " + strata(stratum)"), coefficients),
    }


def comprisk(d):
    """comprisk (PyPI): competing risks."""
    from importlib.metadata import version

    from comprisk import FineGrayRegression

    def fit():
        return FineGrayRegression(cause=1).fit(d.matrix(SIX), time=d["time"], event=d["cause"])

    return version("comprisk"), {"fg6": (fit, lambda m: np.asarray(m.coef_).ravel().tolist())}


LIBRARIES = {f.__name__: f for f in (equipoise, lifelines, sksurv, statsmodels, survival, comprisk)}


def memory(key):
    """A line of the process's own status, MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return float("nan")


def measured(call, loops):
    """Seconds of one of several calls, and the memory they took above what was there."""
    gc.collect()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forget the earlier peak
    before = memory("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(loops):
        value = call()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu / loops, "wall": wall / loops, "peak": memory("VmHWM") - before}, value


def main():
    """Answer lines until there are no more."""
    warnings.filterwarnings("ignore")
    # A script's own folder comes first in the path; nothing in it may stand for an installed package.
    sys.path = [
        entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent
    ]
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    version, operations = LIBRARIES[sys.argv[1]](Columns(Path(sys.argv[2])))
    for line in sys.stdin:
        operation, _, loops = line.strip().partition(" ")
        if operation == "version":
            answer = {"version": version, "operations": list(operations)}
        else:
            call, values = operations[operation]
            try:
                answer, value = measured(call, int(loops))
                answer["values"] = [float(v) for v in values(value)]
                del value
            except Exception as error:
                answer = {"failed": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
