"""What must be true of a protocol's path, proved for every patient or shown by one who gets lost.

The findings are those of :mod:`equipoise.protocol.proofs.prover`, which passes in how to say them. A path with a cycle has no
order of steps, so that nothing further is asked of it until the cycle is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from equipoise.protocol import paths
from equipoise.protocol.definition import Protocol
from equipoise.protocol.proofs.arrivals import MAX_WAYS, Arrivals, Exit, Say, Someone, rules_of
from equipoise.protocol.proofs.endpoints import prove_endpoints
from equipoise.protocol.proofs.order import prove_order
from equipoise.protocol.proofs.witnesses import Claim, Patients, name_of
from equipoise.protocol.reading.document import Path


def prove_path(protocol: Protocol, patients: Patients, eligible: tuple[Claim, ...], say: Say) -> None:
    """Prove what must be true of the path and of the end points on it; nothing where there is no path.

    eligible: the claims of who meets every criterion of eligibility.  say: called with each finding.
    """
    if protocol.path:
        _PathProver(protocol, patients, eligible, say).run()


class _PathProver:
    def __init__(self, protocol: Protocol, patients: Patients, eligible: tuple[Claim, ...], say: Say) -> None:
        self.protocol, self.patients, self.eligible, self.say = protocol, patients, eligible, say

    def run(self) -> None:
        cyclic = self._cyclic()
        self._endless()
        if cyclic:
            return
        self.arrivals = Arrivals(self.protocol, self.patients, self.eligible)
        if not self.arrivals.crowded:  # else nothing can be said of every way
            self._followed()
        if self.arrivals.crowded:
            said = f"there are more than {MAX_WAYS} ways to step {self.arrivals.crowded}: nothing is proved of them"
            self.say("undecided", said, ("path", self.arrivals.crowded),
                     "a path of which every way can be followed", "let fewer branches depend on rules")  # fmt: skip
        elif self.arrivals.open:
            why = self.arrivals.open[0].why or "the solver gave up"
            self.say("undecided", f"can a patient go every way that was followed? ({why})", ("path",),
                     remedy="make the rules of the branches simpler")  # fmt: skip

    def _followed(self) -> None:
        """What is proved by following every way."""
        self._reached()
        for name in self.arrivals.at:
            self._branches(name)
        for name, randomization in self.protocol.randomizations.items():
            if randomization.when is not None:
                self._entered("randomization", name, randomization.when)
        for name, group in self.protocol.groups.items():
            self._entered("group", name, group.when)
        prove_order(self.protocol, self.arrivals, self.say)
        prove_endpoints(self.protocol, self.arrivals, self.say)

    # -- the graph ---------------------------------------------------------------------------------

    def _cyclic(self) -> bool:
        """Whether the path leads back to a step that was done; says so."""
        cycles = paths.cycles(self.protocol.path)
        for cycle in cycles:
            circle = " > ".join([*cycle, cycle[0]])
            self.say("failed", f"the path goes in a circle: {circle}", ("path", cycle[-1]),
                     "a path that leads on", "write repetitions with times, and let the last step lead on")  # fmt: skip
        if not cycles:
            self.say("proved", "no way through the path leads back to a step that was done", ("path",))
        return bool(cycles)

    def _endless(self) -> None:
        endless = paths.without_end(self.protocol.path)
        for name in endless:
            self.say("failed", f"from step {name} no end can be reached", ("path", name),
                     "a way to an end or to follow-up", "add a step that does end or follow_up")  # fmt: skip
        if not endless:
            self.say("proved", "from each step of the path an end can be reached", ("path",))

    def _reached(self) -> None:
        path, at = self.protocol.path, self.arrivals.at
        before = paths.predecessors(path)
        lost = [name for name in path if name not in at]
        for name in lost:
            if any(one in lost for one in before[name]):
                continue  # what comes after a step that nobody reaches needs no word of its own
            remedy = (
                "look at the rules of the branches that lead to it"
                if before[name]
                else "let a step lead to it"
            )
            self.say("failed", f"no patient can reach step {name}", ("path", name),
                     "a step that some can reach", remedy)  # fmt: skip
        if not lost:
            self.say("proved", f"each of the {len(path)} steps of the path can be reached by a possible patient",
                     ("path",))  # fmt: skip

    # -- branches ----------------------------------------------------------------------------------

    def _branches(self, name: str) -> None:
        """Each branch and each deviation by rule is taken by somebody, and everybody has one."""
        step, dead = self.protocol.path[name], False
        for exit_ in self.arrivals.exits(name):
            if exit_.claims and exit_.place not in self.arrivals.taken and exit_.kind != "arm":
                dead = True
                way = (
                    f"the branch to {exit_.to}"
                    if exit_.kind == "next"
                    else f"the deviation {exit_.place[-1]}"
                )
                self.say("failed", f"no patient can take {way} at step {name}", self._rule_at(exit_),
                         f"a {'branch' if exit_.kind == 'next' else 'deviation'} that some can take",
                         "look at the rules before it, and at the rules that lead here")  # fmt: skip
        if rules_of(step):
            self._complete(name, dead)

    def _rule_at(self, exit_: Exit) -> Path:
        branches = self.protocol.path[str(exit_.place[1])].next
        index = exit_.place[-1]
        bare = isinstance(index, int) and isinstance(branches, tuple) and branches[index].when is None
        return exit_.place if bare else (*exit_.place, "when")

    def _complete(self, name: str, dead: bool) -> None:
        step, place = self.protocol.path[name], ("path", name, "next")
        rules = rules_of(step)
        known = self._known(rules) if step.undecided else ()
        lost = self._someone(name, self.arrivals.stuck(step), known)
        who = "every patient at step " + name + (" whose items are all known" if step.undecided else "")
        if lost.state == "found":
            self.say("failed", f"a patient without a branch at step {name}", place, f"a branch for {who}",
                     "cover this patient by a rule, or say in undecided who may be left without a branch",
                     lost.row, lost.rules)  # fmt: skip
        elif lost.state == "open":
            self.say("undecided", f"has {who} a branch? ({lost.why})", place, remedy="make the rules simpler")
        elif not dead:
            self.say("proved", f"{who} has a branch, and each branch somebody to take it", place)
        if step.undecided:
            left = self._someone(name, self.arrivals.stuck(step))
            if left.state == "none":
                self.say("failed", f"no patient can be left without a branch at step {name}", (*place[:2], "undecided"),
                         "undecided only where the rules leave somebody out", "remove it")  # fmt: skip
            elif left.row is not None:
                self.say("proved", f"a patient can be left without a branch at step {name}", (*place[:2], "undecided"),
                         row=left.row, rules=left.rules)  # fmt: skip

    def _someone(
        self, name: str, cases: Sequence[tuple[Claim, ...]], more: tuple[Claim, ...] = ()
    ) -> Someone:
        return self.arrivals.someone(self.arrivals.at.get(name, ()), cases, more)

    def _known(self, rules: Sequence[str]) -> tuple[Claim, ...]:
        """Everything that the rules read is known; the reason of an unknown item is not one of these."""
        of = self.protocol
        reads = [name for name in self.patients.symbols.reads(list(rules)) if name not in of.derived]
        items = [name for name in reads if name in of.items or not name.endswith("_unavailable")]
        return tuple(Claim(f"{name_of(name)} is not null") for name in items)

    # -- randomizations and groups -------------------------------------------------------------------

    def _entered(self, kind: str, name: str, when: str) -> None:
        """Who arrives meets the rule, and who meets the rule arrives."""
        steps = [one for one, step in self.protocol.path.items() if getattr(step, kind) == name]
        if not any(step in self.arrivals.at for step in steps):
            return  # said elsewhere: not on the path, or not to be reached
        place: Path = (f"{kind}s", name, "when")
        good = True
        for step in steps:
            wrong = self._someone(step, [(Claim(when, (False, None)),)])
            if wrong.state == "none":
                continue
            good = False
            if wrong.state == "open":
                self.say("undecided", f"does every patient at step {step} meet the rule of {kind} {name}? ({wrong.why})",
                         ("path", step), remedy="make the rules simpler")  # fmt: skip
            else:
                self.say("failed", f"a patient who arrives at step {step} and does not meet the rule of {kind} {name}",
                         ("path", step), f"only patients of the {kind} at its step",
                         "let the branches before it ask for what the rule asks", wrong.row,
                         wrong.rules)  # fmt: skip
        for branching, to, missed in self._missed(steps, when):
            good = False
            goes = f"goes from step {branching} to {to}" if to else f"has no branch at step {branching}"
            self.say("failed", f"a patient who meets the rule of {kind} {name} and {goes}", place,
                     f"the way to {kind} {name} for all who meet its rule",
                     "let the branches and the rule agree", missed.row, missed.rules)  # fmt: skip
        if good:
            self.say(
                "proved", f"who arrives at the {kind} {name} meets its rule, and who meets it arrives", place
            )

    def _missed(self, steps: Sequence[str], when: str) -> Iterator[tuple[str, str, Someone]]:
        """Patients who meet the rule and take a branch from which none of the steps can be reached."""
        path, asked = self.protocol.path, (*self.eligible, Claim(when))
        onward = {
            name: [to for to, kind in step.ways() if kind in ("next", "arm", "deviation") and to in path]
            for name, step in path.items()
        }
        for name in self.arrivals.at:
            step = path[name]
            if not rules_of(step) or not isinstance(step.next, tuple) or name in steps:
                continue
            leads = [bool(paths.reachable(onward, [one.to]) & set(steps)) for one in step.next]
            if not any(leads):
                continue
            for index, branch in enumerate(step.next):
                if not leads[index]:
                    case = (*self.arrivals.passing(step), *self.arrivals.taking(step, index))
                    missed = self._someone(name, [case], asked)
                    if missed.state == "found":
                        yield name, branch.to, missed
            if step.undecided:  # elsewhere who has no branch is a finding already
                missed = self._someone(name, self.arrivals.stuck(step), asked)
                if missed.state == "found":
                    yield name, "", missed
