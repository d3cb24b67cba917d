"""Rules, classes and proofs of AALL1331: a cohort and one patient, beside the same rules in SQLite; check and explain.

    .venv/bin/python benchmarks/rules_and_proofs.py

Budgets: 200,000 patients classified in under 0.1 s, one in under 1 ms; ``equipoise check`` with all proofs in under 5 s.
Patients are drawn at random within what the protocol allows; they are nobody's.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.classification import Classifier
from equipoise.trial.opening import find_protocol

PATIENTS, RUNS, SEED = 200_000, 15, 20261120


def median_seconds(work: Callable[[], Any]) -> float:
    """The median wall time of some runs after one that does not count."""
    work()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def cohort(protocol: Protocol, size: int) -> pl.DataFrame:
    """Random subjects: each item known in nine of ten where it may be unavailable, within its range or choices."""
    chance = random.Random(SEED)
    data: dict[str, list[Any]] = {
        name: [None] * size for name in (*columns.SUBJECT, *columns.of_strata(protocol))
    }
    data["subject_id"] = [f"S{index}" for index in range(size)]
    for name, item in protocol.items.items():
        values: list[Any] = []
        for _ in range(size):
            if item.type == "boolean":
                values.append(chance.random() < 0.5)
            elif item.choices:
                values.append(chance.choice(list(item.choices)))
            elif item.type == "date":
                values.append(chance.randrange(12_000, 20_000))
            elif item.type == "text":
                values.append("text")
            else:
                low, high = item.range or (0, 100)
                values.append(
                    chance.uniform(low, high)
                    if item.type == "decimal"
                    else chance.randint(int(low), int(high))
                )
        if item.unavailable:
            known = [chance.random() < 0.9 for _ in range(size)]
            reasons = [None if here else chance.choice(item.unavailable) for here in known]
            values = [value if here else None for value, here in zip(values, known, strict=True)]
            data[f"{name}_unavailable"] = reasons
        data[name] = values
    types = {**columns.SUBJECT, **columns.of_items(protocol), **columns.of_strata(protocol)}
    return pl.DataFrame(
        {name: pl.Series(name, data[name], dtype=types[name], strict=False) for name in types}
    )


def main() -> None:
    """Print one line a measurement."""
    path = find_protocol("aall1331")
    protocol = load_protocol(path)
    classifier = Classifier(protocol)
    everyone = cohort(protocol, PATIENTS)
    one = everyone.head(1)
    rules = classifier.rules["risk_group"]
    needed = sorted({name for rule in rules.values() for name in rule.columns})
    derived = classifier.add_derived(everyone)

    asked = ["eligible", "risk_group", "hr_ir_stratum"]
    classes = median_seconds(lambda: classifier.add_derived(everyone, asked))
    single = median_seconds(lambda: classifier.add_derived(one, ["risk_group"]))
    three = median_seconds(lambda: classifier.add_derived(one, asked))
    whole = median_seconds(lambda: classifier.add_derived(everyone))
    risk = median_seconds(lambda: {code: rule.evaluate(derived) for code, rule in rules.items()})
    database = sqlite3.connect(":memory:")
    database.execute(f"create table patients ({', '.join(needed)})")
    marks = ", ".join("?" * len(needed))
    database.executemany(f"insert into patients values ({marks})", derived.select(needed).rows())
    query = f"select {', '.join(rule.sql for rule in rules.values())} from patients"
    sqlite = median_seconds(lambda: database.execute(query).fetchall())

    print(f"{PATIENTS:,} patients, {', '.join(asked)} and what they rest on: {1000 * classes:.0f} ms")
    print(
        f"one patient, the risk group and what it rests on: {1000 * single:.2f} ms; all of the above: {1000 * three:.2f} ms"
    )
    print(f"{PATIENTS:,} patients, all {len(protocol.derived)} derived items: {1000 * whole:.0f} ms")
    print(f"{PATIENTS:,} patients, the rules of the risk group: {1000 * risk:.1f} ms; SQLite {1000 * sqlite:.0f} ms "
          f"({sqlite / risk:.0f} times as long)")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "check, with all proofs": ["check", "aall1331"],
            "explain, page only": ["explain", "aall1331", "--no-pdf", "-o", str(Path(folder) / "page")],
            "explain, page and PDF": ["explain", "aall1331", "-o", str(Path(folder) / "both")],
        }
        for label, command in commands.items():
            run = [sys.executable, "-m", "equipoise", *command]
            print(
                f"{label}: {median_seconds(lambda run=run: subprocess.run(run, check=True, capture_output=True)):.2f} s"
            )


if __name__ == "__main__":
    main()
