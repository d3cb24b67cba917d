"""What a protocol's parts say of one another: every name that is used is declared, every rule runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl

from equipoise.errors import Problem
from equipoise.protocol import columns
from equipoise.protocol.definition import Analysis, Protocol
from equipoise.protocol.reading import Document, Path
from equipoise.protocol.rules import Rule, RuleProblem, compile_rule
from equipoise.protocol.validation import did_you_mean

RULE_KIND = {"number": pl.Float64(), "text": pl.String(), "truth": pl.Boolean(), "date": pl.Date()}


def check(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield every inconsistency between the parts."""
    yield from _Checker(protocol, document).problems()


class _Checker:
    def __init__(self, protocol: Protocol, document: Document) -> None:
        self.protocol, self.document = protocol, document
        self.columns = columns.for_rules(protocol)
        self.choices = columns.choices(protocol)

    def problems(self) -> Iterator[Problem]:
        yield from self._items()
        yield from self._derived()
        yield from self._arms()
        yield from self._randomizations()
        yield from self._endpoints()
        yield from self._populations()
        yield from self._analyses()
        yield from self._tables()

    # -- small parts -------------------------------------------------------------------------------

    def _known(self, path: Path, name: str, known: Iterable[str], what: str) -> Iterator[Problem]:
        names = list(known)
        if name not in names:
            yield self.document.problem(path, repr(name), f"a declared {what}", did_you_mean(name, names))

    def _all_known(
        self, path: Path, names: Iterable[str], known: Iterable[str], what: str
    ) -> Iterator[Problem]:
        declared = list(known)
        seen: set[str] = set()
        for index, name in enumerate(names):
            yield from self._known((*path, index), name, declared, what)
            if name in seen:
                yield self.document.problem(
                    (*path, index), f"{name!r} a second time", "each once", "remove it"
                )
            seen.add(name)

    def _rule(
        self, path: Path, text: str, kind: str = "truth", over: Mapping[str, pl.DataType] | None = None
    ) -> Iterator[Problem | Rule]:
        try:
            yield compile_rule(text, self.columns if over is None else over, self.choices, kind)
        except RuleProblem as problem:
            placed = self.document.problem(path, problem.found, problem.expected, problem.remedy)
            yield Problem(file=placed.file, line=placed.line, column=placed.column,
                          path=f"{placed.path}, character {problem.offset + 1} of the rule",
                          found=placed.found, expected=placed.expected, remedy=placed.remedy)  # fmt: skip

    def _only_problems(
        self, path: Path, text: str, over: Mapping[str, pl.DataType] | None = None
    ) -> Iterator[Problem]:
        yield from (part for part in self._rule(path, text, over=over) if isinstance(part, Problem))

    # -- blocks ------------------------------------------------------------------------------------

    def _items(self) -> Iterator[Problem]:
        for name, item in self.protocol.items.items():
            path: Path = ("items", name)
            yield from self._free(path, name, self.protocol.derived)
            if (item.type == "choice") != (item.choices is not None):
                found = "no choices" if item.choices is None else f"choices for type {item.type}"
                yield self.document.problem(path, found, "choices for items of type choice, and only there")
            if item.choices is not None and len(item.choices) < 1:
                yield self.document.problem((*path, "choices"), "no choice", "at least one")
            numeric = item.type in ("integer", "decimal")
            if item.range is not None and (not numeric or item.range[0] > item.range[1]):
                found = f"{list(item.range)} for type {item.type}"
                yield self.document.problem((*path, "range"), found, "[lowest, highest] of a numeric item")
            if item.detection_limit is not None and not numeric:
                yield self.document.problem((*path, "detection_limit"), f"type {item.type}", "a numeric item")

    def _free(self, path: Path, name: str, others: Collection[str]) -> Iterator[Problem]:
        if (
            name in columns.RESERVED
            or name.endswith("_unavailable")
            or name.startswith(("stratum_", "population_"))
        ):
            yield self.document.problem(path, f"the name {name!r}", "a name that the language does not use itself",
                                        "rename it", key=True)  # fmt: skip
        if name in others:
            yield self.document.problem(
                path, f"{name!r} in both items and derived", "each name once", key=True
            )

    def _derived(self) -> Iterator[Problem]:
        for name, derived in self.protocol.derived.items():
            path: Path = ("derived", name)
            yield from self._free(path, name, ())
            if (derived.classes is None) == (derived.value is None):
                yield self.document.problem(
                    path, "both or neither of classes and value", "exactly one of them"
                )
                continue
            if derived.value is not None:
                for part in self._rule((*path, "value"), derived.value, "any"):
                    if isinstance(part, Problem):
                        yield part
                    else:
                        self.columns[name] = RULE_KIND.get(part.kind, pl.Float64())
                self.columns.setdefault(name, pl.Float64())
                continue
            for code, level in (derived.classes or {}).items():
                yield from self._only_problems((*path, "classes", code, "when"), level.when)
            self.columns[name] = pl.String()

    def _arms(self) -> Iterator[Problem]:
        if not any(arm.role == "control" for arm in self.protocol.arms.values()):
            yield self.document.problem(
                ("arms",), "no arm with role control", "at least one", "mark the comparator"
            )
        for name in self.protocol.arms:
            if name in columns.RESERVED:
                yield self.document.problem(("arms", name), f"the name {name!r}", "another name", key=True)

    def _randomizations(self) -> Iterator[Problem]:
        for name, randomization in self.protocol.randomizations.items():
            path: Path = ("randomizations", name)
            yield from self._all_known((*path, "arms"), randomization.arms, self.protocol.arms, "arm")
            if randomization.when is not None:
                yield from self._only_problems((*path, "when"), randomization.when)
            if randomization.ratio != "not stated" and set(randomization.ratio) != set(randomization.arms):
                found = f"a ratio for {', '.join(randomization.ratio)}"
                yield self.document.problem(
                    (*path, "ratio"), found, "a whole number for each arm, and only these"
                )
            if randomization.strata != "not stated":
                yield from self._factors((*path, "strata"), randomization.strata)

    def _endpoints(self) -> Iterator[Problem]:
        for name, endpoint in self.protocol.endpoints.items():
            path: Path = ("endpoints", name)
            events = self.protocol.events
            yield from self._all_known((*path, "events"), endpoint.events, events, "event")
            yield from self._all_known((*path, "competing"), endpoint.competing, events, "event")
            for both in sorted(set(endpoint.events) & set(endpoint.competing)):
                yield self.document.problem(
                    (*path, "competing"), f"{both!r}, which is also an event", "one or the other"
                )

    def _populations(self) -> Iterator[Problem]:
        for name, population in self.protocol.populations.items():
            yield from self._only_problems(("populations", name, "require"), population.require)

    def _factors(self, path: Path, names: tuple[str, ...]) -> Iterator[Problem]:
        known = [*self.protocol.items, *self.protocol.derived]
        yield from self._all_known(path, names, known, "item or derived item")
        for index, name in enumerate(names):
            if name in known and not self._is_factor(name):
                yield self.document.problem((*path, index), f"{name!r}, which has no levels",
                                            "a choice, a boolean or a classified item", "derive classes from it")  # fmt: skip

    def _is_factor(self, name: str) -> bool:
        if name in self.protocol.derived:
            return self.protocol.derived[name].classes is not None
        return self.protocol.items[name].type in ("choice", "boolean")

    def _analyses(self) -> Iterator[Problem]:
        for name, analysis in self.protocol.analyses.items():
            path: Path = ("analyses", name)
            if name in ("flow", "baseline", "follow_up", "adverse_events"):
                yield self.document.problem(
                    path, f"the name {name!r}", "a name that no section has", key=True
                )
            yield from self._known(
                (*path, "endpoint"), analysis.endpoint, self.protocol.endpoints, "end point"
            )
            yield from self._known(
                (*path, "population"), analysis.population, self.protocol.populations, "population"
            )
            yield from self._comparisons(path, analysis)
            yield from self._factors((*path, "subgroups"), analysis.subgroups)
            if analysis.log_rank is not None:
                yield from self._factors((*path, "log_rank", "strata"), analysis.log_rank.strata)
            if analysis.cox is not None:
                yield from self._factors((*path, "cox", "strata"), analysis.cox.strata)
                yield from self._covariates((*path, "cox", "covariates"), analysis.cox.covariates)
            if analysis.figure is not None and analysis.figure.every > analysis.figure.until:
                yield self.document.problem(
                    (*path, "figure", "every"), f"{analysis.figure.every:g}", "at most until"
                )
            if analysis.figure is not None and analysis.figure.until > 40 * analysis.figure.every:
                yield self.document.problem(
                    (*path, "figure", "every"), f"{analysis.figure.every:g}", "at most 40 ticks"
                )

    def _comparisons(self, path: Path, analysis: Analysis) -> Iterator[Problem]:
        for index, comparison in enumerate(analysis.comparisons):
            place = (*path, "comparisons", index)
            for side in ("experimental", "control"):
                yield from self._known((*place, side), getattr(comparison, side), self.protocol.arms, "arm")
            if comparison.experimental == comparison.control:
                yield self.document.problem(
                    place, f"{comparison.control!r} against itself", "two different arms"
                )
            if comparison in analysis.comparisons[:index]:
                yield self.document.problem(place, "a comparison a second time", "each once", "remove it")

    def _covariates(self, path: Path, names: tuple[str, ...]) -> Iterator[Problem]:
        known = [*self.protocol.items, *self.protocol.derived]
        yield from self._all_known(path, names, known, "item or derived item")
        for index, name in enumerate(names):
            if name in self.protocol.items and self.protocol.items[name].type in ("text", "date"):
                yield self.document.problem((*path, index), f"{name!r} of type {self.protocol.items[name].type}",
                                            "a number, a choice, a boolean or a derived item")  # fmt: skip

    def _tables(self) -> Iterator[Problem]:
        baseline, adverse = self.protocol.baseline, self.protocol.adverse_events
        populations = self.protocol.populations
        if baseline is not None:
            yield from self._known(("baseline", "population"), baseline.population, populations, "population")
            names = [*self.protocol.items, *self.protocol.derived]
            for index, entry in enumerate(baseline.items):
                place: Path = ("baseline", "items", index, "item")
                yield from self._known(place, entry.item, names, "item or derived item")
                if entry.item in self.protocol.items and self.protocol.items[entry.item].type in (
                    "text",
                    "date",
                ):
                    yield self.document.problem(
                        place, f"{entry.item!r}, a text or date", "a number or a factor"
                    )
        if adverse is not None:
            yield from self._known(
                ("adverse_events", "population"), adverse.population, populations, "population"
            )
