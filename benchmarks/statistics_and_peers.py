"""Curves, tests and models against R and the Python libraries: the same data, the same session, ratios of CPU time.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 .venv/bin/python benchmarks/statistics_and_peers.py [--peers PYTHON]
        [--sizes 208,10000,100000,1000000] [--large] [--only km,logrank,...] [--limit SECONDS] [--output FOLDER] [--add]

Every library runs in a process of its own that keeps its data; calls of all of them alternate, one block each a
round, and the median over rounds counts. A peer whose first call is slow is measured by that call alone (marked *);
one that passes the limit is stopped, and its limit is the bound (marked >). Values are compared as well as times.
Peers: R with survival and cmprsk where Rscript is found; Python libraries of the environment given by --peers.
--large adds 10 million rows for the curve and the log-rank test (1.5 GB of scratch files, several GB of memory).
Goals are those of the issue on statistics: "must" and "stretch".
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]

import argparse  # noqa: E402
import datetime  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import select  # noqa: E402
import shutil  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from dataclasses import dataclass  # noqa: E402

import numpy as np  # noqa: E402

ROUNDS = 5
BLOCK = 0.05  # seconds that a block of calls takes at least
ONE_CALL = 6.0  # seconds of a first call beyond which it is not repeated
THREADS = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)
PYTHON_PEERS = ("lifelines", "sksurv", "statsmodels", "survival", "comprisk")
OURS = "equipoise"
OPERATIONS = (
    "km",
    "km_limits",
    "logrank",
    "logrank_s",
    "cox1",
    "cox6",
    "cox6_s",
    "cif",
    "gray",
    "aj",
    "states",
    "fg6",
)
# What is quadratic in a peer is not asked of it beyond this size; ours is.
LARGEST = {
    ("R survival", "aj"): 100_000, ("R survival", "states"): 10_000, ("R survival", "fg6"): 10_000, ("R cmprsk", "fg6"): 10_000,
    ("comprisk", "fg6"): 100_000, ("sksurv", "cif"): 100_000, ("lifelines", "cif"): 100_000,
    ("sksurv", "cox1"): 100_000, ("lifelines", "cox1"): 100_000,
}  # fmt: skip


@dataclass(frozen=True)
class Goal:
    """A ratio to reach: the peer's CPU time over ours, summed over operations."""

    work: str
    operations: tuple[str, ...]
    kinds: tuple[str, ...]
    sizes: tuple[int, ...]
    peer: str
    must: float
    stretch: float


BOTH = ("whole days", "continuous")
TO_MILLION = (10_000, 100_000, 1_000_000)
CURVE = ("km", "logrank")
GOALS = (
    *(Goal("curve + log-rank", CURVE, ("continuous",), (*TO_MILLION, 10_000_000), peer, must, stretch)
      for peer, must, stretch in (("R survival", 20, 45), ("statsmodels", 2, 4), ("lifelines", 10, 20), ("sksurv", 40, 100))),
    Goal("curve + log-rank", CURVE, ("whole days",), (1_000_000,), "R survival", 100, 400),
    Goal("curve + log-rank", CURVE, ("whole days",), (1_000_000,), "statsmodels", 10, 60),
    Goal("curve + log-rank", CURVE, BOTH, (208,), "R survival", 8, 15),
    Goal("curve + log-rank", CURVE, BOTH, (208,), "statsmodels", 0.5, 1),
    Goal("Cox, 6 covariates, strata", ("cox6_s",), BOTH, TO_MILLION, "R survival", 8, 12),
    Goal("Cox, 6 covariates, strata", ("cox6_s",), BOTH, TO_MILLION, "statsmodels", 30, 40),
    Goal("Cox, 6 covariates, strata", ("cox6_s",), ("whole days",), TO_MILLION, "lifelines", 10, 16),
    Goal("Cox, 6 covariates, strata", ("cox6_s",), ("continuous",), TO_MILLION, "lifelines", 80, 120),
    Goal("Cox, 6 covariates", ("cox6",), BOTH, TO_MILLION, "sksurv", 70, 90),
    Goal("Cox, 6 covariates", ("cox6",), BOTH, (208,), "R survival", 5, 15),
    Goal("Cox, 6 covariates", ("cox6",), BOTH, (208,), "lifelines", 60, 200),
    Goal("incidence + Gray", ("gray",), BOTH, (10_000, 100_000), "R cmprsk", 5, 20),
    Goal("incidence with variance", ("cif",), BOTH, (10_000, 100_000), "statsmodels", 1, 3),
    Goal("incidence, Aalen-Johansen variance", ("aj",), BOTH, (10_000,), "R survival", 50, 200),
    *(Goal("Fine-Gray, 6 covariates", ("fg6",), BOTH, sizes, peer, must, stretch)
      for peer in ("R cmprsk", "R survival") for sizes, must, stretch in (((10_000,), 1000, 5000), ((208,), 5, 40))),
)  # fmt: skip
FRESH_GOALS = {"R survival": (4, 8), "lifelines": (6, 12), "sksurv": (6, 12), "statsmodels": (8, 16)}
MEMORY_GOALS = {"R survival": (5, 10), "lifelines": (5, 10)}


