"""What the chart of a classification says: its rules, what is known where they are asked, and where they lead.

Everything that goes beyond the text of a rule is proved over all values that the protocol declares: that a rule may
stay undecided, that a condition holds for all who get to a rule, that a condition keeps some of a class away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from equipoise.protocol.definition import Branch, Derived, Protocol
from equipoise.protocol.proofs.witnesses import Claim, Patients, name_of, text_of
from equipoise.protocol.rules.classification import Classifier
from equipoise.protocol.rules.rule import parse
from equipoise.report.figures.path_content import branches_of, reached, titles_of
from equipoise.report.labels import listed, lower_first

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ChartRule:
    """One rule of the chart.

    text: what is asked.  known: conditions of the rule that hold for all who get here, so that none needs to be
    asked.  open: some patient who gets here cannot be decided.  unavailable: what may be missing.  goes: where the
    patients of its class go.
    """

    code: str
    label: str
    text: str
    known: str
    open: bool
    unavailable: tuple[str, ...]
    goes: tuple[str, ...]


def chart_rules(
    protocol: Protocol, name: str, derived: Derived, words: Words
) -> tuple[list[ChartRule], bool]:
    """The rules in order, and whether some patient meets none of them although each is decided."""
    patients = Patients(protocol)
    classifier = Classifier(protocol)
    eligible = [Claim(one.require) for one in protocol.eligibility.values()]
    if patients.find(eligible).state == "none":
        eligible = []
    before = list(eligible)
    levels = derived.classes or {}
    shared = _shared([level.when for level in levels.values()])
    rules: list[ChartRule] = []
    told: tuple[str, ...] = ()
    for index, (code, level) in enumerate(levels.items()):
        open_ = patients.find((*before, Claim(level.when, (None,)))).state != "none"
        behind = classifier.items_behind([classifier.rules[name][code]]) if open_ else set()
        missing = tuple(
            f"{protocol.items[item].label} ({', '.join(protocol.items[item].unavailable)})"
            for item in protocol.items if item in behind and protocol.items[item].unavailable
        )  # fmt: skip
        asked, known = _split(patients, before, level.when, shared[index])
        said = "" if known == told else "\n".join(words(one) for one in known)
        told = known
        goes = tuple(_goes(protocol, classifier, patients, (name, code), eligible, words))
        text = "All others" if level.when.lower() == "true" else words(asked)
        rules.append(ChartRule(code, level.label, text, said, open_, missing, goes))
        before.append(Claim(level.when, (False,)))
    return rules, patients.find(before).state != "none"


# -- conditions ------------------------------------------------------------------------------------


def conditions(rule: str) -> list[str]:
    """The conditions of a rule that must all hold; the rule itself where it is no such list.

    >>> conditions("(age >= 1 and boy) and (mrd < 1 or boy)")
    ['age >= 1', 'boy', '(mrd < 1 OR boy)']
    """
    waiting, found = [parse(rule)], list[str]()
    while waiting:
        node: Any = waiting.pop()
        bare = node.unnest()
        if type(bare).__name__ == "And":
            waiting += [bare.expression, bare.this]
        else:
            found.append(str(node.sql(dialect="postgres")))
    if len(found) == 1 or any(not _same(one) for one in found):
        return [rule]
    return found


def _same(text: str) -> bool:
    """Whether a condition that was written anew is read as it was written."""
    try:
        return str(parse(text).sql(dialect="postgres")) == text
    except ValueError:
        return False


def _shared(rules: Sequence[str]) -> list[set[str]]:
    """The conditions that each rule has in common with the one before it or after it."""
    lists = [set(conditions(rule)) for rule in rules]
    return [
        own & set[str]().union(*(lists[near] for near in (index - 1, index + 1) if 0 <= near < len(lists)))
        for index, own in enumerate(lists)
    ]


def _split(
    patients: Patients, before: Sequence[Claim], rule: str, shared: set[str]
) -> tuple[str, tuple[str, ...]]:
    """What a rule must still ask of those who get to it, and what is known of them all.

    Without what is known the rule has the same value for each of them, also where that is unknown.
    """
    known = tuple(
        one for one in conditions(rule)
        if one in shared and patients.find((*before, Claim(one, (False, None)))).state == "none"
    )  # fmt: skip
    asked = [one for one in conditions(rule) if one not in known]
    return (" and ".join(asked), known) if known and asked else (rule, ())


# -- where a class leads ---------------------------------------------------------------------------


def _goes(
    protocol: Protocol,
    classifier: Classifier,
    patients: Patients,
    level: tuple[str, str],
    eligible: Sequence[Claim],
    words: Words,
) -> Iterator[str]:
    """The randomizations and groups whose rules read the classification and take patients of a class."""
    name, code = level
    rules = [(one.when, key, _randomized(protocol, key)) for key, one in protocol.randomizations.items()]
    rules += [(one.when, key, f"Group: {one.label}") for key, one in protocol.groups.items()]
    here = Claim(f"{name_of(name)} = {text_of(code)}")
    for when, key, text in rules:
        if when is None or name not in patients.symbols.reads([when]):
            continue
        if patients.find((here, Claim(when))).state != "found":
            continue
        between = _between(protocol, patients, name, key)
        start = f"{'; '.join(between)}; then {lower_first(text)}" if between else text
        kept = [
            one for one in conditions(when)
            if patients.find((*eligible, here, Claim(one, (False, None)))).state == "found"
        ]  # fmt: skip
        gone = {one: _turned_off(protocol, patients, (name, key), (*eligible, here), one) for one in kept}
        first = [
            f"{_inline(words(way.when or ''))}: {lower_first(titles_of(protocol).get(way.to, way.to))}"
            for way in dict.fromkeys(way for way in gone.values() if way is not None)
        ]
        besides = [_restriction(one, words) for one in kept if gone[one] is None]
        said = ", ".join([start, *besides])
        yield f"First, {'; '.join(first)}. Others: {lower_first(said)}" if first else said


def _turned_off(
    protocol: Protocol, patients: Patients, ends: tuple[str, str], here: Sequence[Claim], condition: str
) -> Branch | None:
    """The branch by which the path leads away those of a class who do not meet a condition, before it asks for the class.

    ends: the classification, and the randomization or group that asks for the condition once more.
    """
    name, target = ends
    asks = _asks(protocol, patients, name)
    last = [step for step, one in protocol.path.items() if target in (one.randomization, one.group)]
    for way in branches_of(protocol.path[asks[0]]) if asks and last else ():
        if way.when is None or name in patients.symbols.reads([way.when]):
            return None
        away = last[0] not in reached(protocol, way.to, set(), ("deviation", "leave", "refused"))
        failed = (*here, Claim(condition, (False,)), Claim(way.when, (False, None)))
        if away and patients.find(failed).state == "none":
            return way
    return None


def _restriction(condition: str, words: Words) -> str:
    """A condition that keeps some of a class away, in words."""
    node = parse(condition).unnest()
    kind = type(node).__name__
    if kind == "Not":
        return f"unless {_inline(words(str(node.this.sql(dialect='postgres'))))}"
    if kind == "NEQ":
        left, right = (str(one.sql(dialect="postgres")) for one in (node.this, node.expression))
        return f"unless {_inline(words(f'{left} = {right}'))}"
    return f"only if {_inline(words(condition))}"


def _inline(text: str) -> str:
    return lower_first(" ".join(text.split()))


def _between(protocol: Protocol, patients: Patients, name: str, target: str) -> list[str]:
    """The steps that everyone passes between the step that first asks for the class and a randomization or group."""
    asks = _asks(protocol, patients, name)
    ends = [step for step, one in protocol.path.items() if target in (one.randomization, one.group)]
    if not asks or not ends:
        return []
    first, last, besides = asks[0], ends[0], ("deviation", "leave", "refused")
    within = [one for one in reached(protocol, first, set(), besides) if one not in (first, last)]
    titles = titles_of(protocol)
    return [
        titles[step] for step in within
        if last in reached(protocol, first, set(), besides)
        and last not in reached(protocol, first, {step}, besides)
    ]  # fmt: skip


def _asks(protocol: Protocol, patients: Patients, name: str) -> list[str]:
    """The steps whose ways on ask for a classification."""
    return [
        step for step, one in protocol.path.items()
        if any(branch.when and name in patients.symbols.reads([branch.when]) for branch in branches_of(one))
    ]  # fmt: skip


def _randomized(protocol: Protocol, name: str) -> str:
    """The arms of a randomization with their ratio."""
    randomization = protocol.randomizations[name]
    known = [protocol.arms[arm] for arm in randomization.arms if arm in protocol.arms]
    arms = [arm.short or arm.label for arm in known]
    said = f"{', '.join(arms[:-1])} or {lower_first(arms[-1])}"
    if randomization.ratio == "not stated":
        return f"Randomized: {said} (ratio not stated)"
    return f"Randomized: {said} ({':'.join(str(randomization.ratio[arm]) for arm in randomization.arms)})"


def left_by(rules: Sequence[ChartRule], left: bool) -> str:
    """Which rules leave patients without a class.

    >>> rule = ChartRule("a", "A", "age > 1", "", True, (), ())
    >>> left_by([rule, rule], True)
    'Rules 1 and 2 cannot be decided for some, and some meet no rule.'
    """
    numbers = [str(index) for index, rule in enumerate(rules, 1) if rule.open]
    said = (
        [f"{'Rule' if len(numbers) == 1 else 'Rules'} {listed(numbers)} cannot be decided for some"]
        if numbers
        else []
    )
    said += ["some meet no rule"] if left else []
    text = ", and ".join(said)
    return f"{text[:1].upper()}{text[1:]}."
