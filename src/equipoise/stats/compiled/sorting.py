"""Times sorted by their bits, for large data: a float of at least 0 orders as the integer that its 64 bits spell.

What belongs to a time (its event, group, stratum) rides in the low bits of the same integer where both fit, so that
one array is sorted, without an order and without a gather. No bit of a time is ever given up: where the two do not
fit, the times are sorted together with their order. The rooms above import this module; it imports none of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
WordArray = NDArray[np.uint64]

# The bits of infinity: as integers, unusable times (negative, infinite, NaN) are not below it. Minus zero is legal.
_INFINITY = np.uint64(0x7FF0000000000000)
_MINUS_ZERO = np.uint64(0x8000000000000000)
_ZERO, _ONE = np.uint64(0), np.uint64(1)
# At most 1024 places at once: where each stands, and the line each is written to, stay in the nearest caches.
_DIGIT = 10
_NO_LABELS = np.empty(0, dtype=np.int64)
_NO_EVENTS = np.empty(0, dtype=np.bool_)


class Survey(NamedTuple):
    """What one pass over the times finds out; the bits are those of the positive times."""

    unusable: int
    fractional: int
    lowest_bits: int
    highest_bits: int
    all_bits: int
    largest: float


class Sorted(NamedTuple):
    """Times in ascending order, and what belongs to each: code = (stratum * k + group) * 2 + event."""

    time: FloatArray
    code: WordArray


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """The array itself where it is contiguous and may be written to, otherwise a copy.

    A kernel is compiled anew for every layout, and for arrays that are read-only; a copy is cheaper.

    >>> plain(np.arange(6)[::2]).flags.c_contiguous
    True
    """
    return array if array.flags.c_contiguous and array.flags.writeable else array.copy()


@njit(cache=True, nogil=True)
def _survey(times, bits):  # type: ignore[no-untyped-def]
    unusable = 0
    fractional = 0
    lowest = _INFINITY
    highest = _ZERO
    union = _ZERO
    for i in range(bits.size):
        word = bits[i]
        if word == _MINUS_ZERO:
            word = _ZERO
        unusable += word >= _INFINITY
        fractional += np.floor(times[i]) != times[i]
        highest = max(highest, word)
        lowest = min(lowest, word if word != _ZERO else _INFINITY)
        union |= word
    return unusable, fractional, lowest, highest, union


def survey(times: FloatArray) -> Survey:
    """One pass over the times: unusable ones, fractional ones, and the bits that tell them apart.

    times: shape (n,).  ``largest`` has a meaning only where nothing is unusable.

    >>> survey(np.array([0.0, 2.0, 0.5]))[:2]
    (0, 1)
    """
    times = plain(times)
    bits = times.view(np.uint64)
    unusable, fractional, lowest, highest, union = _survey(times, bits)
    largest = float(np.array([highest], dtype=np.uint64).view(np.float64)[0])
    return Survey(int(unusable), int(fractional), int(lowest), int(highest), int(union), largest)


@njit(cache=True, nogil=True)
def _digit_counts(words, first, passes, width):  # type: ignore[no-untyped-def]
    """How many words hold each digit, for all digits in one pass. Indices without a sign need no check of it."""
    mask = np.uint64((1 << width) - 1)
    step = np.uint64(width)
    counts = np.zeros((passes, 1 << width), dtype=np.uint64)
    for i in range(words.size):
        word = words[i] >> np.uint64(first)
        for digit in range(passes):
            counts[digit, word & mask] += _ONE
            word >>= step
    return counts


@njit(cache=True, nogil=True)
def _starts(counts):  # type: ignore[no-untyped-def]
    """Where the words of each digit begin, in place of their counts; whether one digit holds them all."""
    end = _ZERO
    digits = 0
    for place in range(counts.size):
        here = counts[place]
        digits += here > _ZERO
        counts[place] = end
        end += here
    return digits <= 1


@njit(cache=True, nogil=True)
def _scattered(source, target, first, stop):  # type: ignore[no-untyped-def]
    """Least significant digit first: sorted by the bits first..stop, stable. Returns the result and the rest."""
    passes = (stop - first + _DIGIT - 1) // _DIGIT
    if passes == 0:
        return source, target
    width = (stop - first + passes - 1) // passes
    mask = np.uint64((1 << width) - 1)
    counts = _digit_counts(source, first, passes, width)
    for digit in range(passes):
        next_place = counts[digit]
        if _starts(next_place):
            continue
        shift = np.uint64(first + digit * width)
        for i in range(source.size):
            word = source[i]
            place = (word >> shift) & mask
            target[next_place[place]] = word
            next_place[place] += _ONE
        source, target = target, source
    return source, target


@njit(cache=True, nogil=True)
def _settled(words, start):  # type: ignore[no-untyped-def]
    """Insertion sort of what is nearly sorted; gives up (False) when it takes more than a few moves a word."""
    drop = np.uint64(start)
    moves = 8 * words.size
    for i in range(1, words.size):
        word = words[i]
        key = word >> drop
        if words[i - 1] >> drop <= key:
            continue
        j = i
        while j > 0 and words[j - 1] >> drop > key and moves > 0:
            words[j] = words[j - 1]
            j -= 1
            moves -= 1
        words[j] = word
        if moves == 0:
            return False
    return True


@njit(cache=True, nogil=True)
def sort_words(words, work, start, stop):  # type: ignore[no-untyped-def]
    """The words sorted by their bits start..stop, in one of the two arrays; both are overwritten.

    Bits above ``stop`` must be 0.  The order of words that differ only below ``start`` is not promised.
    """
    # A few bits more than tell n apart nearly sort continuous times; the rest costs one look at each neighbor.
    enough = 7
    n = words.size
    while n > 0:
        enough += 1
        n >>= 1
    enough = (enough + _DIGIT - 1) // _DIGIT * _DIGIT
    first = max(start, stop - enough)
    source, target = _scattered(words, work, first, stop)
    if first > start and not _settled(source, start):
        source, target = _scattered(source, target, start, stop)
    return source


@njit(cache=True, nogil=True)
def _coded(events, group, stratum, k, words):  # type: ignore[no-untyped-def]
    """What belongs to each row as one number, (stratum * k + group) * 2 + event; an empty array is 0 throughout."""
    factor = np.uint64(2 * k)
    if stratum.size > 0:
        for i in range(words.size):
            words[i] = np.uint64(stratum[i]) * factor
    else:
        words[:] = _ZERO
    if group.size > 0:
        for i in range(words.size):
            words[i] += np.uint64(group[i]) << _ONE
    if events.size > 0:
        for i in range(words.size):
            words[i] += np.uint64(events[i])


@njit(cache=True, nogil=True)
def _packed(bits, lowest, drop, payload, words):  # type: ignore[no-untyped-def]
    """The key of each time goes above the code that is already in its word."""
    for i in range(bits.size):
        word = bits[i]
        zero = (word == _ZERO) | (word == _MINUS_ZERO)
        key = _ZERO if zero else ((word - lowest) >> drop) + _ONE
        words[i] |= key << payload


@njit(cache=True, nogil=True)
def _unpacked(words, lowest, drop, payload, bits):  # type: ignore[no-untyped-def]
    """The bits of each time again; what is left of each word is its code."""
    mask = (_ONE << payload) - _ONE
    for i in range(words.size):
        key = words[i] >> payload
        words[i] &= mask
        bits[i] = _ZERO if key == _ZERO else ((key - _ONE) << drop) + lowest


def sorted_rows(
    times: FloatArray,
    found: Survey,
    *,
    events: BoolArray | None = None,
    group: IntArray | None = None,
    stratum: IntArray | None = None,
    k: int = 1,
    n_strata: int = 1,
) -> Sorted:
    """The times in ascending order, each with its code.

    times: shape (n,), without unusable ones; found: their survey.  events, group (0..k-1), stratum
    (0..n_strata-1): shape (n,), or None, which is 0 throughout.
    Within one time the order of the codes is not promised.  Both arrays belong to the caller.

    >>> t = np.array([2.5, 0.0, 1.0])
    >>> rows = sorted_rows(t, survey(t), events=np.array([True, False, True]))
    >>> rows.time.tolist(), rows.code.tolist()
    ([0.0, 1.0, 2.5], [0, 1, 1])
    """
    times = plain(times)
    payload = (2 * k * n_strata - 1).bit_length()
    lowest, drop, key_bits = _keys(found)
    words = np.empty(times.size, dtype=np.uint64)
    _coded(
        _NO_EVENTS if events is None else plain(events),
        _NO_LABELS if group is None else plain(group),
        _NO_LABELS if stratum is None else plain(stratum),
        k,
        words,
    )
    if key_bits + payload > 64:
        order = ascending(times, found)
        return Sorted(times[order] + 0.0, words[order])
    _packed(times.view(np.uint64), lowest, drop, np.uint64(payload), words)
    work = np.empty_like(words)
    done = sort_words(words, work, payload, payload + key_bits)
    rest = work if np.shares_memory(done, words) else words
    _unpacked(done, lowest, drop, np.uint64(payload), rest)
    return Sorted(rest.view(np.float64), done)


def _keys(found: Survey) -> tuple[np.uint64, np.uint64, int]:
    """What to take from the bits of a positive time, how far to move them down, and how many are left.

    Zero bits that all times end in (halves, single precision, whole days) tell nothing apart.
    """
    if found.all_bits == 0:
        return _ZERO, _ZERO, 0
    drop = (found.all_bits & -found.all_bits).bit_length() - 1
    bits = (((found.highest_bits - found.lowest_bits) >> drop) + 1).bit_length()
    return np.uint64(found.lowest_bits), np.uint64(drop), bits


@njit(cache=True, nogil=True)
def _numbered(words, drop, places):  # type: ignore[no-untyped-def]
    """The upper bits of each key, and below them the position of its row."""
    for i in range(words.size):
        words[i] = ((words[i] >> drop) << places) | np.uint64(i)


@njit(cache=True, nogil=True)
def _order(words, times, places, order):  # type: ignore[no-untyped-def]
    """The positions alone; where upper bits are equal, the times decide. False after too many moves."""
    mask = (_ONE << places) - _ONE
    moves = 8 * words.size
    for i in range(words.size):
        upper = words[i] >> places
        at = words[i] & mask
        j = i
        while j > 0 and words[j - 1] >> places == upper and times[order[j - 1]] > times[at]:
            order[j] = order[j - 1]
            j -= 1
            moves -= 1
            if moves < 0:
                return False
        order[j] = at
    return True


def ascending(times: FloatArray, found: Survey | None = None) -> IntArray:
    """The stable order of the times, as ``numpy.argsort(times, kind="stable")``.

    times: shape (n,), without unusable ones.

    >>> ascending(np.array([2.0, 1.0, 2.0])).tolist()
    [1, 0, 2]
    """
    times = plain(times)
    found = survey(times) if found is None else found
    lowest, drop, key_bits = _keys(found)
    places = times.size.bit_length()
    cut = max(key_bits + places - 64, 0)
    words = np.zeros(times.size, dtype=np.uint64)
    _packed(times.view(np.uint64), lowest, drop, _ZERO, words)
    _numbered(words, np.uint64(cut), np.uint64(places))
    done = sort_words(words, np.empty_like(words), places, places + key_bits - cut)
    order = np.empty(times.size, dtype=np.int64)
    if not _order(done, times, np.uint64(places), order):
        order = np.argsort(times, kind="stable")
    return order
