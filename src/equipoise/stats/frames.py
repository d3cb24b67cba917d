"""Arguments that name columns of a data frame: any frame, without knowing its library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.observations import (
    checked_names,
    refused,
)


class Frame(Protocol):
    """Anything that gives a column for its name: a polars or pandas frame, an arrow table, a dictionary."""

    def __getitem__(self, name: Any, /) -> Any: ...


def column(data: Frame | None, value: Any, argument: str) -> Any:
    """The argument itself, or the column of ``data`` that it names.

    data: None, or a frame.  value: an array, None, or (with data) a name or a list of names, which gives
    the columns side by side, shape (n, f).  argument: how the caller calls it, for the message.
    Raises DataError on a name that data has not, and on masked values.

    >>> column({"t": [1, 2]}, "t", "time").tolist(), column(None, [3, 4], "time")
    ([1, 2], [3, 4])
    """
    if data is None:
        if isinstance(value, str):
            raise refused(argument, repr(value), "an array, or a name together with data=",
                          "pass the frame as data=, or the column itself")  # fmt: skip
        return _as_given(value, argument)
    if isinstance(value, str):
        return _one(data, value, argument)
    if isinstance(value, (list, tuple)) and value and all(isinstance(name, str) for name in value):
        return np.column_stack([_one(data, name, argument) for name in value])
    return _as_given(value, argument)


def columns(data: Frame | None, **arguments: Any) -> tuple[Any, ...]:
    """Several arguments at once, in the order given: ``time, event = columns(data, time=time, event=event)``.

    >>> columns({"t": [1], "e": [0]}, time="t", event="e", strata=None)
    (array([1]), array([0]), None)
    """
    return tuple(column(data, value, argument) for argument, value in arguments.items())


def named_covariates(
    data: Frame | None, covariates: Any, names: Sequence[str] | None
) -> tuple[ArrayLike, tuple[str, ...]]:
    """Covariates and their names: from ``names``, from the columns named with data, or from a frame's own columns.

    >>> named_covariates({"a": [1, 2], "b": [0, 1]}, ["a", "b"], None)[1]
    ('a', 'b')
    """
    if names is not None:
        checked_names(names)
    if data is not None and isinstance(covariates, str):
        covariates = [covariates]
    if data is not None and names is None and isinstance(covariates, (list, tuple)):
        names = (
            tuple(str(name) for name in covariates) if all(isinstance(c, str) for c in covariates) else None
        )
    own = getattr(covariates, "columns", None)
    if names is None and own is not None:
        names = tuple(str(name) for name in own)
    found = column(data, covariates, "covariates")
    if names is None:
        shape = np.shape(found)
        names = tuple(f"x{i + 1}" for i in range(shape[1] if len(shape) > 1 else 1))
    return found, tuple(names)


def _as_given(value: Any, argument: str) -> Any:
    """The value, before numpy takes it for what it is not: a mask is not forgotten, NaN among texts is no text."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        where = int(np.argmax(np.ma.getmaskarray(value)))
        raise refused(argument, f"a masked value at position {where}", "known values",
                      "leave those subjects out, and count them")  # fmt: skip
    if isinstance(value, (list, tuple)):
        kinds = {type(one) for row in value for one in (row if isinstance(row, (list, tuple)) else (row,))}
        if str in kinds and len(kinds) > 1:
            return np.array(value, dtype=object)
    return value


def _one(data: Frame, name: str, argument: str) -> Any:
    try:
        found = data[name]
    except Exception as error:  # each library has its own error for a name it has not
        known = getattr(data, "columns", None)
        known = list(data) if known is None and isinstance(data, dict) else known
        listed = ", ".join(map(str, known)) if known is not None else "the names of its columns"
        raise refused(argument, repr(name), f"a column of data: {listed}", "correct the name") from error
    return np.asarray(_as_given(found, argument))
