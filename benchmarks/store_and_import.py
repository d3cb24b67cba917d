"""Large logs and tables, as ratios against plain reading and writing of the same bytes, in one run.

.venv/bin/python benchmarks/store_and_import.py
"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from equipoise.exchange.tables import read_table
from equipoise.log.codec import encode
from equipoise.log.facts import FollowedUp
from equipoise.log.log import Cutoff, Log
from equipoise.store import read_log, write_log

FACTS = 100_000
ROWS, COLUMNS = 100_000, 30


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the best of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    noon, day = datetime(2024, 1, 1, 12, tzinfo=UTC), date(2020, 1, 1)
    log = Log(
        FollowedUp(subject_id=f"S{n % 5000}", occurred_on=day + timedelta(n % 900), recorded_at=noon)
        for n in range(FACTS)
    )
    lines = [encode(fact) for fact in log]
    plain = seconds(lambda: [json.loads(line) for line in lines])
    print(f"{FACTS:,} facts: plain json.loads {plain:.2f} s")
    print(f"  snapshot {seconds(lambda: log.as_of(Cutoff(date(2021, 1, 1)))) / plain:.1f} ×")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("log.db", "log.parquet"):
            path = Path(folder, name)

            def write(path: Path = path) -> None:
                path.unlink(missing_ok=True)
                write_log(path, log)

            wrote = seconds(write)
            print(
                f"  {name}: write {wrote / plain:.1f} ×, read {seconds(lambda path=path: read_log(path)) / plain:.1f} ×"
            )
        table = Path(folder, "table.csv")
        row = ",".join(map(str, range(COLUMNS))) + "\n"
        table.write_text(",".join(f"c{n}" for n in range(COLUMNS)) + "\n" + row * ROWS)

        def by_csv() -> None:
            with table.open(newline="") as stream:
                for _ in csv.reader(stream):
                    pass

        base = seconds(by_csv)
        print(
            f"{ROWS:,} × {COLUMNS} cells: csv.reader {base:.2f} s, read_table {seconds(lambda: read_table(table)) / base:.1f} ×"
        )


if __name__ == "__main__":
    main()
