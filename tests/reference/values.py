"""Read the reference values that the R scripts of this folder wrote, and the data sets they came from."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
COLON = HERE.parents[1] / "src/equipoise/trials/intergroup0035/data/colon.csv"


def _restored(value: Any) -> Any:
    """JSON as R meant it: null is NaN, "Infinity" is infinite, lists of numbers are arrays."""
    if isinstance(value, dict):
        return {key: _restored(inner) for key, inner in value.items()}
    if isinstance(value, list):
        items = [_restored(inner) for inner in value]
        return items if any(isinstance(item, str) for item in items) else np.array(items, dtype=float)
    if isinstance(value, str) and value.endswith("Infinity"):
        return float(value)
    return np.nan if value is None else value


@cache
def cases(name: str) -> dict[str, Any]:
    """The cases of ``<name>.json``, by their names."""
    text = (HERE / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = _restored(json.loads(text)["cases"])
    return found


@cache
def colon(etype: int) -> dict[str, np.ndarray]:
    """Intergroup-0035: 929 patients, recurrence (1) or death (2), columns by name; unknown is NaN."""
    return _columns(COLON, lambda row: row["etype"] == str(etype))


@cache
def adtte() -> dict[str, np.ndarray]:
    """CDISC pilot: time to the first dermatologic event, 254 patients."""
    return _columns(HERE / "adtte.csv", lambda row: True)


def _columns(path: Path, wanted: Any) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if wanted(row)]
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(texts: list[str]) -> np.ndarray:
    try:
        return np.array([np.nan if text in ("", "NA") else float(text) for text in texts])
    except ValueError:
        return np.array(texts)


def difference(found: Any, expected: Any) -> float:
    """The largest relative difference of two arrays; infinite when NaN or infinities differ in place.

    Elements that vanish by cancellation (an upper limit's 0, an off-diagonal covariance) are held
    against 1e-6 of the largest element, so that 1e-8 of them is 1e-14 of the array.
    """
    a, b = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    if a.shape != b.shape:
        return np.inf
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    if not np.isfinite(a[~same]).all() or not np.isfinite(b[~same]).all():
        return np.inf
    scale = np.maximum(np.abs(b), 1e-6 * np.max(np.abs(b[np.isfinite(b)]), initial=0))
    return float(np.max(np.abs(a - b)[~same] / scale[~same]))


def strata_of(name: str, data: dict[str, np.ndarray]) -> np.ndarray | None:
    """The strata that the name of a colon case states: "… by node4", "… by extent and node4"."""
    stated = name.partition(" by ")[2].removesuffix(" efron").removesuffix(" breslow")
    return np.column_stack([data[factor] for factor in stated.split(" and ")]) if stated else None
