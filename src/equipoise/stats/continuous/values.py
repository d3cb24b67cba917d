"""Measurements of subjects, checked once: numbers, pairs of numbers, and numbers by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    group_codes,
    listed,
    refused,
)


def checked_values(values: Any, argument: str = "values", n: int | None = None) -> FloatArray:
    """Measurements as float64.

    values: shape (n,), finite numbers; n may be 0.  Raises DataError on another shape or type, and on missing values.

    >>> checked_values([1, 2]).tolist()
    [1.0, 2.0]
    """
    found = np.asarray(values)
    if found.ndim != 1 or (n is not None and found.size != n):
        raise refused(argument, f"shape {found.shape}", f"one number a subject, shape ({'n' if n is None else n},)",
                      "flatten it" if n is None else "pass both measurements of the same subjects")  # fmt: skip
    if found.size and found.dtype.kind not in "iufb":
        raise refused(argument, f"dtype {found.dtype}", "numbers", "convert them before the call")
    numbers = found.astype(np.float64)
    unusable = ~np.isfinite(numbers)
    if unusable.any():
        where = int(np.argmax(unusable))
        raise refused(argument, f"{numbers[where]} at position {where}", "finite numbers",
                      "leave missing values out, and count them")  # fmt: skip
    return numbers


def grouped_values(
    values: Any, group: Any, groups: Sequence[Any] | None, data: Frame | None
) -> tuple[FloatArray, IntArray, tuple[Any, ...]]:
    """Measurements, each subject's group as its position in ``groups``, and the groups (sorted when None).

    Raises DataError on unusable values or labels, and where a group has no subjects.

    >>> grouped_values([1, 2], ["b", "a"], None, None)[1].tolist()
    [1, 0]
    """
    values, group = columns(data, values=values, group=group)
    numbers = checked_values(values)
    if numbers.size == 0:
        raise refused(
            "values", "nothing", "at least one measurement", "pass the measurements of the subjects"
        )
    if groups is None:
        labels = np.asarray(group)
        if labels.ndim != 1:
            raise refused("group", f"shape {labels.shape}", "one label a subject, shape (n,)", "flatten it")
        known = [label for label in labels.tolist() if label is not None and label == label]
        groups = tuple(sorted(set(known), key=lambda label: (str(type(label)), label)))
    codes = group_codes(group, groups, numbers.size)
    sizes = np.bincount(codes, minlength=len(groups))
    if not sizes.all():
        raise refused(
            "group",
            f"nobody in {tuple(groups)[int(np.argmin(sizes))]!r}",
            "subjects in every group",
            "leave the group out of groups",
        )
    return numbers, codes, tuple(groups)


def two_samples(
    values: Any, group: Any, groups: Sequence[Any], data: Frame | None
) -> tuple[FloatArray, FloatArray]:
    """The measurements of the control and of the experimental group, groups=(control, experimental).

    >>> [sample.tolist() for sample in two_samples([1, 2, 3], list("aba"), ("a", "b"), None)]
    [[1.0, 3.0], [2.0]]
    """
    listed(groups, argument="groups")
    if len(groups) != 2:
        raise refused(
            "groups",
            repr(tuple(groups)),
            "two labels: (control, experimental)",
            "compare two groups at a time",
        )
    numbers, codes, _ = grouped_values(values, group, groups, data)
    return numbers[codes == 0], numbers[codes == 1]


def mid_ranks(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Ranks from 1, equal values sharing their mean rank, and how many subjects have each distinct value.

    Values that are equal but for rounding are not joined: round measurements before the call.

    >>> [array.tolist() for array in mid_ranks(np.array([5.0, 1.0, 5.0]))]
    [[2.5, 1.0, 2.5], [1, 2]]
    """
    _, where, many = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(many)
    ranks: FloatArray = ((2 * last - many + 1) / 2)[where]
    return ranks, many.astype(np.int64)


def without_rounding(difference: FloatArray, *parts: Any) -> FloatArray:
    """Differences of measurements, less the rounding that subtraction made of their last digits.

    1.3 - 1.0 and 0.3 are one difference: ties and zeros of rank tests must not hang on the sixteenth digit.

    >>> without_rounding(np.array([1.3 - 1.0, 0.3]), [1.3, 0.3], [1.0]).tolist()
    [0.3, 0.3]
    """
    largest = max(float(np.max(np.abs(np.asarray(part, dtype=np.float64)), initial=0.0)) for part in parts)
    if largest == 0:
        return difference
    decimals = int(np.clip(13 - np.ceil(np.log10(largest)), -300, 300))
    return np.round(difference, decimals)
