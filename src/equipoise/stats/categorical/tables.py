"""Tables of counts, checked once: from counts as they stand, or from one row a subject.

Every function of this room takes either. As counts: a table, rows by columns, or one table a stratum. As subjects:
``response`` and ``group``, with ``groups`` for their order. Rows of a table are then the groups, columns the responses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    IntArray,
    listed,
    read_only,
    refused,
    stratum_codes,
)

# Sums of counts and of products of two of them stay exact whole numbers below this size.
LARGEST_COUNT = 2**31

Labels = tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Counts, shape (r, c), and what the rows and columns are called (numbers from 1 where nobody said)."""

    counts: IntArray
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoGroups:
    """Subjects and events of two groups: the four numbers of a two-by-two table."""

    events_experimental: int
    n_experimental: int
    events_control: int
    n_control: int


def checked_count(value: Any, argument: str) -> int:
    """A count as int: a whole number of at least 0, in any numeric type; otherwise DataError.

    >>> checked_count(3.0, "events")
    3
    """
    found = np.asarray(value)
    if found.ndim != 0 or found.dtype.kind not in "iuf" or found != np.floor(found) or found < 0:
        raise refused(argument, repr(value), "a whole number of at least 0", "pass the number of subjects")
    if found > LARGEST_COUNT:
        raise refused(argument, repr(value), f"at most {LARGEST_COUNT}", "check the number")
    return int(found)


def checked_events_of(
    events: Any, n: Any, *, events_argument: str = "x", n_argument: str = "n"
) -> tuple[int, int]:
    """Events among n subjects as two ints: 0 <= events <= n, n at least 1; otherwise DataError.

    >>> checked_events_of(3, 10)
    (3, 10)
    """
    x, size = checked_count(events, events_argument), checked_count(n, n_argument)
    if size == 0:
        raise refused(n_argument, 0, "at least 1 subject", "a proportion of nobody has no estimate")
    if x > size:
        raise refused(events_argument, x, f"at most {n_argument} = {size}", "count each subject once")
    return x, size


def checked_counts(counts: ArrayLike, *, argument: str = "response", dimensions: int = 2) -> IntArray:
    """A table of counts as int64, read only.

    counts: shape (r, c), or (strata, r, c) with dimensions=3; whole numbers of at least 0, r and c at least 2.
    Raises DataError on another shape, on missing, negative or fractional counts, and where all counts are 0.

    >>> checked_counts([[3, 1], [1, 3]]).tolist()
    [[3, 1], [1, 3]]
    """
    try:
        found = np.asarray(counts)
    except ValueError:
        raise refused(
            argument, "rows of different lengths", "a rectangular table", "write 0 for no subjects"
        ) from None
    shape = "(rows, columns)" if dimensions == 2 else "(strata, rows, columns)"
    if found.ndim != dimensions or min(found.shape[-2:]) < 2 or found.shape[0] < 1:
        raise refused(argument, f"shape {found.shape}", f"a table of counts, shape {shape}, with at least 2 rows and 2 columns",
                      "pass the counts, or response and group of the subjects")  # fmt: skip
    if found.dtype.kind not in "iuf":
        raise refused(argument, f"dtype {found.dtype}", "counts", "pass numbers of subjects")
    unusable = ~((found >= 0) & (found == np.floor(found)) & (found <= LARGEST_COUNT))
    if unusable.any():
        where = tuple(int(i) for i in np.argwhere(unusable)[0])
        raise refused(argument, f"{found[where]} at {where}", f"whole numbers from 0 to {LARGEST_COUNT}",
                      "pass numbers of subjects, not shares")  # fmt: skip
    table: IntArray = found.astype(np.int64)
    if not table.any():
        raise refused(argument, "only counts of 0", "at least one subject", "an empty table has no test")
    read_only(table)
    return table


