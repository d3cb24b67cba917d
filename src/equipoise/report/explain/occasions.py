"""How often something comes on the ways through a part of the path."""

from __future__ import annotations

from collections.abc import Set

from equipoise.protocol.definition import Protocol

NEVER = 10_000  # more than any path has


def how_often(protocol: Protocol, start: str, within: Set[str], course: str) -> tuple[int, int] | None:
    """The fewest and the most times that a course is given on the planned ways from a step on.

    within: the steps of the part; a way ends where it leaves them.  None where the file does not say how often a step
    is done.
    """
    own: dict[str, tuple[int, int]] = {}
    for name in within:
        step = protocol.path[name]
        if step.course != course:
            own[name] = (0, 0)
        elif step.times == "not stated":
            return None
        else:
            own[name] = step.times or (1, 1)
    limit = sum(most for _, most in own.values())
    ways = {
        name: [to for to, kind in protocol.path[name].ways() if kind in ("next", "arm")] for name in within
    }
    fewest, most = dict.fromkeys(within, NEVER), dict.fromkeys(within, 0)
    for _ in within:
        for name in within:
            after = ways[name]
            low = min((fewest.get(to, 0) for to in after), default=0)
            high = max((most.get(to, 0) for to in after), default=0)
            fewest[name] = min(NEVER, own[name][0] + low)
            most[name] = min(limit, own[name][1] + high)
    return min(fewest[start], most[start]), most[start]


def times_words(fewest: int, most: int) -> str:
    """How often a course is given, at the head of its column; nothing for once.

    >>> times_words(1, 1), times_words(0, 1), times_words(3, 3), times_words(1, 2)
    ('', '', '3 times', 'up to 2 times')
    """
    if most <= 1:
        return ""
    return f"{most} times" if fewest == most else f"up to {most} times"
