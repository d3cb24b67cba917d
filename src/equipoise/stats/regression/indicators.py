"""Indicators of the levels of a factor: the columns that a model needs of a category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, column
from equipoise.stats.observations import (
    FloatArray,
    read_only,
    refused,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indicators(Mapping[str, FloatArray]):
    """Columns of 0 and 1 by their names; a mapping, so that ``{**one, **other}`` joins factors.

    names: (k,).  matrix: (n, k).  reference: the level without a column.
    """

    names: tuple[str, ...]
    matrix: FloatArray
    reference: str

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self.names:
            raise KeyError(name)
        column_: FloatArray = self.matrix[:, self.names.index(name)]
        return column_

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def indicators(
    values: ArrayLike, *, reference: Any = None, name: str = "", data: Frame | None = None
) -> Indicators:
    """One column of 0 and 1 for each level but the reference.

    values: shape (n,), labels; with data= the name of a column.  reference: the level that has no column;
    the first of the sorted levels when not given.  name: of the factor, for the names of the columns; the
    name of the column when values is one.
    Returns Indicators, a mapping from "name=level" (or the level alone without a name) to (n,) columns, in the
    order of the sorted levels: pass it to ``cox`` as covariates, alone or joined with others by ``{**a, **b}``.
    Raises DataError on missing labels, on a single level, and on a reference that no row has.
    Source: treatment contrasts, as R's contr.treatment; SAS CLASS with PARAM=REF.

    >>> {name: column.tolist() for name, column in indicators(["b", "a", "c"], name="arm").items()}
    {'arm=b': [1.0, 0.0, 0.0], 'arm=c': [0.0, 0.0, 1.0]}
    """
    found = np.asarray(column(data, values, "values"))
    if found.ndim != 1 or found.size == 0:
        raise refused("values", f"shape {found.shape}", "one label a row, shape (n,)", "pass one factor")
    missing = (found == None) | (found != found)  # noqa: E711
    if np.any(missing):
        raise refused("values", f"{found[int(np.argmax(missing))]!s} at position {int(np.argmax(missing))}",
                      "a known label for every row", "leave those rows out, or give the unknown a label")  # fmt: skip
    kinds = {type(label) for label in found.tolist()}
    if len(kinds) > 1:
        raise refused("values", f"labels of the kinds {', '.join(sorted(kind.__name__ for kind in kinds))}",
                      "labels of one kind", "make all of them texts or all of them numbers")  # fmt: skip
    levels = np.unique(found).tolist()
    if len(levels) < 2:
        raise refused("values", f"the one level {levels[0]!r}", "at least two levels", "leave the factor out")
    base = levels[0] if reference is None else reference
    if isinstance(base, (list, np.ndarray)) or base not in levels:
        raise refused(
            "reference",
            repr(base),
            f"one of {levels!r}",
            "name a level that some row has",
        )
    if name is not None and not isinstance(name, str):
        raise refused("name", repr(name), "a text", "name the factor")
    factor = name or (values if isinstance(values, str) else "")
    prefix = f"{factor}=" if factor else ""
    shown = [level for level in levels if level != base]
    matrix = np.column_stack([found == level for level in shown]).astype(np.float64)
    read_only(matrix)
    return Indicators(
        names=tuple(f"{prefix}{_word(level)}" for level in shown), matrix=matrix, reference=_word(base)
    )


def _word(level: object) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)
