"""A two-arm protocol and short ways to write facts: what the tests of datasets and analyses start from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from equipoise.log.facts import (
    AdverseEventRecorded,
    EventOccurred,
    FollowedUp,
    ItemRecorded,
    Randomized,
    Registered,
    StageEnded,
    TreatmentStarted,
)
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol

DAY_0 = date(2020, 1, 1)
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)

PROTOCOL = """
equipoise: 1
protocol: SMALL
title: A small trial
items:
  age: {label: Age, type: integer, unit: year}
  site: {label: Site of relapse, type: choice, choices: {bm: Marrow, iem: Isolated extramedullary}}
  mrd: {label: MRD, type: decimal, unit: percent, unavailable: [indeterminate, not done]}
  boy: {label: Boy, type: boolean}
derived:
  mrd_class:
    label: MRD class
    undecided: Patients without an MRD value have no class.
    classes:
      high: {label: "≥0.1%", when: mrd >= 0.1}
      low: {label: "<0.1%", when: mrd < 0.1}
events:
  relapse: {label: Relapse}
  death: {label: Death, terminal: true}
dispositions:
  screening: {choice: Choice}
  treatment: {toxicity: Toxicity}
  follow_up: {withdrew: Withdrew consent}
arms:
  a: {label: Arm A, role: control}
  b: {label: Arm B, role: experimental}
randomizations:
  main: {arms: [a, b], ratio: {a: 1, b: 1}, strata: [site]}
endpoints:
  dfs: {label: Disease-free survival, role: primary, events: [relapse, death]}
  os: {label: Overall survival, role: secondary, events: [death]}
  relapse: {label: Time to relapse, role: exploratory, events: [relapse], competing: [death]}
populations:
  itt: {label: All randomized, require: randomized}
  treated: {label: Treated, require: treated, arm: actual}
  measured: {label: With low MRD, require: mrd < 0.1}
baselines: {baseline: {population: itt, items: [{item: age, show: [mean_sd]}, {item: site}, {item: boy}, {item: mrd_class, percent_of: all}]}}
analyses:
  dfs:
    endpoint: dfs
    population: itt
    comparisons: [{experimental: b, control: a}]
    kaplan_meier: {times: [1]}
    log_rank: {sided: 1, strata: [site]}
    cox: {strata: [site]}
    subgroups: [site, mrd_class]
    figure: {until: 2, every: 1}
adverse_events: {population: treated, dictionary: MedDRA, grading: CTCAE 4.03, grades: {"1": Mild, "3": Severe}}
"""


def protocol() -> Protocol:
    return parse_protocol(PROTOCOL, "small.yaml")


def about(subject: str, day: int, **more: Any) -> dict[str, Any]:
    return {"subject_id": subject, "occurred_on": DAY_0 + timedelta(day), "recorded_at": NOON, **more}


def registered(subject: str, day: int = 0) -> Registered:
    return Registered(**about(subject, day))


def randomized(subject: str, arm: str, day: int = 0, site: str = "bm") -> Randomized:
    return Randomized(**about(subject, day, randomization="main", arm=arm, stratum={"site": site}))


def item(subject: str, name: str, value: Any, day: int = 0) -> ItemRecorded:
    return ItemRecorded(**about(subject, day, item=name, value=value))


def unavailable(subject: str, name: str, reason: str, day: int = 0) -> ItemRecorded:
    return ItemRecorded(**about(subject, day, item=name, unavailable=reason))


def treated(subject: str, arm: str, day: int = 0) -> TreatmentStarted:
    return TreatmentStarted(**about(subject, day, arm=arm))


def event(subject: str, name: str, day: int) -> EventOccurred:
    return EventOccurred(**about(subject, day, event=name))


def seen(subject: str, day: int) -> FollowedUp:
    return FollowedUp(**about(subject, day))


def ended(subject: str, stage: str, day: int, reason: str = "") -> StageEnded:
    return StageEnded(**about(subject, day, stage=stage, completed=not reason, reason=reason))


def adverse(
    subject: str, term: str, grade: int | None, day: int, category: str = "Blood"
) -> AdverseEventRecorded:
    return AdverseEventRecorded(**about(subject, day, term=term, category=category, grade=grade))