def label_codes(
    labels: Any, argument: str, order: Sequence[Any] | None = None, n: int | None = None
) -> tuple[IntArray, tuple[Any, ...]]:
    """Each subject's label as its position among the levels, and the levels: as ``order`` says, or sorted.

    labels: shape (n,), text, whole numbers or booleans, none unknown.  Raises DataError otherwise, and on a label
    that order does not list.

    >>> label_codes(["b", "a"], "group")[0].tolist(), label_codes([1, 0], "response", (1, 0))[0].tolist()
    ([1, 0], [0, 1])
    """
    found = np.asarray(labels)
    if found.ndim != 1 or found.size == 0 or (n is not None and found.size != n):
        raise refused(argument, f"shape {found.shape}", "one label a subject, shape (n,)" if n is None else f"one label for each of the {n} subjects",
                      "pass the labels of the same subjects, in the same order")  # fmt: skip
    missing = (found == None) | (found != found)  # noqa: E711  None and NaN are the unknown labels
    if np.any(missing):
        where = int(np.argmax(missing))
        raise refused(argument, f"{found[where]!r} at position {where}", "a known label for every subject",
                      "leave those subjects out, or give the unknown a label of its own")  # fmt: skip
    if found.dtype.kind == "O" and len({type(label) for label in found.tolist()}) > 1:
        kinds = ", ".join(sorted({type(label).__name__ for label in found.tolist()}))
        raise refused(
            argument, f"labels of the kinds {kinds}", "labels of one kind", "make all of them strings"
        )
    first = found[:1].tolist()[0]
    if not isinstance(first, (str, bool, int, float)):
        raise refused(argument, f"{first!r} (dtype {found.dtype})", "texts, numbers or booleans as labels",
                      "write what is meant as a text")  # fmt: skip
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise refused(argument, "an infinite label", "texts, numbers or booleans as labels",
                      "write what is meant as a text")  # fmt: skip
    levels, codes = np.unique(found, return_inverse=True)
    known = levels.tolist()
    if order is None:
        return codes.astype(np.int64), tuple(known)
    listed(order, argument="groups" if argument == "group" else "levels")
    if len(set(order)) < len(order):
        raise refused(
            f"{argument}s" if argument == "group" else "levels",
            repr(tuple(order)),
            "different labels",
            "name each once",
        )
    position = {label: index for index, label in enumerate(order)}
    foreign = [level for level in known if level not in position]
    if foreign:
        raise refused(
            argument, repr(foreign[0]), f"one of {tuple(order)!r}", "list it, or leave those subjects out"
        )
    placed: IntArray = np.array([position[level] for level in known], dtype=np.int64)
    return placed[codes], tuple(order)