def write_columns(folder: Path, n: int, kind: str) -> None:
    """A trial's columns as raw files: two arms, six strata, five covariates, two causes of failure; times in days.

    Entry is even over 4 years and follow-up ends 1.5 years later; 3 % a year are lost. Whole days are rounded up.
    """
    draw = np.random.default_rng([2026, n])
    arm = draw.permutation(np.arange(n) % 2)
    stratum = draw.integers(0, 6, n)
    x = [draw.standard_normal(n), draw.standard_normal(n), draw.random(n) < 0.35, draw.random(n) < 0.2,
         draw.standard_normal(n)]  # fmt: skip
    effect = math.log(0.6) * arm + 0.1 * stratum - 0.3
    for beta, covariate in zip((0.3, -0.2, 0.25, 0.1, 0.0), x, strict=True):
        effect = effect + beta * covariate
    first = draw.standard_exponential(n) / (0.0011 * np.exp(effect))
    second = draw.standard_exponential(n) / 0.0002
    censored = np.minimum(365.25 * (1.5 + 4 * draw.random(n)), draw.standard_exponential(n) * 365.25 / 0.03)
    days = np.minimum(np.minimum(first, second), censored)
    cause = np.where(days == censored, 0, np.where(days == first, 1, 2))
    days = np.ceil(days) if kind == "whole days" else days
    folder.mkdir(parents=True)
    for name, values in {"time": days, **{f"x{i + 1}": column for i, column in enumerate(x)}}.items():
        values.astype(np.float64).tofile(folder / f"{name}.bin")
    for name, values in {"event": cause > 0, "arm": arm, "stratum": stratum, "cause": cause}.items():
        values.astype(np.int32).tofile(folder / f"{name}.bin")


class Peer:
    """A library in its process; started when first asked, and again after it was stopped."""

    def __init__(self, name: str, command: list[str], limit: float):
        """The command without the folder; limit: seconds for one answer."""
        self.name, self.command, self.limit = name, command, limit
        self.process: subprocess.Popen[str] | None = None
        self.version, self.operations, self.missing = "", [], ""

    def start(self, folder: Path) -> bool:
        """Whether the library is there."""
        environment = {**os.environ, **THREADS}
        self.process = subprocess.Popen([*self.command, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)  # fmt: skip
        said = self.ask("version", folder)
        self.missing = str(said["failed"]) if "failed" in said else ""
        self.version, self.operations = said.get("version", ""), said.get("operations", [])
        return not self.missing

    def ask(self, line: str, folder: Path) -> dict:
        """The answer, or why there is none."""
        if self.process is None and not self.start(folder):
            return {"failed": self.missing}
        process = self.process
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], self.limit)[0]:
                self.stop()
                return {"failed": "limit", "bound": self.limit}
            answer = process.stdout.readline()
            return json.loads(answer) if answer else {"failed": self._gone()}
        except BrokenPipeError:
            return {"failed": self._gone()}

    def _gone(self) -> str:
        self.stop()
        return "the process ended (library missing, or out of memory)"

    def stop(self) -> None:
        """End the process that this object started."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def interleaved(peers: list[Peer], operation: str, folder: Path, n: int) -> list[dict]:
    """One row a peer: medians of blocks of calls that alternate."""
    rows, loops = {}, {}
    for peer in peers:
        if n > LARGEST.get((peer.name, operation), 10**9) or (
            peer.process is not None and operation not in peer.operations
        ):
            continue
        first = peer.ask(f"{operation} 1", folder)
        if peer.operations and operation not in peer.operations:
            continue
        row = {
            "peer": peer.name,
            "version": peer.version,
            "operation": operation,
            "first": first.get("cpu"),
            **first,
        }
        rows[peer.name] = row
        if "failed" not in first and first["wall"] <= ONE_CALL:
            # The first call of a library loads and compiles; the second says how many fit in a block.
            second = peer.ask(f"{operation} 1", folder)
            if "failed" not in second:
                loops[peer.name] = max(1, math.ceil(BLOCK / max(second["wall"], 1e-6)))
                row["blocks"] = []
    for _ in range(ROUNDS):
        for peer in peers:
            if peer.name in loops:
                block = peer.ask(f"{operation} {loops[peer.name]}", folder)
                if "failed" not in block:
                    rows[peer.name]["blocks"].append(block)
    for row in rows.values():
        blocks = row.pop("blocks", [])
        if blocks:
            for key in ("cpu", "wall", "peak"):
                row[key] = statistics.median(block[key] for block in blocks)
        row["repeats"] = len(blocks)
    ours = rows.get(OURS, {}).get("values")
    for row in rows.values():
        if ours and "values" in row and len(row["values"]) == len(ours):
            row["difference"] = max(
                abs(a - b) / max(abs(a), 1e-3) for a, b in zip(ours, row["values"], strict=True)
            )
    return list(rows.values())


FRESH = {
    OURS: """
