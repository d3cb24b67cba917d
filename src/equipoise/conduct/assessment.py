"""Eligibility and classes of each subject, with the reason: what is met, what is not, what is missing.

Unknown is not false. A criterion that cannot be decided blocks, and the items that are missing are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules.classification import Classifier
from equipoise.protocol.rules.rule import Rule, compile_rule

NO_CLASS = "no class holds"  # nothing is missing: the rules leave the subject out

Verdict = Literal["holds", "does not hold", "cannot be decided", "not reached"]


def assess(protocol: Protocol, subjects: pl.DataFrame, classifier: Classifier | None = None) -> pl.DataFrame:
    """One row a subject: eligible (``yes``, ``no``, ``undecided``; null without criteria), its reasons, and
    each classified item with the reason where it has no class.

    subjects: as :meth:`equipoise.protocol.classification.Classifier.add_derived` takes them.
    classifier: of the protocol, where it was made before.
    """
    classifier = classifier or Classifier(protocol)
    frame = classifier.add_derived(subjects)
    output = {"subject_id": frame["subject_id"], **_eligibility(protocol, classifier, frame)}
    for name, rules in classifier.rules.items():
        output[name] = frame[name]
        output[f"{name}_undecided"] = _undecided(classifier, frame, rules)
    return pl.DataFrame(output)


def _eligibility(protocol: Protocol, classifier: Classifier, frame: pl.DataFrame) -> dict[str, pl.Series]:
    failed = pl.Series([False] * frame.height, dtype=pl.Boolean)
    unknown = failed
    reasons: list[pl.Series] = []
    for code, criterion in protocol.eligibility.items():
        rule = compile_rule(criterion.require, classifier.known, classifier.codes)
        met = rule.evaluate(frame)
        failed, unknown = failed | ~met.fill_null(True), unknown | met.is_null()
        said = _choose(frame, ~met.fill_null(True), f"{code} not met: {criterion.text}")
        missing = _missing(classifier, frame, rule, met.is_null())
        reasons.append(said.zip_with(~met.is_null(), f"{code} undecided, missing " + missing))
    if not protocol.eligibility:
        nobody = pl.Series([None] * frame.height, dtype=pl.String)
        return {"eligible": nobody, "eligibility_reasons": nobody}
    verdict = pl.select(
        pl.when(failed).then(pl.lit("no")).when(unknown).then(pl.lit("undecided")).otherwise(pl.lit("yes"))
    )
    return {"eligible": verdict.to_series(), "eligibility_reasons": _join(reasons)}


def _undecided(classifier: Classifier, frame: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.Series:
    """Which items were missing for the first class that could not be decided; empty where a class was given."""
    open_ = pl.Series([True] * frame.height, dtype=pl.Boolean)
    result = pl.Series([""] * frame.height, dtype=pl.String)
    for rule in rules.values():
        holds = rule.evaluate(frame)
        stuck = open_ & holds.is_null()
        result = result.zip_with(~stuck, "missing " + _missing(classifier, frame, rule, stuck))
        open_ = open_ & ~holds.fill_null(True)
    return result.zip_with(~open_, _choose(frame, open_, NO_CLASS))


def _missing(classifier: Classifier, frame: pl.DataFrame, rule: Rule, where: pl.Series) -> pl.Series:
    """The unknown items behind a rule, with the reason why each is unavailable; empty elsewhere.

    Where every item is known, a derived item that gave no class is what is missing.
    """
    items = _named(frame, sorted(classifier.items_behind([rule])))
    derived = _named(frame, sorted(rule.columns & set(classifier.behind)))
    nothing = pl.Series([""] * frame.height, dtype=pl.String)
    return items.zip_with(items != "", derived).zip_with(where, nothing)


def _named(frame: pl.DataFrame, names: list[str]) -> pl.Series:
    """For each row, those of the names that are unknown there."""
    parts = []
    for name in names:
        reason: pl.Expr = pl.lit(name)
        if f"{name}_unavailable" in frame.columns:
            why = pl.col(f"{name}_unavailable")
            reason = pl.when(why.is_null()).then(pl.lit(name)).otherwise(pl.lit(f"{name} (") + why + ")")
        parts.append(pl.when(pl.col(name).is_null()).then(reason))
    if not parts:
        return pl.Series([""] * frame.height, dtype=pl.String)
    return frame.select(pl.concat_str(parts, separator=", ", ignore_nulls=True).alias("named"))["named"]


def _choose(frame: pl.DataFrame, where: pl.Series, text: str) -> pl.Series:
    return pl.Series([""] * frame.height, dtype=pl.String).zip_with(~where, pl.Series([text] * frame.height))


def _join(parts: list[pl.Series]) -> pl.Series:
    frame = pl.DataFrame({str(index): part for index, part in enumerate(parts)})
    filled = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in frame.columns]
    return frame.select(pl.concat_str(filled, separator="; ", ignore_nulls=True).alias("reasons"))["reasons"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of an answer: its name, text, verdict, and the values that it read, as they stood."""

    name: str
    rule: str
    verdict: Verdict
    values: Mapping[str, Any]


def why(
    protocol: Protocol, subjects: pl.DataFrame, subject_id: str, derived: str
) -> tuple[str | None, list[Step]]:
    """Why a subject has its class: every rule in order, until the first that holds or cannot be decided.

    Raises DataError for a subject or classified item that is not there.
    """
    classifier = Classifier(protocol)
    frame = classifier.add_derived(subjects.filter(pl.col("subject_id") == subject_id))
    if frame.height != 1:
        raise DataError(f"subject_id is {subject_id!r}; found {frame.height} such subjects, expected one")
    rules = classifier.rules.get(derived)
    if rules is None:
        raise DataError(
            f"derived item is {derived!r}; expected one of {', '.join(classifier.rules) or 'none'}"
        )
    steps: list[Step] = []
    decided = False
    for code, rule in rules.items():
        holds = rule.evaluate(frame)[0]
        verdict: Verdict = "holds" if holds else "cannot be decided" if holds is None else "does not hold"
        values = {name: frame[name][0] for name in sorted(rule.columns)}
        steps.append(Step(code, rule.text, "not reached" if decided else verdict, values))
        decided = decided or holds is not False
    return frame[derived][0], steps
