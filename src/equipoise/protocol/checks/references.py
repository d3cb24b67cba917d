"""What a protocol's parts say of one another: every name that is used is declared, every rule runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from equipoise.errors import Problem
from equipoise.protocol.checks import structure
from equipoise.protocol.definition import Analysis, Baseline, BaselineItem, Class, Protocol, Randomization
from equipoise.protocol.definition.trial import ELIGIBLE
from equipoise.protocol.reading.document import Document, Path
from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.grammar import DTYPES
from equipoise.protocol.rules.rule import Rule, RuleProblem, compile_rule


def check(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield every inconsistency between the parts."""
    yield from _Checker(protocol, document).problems()


class _Checker:
    def __init__(self, protocol: Protocol, document: Document) -> None:
        self.protocol, self.document = protocol, document
        self.columns = columns.for_rules(protocol)
        self.choices = columns.choices(protocol)
        # The items of several visits: the name at each visit, and the name that the file writes.
        self._several = {
            f"{name}_{visit}": name
            for name, item in (document.value.get("items") or {}).items()
            if isinstance(item.get("collected"), tuple)
            for visit in item["collected"]
        }

    def problems(self) -> Iterator[Problem]:
        yield from self._items()
        yield from self._derived()
        yield from self._eligibility()
        yield from self._arms()
        yield from self._randomizations()
        yield from self._endpoints()
        yield from self._populations()
        yield from self._dispositions()
        yield from self._analyses()
        yield from self._baselines()
        yield from self._adverse_events()
        yield from self._report()
        yield from structure.check(self.protocol, self.document, lambda *at: _problems(self._condition(*at)))

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
            # The columns of adverse events are not items, even where they share a name with one.
            known, codes = (self.columns, self.choices) if over is None else (over, {})
            yield compile_rule(text, known, codes, kind)
        except RuleProblem as problem:
            if any(problem.found.startswith(f"the name '{item}_") for item in self._unsettled()):
                return  # what is wrong is the item's list of visits, which is said there
            expected, remedy = self._instead(problem)
            placed = self.document.problem(path, problem.found, expected, remedy)
            yield replace(placed, path=f"{placed.path}, character {problem.offset + 1} of the rule")

    def _instead(self, problem: RuleProblem) -> tuple[str, str]:
        """What to expect and do about a name that is declared, but not as what a rule can read here."""
        name = problem.found.removeprefix("the name '").removesuffix("'")
        if f"the name '{name}'" != problem.found:
            return problem.expected, problem.remedy
        if name in self.protocol.derived:
            return "an item, or an item derived above", "move its block above this one"
        if visits := [one for one, item in self._several.items() if item == name]:
            return "the name of one of its visits", f"write {' or '.join(visits)}"
        for block in ("populations", "endpoints", "events", "arms", "analyses", "cutoffs"):
            if name in getattr(self.protocol, block):
                return "a declared item", f"{name!r} is one of the {block}: rules read items"
        return problem.expected, problem.remedy

    def _condition(self, path: Path, text: str) -> Iterator[Problem | Rule]:
        """A rule that some subjects must be able to meet."""
        for part in self._rule(path, text):
            yield part
            if isinstance(part, Rule) and _constant(part) is False:
                yield self.document.problem(
                    path, "a rule that is never true", "one that can be", "remove what it is for"
                )

    def _unsettled(self) -> list[str]:
        """Items whose list of visits is wrong: what they are named at each visit is not known."""
        return [
            name
            for name, item in (self.document.value.get("items") or {}).items()
            if isinstance(visits := item.get("collected"), tuple)
            and (not visits or len(set(visits)) < len(visits) or not set(visits) <= set(self.protocol.visits))
        ]

    def _written(self, path: Path) -> bool:
        """Whether a part stands in the file, and is not what the language adds."""
        try:
            self.document.get(path)
        except KeyError:
            return False
        return True

    def _once(self, path: Path, labels: Mapping[str, str], what: str) -> Iterator[Problem]:
        """Labels stand in tables and figures without their codes: two that are equal cannot be told apart."""
        first: dict[str, str] = {}
        for code, label in labels.items():
            if label in first:
                found = f"the label {label!r} for both {first[label]} and {code}"
                yield self.document.problem(
                    (*path, code), found, f"a label of its own for each {what}", "reword one"
                )
            first.setdefault(label, code)

    # -- blocks ------------------------------------------------------------------------------------

    def _repeated(self) -> Iterator[Problem]:
        """Items of several visits, as the file writes them: the model holds one of each visit."""
        written = self.document.value["items"] if self._written(("items",)) else {}
        for name, item in written.items():
            visits, path = item.get("collected"), ("items", name, "collected")
            if not isinstance(visits, tuple):
                continue
            if not visits:
                yield self.document.problem(path, "no visit", "at least one", "name the visits")
            yield from self._all_known(path, visits, self.protocol.visits, "visit")
            for visit in visits:
                if f"{name}_{visit}" in written:
                    found = f"the name '{name}_{visit}', which {name} at {visit} has"
                    place = ("items", f"{name}_{visit}")
                    yield self.document.problem(place, found, "another name", "rename it", key=True)

    def _items(self) -> Iterator[Problem]:
        yield from self._repeated()
        first = set[str]()
        for name, item in self.protocol.items.items():
            written = self._several.get(
                name, name
            )  # of an item of several visits all but the name is said once
            path: Path = ("items", written)
            if written in first:
                continue
            first.add(written)
            yield from self._free(path, name, self.protocol.derived)
            if (item.type == "choice") != (item.choices is not None):
                found = "no choices" if item.choices is None else f"choices for type {item.type}"
                yield self.document.problem(
                    path,
                    found,
                    "choices for items of type choice, and only there",
                    "add them, or change the type",
                )
            if item.choices is not None and len(item.choices) < 1:
                yield self.document.problem((*path, "choices"), "no choice", "at least one")
            if item.collected not in ("baseline", "ongoing") and written == name and self._written(path):
                known = ["baseline", "ongoing", *self.protocol.visits]
                yield from self._known((*path, "collected"), str(item.collected), known, "visit")
            yield from self._once((*path, "choices"), item.choices or {}, "choice")
            yield from self._different((*path, "unavailable"), item.unavailable)
            numeric = item.type in ("integer", "decimal")
            if item.range is not None and (not numeric or item.range[0] > item.range[1]):
                found = f"[{item.range[0]:g}, {item.range[1]:g}] for type {item.type}"
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
                path, f"{name!r} in both items and derived", "each name once", "rename one", key=True
            )

    def _derived(self) -> Iterator[Problem]:
        for name, derived in self.protocol.derived.items():
            path: Path = ("derived", name)
            if name == ELIGIBLE and not self._written(path):
                continue  # it is made of the criteria, which are checked in their place
            yield from self._free(path, name, ())
            if (derived.classes is None) == (derived.value is None):
                found = "neither classes nor value" if derived.value is None else "both classes and value"
                yield self.document.problem(path, found, "exactly one of them")
                self.columns[name] = pl.Float64()
                continue
            if derived.value is not None:
                for part in self._rule((*path, "value"), derived.value, "any"):
                    if isinstance(part, Problem):
                        yield part
                    else:
                        self.columns[name] = DTYPES[part.kind]
                self.columns.setdefault(name, pl.Float64())
                continue
            yield from self._classes((*path, "classes"), derived.classes or {})
            self.columns[name] = pl.String()

    def _classes(self, path: Path, classes: Mapping[str, Class]) -> Iterator[Problem]:
        """Rules in order, each of which can still be the first that holds."""
        if not classes:
            yield self.document.problem(path, "no class", "at least one")
        yield from self._once(path, {code: level.label for code, level in classes.items()}, "class")
        seen: dict[str, str] = {}
        everything = ""
        for code, level in classes.items():
            place = (*path, code, "when")
            if everything:
                found = f"a class after {everything}, which takes every subject"
                yield self.document.problem(
                    place, found, "only classes that a subject can reach", "put it before, or remove it"
                )
            for part in self._condition(place, level.when):
                if isinstance(part, Problem):
                    yield part
                elif part.sql in seen:
                    found = f"the rule of {seen[part.sql]} a second time"
                    yield self.document.problem(place, found, "a rule of its own for each class")
                else:
                    seen[part.sql] = code
                    everything = everything or (code if _constant(part) else "")

    def _eligibility(self) -> Iterator[Problem]:
        criteria = self.protocol.eligibility
        wrong = False
        for code, criterion in criteria.items():
            for problem in _problems(self._condition(("eligibility", code, "require"), criterion.require)):
                wrong = True
                yield problem
        if criteria and not self._written(("derived", ELIGIBLE)):
            whole = list(_problems(self._rule(("eligibility",), self.protocol.derived[ELIGIBLE].value or "")))
            yield from whole if not wrong else ()
            self.columns[ELIGIBLE] = pl.Boolean()
        texts = {code: criterion.text for code, criterion in criteria.items()}
        yield from self._once(("eligibility",), texts, "criterion")

    def _arms(self) -> Iterator[Problem]:
        if not any(arm.role == "control" for arm in self.protocol.arms.values()):
            yield self.document.problem(
                ("arms",), "no arm with role control", "at least one", "mark the comparator"
            )
        for name in self.protocol.arms:
            if name in columns.RESERVED:
                yield self.document.problem(
                    ("arms", name), f"the name {name!r}", "another name", "rename it", key=True
                )
        arms = self.protocol.arms
        yield from self._once(("arms",), {name: arm.label for name, arm in arms.items()}, "arm")
        shown = {name: arm.short or arm.label for name, arm in arms.items()}
        if len({arm.label for arm in arms.values()}) == len(arms):  # else it is said already
            yield from self._once(("arms",), shown, "arm")

    def _randomizations(self) -> Iterator[Problem]:
        for name, randomization in self.protocol.randomizations.items():
            path: Path = ("randomizations", name)
            yield from self._all_known((*path, "arms"), randomization.arms, self.protocol.arms, "arm")
            if randomization.when is not None:
                yield from _problems(self._condition((*path, "when"), randomization.when))
            declared = set(randomization.arms) <= set(self.protocol.arms)  # else that is said already
            declared = declared and len(set(randomization.arms)) == len(randomization.arms)
            if (
                declared
                and randomization.ratio != "not stated"
                and set(randomization.ratio) != set(randomization.arms)
            ):
                found = f"a ratio for {', '.join(randomization.ratio) or 'no arm'}"
                expected = f"a whole number for each of {', '.join(randomization.arms)}"
                yield self.document.problem((*path, "ratio"), found, expected, "use the names of the arms")
            if randomization.strata != "not stated":
                yield from self._factors((*path, "strata"), randomization.strata, columns.SITE)
                if randomization.method == "minimization" and not randomization.strata:
                    yield self.document.problem((*path, "strata"), "no factor", "the factors of the minimization",
                                                "name them, or write not stated")  # fmt: skip
            yield from self._blocks_of(path, randomization)

    def _blocks_of(self, path: Path, randomization: Randomization) -> Iterator[Problem]:
        """Blocks hold the ratio exactly, and belong to permuted blocks."""
        if randomization.blocks != "not stated":
            if randomization.method != "permuted blocks":
                found = f"blocks for the method {randomization.method}"
                yield self.document.problem((*path, "blocks"), found, "blocks with the method permuted blocks only",
                                            "remove them, or state the method")  # fmt: skip
            whole = (
                len(randomization.arms)
                if randomization.ratio == "not stated"
                else sum(randomization.ratio.values())
            )
            for index, size in enumerate(randomization.blocks):
                if size % whole:
                    yield self.document.problem((*path, "blocks", index), f"a block of {size}", f"a multiple of {whole}",
                                                "a block holds the ratio exactly")  # fmt: skip

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
            # A subject who has died cannot have the event any more; that is no censoring like another.
            for event, kind in events.items():
                named = {*endpoint.events, *endpoint.competing}
                if kind.terminal and event not in named and named <= set(events):
                    yield self.document.problem((*path, "events"), f"no word on the terminal event {event!r}",
                                                "it among events or competing", f"write competing: [{event}]")  # fmt: skip
        yield from self._once(
            ("endpoints",), {name: one.label for name, one in self.protocol.endpoints.items()}, "end point"
        )

    def _populations(self) -> Iterator[Problem]:
        for name, population in self.protocol.populations.items():
            yield from _problems(self._condition(("populations", name, "require"), population.require))

    def _dispositions(self) -> Iterator[Problem]:
        for stage in ("screening", "treatment", "follow_up"):
            reasons: Mapping[str, str] = getattr(self.protocol.dispositions, stage)
            path: Path = ("dispositions", stage)
            yield from self._once(path, reasons, "reason")
            if "completed" in reasons:
                yield self.document.problem((*path, "completed"), "the code 'completed'", "a reason for leaving",
                                            "remove it: a stage that was completed has no reason", key=True)  # fmt: skip

    def _different(self, path: Path, values: Sequence[object]) -> Iterator[Problem]:
        for index, value in enumerate(values):
            if value in values[:index]:
                text = f"{value:g}" if isinstance(value, float) else repr(value)
                yield self.document.problem((*path, index), f"{text} a second time", "each once", "remove it")

    def _factors(self, path: Path, names: tuple[str, ...], *others: str) -> Iterator[Problem]:
        """Names of items with levels; ``others`` may stand among them without being items."""
        known = [*self.protocol.items, *self.protocol.derived]
        yield from self._all_known(path, names, [*known, *others], "item or derived item")
        for index, name in enumerate(names):
            if name in known:
                yield from self._has_levels((*path, index), name)

    def _factor(self, path: Path, name: str) -> Iterator[Problem]:
        known = [*self.protocol.items, *self.protocol.derived]
        yield from self._known(path, name, known, "item or derived item")
        if name in known:
            yield from self._has_levels(path, name)

    def _has_levels(self, path: Path, name: str) -> Iterator[Problem]:
        if not self._is_factor(name):
            yield self.document.problem(path, f"{name!r}, which has no levels",
                                        "a choice, a boolean or a classified item", "derive classes from it")  # fmt: skip

    def _is_factor(self, name: str) -> bool:
        if name in self.protocol.derived:
            return self.protocol.derived[name].classes is not None
        return self.protocol.items[name].type in ("choice", "boolean")

    def _analyses(self) -> Iterator[Problem]:
        for name, analysis in self.protocol.analyses.items():
            path: Path = ("analyses", name)
            if name in ("flow", "follow_up", "adverse_events", *self.protocol.baselines):
                yield self.document.problem(
                    path, f"the name {name!r}", "a name that no section has", "rename it", key=True
                )
            yield from self._known(
                (*path, "endpoint"), analysis.endpoint, self.protocol.endpoints, "end point"
            )
            yield from self._known(
                (*path, "population"), analysis.population, self.protocol.populations, "population"
            )
            yield from self._comparisons(path, analysis)
            yield from self._factors((*path, "subgroups"), analysis.subgroups)
            yield from self._different((*path, "kaplan_meier", "times"), analysis.kaplan_meier.times)
            if analysis.log_rank is not None:
                strata = analysis.log_rank.strata
                yield from self._factors((*path, "log_rank", "strata"), strata, columns.SITE)
            if analysis.cox is not None:
                yield from self._factors((*path, "cox", "strata"), analysis.cox.strata, columns.SITE)
                yield from self._covariates((*path, "cox", "covariates"), analysis.cox.covariates)
                for index, name in enumerate(analysis.cox.covariates):
                    if name in analysis.cox.strata:
                        found = f"{name!r}, which is also a stratum"
                        yield self.document.problem((*path, "cox", "covariates", index), found, "one or the other",
                                                    "remove one: within a stratum it does not vary")  # fmt: skip
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
                continue
            pair = {comparison.experimental, comparison.control}
            if any(pair == {one.experimental, one.control} for one in analysis.comparisons[:index]):
                yield self.document.problem(place, "a comparison a second time", "each once", "remove it")
            arms, randomizations = self.protocol.arms, self.protocol.randomizations.values()
            if comparison.experimental in arms and arms[comparison.experimental].role == "control":
                found = f"{comparison.experimental!r}, whose role is control"
                yield self.document.problem((*place, "experimental"), found, "an experimental arm",
                                            "a hazard ratio is experimental over control: exchange them")  # fmt: skip
            allocated = [set(one.arms) for one in randomizations]
            known = pair <= set(arms) and set().union(*allocated) <= set(arms)
            if known and not any(pair <= one for one in allocated):
                found = f"{comparison.experimental} against {comparison.control}"
                yield self.document.problem(place, found, "two arms of one randomization",
                                            "compare only what was randomized")  # fmt: skip

    def _covariates(self, path: Path, names: tuple[str, ...]) -> Iterator[Problem]:
        known = [*self.protocol.items, *self.protocol.derived]
        yield from self._all_known(path, names, known, "item or derived item")
        for index, name in enumerate(names):
            if name in self.protocol.items and self.protocol.items[name].type in ("text", "date"):
                yield self.document.problem((*path, index), f"{name!r} of type {self.protocol.items[name].type}",
                                            "a number, a choice, a boolean or a derived item")  # fmt: skip

    def _baselines(self) -> Iterator[Problem]:
        for name, baseline in self.protocol.baselines.items():
            yield from self._baseline(("baselines", name), baseline)

    def _baseline(self, path: Path, baseline: Baseline) -> Iterator[Problem]:
        populations = self.protocol.populations
        yield from self._known((*path, "population"), baseline.population, populations, "population")
        names = [*self.protocol.items, *self.protocol.derived]
        if baseline.by != "arm":
            yield from self._factor((*path, "by"), baseline.by)
        seen: set[str] = set()
        for index, entry in enumerate(baseline.items):
            place = (*path, "items", index)
            yield from self._known((*place, "item"), entry.item, names, "item or derived item")
            if entry.item in seen:
                yield self.document.problem(
                    (*place, "item"), f"{entry.item!r} a second time", "each once", "remove it"
                )
            seen.add(entry.item)
            if entry.item in names:
                yield from self._shown(place, entry)

    def _shown(self, path: Path, entry: BaselineItem) -> Iterator[Problem]:
        """How one item of the baseline table is summarized."""
        type_ = self.columns.get(entry.item)
        numeric = type_ in (pl.Int64(), pl.Float64())
        if not numeric and not self._is_factor(entry.item):
            yield self.document.problem(
                (*path, "item"), f"{entry.item!r}, a text or date", "a number or a factor"
            )
        elif not numeric and "show" in entry.model_fields_set:
            found = f"a summary of numbers for {entry.item!r}"
            yield self.document.problem((*path, "show"), found, "show beside numbers only", "remove it")
        elif numeric and not entry.show:
            yield self.document.problem((*path, "show"), "an empty list", "at least one summary")
        yield from self._different((*path, "show"), entry.show)

    def _adverse_events(self) -> Iterator[Problem]:
        adverse = self.protocol.adverse_events
        if adverse is None:
            return
        path: Path = ("adverse_events",)
        yield from self._known(
            (*path, "population"), adverse.population, self.protocol.populations, "population"
        )
        if not adverse.grades:
            yield self.document.problem((*path, "grades"), "no grade", "at least one")
        elif str(adverse.severe_from) not in adverse.grades:
            found = f"{adverse.severe_from}, which grades does not have"
            yield self.document.problem((*path, "severe_from"), found, f"one of {', '.join(adverse.grades)}")
        yield from self._once((*path, "grades"), adverse.grades, "grade")
        special = adverse.special_interest
        yield from self._once(
            (*path, "special_interest"), {name: one.label for name, one in special.items()}, "kind"
        )
        for name, kind in special.items():
            place = (*path, "special_interest", name, "where")
            yield from _problems(self._rule(place, kind.where, over=columns.ADVERSE_EVENT))

    def _report(self) -> Iterator[Problem]:
        report, path = self.protocol.report, ("report", "sections")
        yield from self._different(path, report.sections)
        if "sections" not in report.model_fields_set:
            return
        for index, section in enumerate(report.sections):
            block = {"baseline": "baselines"}.get(section, section)
            if section in ("baseline", "adverse_events") and not getattr(self.protocol, block):
                found = f"the section {section} without a plan for it"
                yield self.document.problem(
                    (*path, index), found, f"the block {block}", "add the block, or remove the section"
                )


def _problems(parts: Iterable[Problem | Rule]) -> Iterator[Problem]:
    yield from (part for part in parts if isinstance(part, Problem))


def _constant(rule: Rule) -> object:
    """The value of a rule that reads no column; None for every other."""
    return None if rule.columns else rule.evaluate(pl.DataFrame({"": [None]})).item()
