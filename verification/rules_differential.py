"""Random rules over rows with missing values: polars, DuckDB and SQLite must agree on every one.

    PYTHONPATH=tests .venv/bin/python verification/rules_differential.py 100000 300 1

Arguments: how many rules, how many rows, the seed. Exit status 1 at the first disagreement, which is printed.
The functions of dates are counted in three ways: by parts of dates in polars, by adding months and looking
whether that day has come in DuckDB, by walking from day to day in SQLite.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from datetime import date
from typing import Any

import duckdb
import polars as pl

from equipoise.protocol.rules.rule import RuleProblem, compile_rule
from protocol.expressions import COLUMNS, FUNCTIONS, counted, draw, rows, write

TYPES = {
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.String: "VARCHAR",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
}

# The day on which month n is completed: as many days into that month, but not beyond the first of the next.
MACROS = """
create macro month_completed(a, n) as
  least(date_trunc('month', a) + to_months(n) + to_days(day(a)::INTEGER - 1), date_trunc('month', a) + to_months(n + 1));
create macro months_begun(a, b) as datediff('month', a, b)::INTEGER;
create macro completed_months(a, b) as
  case when a::DATE is null or b::DATE is null then null
  when month_completed(a::DATE, months_begun(a::DATE, b::DATE)) <= b::DATE then months_begun(a::DATE, b::DATE)
  else months_begun(a::DATE, b::DATE) - 1 end;
create macro completed_years(a, b) as floor(completed_months(a, b) / 12)::BIGINT;
create macro days_between(a, b) as datediff('day', a::DATE, b::DATE);
"""


def databases(table: list[dict[str, Any]]) -> tuple[duckdb.DuckDBPyConnection, sqlite3.Connection]:
    """The rows in both, in their order."""
    duck, lite = duckdb.connect(), sqlite3.connect(":memory:")
    holes = ", ".join("?" * (len(COLUMNS) + 1))
    duck.execute(
        f"create table subject (n BIGINT, {', '.join(f'{c} {TYPES[t.base_type()]}' for c, t in COLUMNS.items())})"
    )
    duck.executemany(
        f"insert into subject values ({holes})",
        [[n, *(row[c] for c in COLUMNS)] for n, row in enumerate(table)],
    )
    duck.execute(MACROS)
    for name in FUNCTIONS:
        lite.create_function(name, 2, lambda *days, name=name: walked(name, *days), deterministic=True)
    lite.execute(f"create table subject (n, {', '.join(COLUMNS)})")
    plain = [
        [n, *(v.toordinal() if isinstance(v := row[c], date) else v for c in COLUMNS)]
        for n, row in enumerate(table)
    ]
    lite.executemany(f"insert into subject values ({holes})", plain)
    return duck, lite


def walked(name: str, first: int | None, later: int | None) -> int | None:
    """A function of dates over days as SQLite holds them here, by their number."""
    return counted(name, *(None if day is None else date.fromordinal(day) for day in (first, later)))


def main(count: int, height: int, seed: int) -> int:
    """Compare ``count`` rules; returns the exit status."""
    chance = random.Random(seed)
    table = rows(chance, height)
    frame = pl.DataFrame({name: [row[name] for row in table] for name in COLUMNS}, schema=COLUMNS)
    duck, lite = databases(table)
    compared = refused = unbound = 0
    started = time.monotonic()
    while compared < count:
        tree = draw(chance)
        text = write(tree, chance)
        if len(text) > 1500:
            continue
        try:
            found = compile_rule(text, COLUMNS, {}).evaluate(frame).to_list()
        except RuleProblem:
            refused += (
                1  # a comparison with null, or an expression that is always unknown: refused on purpose
            )
            continue
        plain = write(tree, chance, "sqlite")
        by_lite = [
            None if one is None else bool(one)
            for (one,) in lite.execute(f"select {plain} from subject order by n")
        ]
        try:
            answers = duck.execute(f"select ({text})::BOOLEAN from subject order by n").fetchall()
            by_duck = [one for (one,) in answers]
        except duckdb.Error as error:
            unbound += (
                1  # DuckDB's own slip ("did not return a BoundFunctionExpression"): SQLite still judges
            )
            print(f"DuckDB could not run {text!r}: {str(error).splitlines()[0]}")
            by_duck = by_lite
        if not found == by_duck == by_lite:
            print(f"disagreement (seed {seed}, rule {compared}): {text}")
            return 1
        compared += 1
        if compared % 10_000 == 0:
            print(f"{compared:,} rules, {time.monotonic() - started:.0f} s", flush=True)
    print(
        f"{compared:,} rules × {height} rows: polars = DuckDB = SQLite; {refused:,} refused on purpose, {unbound:,} not run by DuckDB"
    )
    return 1 if unbound > compared / 1000 else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4])))
