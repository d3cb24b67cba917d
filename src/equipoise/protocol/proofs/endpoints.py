"""What must be true of events and end points on the path: each begins, and each of its events can still come after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from equipoise.protocol.definition import EventKind, Protocol
from equipoise.protocol.proofs.arrivals import Arrival, Arrivals, Say
from equipoise.protocol.proofs.witnesses import Claim
from equipoise.protocol.reading.document import Path

ORIGINS = {"randomization": "randomization", "registration": "registration", "treatment_start": "course"}


def prove_endpoints(protocol: Protocol, arrivals: Arrivals, say: Say) -> None:
    """Prove of each event that somebody can have it, and of each end point that all its events can follow its origin."""
    prover = _Endpoints(protocol, arrivals, say)
    for name, event in protocol.events.items():
        prover.possible(name, event)
    for name in protocol.endpoints:
        prover.endpoint(name)


class _Endpoints:
    def __init__(self, protocol: Protocol, arrivals: Arrivals, say: Say) -> None:
        self.protocol, self.arrivals, self.say = protocol, arrivals, say

    def _steps_of(self, visit: str) -> list[str]:
        return [name for name, step in self.protocol.path.items() if step.visit == visit]

    def possible(self, name: str, event: EventKind) -> None:
        """Some patient at the event's visit meets its rule."""
        if event.visit is None or event.when is None:
            return
        at = [one for step in self._steps_of(event.visit) for one in self.arrivals.at.get(step, ())]
        if not at:
            return  # that nobody comes to the visit is said elsewhere
        place: Path = ("events", name, "when")
        some = self.arrivals.can_be(at, Claim(event.when))
        if some.state == "none":
            self.say("failed", f"no patient can have the event {name} at {event.visit}", place,
                     "a rule that some meet at that visit", "look at the ranges of its items, and at who comes to the visit")  # fmt: skip
        elif some.state == "open":
            self.say("undecided", f"can a patient have the event {name} at {event.visit}? ({some.why})", place,
                     remedy="make the rule simpler")  # fmt: skip
        else:
            self.say("proved", f"a patient can have the event {name} at {event.visit}", place)

    def endpoint(self, name: str) -> None:
        """The origin is reached, and every event can come after it."""
        endpoint, place = self.protocol.endpoints[name], ("endpoints", name)
        begins = self._origin(endpoint.origin)
        if begins is None:  # on any day: so is every event after it
            return
        reached = {step: self.arrivals.at[step] for step in begins if step in self.arrivals.at}
        if not reached:
            self.say("failed", f"nobody comes to the origin of end point {name}, {endpoint.origin}", (*place, "origin"),
                     "an origin on the path", "add the step, or name another origin")  # fmt: skip
            return
        later = self.arrivals.walk(reached)
        if self.arrivals.crowded:
            return
        good = True
        for key, events in (("events", endpoint.events), ("competing", endpoint.competing)):
            for index, event in enumerate(events):
                good = self._after(name, event, (*place, key, index), begins, later) and good
        if good:
            said = f"each event of end point {name} can happen from its origin on"
            self.say("proved", said, (*place, "events"))

    def _origin(self, origin: str) -> list[str] | None:
        """The steps at which an origin falls; None where it can be any day."""
        path = self.protocol.path
        if origin in ORIGINS:
            return [name for name, step in path.items() if step.kind == ORIGINS[origin]]
        event, item = self.protocol.events.get(origin), self.protocol.items.get(origin)
        visit = event.visit if event is not None else str(item.collected) if item is not None else None
        return None if visit in (None, "baseline", "ongoing") else self._steps_of(str(visit))

    def _after(
        self, name: str, event: str, place: Path, begins: Sequence[str], later: Mapping[str, list[Arrival]]
    ) -> bool:
        kind = self.protocol.events[event]
        if kind.visit is None:
            return True
        origin, steps = self.protocol.endpoints[name].origin, self._steps_of(kind.visit)
        at = [one for step in steps for one in later.get(step, ())]
        if not at:
            here = f"it is established at {kind.visit}, "
            if any(step in self.arrivals.at for step in steps):
                said = f"the event {event} cannot happen after the origin of end point {name}: {here}and no way leads there from {origin}"
            else:
                said = f"the event {event} of end point {name} cannot happen: {here}which nobody reaches"
            self.say("failed", said, place, f"an event that can still happen after {origin}",
                     f"count from an earlier origin, or leave {event} out")  # fmt: skip
            return False
        if kind.when is not None and self.arrivals.can_be(at, Claim(kind.when)).state == "none":
            anyone = [one for step in steps for one in self.arrivals.at.get(step, ())]
            if self.arrivals.can_be(anyone, Claim(kind.when)).state == "none":
                return False  # nobody at all: said of the event itself
            self.say("failed", f"no patient who passed the origin of end point {name} can have the event {event} at {kind.visit}",
                     place, f"an event that can still happen after {origin}",
                     f"count from an earlier origin, or leave {event} out")  # fmt: skip
            return False
        if set(steps) & set(begins):
            self.say(
                "proved",
                f"the event {event} can fall on the origin of end point {name}: time 0, and counted",
                place,
            )
        return True