from equipoise import stats
stats.kaplan_meier(d['time'], d['event']); stats.log_rank(d['time'], d['event'], d['arm'], groups=(0, 1))
stats.cox(d['time'], d['event'], x, names=six)
""",
    "lifelines": """
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
a = d['arm'] == 1
KaplanMeierFitter().fit(d['time'], d['event']); logrank_test(d['time'][~a], d['time'][a], d['event'][~a], d['event'][a])
CoxPHFitter().fit(pd.DataFrame({k: d[k] for k in ['time', 'event', *six]}), 'time', 'event')
""",
    "sksurv": """
from sksurv.nonparametric import kaplan_meier_estimator
from sksurv.compare import compare_survival
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv
y = Surv.from_arrays(d['event'] == 1, d['time'])
kaplan_meier_estimator(d['event'] == 1, d['time'], conf_type='log-log'); compare_survival(y, d['arm'])
CoxPHSurvivalAnalysis(ties='efron').fit(x, y)
""",
    "statsmodels": """
import statsmodels.api as sm
from statsmodels.duration.survfunc import survdiff
sm.SurvfuncRight(d['time'], d['event']); survdiff(d['time'], d['event'], d['arm'])
sm.PHReg(d['time'], x, status=d['event'], ties='efron').fit()
""",
}
FRESH_READ = """
import numpy as np
six = ['arm', 'x1', 'x2', 'x3', 'x4', 'x5']
read = lambda k: np.fromfile({folder!r} + '/' + k + '.bin', np.float64 if k[0] in 'tx' else np.int32)
d = {{k: read(k) for k in ['time', 'event', *six]}}
x = np.column_stack([d[k] for k in six]).astype(float)
"""
FRESH_R = """
library(survival); f <- '{folder}'; x <- paste0('x', 1:5)
d <- as.data.frame(c(sapply(c('time', x), function(k) readBin(file.path(f, paste0(k, '.bin')), 'double', 208), simplify = FALSE),
  sapply(c('event', 'arm'), function(k) readBin(file.path(f, paste0(k, '.bin')), 'integer', 208, size = 4L), simplify = FALSE)))
invisible(survfit(Surv(time, event) ~ 1, d)); invisible(survdiff(Surv(time, event) ~ arm, d))
invisible(coxph(Surv(time, event) ~ arm + x1 + x2 + x3 + x4 + x5, d))
"""


def fresh(folder: Path, python: str | None, has_r: bool) -> list[dict]:
    """A whole process that reads 208 rows and computes a curve, a log-rank test and a Cox model: CPU seconds."""
    read = FRESH_READ.format(folder=str(folder))
    commands = {name: [sys.executable if name == OURS else python, "-c", read + code]
                for name, code in FRESH.items() if name == OURS or python}  # fmt: skip
    if has_r:
        commands["R survival"] = ["Rscript", "-e", FRESH_R.format(folder=folder)]
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in list(commands.items()):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env={**os.environ, **THREADS}) as process:  # fmt: skip
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                print(f"fresh process: {name} failed")
                del commands[name]
            else:
                found[name].append(used.ru_utime + used.ru_stime)
    return [{"peer": name, "operation": "fresh", "n": 208, "kind": "whole days", "cpu": statistics.median(values),
             "repeats": len(values)} for name, values in found.items() if values]  # fmt: skip


def ratio(
    rows: list[dict], operations: tuple[str, ...], kind: str, n: int, peer: str, key: str = "cpu"
) -> tuple[float, str] | None:
    """The peer's sum over ours, and its mark: * one call only, > a bound."""
    sums, mark = {OURS: 0.0, peer: 0.0}, ""
    for name in sums:
        for operation in operations:
            row = next(
                (
                    r
                    for r in rows
                    if (r["peer"], r["operation"], r["kind"], r["n"]) == (name, operation, kind, n)
                ),
                None,
            )
            if row is None or ("failed" in row and "bound" not in row) or (name == OURS and "failed" in row):
                return None
            sums[name] += row.get("bound", row.get(key, math.nan))
            mark = ">" if "bound" in row else mark or ("*" if not row.get("repeats") else "")
    return sums[peer] / sums[OURS], mark