def checked_table(
    response: Any,
    group: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> Table:
    """One table, from counts or from subjects.

    response: alone, a table of counts, shape (r, c); with ``group``, each subject's response, shape (n,).
    group: None, or labels, shape (n,).  groups, levels: the order of rows and columns; sorted when None.
    data: a frame; response and group then name its columns.
    Returns a Table; rows and columns without subjects stay in it.  Raises DataError on anything unusable.

    >>> checked_table([1, 0, 1, 0], list("abba")).counts.tolist()
    [[1, 1], [1, 1]]
    """
    response, group = columns(data, response=response, group=group)
    if group is None:
        counts = checked_counts(response)
        return Table(
            counts=counts,
            rows=tuple(range(1, counts.shape[0] + 1)),
            columns=tuple(range(1, counts.shape[1] + 1)),
        )
    answer, answers = label_codes(response, "response", levels)
    where, names = label_codes(group, "group", groups, answer.size)
    _at_least_two("group", names)
    _at_least_two("response", answers)
    counts = np.bincount(where * len(answers) + answer, minlength=len(names) * len(answers))
    counts = counts.reshape(len(names), len(answers)).astype(np.int64)
    read_only(counts)
    return Table(counts=counts, rows=names, columns=answers)


def checked_strata(
    response: Any,
    group: Any = None,
    strata: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> IntArray:
    """One table a stratum, shape (strata, rows, columns), from counts or from subjects.

    response: alone, counts of shape (strata, r, c) or (r, c) for one stratum; otherwise each subject's response.
    group: labels, shape (n,).  strata: None, labels (n,), or (n, f) labels of f crossed factors.
    groups, levels, data: as ``checked_table``.  Raises DataError on anything unusable.

    >>> checked_strata([1, 0, 1, 0], list("abba"), list("xxyy")).tolist()
    [[[0, 1], [1, 0]], [[1, 0], [0, 1]]]
    """
    response, group, strata = columns(data, response=response, group=group, strata=strata)
    if group is None:
        if strata is not None:
            raise refused("group", None, "the group of each subject, since strata are given",
                          "pass response, group and strata, or a table of counts for each stratum")  # fmt: skip
        found = np.asarray(response, dtype=object) if np.ndim(response) == 0 else np.asarray(response)
        return checked_counts(found[None] if found.ndim == 2 else found, dimensions=3)
    answer, answers = label_codes(response, "response", levels)
    where, names = label_codes(group, "group", groups, answer.size)
    _at_least_two("group", names)
    _at_least_two("response", answers)
    stratum = stratum_codes(strata, answer.size)
    r, c, k = len(names), len(answers), int(stratum.max()) + 1
    counts = (
        np.bincount((stratum * r + where) * c + answer, minlength=k * r * c).reshape(k, r, c).astype(np.int64)
    )
    read_only(counts)
    return counts


def two_groups(response: Any, group: Any, groups: Sequence[Any], *, data: Frame | None = None) -> TwoGroups:
    """Events and subjects of two groups, from one row a subject.

    response: shape (n,), booleans or 0 and 1, True for an event.  group: labels.  groups: (control, experimental).
    Raises DataError on another response or label, and where a group has no subjects.

    >>> two_groups([1, 0, 1, 1], list("ABBA"), ("A", "B"))
    TwoGroups(events_experimental=1, n_experimental=2, events_control=2, n_control=2)
    """
    events, codes = two_group_arrays(response, group, groups, data=data)
    n = np.bincount(codes, minlength=2)
    x = np.bincount(codes[events == 1], minlength=2)
    for label, size in zip(groups, n, strict=True):
        if size == 0:
            raise refused(
                "group",
                f"nobody in {label!r}",
                "subjects in both groups",
                "correct groups=(control, experimental)",
            )
    return TwoGroups(
        events_experimental=int(x[1]), n_experimental=int(n[1]), events_control=int(x[0]), n_control=int(n[0])
    )


def two_group_arrays(
    response: Any, group: Any, groups: Sequence[Any], *, data: Frame | None = None
) -> tuple[IntArray, IntArray]:
    """Each subject's event (0 or 1) and group (0 control, 1 experimental), checked.

    >>> [array.tolist() for array in two_group_arrays([True, False], ["B", "A"], ("A", "B"))]
    [[1, 0], [1, 0]]
    """
    response, group = columns(data, response=response, group=group)
    listed(groups, argument="groups")
    if len(groups) != 2:
        raise refused(
            "groups",
            repr(tuple(groups)),
            "two labels: (control, experimental)",
            "compare two groups at a time",
        )
    return indicator(response, "response"), label_codes(group, "group", groups, np.size(response))[0]


def indicator(values: Any, argument: str) -> IntArray:
    """Booleans or the numbers 0 and 1 as 0 and 1, shape (n,); otherwise DataError.

    >>> indicator([True, False], "response").tolist()
    [1, 0]
    """
    found = np.asarray(values)
    if found.ndim != 1 or found.size == 0:
        raise refused(
            argument,
            f"shape {found.shape}",
            "one value a subject, shape (n,)",
            "pass a flat, non-empty array",
        )
    if found.dtype.kind == "O" and all(isinstance(one, (bool, int, float)) for one in found.tolist()):
        found = found.astype(np.float64)  # a column of objects that are numbers
    known = found.dtype.kind in "biuf" and np.isin(found, (0, 1))
    if not np.all(known):
        where = int(np.argmin(known)) if np.ndim(known) else 0
        raise refused(argument, f"{found[where]!r} at position {where}", "booleans or 0 and 1, none unknown",
                      "code an event as 1; leave the unknown out, or count them as the protocol says")  # fmt: skip
    coded: IntArray = found.astype(np.int64)
    return coded


def _at_least_two(argument: str, labels: tuple[Any, ...]) -> None:
    if len(labels) < 2:
        raise refused(
            argument,
            f"only {labels[0]!r}" if labels else "nothing",
            "at least two levels",
            "compare different levels",
        )
