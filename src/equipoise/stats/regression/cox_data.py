"""The data of a Cox model, checked once and kept with the model for all that is computed after the fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.stats.frames import Frame, column
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_choice,
    checked_events,
    checked_names,
    checked_times,
    read_only,
    refused,
    stratum_codes,
)

Ties = Literal["efron", "breslow", "exact-partial", "exact-marginal"]
TIES: tuple[Ties, ...] = ("efron", "breslow", "exact-partial", "exact-marginal")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxData:
    """The n rows that a model was fitted to, in the caller's order and units.

    time, event: (n,).  entry: (n,) the row is at risk after its entry until its time; None for everyone
    from the origin.  An entry of 0 is observation from the origin, so an event at time 0 is seen.
    stratum: (n,) codes from 0, of ``stratum_labels``.  matrix: (n, p) covariates.  weights: (n,), ones
    without weights.  offset: (n,), zeros without.  cluster: (n,) codes from 0, or None.
    """

    time: FloatArray
    event: BoolArray
    entry: FloatArray | None
    stratum: IntArray
    stratum_labels: tuple[str, ...]
    matrix: FloatArray
    weights: FloatArray
    offset: FloatArray
    cluster: IntArray | None
    names: tuple[str, ...]
    ties: Ties


def cox_data(
    time: Any,
    event: Any,
    covariates: Any,
    *,
    names: Sequence[str] | None,
    entry: Any,
    strata: Any,
    weights: Any,
    offset: Any,
    cluster: Any,
    ties: Ties,
    data: Frame | None,
) -> CoxData:
    """Check the arguments of ``cox`` and bring them together.

    >>> found = cox_data([3, 5], [1, 0], [0, 1], names=["arm"], entry=None, strata=["a", "b"], weights=None,
    ...                  offset=None, cluster=None, ties="efron", data=None)
    >>> found.matrix.shape, found.stratum_labels
    ((2, 1), ('a', 'b'))
    """
    checked_choice(
        ties,
        TIES,
        argument="ties",
        remedy="R's exact and SAS's discrete are exact-partial; SAS's exact is exact-marginal",
    )
    times, entries = _spans(column(data, time, "time"), column(data, entry, "entry"))
    n = times.size
    events = checked_events(column(data, event, "event"), n)
    matrix, found_names = _covariates(data, covariates, names, n)
    stratum, labels = _strata(column(data, strata, "strata"), n)
    case_weights = _numbers(column(data, weights, "weights"), n, "weights", 1.0)
    if weights is not None and not (case_weights > 0).all():
        where = int(np.argmin(case_weights > 0))
        raise refused("weights", f"{case_weights[where]} at position {where}", "weights above 0",
                      "leave out the rows that count for nothing")  # fmt: skip
    clusters = column(data, cluster, "cluster")
    found = CoxData(
        time=times,
        event=events,
        entry=entries,
        stratum=stratum,
        stratum_labels=labels,
        matrix=matrix,
        weights=case_weights,
        offset=_numbers(column(data, offset, "offset"), n, "offset", 0.0),
        cluster=None if clusters is None else _codes(clusters, n, "cluster"),
        names=found_names,
        ties=ties,
    )
    for array in (found.stratum, found.matrix, found.weights, found.offset):
        read_only(array)
    return found


def _spans(time: ArrayLike, entry: ArrayLike | None) -> tuple[FloatArray, FloatArray | None]:
    """Times, and entries before them; near-ties are joined over both, as R does."""
    if entry is None:
        return checked_times(time), None
    ends = checked_times(time)
    starts = checked_times(entry, argument="entry")
    if starts.shape != ends.shape:
        raise refused("entry", f"shape {starts.shape}", f"one entry for each of the {ends.size} times",
                      "pass entry and time of the same rows, in the same order")  # fmt: skip
    joined = checked_times(np.concatenate((np.asarray(entry, float), np.asarray(time, float))))
    starts, ends = joined[: ends.size], joined[ends.size :]
    # From the origin on is (0, t] and the origin itself, so that an event at time 0 has a place.
    empty = (starts >= ends) & (starts > 0)
    if empty.any():
        where = int(np.argmax(empty))
        raise refused("entry", f"{starts[where]:g} at position {where} with time {ends[where]:g}",
                      "an entry before the time", "leave out rows without time at risk")  # fmt: skip
    return ends, starts


def _covariates(
    data: Frame | None, covariates: Any, names: Sequence[str] | None, n: int
) -> tuple[FloatArray, tuple[str, ...]]:
    if names is not None:
        checked_names(names)
    if data is not None and isinstance(covariates, str):
        covariates = [covariates]
    named = _named_columns(data, covariates)
    if named is not None:
        own = tuple(named)
        columns = [_one_covariate(name, values, n) for name, values in named.items()]
        matrix = np.column_stack(columns) if columns else np.empty((n, 0))
    else:
        own = ()
        matrix = _matrix(column(data, covariates, "covariates"), n)
    p = matrix.shape[1]
    found = tuple(names) if names is not None else own or tuple(f"x{j + 1}" for j in range(p))
    if len(found) != p:
        raise refused("names", f"{len(found)} for {p} covariates: {found!r}", "one name for each covariate",
                      "give one name a column")  # fmt: skip
    if len(set(found)) < p:
        raise refused("names", repr(found), "different names", "rename the repeated one")
    if not np.isfinite(matrix).all():
        row, j = (int(index) for index in np.argwhere(~np.isfinite(matrix))[0])
        raise refused(f"covariates[{found[j]}]", f"{matrix[row, j]} at row {row}", "finite numbers",
                      "fit complete cases, and count the others")  # fmt: skip
    return matrix, found


def _named_columns(data: Frame | None, covariates: Any) -> dict[str, Any] | None:
    """Covariates that come with names, one column each: names of columns of data, a mapping, or a frame."""
    if isinstance(covariates, np.ndarray):
        return None
    if data is not None and isinstance(covariates, (list, tuple)) and covariates:
        if all(isinstance(name, str) for name in covariates):
            if len(set(covariates)) < len(covariates):
                raise refused(
                    "covariates", repr(list(covariates)), "different columns", "name each column once"
                )
            return {name: column(data, name, f"covariates[{name}]") for name in covariates}
        return None
    if isinstance(covariates, Mapping):
        return {str(name): column(data, values, f"covariates[{name}]") for name, values in covariates.items()}
    if hasattr(covariates, "columns"):
        if len(set(covariates.columns)) < len(covariates.columns):
            raise refused(
                "covariates", repr(list(covariates.columns)), "different columns", "rename the repeated one"
            )
        return {str(name): np.asarray(covariates[name]) for name in covariates.columns}
    return None


def _one_covariate(name: str, values: Any, n: int) -> FloatArray:
    found = np.asarray(values)
    if found.shape != (n,):
        raise refused(f"covariates[{name}]", f"shape {found.shape}", f"one value for each of the {n} times",
                      "pass columns of the same rows")  # fmt: skip
    return _as_numbers(found, f"covariates[{name}]")


def _matrix(covariates: Any, n: int) -> FloatArray:
    found = np.asarray(covariates)
    if found.shape == (0,) and isinstance(covariates, (list, tuple)):
        return np.empty((n, 0))  # the null model
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or found.shape[0] != n:
        raise refused("covariates", f"shape {found.shape}", f"({n}, p): one row for each of the {n} times",
                      "give one row a subject and one name a column")  # fmt: skip
    return _as_numbers(found, "covariates")


def _as_numbers(found: NDArray[Any], argument: str) -> FloatArray:
    if found.dtype.kind in "biuf":
        return found.astype(np.float64)
    if found.dtype.kind == "O":
        missing = (found == None) | (found != found)  # noqa: E711
        if np.any(missing):
            row = int(np.argwhere(missing)[0][0])
            raise refused(argument, f"a missing value at row {row}", "finite numbers",
                          "fit complete cases, and count the others")  # fmt: skip
        if all(isinstance(value, (bool, int, float, np.number)) for value in found.flat):
            return found.astype(np.float64)
    first = found.flat[0] if found.size else ""
    raise refused(argument, f"dtype {found.dtype} ({first!r} first)", "numbers",
                  "code categories as 0/1 columns: equipoise.stats.indicators does it")  # fmt: skip


def _numbers(values: Any, n: int, argument: str, otherwise: float) -> FloatArray:
    if values is None:
        return np.full(n, otherwise)
    found = np.asarray(values)
    if found.shape != (n,):
        raise refused(argument, f"shape {found.shape}", f"one number for each of the {n} times",
                      "pass numbers of the same rows, in the same order")  # fmt: skip
    numbers = _as_numbers(found, argument)
    if not np.isfinite(numbers).all():
        where = int(np.argmin(np.isfinite(numbers)))
        raise refused(argument, f"{numbers[where]} at position {where}", "finite numbers",
                      "leave out the rows where it is unknown")  # fmt: skip
    return numbers


def _strata(strata: Any, n: int) -> tuple[IntArray, tuple[str, ...]]:
    if strata is None:
        return np.zeros(n, dtype=np.int64), ("",)
    codes = _codes(strata, n, "strata")
    found = np.asarray(strata)
    first = np.zeros(int(codes.max()) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(n)[::-1]
    labels = found[first].tolist()
    return codes, tuple(", ".join(map(_word, one)) if isinstance(one, list) else _word(one) for one in labels)


def _word(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def _codes(labels: Any, n: int, argument: str) -> IntArray:
    """Codes from 0 in the order of the labels; whole numbers of a small range without sorting them."""
    found = np.asarray(labels)
    if found.shape == (n,) and found.dtype.kind in "iub":
        lowest, highest = int(found.min()), int(found.max())
        if highest - lowest <= 4 * n:
            shifted = found.astype(np.int64) - lowest
            present = np.bincount(shifted) > 0
            codes: IntArray = (np.cumsum(present) - 1)[shifted]
            return codes
    if found.shape[:1] != (n,) or (argument == "cluster" and found.ndim > 1):
        raise refused(argument, f"shape {found.shape}", f"one label for each of the {n} times",
                      "pass labels of the same rows, in the same order")  # fmt: skip
    missing = (found == None) | (found != found)  # noqa: E711
    if np.any(missing):
        where = tuple(np.argwhere(missing)[0].tolist())
        raise refused(argument, f"{found[where]!s} at position {where[0]}", "a known label for every row",
                      "leave those rows out, or give the unknown a label of its own")  # fmt: skip
    return stratum_codes(found, n)
