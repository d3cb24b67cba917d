"""The names that rules may use: what is known of every subject, the items, and the derived items."""

from __future__ import annotations

import polars as pl

from equipoise.protocol.definition import Protocol

SUBJECT: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "site_id": pl.String(),
    "registered_on": pl.Date(),
    "randomization": pl.String(),
    "randomized_on": pl.Date(),
    "arm": pl.String(),  # planned
    "treatment_started_on": pl.Date(),
    "actual_arm": pl.String(),
    "screening_ended": pl.String(),  # "completed", a reason's code, or null while the stage goes on
    "treatment_ended": pl.String(),
    "follow_up_ended": pl.String(),
    "last_follow_up": pl.Date(),
    "last_known_alive": pl.Date(),
    "died_on": pl.Date(),
}

SITE = "site_id"  # the one factor of strata that is no item

STATUS: dict[str, pl.DataType] = {"randomized": pl.Boolean(), "treated": pl.Boolean()}

OF_TYPE: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "text": pl.String(),
    "choice": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}

RESERVED = (
    frozenset(SUBJECT)
    | frozenset(STATUS)
    | {"source", "endpoint", "time", "event", "cause", "all", "overall"}
)


def of_items(protocol: Protocol) -> dict[str, pl.DataType]:
    """One column an item; a second one with the reason where it can be unavailable."""
    columns: dict[str, pl.DataType] = {}
    for name, item in protocol.items.items():
        columns[name] = OF_TYPE[item.type]
        if item.unavailable:
            columns[f"{name}_unavailable"] = pl.String()
    return columns


def of_strata(protocol: Protocol) -> dict[str, pl.DataType]:
    """One column a stratification factor: its level as used at randomization."""
    return {
        f"stratum_{factor}": pl.String()
        for randomization in protocol.randomizations.values()
        if randomization.strata != "not stated"
        for factor in randomization.strata
    }


def choices(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """The codes that may stand beside a name in a rule."""
    codes = {name: tuple(item.choices) for name, item in protocol.items.items() if item.choices}
    codes |= {
        f"{name}_unavailable": item.unavailable for name, item in protocol.items.items() if item.unavailable
    }
    codes |= {name: tuple(derived.classes) for name, derived in protocol.derived.items() if derived.classes}
    for stage in ("screening", "treatment", "follow_up"):
        codes[f"{stage}_ended"] = ("completed", *getattr(protocol.dispositions, stage))
    for column in of_strata(protocol):
        factor = column.removeprefix("stratum_")
        derived = protocol.derived.get(factor)
        if factor in protocol.items or (derived is not None and derived.classes is not None):
            codes[column] = tuple(protocol.factor_levels(factor))
    arms = tuple(protocol.arms)
    return codes | {"arm": arms, "actual_arm": arms, "randomization": tuple(protocol.randomizations)}


def for_rules(protocol: Protocol) -> dict[str, pl.DataType]:
    """What every rule may use before anything is derived."""
    return {**SUBJECT, **STATUS, **of_items(protocol), **of_strata(protocol)}


ADVERSE_EVENT: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "category": pl.String(),
    "term": pl.String(),
    "grade": pl.Int64(),
    "serious": pl.Boolean(),
    "related": pl.String(),
    "emergent": pl.Boolean(),
    "started_on": pl.Date(),
    "ended_on": pl.Date(),
}
