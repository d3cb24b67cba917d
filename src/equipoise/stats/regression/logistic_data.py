"""The data of a logistic model, checked once: responses, covariates, frequency weights, offset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, column, columns, named_covariates
from equipoise.stats.observations import BoolArray, FloatArray, refused

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticData:
    """What a logistic model was fitted to, in the caller's units.

    response: (n,) True for the event.  matrix: (n, p) without an intercept.  names: (p,).
    weights: (n,) how many subjects a row stands for, or None for one each.  offset: (n,), or None for 0.
    """

    response: BoolArray
    matrix: FloatArray
    names: tuple[str, ...]
    weights: FloatArray | None
    offset: FloatArray | None

    @property
    def n(self) -> int:
        """Subjects, that is rows times their weights."""
        return self.response.size if self.weights is None else int(self.weights.sum())

    @property
    def n_events(self) -> int:
        """Subjects with the event."""
        if self.weights is None:
            return int(np.count_nonzero(self.response))
        return int(self.weights[self.response].sum())


def checked_data(
    response: Any,
    covariates: Any,
    names: Sequence[str] | None,
    weights: Any,
    offset: Any,
    data: Frame | None,
) -> LogisticData:
    """The arguments of a logistic model as LogisticData, or a DataError.

    >>> checked_data([1, 0], [[2], [3]], ["dose"], None, None, None).matrix.tolist()
    [[2.0], [3.0]]
    """
    response, weights, offset = columns(data, response=response, weights=weights, offset=offset)
    none = isinstance(covariates, (list, tuple)) and not covariates
    found, given = (
        (np.empty((np.size(response), 0)), ()) if none else named_covariates(data, covariates, names)
    )
    happened = checked_response(response)
    return LogisticData(
        response=happened,
        matrix=checked_matrix(found, given, happened.size),
        names=given,
        weights=_checked_weights(weights, happened.size),
        offset=_checked_offset(offset, happened.size),
    )


def checked_response(response: ArrayLike) -> BoolArray:
    """Responses as bool, after refusing what is neither a boolean nor 0 or 1.

    >>> checked_response([1, 0, 1]).tolist()
    [True, False, True]
    """
    found = np.asarray(response)
    if found.ndim != 1 or found.size == 0:
        raise refused("response", f"shape {found.shape}", "one response a row, shape (n,) with n at least 1",
                      "pass a flat, non-empty array; for counts of a group use two rows with weights")  # fmt: skip
    if found.dtype.kind == "b":
        return found
    if found.dtype.kind not in "iuf":
        raise refused("response", f"dtype {found.dtype} ({found[0]!r} first)", "booleans or 0 and 1",
                      "convert: True for the event that is modeled")  # fmt: skip
    happened: BoolArray = found == 1
    foreign = ~(happened | (found == 0))
    if foreign.any():
        where = int(np.argmax(foreign))
        raise refused("response", f"{found[where]} at position {where}", "booleans or 0 and 1",
                      "leave out unknown responses, and count them; code the event as 1")  # fmt: skip
    return happened


def checked_matrix(covariates: ArrayLike, names: tuple[str, ...], n: int) -> FloatArray:
    """Covariates as float64 of shape (n, p), after refusing unknown, infinite or textual values.

    >>> checked_matrix([1, 2], ("dose",), 2).shape
    (2, 1)
    """
    found = np.asarray(covariates)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim == 2 and len(found) == n and names and found.shape[1] != len(names):
        raise refused("names", f"{len(names)} for {found.shape[1]} covariates: {names!r}", "one name for each covariate",
                      "give one name a column")  # fmt: skip
    if found.shape != (n, len(names)):
        raise refused("covariates", f"shape {found.shape}", f"({n}, {len(names)}): the responses by the names",
                      "give one row a response and one name a column")  # fmt: skip
    if len(set(names)) < len(names) or INTERCEPT in names:
        raise refused("names", repr(names), f"different names, none of them {INTERCEPT!r}",
                      "rename; the intercept is added by itself")  # fmt: skip
    if found.dtype.kind not in "biuf":
        raise refused("covariates", f"dtype {found.dtype}", "numbers", "code categories as 0/1 columns")
    matrix = found.astype(np.float64, copy=False)
    # The sum of finite numbers is seldom infinite; only then each number is looked at.
    if not np.isfinite(matrix.sum()):
        unusable = ~np.isfinite(matrix)
        if unusable.any():
            row, where = (int(index) for index in np.argwhere(unusable)[0])
            raise refused(f"covariates[{names[where]}]", f"{matrix[row, where]} at row {row}", "finite numbers",
                          "fit complete cases, and count the others")  # fmt: skip
    return matrix


def _checked_weights(weights: ArrayLike | None, n: int) -> FloatArray | None:
    if weights is None:
        return None
    found = np.asarray(weights)
    if found.shape != (n,) or found.dtype.kind not in "biuf":
        raise refused("weights", f"shape {found.shape}, dtype {found.dtype}", f"one whole number for each of the {n} rows",
                      "weights are counts of subjects")  # fmt: skip
    counts = found.astype(np.float64)
    unusable = ~(np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts)))
    if unusable.any():
        where = int(np.argmax(unusable))
        raise refused("weights", f"{found[where]} at position {where}", "whole numbers of at least 0",
                      "weights are counts of subjects; a sampling weight needs a robust variance, which this is not")  # fmt: skip
    if not counts.any():
        raise refused(
            "weights", "0 in every row", "at least one subject", "leave weights out for one subject a row"
        )
    return counts


def _checked_offset(offset: ArrayLike | None, n: int) -> FloatArray | None:
    if offset is None:
        return None
    found = np.asarray(offset)
    if found.shape != (n,) or found.dtype.kind not in "biuf":
        raise refused("offset", f"shape {found.shape}, dtype {found.dtype}", f"one number for each of the {n} rows",
                      "pass the known part of the log odds")  # fmt: skip
    known = found.astype(np.float64)
    unusable = ~np.isfinite(known)
    if unusable.any():
        where = int(np.argmax(unusable))
        raise refused("offset", f"{known[where]} at position {where}", "finite numbers",
                      "leave out rows without an offset")  # fmt: skip
    return known


def exact_strata(data: Frame | None, strata: Any) -> Any:
    """The strata argument: an array, the columns that it names, or None.

    >>> exact_strata(None, None) is None
    True
    """
    return column(data, strata, "strata")
