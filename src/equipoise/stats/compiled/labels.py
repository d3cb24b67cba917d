"""Labels of large data as numbers: what numpy.unique finds by sorting all of them, found by sorting the few distinct ones.

Labels of one fixed width (whole numbers, texts of numpy) are compared word by word in an open hash table; labels that
are Python objects go through a dictionary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.stats.compiled.sorting import IntArray, plain

# FNV-1a with 64 bits, over words of 32 bits; the last step brings the upper bits down.
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_FOLD = np.uint64(32)
_FREE, _ONE = np.uint64(0), np.uint64(1)


@njit(cache=True, nogil=True)
def _first_seen(words, codes, start, table, rows, found):  # type: ignore[no-untyped-def]
    """From row ``start`` on, each label as a number in the order in which labels appear.

    table: 0, or one more than the label whose hash leads there.  rows: where each label appears first.
    Returns the row at which ``rows`` was full, or their number, and how many labels are found.
    """
    width = words.shape[1]
    mask = np.uint64(table.size - 1)
    full = rows.size
    for i in range(start, words.shape[0]):
        value = _BASIS
        for j in range(width):
            value = (value ^ np.uint64(words[i, j])) * _PRIME
        place = (value ^ (value >> _FOLD)) & mask
        while True:
            known = table[place]
            if known == _FREE:
                if found == full:
                    return i, found
                rows[found] = i
                found += 1
                table[place] = found
                codes[i] = found - 1
                break
            first = rows[known - _ONE]
            same = True
            for j in range(width):
                same &= words[first, j] == words[i, j]
            if same:
                codes[i] = known - _ONE
                break
            place = (place + _ONE) & mask
    return words.shape[0], found


def _numbered(words: NDArray[np.uint32], codes: IntArray) -> NDArray[np.uint64] | None:
    """Where each label appears first, and the codes of all rows; None when labels are so many that sorting is better.

    The table grows, and is filled anew, whenever it is half full.
    """
    room, row, found = 512, 0, 0
    rows = np.empty(room, dtype=np.uint64)
    table = np.zeros(2 * room, dtype=np.uint64)
    while True:
        row, found = _first_seen(words, codes, row, table, rows, found)
        if row == len(words):
            return rows[:found]
        if found > len(words) // 16:
            return None
        room *= 4
        more = np.empty(room, dtype=np.uint64)
        more[:found] = rows[:found]
        table = np.zeros(2 * room, dtype=np.uint64)
        seen = np.ascontiguousarray(words[rows[:found]])
        _first_seen(seen, np.empty(found, dtype=np.int64), 0, table, np.empty(room, dtype=np.uint64), 0)
        rows = more


def distinct_labels(labels: NDArray[Any]) -> tuple[NDArray[Any], IntArray] | None:
    """As ``numpy.unique(labels, return_inverse=True)``: the distinct labels in order, and each row's place among them.

    labels: shape (n,), whole numbers, booleans, numpy texts, or objects of one kind that have an order; none missing.
    None where this way does not serve (other kinds, nearly as many labels as rows), for the caller to go the plain way.

    >>> levels, codes = distinct_labels(np.array(["b", "a", "b"]))
    >>> levels.tolist(), codes.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    if labels.size == 0:
        return None
    if labels.dtype.kind == "O":
        return _distinct_objects(labels)
    words = _words(labels)
    if words is None:
        return None
    codes = np.empty(labels.size, dtype=np.int64)
    rows = _numbered(words, codes)
    if rows is None:
        return None
    levels = labels[rows]
    order = np.argsort(levels, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return levels[order], place[codes]


def _words(labels: NDArray[Any]) -> NDArray[np.uint32] | None:
    """The labels as rows of 32-bit words that are equal exactly where the labels are."""
    native = labels.dtype.isnative
    if labels.dtype.kind in "biu" and native:
        size = 4 if labels.dtype.itemsize <= 4 else 8
        kind = "u" if labels.dtype.kind in "bu" else "i"
        whole = plain(labels).astype(f"{kind}{size}", copy=False)
        return whole.view(np.uint32).reshape(labels.size, -1)
    if labels.dtype.kind == "U" and native and labels.dtype.itemsize > 0:
        return plain(labels).view(np.uint32).reshape(labels.size, -1)
    return None


def _distinct_objects(labels: NDArray[Any]) -> tuple[NDArray[Any], IntArray] | None:
    listed = labels.tolist()
    if set(map(type, listed)) != {str}:
        return None
    levels = sorted(set(listed))
    place = {label: code for code, label in enumerate(levels)}
    codes = np.fromiter(map(place.__getitem__, listed), dtype=np.int64, count=labels.size)
    in_order = np.empty(len(levels), dtype=object)
    in_order[:] = levels
    return in_order, codes
