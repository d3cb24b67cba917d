"""The arrays every estimator takes, checked once: follow-up times, events, and group or stratum labels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.stats import compiling

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Two times closer than this, absolutely or relative to the mean distinct time, are one time. It is the
# rule of R's survival::aeqSurv; it never joins times in whole days, and it joins 0.1 + 0.2 with 0.3.
NEAR_TIE = float(np.sqrt(np.finfo(np.float64).eps))

# How numpy writes one of its own numbers or texts inside a list: np.str_('a'), np.float64(0.5).
_NUMPY_WORDS = re.compile(r"np\.(?:str_|bool_?|u?int\d+|float\d+)\(([^()]*)\)")


def refused(argument: str, found: object, expected: str, remedy: str) -> DataError:
    """The one wording of a refused argument: its name, what was found, what was expected, what to do.

    >>> print(refused("time", "-3.0 at position 7", "days of at least 0", "check the origin date"))
    time: found -3.0 at position 7; expected days of at least 0. Remedy: check the origin date.
    """
    text = f"{argument}: found {found}; expected {expected}. Remedy: {remedy}."
    return DataError(_NUMPY_WORDS.sub(r"\1", text).replace("np.True_", "True").replace("np.False_", "False"))


def checked_times(time: ArrayLike, *, argument: str = "time", large_joined: bool = True) -> FloatArray:
    """Follow-up times as float64, after refusing what is not a follow-up time.

    time: shape (n,), any unit, each finite and at least 0; zero is legal (induction failure).
    Near-ties of fractional times are joined, as R does (see ``NEAR_TIE``).
    large_joined: False where what follows sorts the times and joins them then, if they are enough to be
    ``compiling.worthwhile``; the caller's own array may be returned.
    Raises DataError when empty, not one-dimensional, not numeric, not finite or negative.

    >>> len(set(checked_times([0.1 + 0.2, 0.3, 1]).tolist()))
    2
    """
    found = np.asarray(time)
    of_subjects = argument in ("time", "entry", "start", "stop")
    if found.ndim != 1 or found.size == 0:
        expected = (
            "one time a subject, shape (n,) with n at least 1" if of_subjects else "one time, or a list"
        )
        raise refused(argument, f"shape {found.shape}", expected,
                      "pass a flat, non-empty array" + ("; an empty group has no estimate" if of_subjects else ""))  # fmt: skip
    if found.dtype.kind not in "iuf":
        refuse_unknown(found, argument)
        raise refused(argument, f"dtype {found.dtype} ({found[:1].tolist()[0]!r} first)", "numbers",
                      "convert to days before the call")  # fmt: skip
    large = compiling.worthwhile(found.size)
    # A kernel copies what it may not write to; one copy here is cheaper than one for each kernel.
    own = not large or large_joined or not (found.flags.writeable and found.flags.c_contiguous)
    days = found.astype(np.float64, copy=own)
    if large:
        from equipoise.stats.compiled.near_ties import joined_times
        from equipoise.stats.compiled.sorting import survey

        seen = survey(days)
        if not seen.unusable:
            whole = found.dtype.kind in "iu" or not large_joined
            return days if whole else joined_times(days, NEAR_TIE, seen)
    unusable = ~(np.isfinite(days) & (days >= 0))
    if unusable.any():
        where = int(np.argmax(unusable))
        raise refused(argument, f"{days[where]} at position {where} ({int(unusable.sum())} in all)",
                      "finite times of at least 0",
                      "leave out subjects without follow-up" if of_subjects else "name times from 0 on")  # fmt: skip
    return days if found.dtype.kind in "iu" else _near_ties_joined(days)


def refuse_unknown(
    found: NDArray[np.generic], argument: str, expected: str = "a known value for every subject"
) -> None:
    """Name the first unknown value of an array of objects, if there is one: None, NaN, or another library's missing value.

    >>> refuse_unknown(np.array([1, "a"], dtype=object), "time")
    """
    for where, one in enumerate(found.ravel().tolist() if found.dtype.kind == "O" else []):
        if (
            one is None
            or type(one).__name__ in ("NAType", "NaTType")
            or (isinstance(one, float) and one != one)
        ):
            raise refused(argument, f"{one!r} at position {where}", expected,
                          "leave those subjects out, and count them")  # fmt: skip


def _near_ties_joined(days: FloatArray) -> FloatArray:
    ordered = np.sort(days)
    gap = ordered[1:] - ordered[:-1]
    # No mean is larger than the largest: most often no gap is even that small.
    if np.count_nonzero(gap) == np.count_nonzero(gap > NEAR_TIE * max(1.0, ordered[-1])):
        return days
    if not np.mod(days, 1).any():
        return days
    distinct = np.unique(days)
    gap = np.diff(distinct)
    tied = (gap <= NEAR_TIE) | (gap <= NEAR_TIE * distinct.mean())
    if not tied.any():
        return days
    kept = distinct[np.concatenate(([True], ~tied))]
    joined: FloatArray = kept[np.searchsorted(kept, days, side="right") - 1]
    return joined


def checked_events(event: ArrayLike, n: int) -> BoolArray:
    """Event indicators as bool: True is an event, False is censoring.

    event: shape (n,), bool or the numbers 0 and 1.  Raises DataError on another length or value.

    >>> checked_events([1, 0, 1], 3).tolist()
    [True, False, True]
    """
    found = np.asarray(event)
    if found.shape != (n,):
        raise refused("event", f"shape {found.shape}", f"one indicator for each of the {n} times",
                      "pass time and event of the same subjects, in the same order")  # fmt: skip
    if found.dtype.kind == "b":
        return found
    if found.dtype.kind not in "iuf":
        refuse_unknown(found, "event")
        raise refused("event", f"dtype {found.dtype}", "booleans or 0 and 1",
                      "convert: True for an event, False for censoring")  # fmt: skip
    happened: BoolArray = found == 1
    # What is neither 0 nor 1 (unknown values, too) is not zero and did not happen.
    if np.count_nonzero(found) != np.count_nonzero(happened):
        where = int(np.argmax((found != 0) & ~happened))
        raise refused("event", f"{found[where]} at position {where}", "booleans or 0 and 1",
                      "code an event as 1 and censoring as 0 (CDISC CNSR is the reverse)")  # fmt: skip
    return happened


def checked_fraction(value: Any, *, argument: str) -> float:
    """A number strictly between 0 and 1, or DataError.

    >>> checked_fraction(0.95, argument="confidence_level")
    0.95
    """
    expected, number = "a number between 0 and 1, both excluded", _one_number(value)
    if 0 < number < 1:
        return number
    # What is meant by 95 or by 25 is plain.
    meant = f"write {number:g}% as {number / 100:g}" if 1 < number < 100 else "write 95% as 0.95"
    raise refused(argument, _as_found(value), expected, meant)


def checked_number(
    value: Any,
    *,
    argument: str,
    expected: str,
    remedy: str,
    above: float = -math.inf,
    least: float = -math.inf,
) -> float:
    """One finite number, more than ``above`` and not less than ``least``, or DataError in the words given.

    >>> checked_number(3, argument="until", expected="a time above 0", remedy="name the end", above=0)
    3.0
    """
    number = _one_number(value)
    if math.isfinite(number) and number > above and number >= least:
        return number
    raise refused(argument, _as_found(value), expected, remedy)


# Squares of such numbers, and their sums, are doubles.
_LARGEST, _SMALLEST = 1e130, 1e-130


def usual_size(numbers: FloatArray, *, argument: str) -> FloatArray:
    """Refuse numbers whose squares are no doubles any more: the largest in size beyond 1e130 or below 1e-130.

    >>> usual_size(np.array([0.0, 2.0]), argument="values").tolist()
    [0.0, 2.0]
    """
    largest = float(np.max(np.abs(numbers), initial=0.0))
    if largest > _LARGEST or 0 < largest < _SMALLEST:
        raise refused(argument, f"{largest:g} as the largest size",
                      f"numbers between {_SMALLEST:g} and {_LARGEST:g} in size", "choose another unit")  # fmt: skip
    return numbers


def checked_choice(
    value: Any, choices: Iterable[str], *, argument: str, remedy: str = "name one of them"
) -> None:
    """Refuse a value that is not one of these words.

    >>> checked_choice("log", ("plain", "log"), argument="interval")
    """
    names = tuple(choices)
    if not isinstance(value, str) or value not in names:
        raise refused(argument, repr(value), f"one of {', '.join(names)}", remedy)


def checked_flag(value: Any, *, argument: str) -> None:
    """Refuse what is neither True nor False: the text "no" would be taken for True.

    >>> checked_flag(False, argument="correction")
    """
    if not isinstance(value, (bool, np.bool_)):
        raise refused(argument, repr(value), "True or False", "pass one of the two")


def listed(labels: Any, *, argument: str) -> None:
    """Refuse what is no list of labels: one text would be taken for the list of its letters.

    >>> listed(("A", "B"), argument="groups")
    """
    ordered = hasattr(labels, "__len__") and hasattr(labels, "__getitem__") and hasattr(labels, "__iter__")
    if isinstance(labels, (str, bytes, dict)) or not ordered or np.ndim(labels) == 0:
        raise refused(argument, repr(labels), "a list of labels", f"write {argument}=(first, second)")
    inner = [one for one in labels if isinstance(one, (list, tuple, dict, np.ndarray))]
    if inner:
        raise refused(argument, f"the label {inner[0]!r}", "texts or numbers as labels", "pass one flat list")


def two_labels(labels: Any) -> None:
    """Refuse what are no labels of two groups.

    >>> two_labels(("not yet", "responded"))
    """
    listed(labels, argument="labels")
    if len(labels) != 2 or labels[0] == labels[1]:
        raise refused("labels", repr(tuple(labels)), "two different labels", "write labels=(before, after)")


def checked_names(names: Any) -> None:
    """Refuse names of covariates that are no list of texts.

    >>> checked_names(["age"])
    """
    listed(names, argument="names")
    foreign = [name for name in names if not isinstance(name, str)]
    if foreign:
        raise refused("names", f"the name {foreign[0]!r}", "texts", "write names as texts")


def checked_label(label: Any, *, argument: str) -> None:
    """Refuse what is no label: neither a text nor a number.

    >>> checked_label("alive", argument="censored")
    """
    if not isinstance(label, (str, Real, np.generic)):
        raise refused(
            argument, repr(label), "a text or a whole number", "write the label as it is in the data"
        )


def checked_model(model: Any, kind: type[Any], maker: str) -> None:
    """Refuse what is not a model of the function ``maker``.

    >>> checked_model(1.5, float, "cox")
    """
    if not isinstance(model, kind):
        raise refused(
            "model", f"a {type(model).__name__}", f"a {kind.__name__}", f"pass what {maker} returned"
        )


def _one_number(value: Any) -> float:
    """The number as a float; NaN of what is no number, a truth value among them."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    return float(value) if isinstance(value, Real) and not isinstance(value, (bool, np.bool_)) else math.nan


