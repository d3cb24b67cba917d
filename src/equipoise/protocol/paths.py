"""The path of a protocol as a graph: what comes after what, what cannot end, what is known where.

Nothing here reads a rule; who can take which way is for :mod:`equipoise.protocol.proofs.arrivals`. Ways to steps that are
not declared are left out, because another check names them: every function ends on every path, however broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from equipoise.protocol.definition import Protocol, Step

Steps = Mapping[str, Step]


def successors(path: Steps) -> dict[str, list[str]]:
    """The steps that may come next after each, each once, in the order of the file.

    >>> from equipoise.protocol.definition import Step
    >>> successors({"start": Step(does="registration", next="end"), "end": Step(does="end")})
    {'start': ['end'], 'end': []}
    """
    return {
        name: list(dict.fromkeys(to for to, _ in step.ways() if to in path)) for name, step in path.items()
    }


def predecessors(path: Steps) -> dict[str, list[str]]:
    """The steps from which each can be entered."""
    before: dict[str, list[str]] = {name: [] for name in path}
    for name, after in successors(path).items():
        for to in after:
            before[to].append(name)
    return before


def reachable(ways: Mapping[str, Iterable[str]], begin: Iterable[str]) -> set[str]:
    """Every step that can come after these, themselves included. ways: the steps after each, or before each."""
    seen, waiting = set[str](), list(begin)
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen.add(step)
            waiting += ways.get(step, ())
    return seen


def without_end(path: Steps) -> list[str]:
    """The steps from which neither an end nor a follow-up can be reached."""
    ends = [name for name, step in path.items() if step.does in ("end", "follow_up")]
    ending = reachable(predecessors(path), ends)
    return [name for name in path if name not in ending]


def cycles(path: Steps) -> list[list[str]]:
    """One shortest cycle for each set of steps that lead to one another, as the steps in their order.

    >>> from equipoise.protocol.definition import Step
    >>> cycles({"a": Step(visit="v", next="b"), "b": Step(visit="v", next="a")})
    [['a', 'b']]
    """
    after, seen, found = successors(path), set[str](), []
    for name in path:
        if name in seen:
            continue
        cycle = _back_to(name, after)
        if cycle:
            found.append(cycle)
            before = predecessors(path)
            seen |= reachable(after, [name]) & reachable(before, [name])
    return found


def _back_to(name: str, after: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from a step back to itself; empty if there is none."""
    came: dict[str, str] = {}
    waiting = [name]
    for step in waiting:  # grows while it is read: breadth first
        for to in after[step]:
            if to == name:
                way = [step]
                while way[-1] != name:
                    way.append(came[way[-1]])
                return way[::-1]
            if to not in came:
                came[to] = step
                waiting.append(to)
    return []


def in_order(path: Steps) -> list[str]:
    """The reachable steps, each after all from which it can be entered. A path with cycles has no such order: []."""
    after = successors(path)
    entered = reachable(after, list(path)[:1])
    missing = {name: 0 for name in path if name in entered}
    for name in missing:
        for to in after[name]:
            missing[to] += 1
    ready = [name for name in missing if not missing[name]]
    for name in ready:
        for to in after[name]:
            missing[to] -= 1
            if not missing[to]:
                ready.append(to)
    return ready if len(ready) == len(missing) else []


def recorded(protocol: Protocol, visits: Iterable[str]) -> set[str]:
    """The items that are on record when these visits have taken place.

    What is collected at baseline or whenever it becomes known is always on record.
    """
    known = {"baseline", "ongoing", *visits}
    return {name for name, item in protocol.items.items() if item.collected in known}
