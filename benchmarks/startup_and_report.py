"""Start-up, one analysis in a fresh process, and a whole report, as ratios measured in one run.

    .venv/bin/python benchmarks/startup_and_report.py

Each command runs several times, interleaved with the others; the median counts. Ratios are against the bare
interpreter (start-up) and against R survival on the same file (analysis; left out where R is not installed).
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLON = ROOT / "src" / "equipoise" / "trials" / "intergroup0035" / "data" / "colon.csv"
ROUNDS = 7

OURS = f"""
import csv, numpy as np
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from equipoise.stats.survival.log_rank import log_rank
from equipoise.stats.regression.cox import cox
rows = [r for r in csv.DictReader(open({str(COLON)!r})) if r["etype"] == "2"]
time = np.array([int(r["time"]) for r in rows]); event = np.array([r["status"] == "1" for r in rows])
arm = np.array([r["rx"] for r in rows]); strata = np.array([r["node4"] for r in rows])
for name in ("Obs", "Lev", "Lev+5FU"): kaplan_meier(time[arm == name], event[arm == name])
log_rank(time, event, arm, groups=("Obs", "Lev", "Lev+5FU"), strata=strata)
cox(time, event, np.column_stack([arm == "Lev", arm == "Lev+5FU"]).astype(float), names=["Lev", "Lev+5FU"], strata=strata)
"""
THEIRS = f"""
library(survival); d <- subset(read.csv("{COLON}"), etype == 2); d$rx <- relevel(factor(d$rx), "Obs")
summary(survfit(Surv(time, status) ~ rx, d, conf.type = "log-log"))
survdiff(Surv(time, status) ~ rx + strata(node4), d); summary(coxph(Surv(time, status) ~ rx + strata(node4), d))
"""


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "bare interpreter": [python, "-c", "pass"],
            "import equipoise": [python, "-c", "import equipoise"],
            "equipoise --help": [python, "-m", "equipoise", "--help"],
            "curves, log-rank, Cox of 929 patients": [python, "-c", OURS],
            "report intergroup0035": [
                python,
                "-m",
                "equipoise",
                "report",
                "intergroup0035",
                "-o",
                f"{folder}/a",
            ],
            "report cdiscpilot01": [python, "-m", "equipoise", "report", "cdiscpilot01", "-o", f"{folder}/b"],
        }
        if shutil.which("Rscript"):
            commands["the same in R survival"] = ["Rscript", "-e", THEIRS]
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    bare, r = medians["bare interpreter"], medians.get("the same in R survival")
    print(f"{'median of ' + str(ROUNDS):40}{'seconds':>9}{'× bare':>9}{'R ÷ ours':>10}")
    for name, value in medians.items():
        versus_r = f"{r / value:10.1f}" if r and name.startswith("curves") else ""
        print(f"{name:40}{value:9.2f}{value / bare:9.1f}{versus_r}")


if __name__ == "__main__":
    main()