def verdict(value: float, mark: str, must: float, stretch: float) -> str:
    """Whether a ratio reaches a goal."""
    if value >= stretch:
        return "stretch met"
    return "must met" if value >= must else ("unknown" if mark == ">" else "NOT MET")


def goal_lines(rows: list[dict]) -> list[tuple[str, ...]]:
    """Every goal that was measured: work, peer, data, ratio, must, stretch, verdict."""
    lines = []
    for goal in GOALS:
        for kind in goal.kinds:
            for n in goal.sizes:
                found = ratio(rows, goal.operations, kind, n, goal.peer)
                if found:
                    value, mark = found
                    lines.append((goal.work, goal.peer, f"{n:,} {kind}", f"{mark}{value:.3g}", f"{goal.must:g}",
                                  f"{goal.stretch:g}", verdict(value, mark, goal.must, goal.stretch)))  # fmt: skip
    for peer, (must, stretch) in FRESH_GOALS.items():
        found = ratio(rows, ("fresh",), "whole days", 208, peer)
        if found:
            lines.append(("fresh process: curve, log-rank, Cox", peer, "208", f"{found[0]:.3g}", f"{must}", f"{stretch}",
                          verdict(*found, must, stretch)))  # fmt: skip
    for peer, (must, stretch) in MEMORY_GOALS.items():
        for kind in BOTH:
            for operation in CURVE:
                found = ratio(rows, (operation,), kind, 10_000_000, peer, "peak")
                if found:
                    lines.append((f"extra memory, {operation}", peer, f"10,000,000 {kind}", f"{found[0]:.3g}", f"{must}",
                                  f"{stretch}", verdict(*found, must, stretch)))  # fmt: skip
    return lines


def markdown(rows: list[dict], said: dict) -> str:
    """Goals, then every measurement."""
    parts = [f"# Statistics against peers, {said['date']}", "",
             f"{said['processor']}; Python {said['python']}, NumPy {said['numpy']}. CPU time, one thread, medians of {ROUNDS} "
             "alternating blocks. * one call only, > stopped at the limit.", "",
             *(f"Not measured: {peer}: {why}" for peer, why in said["missing"].items()), "",
             "| work | peer | data | peer / ours | must | stretch | |", "|---|---|---|---:|---:|---:|---|",
             *("| " + " | ".join(line) + " |" for line in goal_lines(rows)), "",
             "| operation | rows | times | peer | CPU ms | peer / ours | memory MB | values differ by |",
             "|---|---:|---|---|---:|---:|---:|---:|"]  # fmt: skip
    for row in rows:
        found = ratio(rows, (row["operation"],), row["kind"], row["n"], row["peer"])
        if "failed" in row:
            milliseconds = f"> {row['bound'] * 1000:.0f}" if "bound" in row else row["failed"][:60]
        else:
            milliseconds = f"{row['cpu'] * 1000:.3g}" + ("" if row["repeats"] else " *")
        parts.append("| " + " | ".join((row["operation"], f"{row['n']:,}", row["kind"], row["peer"], milliseconds,
                     f"{found[1]}{found[0]:.3g}" if found else "", f"{row['peak']:.0f}" if "peak" in row else "",
                     f"{row['difference']:.0e}" if "difference" in row else "")) + " |")  # fmt: skip
    return "\n".join(parts) + "\n"


