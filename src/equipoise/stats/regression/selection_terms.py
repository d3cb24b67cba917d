"""Terms of a model: one or several columns that enter and leave together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.frames import Frame, column
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    checked_choice,
    refused,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """A factor, a covariate, several columns, or an interaction of two terms.

    matrix: (n, q), NaN in unknown rows.  columns: (q,) names.  known: (n,).  of: the two terms of an interaction.
    """

    name: str
    columns: tuple[str, ...]
    matrix: FloatArray
    known: BoolArray
    of: tuple[str, ...] = ()


def checked_terms(
    terms: Mapping[str, Any] | Sequence[str],
    interactions: Iterable[tuple[str, str]],
    levels: Mapping[str, Sequence[Any]] | None,
    n: int,
    data: Frame | None,
) -> dict[str, Term]:
    """The terms by name, in the order given, interactions last.

    terms: names with columns: an array of shape (n,) or (n, q), or with data the name of a column or a list of
    names; or, with data, the names of columns, each a term of its own.  A text column becomes indicators
    against its first level.  interactions: pairs of terms, whose columns are multiplied.
    levels: for text terms the order of the levels, the first being the reference; sorted when not given.
    Raises DataError on names that are repeated or unknown, wrong lengths, infinite values, unlisted levels.

    >>> found = checked_terms({"sex": ["f", "m", None]}, (), None, 3, None)["sex"]
    >>> found.columns, found.matrix.ravel().tolist(), found.known.tolist()
    (('sex=m',), [0.0, 1.0, nan], [True, True, False])
    """
    if not isinstance(terms, Mapping):
        named = isinstance(terms, (list, tuple)) and all(isinstance(one, str) for one in terms)
        if not named or len(set(terms)) < len(terms):
            raise refused("terms", repr(terms), "a mapping of terms, or different names of columns with data=",
                          "write {'age': 'age', ...}, or ['age', ...]")  # fmt: skip
        terms = {name: name for name in terms}
    if not terms:
        raise refused("terms", "none", "at least one term", "name the candidates")
    levels = {} if levels is None else levels
    if not isinstance(levels, Mapping):
        raise refused("levels", repr(levels), "a mapping of terms to their levels in order",
                      "write {'site': ['A', 'B']}")  # fmt: skip
    interactions = () if interactions is None else interactions
    if not isinstance(interactions, (list, tuple)) or not all(
        isinstance(one, (list, tuple)) for one in interactions
    ):
        raise refused("interactions", repr(interactions), "pairs of terms", "write interactions=[('a', 'b')]")
    for name in levels:
        checked_choice(name, terms, argument="levels", remedy="correct the name")
    found = {name: _term(name, value, levels.get(name), n, data) for name, value in terms.items()}
    for pair in interactions:
        if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(terms):
            raise refused("interactions", repr(pair), f"two of the terms {tuple(terms)!r}",
                          "name the two terms of the interaction; both stay while it stays")  # fmt: skip
        product = _interaction(found[pair[0]], found[pair[1]])
        found[product.name] = product
    return found


def _term(name: str, value: Any, levels: Sequence[Any] | None, n: int, data: Frame | None) -> Term:
    argument = f"terms[{name}]"
    array = np.asarray(column(data, value, argument))
    if array.ndim not in (1, 2) or array.shape[0] != n or array.size == 0:
        raise refused(argument, f"shape {array.shape}", f"one value for each of the {n} subjects, shape ({n},) or ({n}, q)",
                      "pass values of the same subjects, in the same order")  # fmt: skip
    if levels is not None or (array.dtype.kind in "OUST" and not _numeric(array)):
        if array.ndim == 2:
            raise refused(argument, "several columns of text", "one column of text, or columns of numbers",
                          "give each factor a term of its own")  # fmt: skip
        return _factor(name, argument, array, levels)
    if array.dtype.kind not in "biufO":
        raise refused(
            argument, f"dtype {array.dtype}", "numbers, booleans or text", "convert dates to numbers"
        )
    matrix = np.array([np.nan if one is None else one for one in array.ravel().tolist()], dtype=np.float64) if (
        array.dtype.kind == "O"
    ) else array.astype(np.float64)  # fmt: skip
    matrix = matrix.reshape(n, -1)
    if np.isinf(matrix).any():
        where = int(np.argmax(np.isinf(matrix).any(axis=1)))
        raise refused(
            argument, f"an infinite value at position {where}", "numbers, or NaN for unknown", "correct it"
        )
    q = matrix.shape[1]
    listed = (
        isinstance(value, (list, tuple)) and len(value) == q and all(isinstance(one, str) for one in value)
    )
    columns = (
        tuple(value)
        if listed and q > 1
        else (name,)
        if q == 1
        else tuple(f"{name}[{i + 1}]" for i in range(q))
    )
    known: BoolArray = ~np.asarray(np.isnan(matrix).any(axis=1))
    return Term(name=name, columns=columns, matrix=np.where(known[:, None], matrix, np.nan), known=known)


def _numeric(array: np.ndarray[Any, np.dtype[Any]]) -> bool:
    return array.dtype.kind == "O" and all(
        one is None or isinstance(one, (bool, int, float, np.number, np.bool_))
        for one in array.ravel().tolist()
    )


def _factor(
    name: str, argument: str, array: np.ndarray[Any, np.dtype[Any]], levels: Sequence[Any] | None
) -> Term:
    values = array.tolist()
    known = np.array([one is not None and one == one for one in values], dtype=np.bool_)
    present = {one for one, is_known in zip(values, known, strict=True) if is_known}
    if levels is None:
        if len({type(one) for one in present}) > 1:
            kinds = sorted({type(one).__name__ for one in present})
            raise refused(argument, f"values of the kinds {', '.join(kinds)}", "values of one kind",
                          "make all of them text or all of them numbers")  # fmt: skip
        levels = sorted(present)
    foreign = sorted(str(one) for one in present - set(levels))
    if foreign or len(set(levels)) < len(levels):
        raise refused(f"levels[{name}]", repr(foreign[0]) if foreign else "a repeated level",
                      "every level of the term, once", "list all levels, the reference first")  # fmt: skip
    # A factor of one level keeps a column of zeros, so that it is reported as constant and not forgotten.
    shown = list(levels[1:]) or list(levels[:1])
    matrix = np.full((len(values), max(len(shown), 1)), np.nan)
    for i, one in enumerate(values):
        if known[i]:
            matrix[i] = [float(one == level and len(levels) > 1) for level in shown]
    return Term(
        name=name, columns=tuple(f"{name}={level}" for level in shown) or (name,), matrix=matrix, known=known
    )


def _interaction(first: Term, second: Term) -> Term:
    product = (first.matrix[:, :, None] * second.matrix[:, None, :]).reshape(len(first.matrix), -1)
    return Term(
        name=f"{first.name}:{second.name}",
        columns=tuple(f"{a}:{b}" for a in first.columns for b in second.columns),
        matrix=product,
        known=first.known & second.known,
        of=(first.name, second.name),
    )
