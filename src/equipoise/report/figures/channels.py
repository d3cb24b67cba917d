"""Tracks in the gap between two ranks: which stretch of which link runs sideways how far down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

CLOSE = 4.0  # two upright lines nearer than this look like one
NEAR = 8.0  # what two stretches on one track keep between them


@dataclass(frozen=True, slots=True)
class Stretch:
    """A link on its way from one rank to the next: from x to x.

    start: where it leaves a box at its side.  alone: it shares no track, as links drawn otherwise must not.
    """

    link: int
    upper: int
    lower: int
    x1: float
    x2: float
    start: tuple[float, float] | None = None
    alone: bool = False


@dataclass(slots=True)
class Gap:
    """The tracks of a gap: the level of each link that steps aside, and how many levels there are."""

    levels: dict[int, int]
    count: int
    top: float = 0.0
    step: float = 0.0

    def y(self, link: int) -> float | None:
        """Where the link runs sideways; None where it goes straight down."""
        return self.top + self.levels[link] * self.step if link in self.levels else None


@dataclass(slots=True)
class _Bundle:
    """Stretches that share a track: a fork from one above, or a meeting at one below."""

    links: list[int] = field(default_factory=list)
    tops: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    @property
    def span(self) -> tuple[float, float]:
        return min(*self.tops, *self.ends), max(*self.tops, *self.ends)


def levels(stretches: Sequence[Stretch]) -> Gap:
    """Give each stretch that steps aside a track, so that none runs on another and few cross.

    >>> fork = [Stretch(0, 0, 1, 50.0, 20.0), Stretch(1, 0, 2, 50.0, 80.0)]
    >>> levels(fork).levels
    {0: 0, 1: 0}
    """
    out = Counter(one.upper for one in stretches if not one.alone)
    bundles: dict[tuple[str, int], _Bundle] = {}
    for one in stretches:
        if one.x1 == one.x2:
            continue
        if one.alone:
            key = ("alone", one.link)
        else:
            key = ("fork", one.upper) if out[one.upper] > 1 else ("meeting", one.lower)
        bundle = bundles.setdefault(key, _Bundle())
        bundle.links.append(one.link)
        bundle.tops.append(one.x1)
        bundle.ends.append(one.x2)
    rows = list(bundles.values())
    wins = [sum(_cost(one, other) < _cost(other, one) for other in rows) for one in rows]
    order = sorted(range(len(rows)), key=lambda index: (-wins[index], index))
    placed: list[tuple[_Bundle, int]] = []
    found: dict[int, int] = {}
    for index in order:
        bundle = rows[index]
        level = max((at + 1 for other, at in placed if _overlap(bundle, other)), default=0)
        placed.append((bundle, level))
        found |= dict.fromkeys(bundle.links, level)
    return Gap(found, max((at + 1 for _, at in placed), default=0))


def _overlap(one: _Bundle, other: _Bundle) -> bool:
    return one.span[0] < other.span[1] + NEAR and other.span[0] < one.span[1] + NEAR


def _cost(upper: _Bundle, lower: _Bundle) -> int:
    """What it costs to run one above the other: crossings, and upright parts that would fall together."""
    low, high = upper.span
    cost = sum(low < x < high for x in set(lower.tops))
    low, high = lower.span
    cost += sum(low < x < high for x in set(upper.ends))
    return cost + 100 * sum(abs(end - top) < CLOSE for end in set(upper.ends) for top in set(lower.tops))