def processor() -> str:
    """What the machine calls its processor."""
    info = Path("/proc/cpuinfo")
    named = (
        [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        if info.exists()
        else []
    )
    return named[0] if named else platform.processor() or "unknown processor"


def record(rows: list[dict], missing: dict[str, str], output: Path, add: bool) -> dict:
    """Write what was measured until now; with ``add`` beside what today's file has of other measurements."""
    today = datetime.date.today().isoformat()
    stem = output / f"statistics-{today}"
    if add and stem.with_suffix(".json").exists():
        before = json.loads(stem.with_suffix(".json").read_text())
        place = ("peer", "operation", "n", "kind")
        now = {tuple(row[key] for key in place) for row in rows}
        rows = [row for row in before["rows"] if tuple(row[key] for key in place) not in now] + rows
        missing = {**before["missing"], **missing}
    measured = {row["peer"] for row in rows}
    said = {"date": today, "processor": processor(), "python": platform.python_version(), "numpy": np.__version__,
            "missing": {name: why for name, why in missing.items() if name not in measured}, "rows": rows}  # fmt: skip
    output.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(said, indent=1) + "\n")
    stem.with_suffix(".md").write_text(markdown(rows, said))
    return said


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--peers", help="the python of an environment with the Python libraries")
    asked.add_argument("--sizes", default="208,10000,100000,1000000")
    asked.add_argument("--kinds", default=",".join(BOTH))
    asked.add_argument("--large", action="store_true", help="also 10 million rows, curve and log-rank")
    asked.add_argument("--only", default=",".join(OPERATIONS))
    asked.add_argument("--without", default="", help="peers to leave out, by name")
    asked.add_argument("--limit", type=float, default=120.0, help="seconds after which a call is stopped")
    asked.add_argument("--output", type=Path, default=HERE / "results")
    asked.add_argument("--add", action="store_true", help="keep what today's file has of other measurements")
    given = asked.parse_args()
    os.environ.update(THREADS)

    commands = {OURS: [sys.executable, str(HERE / "peers.py"), OURS]}
    missing = {}
    has_r = shutil.which("Rscript") is not None
    for package in ("survival", "cmprsk"):
        if has_r:
            commands[f"R {package}"] = ["Rscript", "--vanilla", str(HERE / "peers.R"), package]
        else:
            missing[f"R {package}"] = "Rscript is not installed"
    for name in PYTHON_PEERS:
        commands[name] = [given.peers or sys.executable, str(HERE / "peers.py"), name]
    for name in filter(None, given.without.split(",")):
        commands.pop(name, None)
        missing[name] = "left out on request"

    sizes = [int(n) for n in given.sizes.split(",") if n] + ([10_000_000] if given.large else [])
    rows: list[dict] = []
    with tempfile.TemporaryDirectory() as scratch:
        for kind in given.kinds.split(","):
            for n in sizes:
                folder = Path(scratch) / f"{kind.replace(' ', '_')}_{n}"
                write_columns(folder, n, kind)
                peers = [
                    Peer(name, command, given.limit)
                    for name, command in commands.items()
                    if name not in missing
                ]
                for peer in peers:
                    if not peer.start(folder):
                        missing[peer.name] = peer.missing
                peers = [peer for peer in peers if peer.name not in missing]
                for operation in given.only.split(","):
                    if n > 1_000_000 and operation not in (*CURVE, "km_limits"):
                        continue
                    if operation not in peers[0].operations:
                        print(f"{operation}: not in equipoise.stats yet, left out")
                        continue
                    began = time.perf_counter()
                    found = [
                        {"n": n, "kind": kind, **row} for row in interleaved(peers, operation, folder, n)
                    ]
                    rows += found
                    record(rows, missing, given.output, given.add)
                    words = ", ".join(f"{row['peer']} {row['cpu'] * 1000:.3g}" if "failed" not in row else f"{row['peer']} {row['failed'][:40]}"
                                      for row in found)  # fmt: skip
                    print(
                        f"{kind} {n:,} {operation} (ms): {words}   [{time.perf_counter() - began:.0f} s]",
                        flush=True,
                    )
                for peer in peers:
                    peer.stop()
                if n == 208 and kind == "whole days":
                    rows += fresh(folder, given.peers, has_r and "R survival" in commands)
                shutil.rmtree(folder)
    said = record(rows, missing, given.output, given.add)
    for line in goal_lines(said["rows"]):
        print(
            "  ".join(f"{cell:<{wide}}" for cell, wide in zip(line, (36, 12, 24, 9, 6, 6, 12), strict=True))
        )
    for name, why in said["missing"].items():
        print(f"not measured: {name}: {why}")
    print(f"written: {given.output}/statistics-{said['date']}.json and .md")


if __name__ == "__main__":
    main()
