"""What happened to each subject, and when: causes and groups checked, and counted by distinct time.

Everything about competing risks is a function of one table: at each distinct time, in each group, how many were
censored and how many had an event of each cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_label,
    group_codes,
    listed,
    refused,
)

Label = str | int

# Whole days are counted rather than sorted while there are at most this many days for each subject.
_DAYS_A_SUBJECT = 8
# Codes of labels that are small whole numbers are found by counting.
_MOST_SMALL = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Causes:
    """labels: the causes in order.  code: (n,) 0 for censored, else 1 + the position among the labels."""

    labels: tuple[Label, ...]
    code: IntArray

    def position(self, label: Label, argument: str) -> int:
        """The code of one cause, or DataError.

        >>> checked_causes([0, 1, 2], 3).position(2, "cause_of_interest")
        2
        """
        checked_label(label, argument=argument)
        if label not in self.labels:
            raise refused(argument, repr(label), f"one of the causes {self.labels!r}",
                          "name a cause that occurred, or list all causes in causes")  # fmt: skip
        return self.labels.index(label) + 1


def checked_causes(
    cause: ArrayLike, n: int, *, censored: Label = 0, causes: Sequence[Label] | None = None
) -> Causes:
    """What ended each follow-up.

    cause: shape (n,), whole numbers (0 is censored) or texts (``censored`` names the one that is censoring).
    causes: all causes in the order wanted; without it the ones that occurred, sorted.
    Raises DataError on an unknown, a fraction, a label that is not listed, and texts without ``censored``.

    >>> found = checked_causes(["relapse", "alive", "death"], 3, censored="alive")
    >>> found.labels, found.code.tolist()
    (('death', 'relapse'), [2, 0, 1])
    """
    checked_label(censored, argument="censored")
    levels, codes = labels_of(cause, n, "cause")
    if levels and isinstance(levels[0], str) != isinstance(censored, str):
        shown = ", ".join(map(repr, levels[:5])) + (", ..." if len(levels) > 5 else "")
        raise refused("censored", repr(censored), f"the one of the labels of cause ({shown}) that means censoring",
                      f"pass censored={levels[0]!r}, if that is the one")  # fmt: skip
    happened = [level for level in levels if level != censored]
    negative = [level for level in happened if not isinstance(level, str) and level < 0]
    if negative:
        raise refused("cause", repr(negative[0]), "codes of at least 0, or texts",
                      "give the cause a positive code; if it means censoring, name it in censored")  # fmt: skip
    if causes is not None:
        listed(causes, argument="causes")
    labels = tuple(happened) if causes is None else tuple(causes)
    if len(set(labels)) < len(labels) or censored in labels:
        raise refused("causes", repr(labels), f"different causes, without {censored!r}, which is censoring",
                      "name each cause once")  # fmt: skip
    foreign = [level for level in happened if level not in labels]
    if foreign:
        raise refused("cause", repr(foreign[0]), f"{censored!r} (censored) or one of {labels!r}",
                      "list every cause in causes: one that is left out would be taken for no event")  # fmt: skip
    place = np.array(
        [0 if level == censored else labels.index(level) + 1 for level in levels], dtype=np.int64
    )
    return Causes(labels=labels, code=place[codes])


def of_interest(code: IntArray, interest: int) -> IntArray:
    """0 for censored, 1 for the cause of interest, 2 for any other.

    >>> of_interest(np.array([0, 1, 2, 3]), 3).tolist()
    [0, 2, 2, 1]
    """
    kinds = np.full(int(code.max()) + 1, 2, dtype=np.int64)
    kinds[interest : interest + 1] = 1
    kinds[0] = 0
    kind: IntArray = kinds[code]
    return kind


def labels_of(labels: ArrayLike, n: int, argument: str) -> tuple[list[Label], IntArray]:
    """The distinct labels, sorted, whole numbers as integers, and each subject's position among them.

    >>> labels_of([2.0, 0.0, 2.0], 3, "cause")[0]
    [0, 2]
    """
    found = np.asarray(labels)
    if found.shape != (n,):
        raise refused(argument, f"shape {found.shape}", f"one label for each of the {n} times",
                      "pass labels of the same subjects, in the same order")  # fmt: skip
    # None and NaN are the labels that are None or do not equal themselves; both mean "unknown".
    if found.dtype.kind in "Of":
        missing = (found == None) | (found != found)  # noqa: E711
        if missing.any():
            where = int(np.argmax(missing))
            raise refused(argument, f"{found[where]!r} at position {where} ({int(missing.sum())} in all)",
                          "a known label for every subject",
                          "leave those subjects out, or give the unknown a label of its own")  # fmt: skip
    if found.dtype.kind == "O":
        kinds = sorted({type(label).__name__ for label in found.tolist()})
        if len(kinds) > 1:
            raise refused(argument, f"labels of the kinds {', '.join(kinds)}", "labels of one kind",
                          "make all of them texts or all of them whole numbers")  # fmt: skip
        found = np.array(found.tolist())
    if found.dtype.kind == "f":
        if np.any(found != np.round(found)) or np.any(np.abs(found) > 2**53):
            where = int(np.argmax(found != np.round(found)))
            raise refused(argument, f"{found[where]} at position {where}", "whole numbers or texts",
                          "code what happened with a label for each kind")  # fmt: skip
        found = found.astype(np.int64)
    if found.dtype.kind in "iub":
        found = found.astype(np.int64)
        if found.size and found.min() >= 0 and found.max() < _MOST_SMALL:
            present = np.bincount(found) > 0
            return [int(level) for level in np.flatnonzero(present)], (np.cumsum(present) - 1)[found]
    elif found.dtype.kind != "U":
        raise refused(argument, f"dtype {found.dtype}", "whole numbers or texts", "convert the labels")
    levels, codes = np.unique(found, return_inverse=True)
    return list(levels.tolist()), codes.astype(np.int64)


def checked_groups(
    group: ArrayLike | None, groups: Sequence[Label] | None, n: int
) -> tuple[tuple[Label, ...], IntArray]:
    """The groups in order (sorted where ``groups`` does not say), and each subject's position among them.

    >>> checked_groups(["b", "a"], None, 2)[0], checked_groups(None, None, 2)[0]
    (('a', 'b'), ('all',))
    """
    if group is None:
        if groups is not None:
            raise refused("groups", repr(groups), "no groups without group", "pass group too")
        return ("all",), np.zeros(n, dtype=np.int64)
    levels, codes = labels_of(group, n, "group")
    if groups is None:
        return tuple(levels), codes
    order = group_codes(np.array(levels), groups, len(levels))  # type: ignore[arg-type]
    return tuple(groups), order[codes]


def distinct_times(times: FloatArray) -> tuple[FloatArray, IntArray]:
    """The distinct times, ascending, and each subject's position among them.

    >>> distinct_times(np.array([3.0, 1.0, 3.0]))
    (array([1., 3.]), array([1, 0, 1]))
    """
    last = float(times.max())
    if last < _DAYS_A_SUBJECT * times.size + 100:
        days = times.astype(np.int64)
        if np.array_equal(days, times):
            present = np.bincount(days) > 0
            return np.flatnonzero(present).astype(np.float64), (np.cumsum(present) - 1)[days]
    order = np.argsort(times)
    ordered = times[order]
    new = np.concatenate(([True], ordered[1:] > ordered[:-1]))
    row = np.empty(times.size, dtype=np.int64)
    row[order] = np.cumsum(new) - 1
    return ordered[new], row


def table(row: IntArray, code: IntArray, rows: int, codes: int) -> IntArray:
    """How many subjects have each row and code, shape (rows, codes).

    >>> table(np.array([0, 1, 1]), np.array([1, 0, 0]), 2, 2).tolist()
    [[0, 1], [2, 0]]
    """
    return np.bincount(row * codes + code, minlength=rows * codes).reshape(rows, codes).astype(np.int64)


def counted(
    times: FloatArray, code: IntArray, codes: int, *, compiled: bool, near: float = 0.0
) -> tuple[FloatArray, IntArray]:
    """The distinct times, ascending, and how many subjects have each code at each: ``distinct_times`` and ``table`` at once.

    compiled: whether by the kernel.  near: 0 where near-ties are joined already, otherwise the kernel joins them (see ``checked_times``).

    >>> counted(np.array([3.0, 1.0, 3.0]), np.array([1, 0, 1]), 2, compiled=False)[1].tolist()
    [[1, 0], [0, 2]]
    """
    if compiled:
        from equipoise.stats.compiled.counts import tally

        return tally(times, code, codes, near=near)
    distinct, row = distinct_times(times)
    return distinct, table(row, code, distinct.size, codes)


def at_risk(leaving: IntArray, entering: IntArray | None = None) -> IntArray:
    """How many are under observation just before each row: those who leave there or later, and have entered before.

    leaving: shape (t, ...), how many leave at each row.  entering: the same shape, for how many it is the first row at
    risk (None: all are there from the start).

    >>> at_risk(np.array([1, 0, 2])).tolist()
    [3, 2, 2]
    """
    gone = np.cumsum(leaving, axis=0)
    if entering is None:
        staying: IntArray = gone[-1] - gone + leaving
        return staying
    present: IntArray = np.cumsum(entering, axis=0) - gone + leaving
    return present