def _as_found(value: Any) -> str:
    return f"{value}" if isinstance(value, (Real, np.generic)) else repr(value)


def group_codes(group: ArrayLike, groups: Sequence[str] | Sequence[int], n: int) -> IntArray:
    """Each subject's group as its position in ``groups``, which states the order of the comparison.

    group: shape (n,), labels.  groups: the labels in order, at least two, all different.
    Raises DataError on a label that is not listed, a repeated label, or unequal lengths.

    >>> group_codes(["B", "A", "B"], ("A", "B"), 3).tolist()
    [1, 0, 1]
    """
    listed(groups, argument="groups")
    if len(groups) < 2 or len(set(groups)) < len(groups):
        raise refused("groups", repr(tuple(groups)), "at least two different labels, control first",
                      "name each group once")  # fmt: skip
    found = np.asarray(group)
    if len(groups) == 2 and found.shape == (n,) and found.dtype.kind in "biufU":
        # Two comparisons find what a sort would; labels that are neither go the way that names them.
        second: BoolArray = found == groups[1]
        if np.count_nonzero(second) + np.count_nonzero(found == groups[0]) == n:
            return second.astype(np.int64)
    levels, codes = _levels(found, n, "group")
    position = {label: index for index, label in enumerate(groups)}
    foreign = [level for level in levels if level not in position]
    if foreign:
        raise refused("group", repr(foreign[0]), f"one of {tuple(groups)!r}",
                      "list it in groups, or leave those subjects out")  # fmt: skip
    order: IntArray = np.array([position[level] for level in levels], dtype=np.int64)
    return order[codes]


