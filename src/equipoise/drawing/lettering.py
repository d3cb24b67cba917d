"""Widths of text in the metrics of Helvetica, and lines that fit a width."""

from __future__ import annotations

import unicodedata

# Advance widths of Helvetica and its metric twins (Arial, Liberation Sans) in 1/1000 em, U+0020 to U+007E.
_ASCII = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
    556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556,
    556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
    500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_ASCII_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722,
    611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556,
    611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778,
    556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_SIGNS = {"–": 556, "—": 1000, "−": 584, "≥": 549, "≤": 549, "’": 222, "·": 278}
_BOLD = 1.075  # Helvetica Bold is at most this much wider over running text
_SPARE = 1.04  # other sans-serif fonts that a reader's machine may put in its place


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of text in pixels, rather too large than too small.

    >>> round(width("At risk", 10), 1)
    28.9
    """
    units = sum(_advance(character) for character in text)
    return units / 1000 * size * _SPARE * (_BOLD if bold else 1.0)


def set_width(text: str, size: float, *, bold: bool = False) -> float | None:
    """The width at which a line is set, whatever font the reader has; None for signs outside the metrics.

    >>> set_width("At risk", 10), set_width("化学", 10) is None
    (27.78, True)
    """
    table = _ASCII_BOLD if bold else _ASCII
    units = 0
    for character in text:
        if 32 <= ord(character) <= 126:
            units += table[ord(character) - 32]
        elif character in _SIGNS:
            units += _SIGNS[character]
        else:
            return None
    return round(units / 1000 * size, 2)


def _advance(character: str) -> float:
    """Advance of one character; those outside ASCII are taken as wide as their kind can be."""
    code = ord(character)
    if 32 <= code <= 126:
        return _ASCII[code - 32]
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    if unicodedata.east_asian_width(character) in "WF" or code > 0xFFFF:
        return 1350  # an emoji is drawn wider than its em in some fonts
    return 1000 if character == "—" else 584 if character in "–−≥≤" else 780


def wrap(text: str, limit: float, size: float, *, bold: bool = False) -> list[str]:
    """Lines no wider than ``limit``: broken at spaces, and inside a word only if it does not fit alone.

    >>> wrap("Levamisole plus fluorouracil", 90, 12)
    ['Levamisole plus', 'fluorouracil']
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        candidate = f"{line} {word}" if line else word
        if width(candidate, size, bold=bold) <= limit:
            line = candidate
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, limit, size, bold)
        lines.extend(full)
    return [*lines, line] if line or not lines else lines


def shortened(lines: list[str], most: int) -> list[str]:
    """At most so many lines; an ellipsis stands for the rest.

    >>> shortened(["one", "two", "three"], 2)
    ['one', 'two…']
    """
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]}…"]


def _pieces(word: str, limit: float, size: float, bold: bool) -> list[str]:
    """A word in pieces that fit: after a hyphen, slash or plus where there is one, else anywhere."""
    pieces: list[str] = []
    while width(word, size, bold=bold) > limit and len(word) > 1:
        fits = 1
        while fits < len(word) and width(word[: fits + 1], size, bold=bold) <= limit:
            fits += 1
        breaks = [index + 1 for index in range(1, fits) if word[index] in "-/+_" and index + 1 < len(word)]
        cut = breaks[-1] if breaks and breaks[-1] > fits // 2 else fits
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]


def spread(centers: list[float], heights: list[float], top: float, bottom: float) -> list[float]:
    """Move labels as little as needed so that none overlaps another, within ``top`` and ``bottom``.

    Labels keep their order; those that would collide are pooled and placed about their common center
    (pool adjacent violators, which minimizes the sum of squared moves).

    >>> spread([10.0, 12.0, 50.0], [10.0, 10.0, 10.0], 0.0, 100.0)
    [6.0, 16.0, 50.0]
    """
    order = sorted(range(len(centers)), key=lambda index: centers[index])
    before, offsets = 0.0, []
    for index in order:
        offsets.append(before + heights[index] / 2)
        before += heights[index]
    pools: list[tuple[float, int]] = []
    for index, offset in zip(order, offsets, strict=True):
        pools.append((centers[index] - offset, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, many), (high, more) = pools[-2], pools[-1]
            pools[-2:] = [((low * many + high * more) / (many + more), many + more)]
    flat = [value for value, many in pools for _ in range(many)]
    highest = max(top, bottom - before)
    placed = [0.0] * len(centers)
    for index, offset, value in zip(order, offsets, flat, strict=True):
        placed[index] = min(max(value, top), highest) + offset
    return placed
