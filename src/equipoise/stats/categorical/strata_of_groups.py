"""Events and subjects of two groups in each stratum: the counts that stratified differences and ratios take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.categorical.tables import checked_events_of, two_group_arrays
from equipoise.stats.frames import Frame, column
from equipoise.stats.observations import FloatArray, read_only, refused, stratum_codes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strata:
    """Counts of the strata that have subjects in both groups, shape (k,) each; 1 experimental, 0 control."""

    x1: FloatArray
    n1: FloatArray
    x0: FloatArray
    n0: FloatArray
    labels: tuple[Any, ...]
    left_out: tuple[Any, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was left out, in words."""
        if not self.left_out:
            return ()
        which = ", ".join(map(str, self.left_out))
        return (f"left out, with subjects in one group only or in none: stratum {which}",)

    def tables(self) -> Iterator[tuple[int, int, int, int]]:
        """The four counts of each stratum, as ints."""
        for four in zip(self.x1, self.n1, self.x0, self.n0, strict=True):
            x1, n1, x0, n0 = (int(one) for one in four)
            yield x1, n1, x0, n0


def strata_of_groups(
    events_experimental: Any,
    n_experimental: Any,
    events_control: Any,
    n_control: Any,
    response: Any,
    group: Any,
    strata: Any,
    groups: Sequence[Any] | None,
    data: Frame | None,
) -> Strata:
    """The counts of each stratum, from themselves or from subjects.

    Four arrays, shape (k,), of whole numbers, a group of 0 subjects allowed in a stratum; or response, group, strata
    and groups.  With data, texts name columns of either form.
    Raises DataError where both or neither are given, on unusable values, and where no stratum has both groups.

    >>> found = strata_of_groups([1, 2], [4, 4], [1, 0], [4, 0], None, None, None, None, None)
    >>> found.n1.tolist(), found.left_out
    ([4.0], (2,))
    """
    counts = (events_experimental, n_experimental, events_control, n_control)
    subjects = (response, group, groups)
    if all(one is not None for one in counts) and all(one is None for one in (*subjects, strata)):
        return _kept(*_counts(counts, data))
    if all(one is None for one in counts) and all(one is not None for one in subjects):
        return _kept(*_tabulated(response, group, strata, () if groups is None else groups, data))
    names = (
        "events_experimental",
        "n_experimental",
        "events_control",
        "n_control",
        "response",
        "group",
        "groups",
        "strata",
    )
    given = [name for name, one in zip(names, (*counts, *subjects, strata), strict=True) if one is not None]
    raise refused("arguments", ", ".join(given) or "nothing", "four arrays of counts, or response, group, strata and groups",
                  "pass events and subjects of both groups, or one row a subject with groups=(control, experimental)")  # fmt: skip


def _counts(counts: tuple[Any, ...], data: Frame | None) -> tuple[FloatArray, tuple[Any, ...]]:
    names = ("events_experimental", "n_experimental", "events_control", "n_control")
    arrays = [np.asarray(column(data, one, name)) for name, one in zip(names, counts, strict=True)]
    length = arrays[0].size
    for name, array in zip(names, arrays, strict=True):
        if array.ndim != 1 or array.size != length or length == 0:
            raise refused(name, f"shape {array.shape}", "one count a stratum, shape (k,), of the same strata",
                          "pass four arrays of one length")  # fmt: skip
    table = np.zeros((4, length))
    for k in range(length):
        for first, second in ((0, 1), (2, 3)):
            x, n = arrays[first][k], arrays[second][k]
            if n == 0 and x == 0:
                continue  # nobody: the stratum is left out, and that is said
            x, n = checked_events_of(
                x, n, events_argument=f"{names[first]}[{k}]", n_argument=f"{names[second]}[{k}]"
            )
            table[first, k], table[second, k] = x, n
    return table, tuple(range(1, length + 1))


def _tabulated(
    response: Any, group: Any, strata: Any, groups: Sequence[Any], data: Frame | None
) -> tuple[FloatArray, tuple[Any, ...]]:
    events, codes = two_group_arrays(response, group, groups, data=data)
    labels = column(data, strata, "strata")
    stratum = stratum_codes(labels, len(events))
    k = int(stratum.max()) + 1
    for label, size in zip(groups, np.bincount(codes, minlength=2).tolist(), strict=True):
        if size == 0:
            raise refused("group", f"nobody in {label!r}", "subjects in both groups",
                          "correct groups=(control, experimental)")  # fmt: skip
    n = np.bincount(stratum * 2 + codes, minlength=2 * k).reshape(k, 2)
    x = np.bincount(stratum * 2 + codes, weights=events, minlength=2 * k).reshape(k, 2)
    table = np.array([x[:, 1], n[:, 1], x[:, 0], n[:, 0]], dtype=np.float64)
    return table, _names(labels, stratum, k)


def _names(labels: Any, stratum: Any, k: int) -> tuple[Any, ...]:
    """What the strata are called: their labels, crossed ones joined."""
    if labels is None:
        return (1,)
    found = np.asarray(labels)
    first = np.unique(stratum, return_index=True)[1]
    # tolist of a row or of one label gives plain texts and numbers, of arrays of objects, too.
    rows = [found[i : i + 1].tolist()[0] for i in first[:k]]
    return tuple(" ".join(map(str, row)) if found.ndim == 2 else row for row in rows)


def _kept(table: FloatArray, labels: tuple[Any, ...]) -> Strata:
    both = (table[1] > 0) & (table[3] > 0)
    if not both.any():
        raise refused("strata", "no stratum with subjects in both groups", "at least one",
                      "use coarser strata: a difference needs both groups")  # fmt: skip
    arrays = [np.ascontiguousarray(row[both]) for row in table]
    for array in arrays:
        read_only(array)
    return Strata(
        x1=arrays[0],
        n1=arrays[1],
        x0=arrays[2],
        n0=arrays[3],
        labels=tuple(label for label, kept in zip(labels, both, strict=True) if kept),
        left_out=tuple(label for label, kept in zip(labels, both, strict=True) if not kept),
    )