def stratum_codes(strata: ArrayLike | None, n: int) -> IntArray:
    """Each subject's stratum as a number from 0; all 0 when there are no strata.

    strata: None, shape (n,) labels, or shape (n, f) labels of f factors, which are crossed.
    Raises DataError on missing labels or unequal lengths.

    >>> stratum_codes([["a", "x"], ["a", "y"], ["a", "x"]], 3).tolist()
    [0, 1, 0]
    """
    if strata is None:
        return np.zeros(n, dtype=np.int64)
    found = np.asarray(strata)
    if found.ndim != 2:
        return _levels(found, n, "strata")[1]
    crossed = np.zeros(n, dtype=np.int64)
    for factor in found.T:
        levels, codes = _levels(factor, n, "strata")
        crossed = _levels(crossed * len(levels) + codes, n, "strata")[1]
    return crossed


def _levels(labels: ArrayLike, n: int, argument: str) -> tuple[list[str | int], IntArray]:
    """The distinct labels, sorted, and each subject's position among them."""
    found = np.asarray(labels)
    if found.shape != (n,):
        raise refused(argument, f"shape {found.shape}", f"one label for each of the {n} times",
                      "pass labels of the same subjects, in the same order")  # fmt: skip
    if compiling.worthwhile(n):
        from equipoise.stats.compiled.labels import distinct_labels

        distinct = distinct_labels(found)
        if distinct is not None:
            return distinct[0].tolist(), distinct[1]
    refuse_unknown(found, argument, "a known label for every subject")
    # None and NaN are the labels that do not equal themselves or are None; both mean "unknown".
    missing = (found == None) | (found != found)  # noqa: E711
    if np.any(missing):
        where = int(np.argmax(missing))
        raise refused(argument, f"{found[where : where + 1].tolist()[0]!r} at position {where}", "a known label for every subject",
                      "leave those subjects out, or give the unknown a label of its own")  # fmt: skip
    if found.dtype.kind == "O":
        kinds = sorted({type(label).__name__ for label in found.tolist()})
        if len(kinds) > 1:
            raise refused(argument, f"labels of the kinds {', '.join(kinds)}", "labels of one kind",
                          "make all of them strings or all of them integers")  # fmt: skip
    levels, codes = np.unique(found, return_inverse=True)
    return levels.tolist(), codes.astype(np.int64)


def read_only(array: NDArray[np.generic]) -> None:
    """Freeze an array in place, so that a frozen result stays what was computed.

    >>> array = np.zeros(2)
    >>> read_only(array)
    >>> array.flags.writeable
    False
    """
    array.setflags(write=False)
