"""A small trial in which half of the patients are never randomized: analyses that are not of arms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from equipoise.datasets.derivation import derive
from equipoise.datasets.frames import Datasets
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.load import parse_protocol
from small_trial import DAY_0, PROTOCOL, event, item, randomized, registered, seen

PLANS = (
    PROTOCOL.replace("endpoints:\n", "endpoints:\n  osr: {label: Survival from enrollment, role: secondary, origin: registration, events: [death]}\n")
    .replace("populations:\n", """populations:
  everyone: {label: All registered, require: registered_on is not null}
  left_out: {label: Never randomized, require: registered_on is not null and not randomized}
""")
    .replace("baselines: {", """baselines: {of_sites: {population: everyone, by: site, items: [{item: age}, {item: boy}]},
  narrow: {population: everyone, by: boy, overall: false, items: [{item: site}]}, """)
    .replace("analyses:\n", """analyses:
  by_site: {endpoint: osr, population: everyone, by: site, cox: {covariates: [boy]}}
  of_all: {endpoint: osr, population: everyone}
  of_left: {endpoint: osr, population: left_out}
""")
    + """
proportions:
  young: {label: Younger than 8, role: secondary, response: age < 8, population: itt,
    comparisons: [{experimental: b, control: a}]}
  marrow: {label: Marrow relapse, role: secondary, response: site = 'bm', population: left_out}
tables:
  site_by_arm: {label: Site by arm, population: itt, rows: site}
  site_by_boy: {label: Site by sex and arm, population: everyone, rows: site, columns: boy, by: mrd_class}
"""
)  # fmt: skip


def subject(
    name: str, arm: str | None, site: str | None, age: int | None, died: int | None, last: int
) -> list[Any]:
    facts = [registered(name), item(name, "boy", name in ("S1", "S3", "S5"))]
    facts += [item(name, "site", site)] if site else []
    facts += [item(name, "age", age)] if age is not None else []
    facts += [randomized(name, arm, 0, site or "bm")] if arm else []
    return [*facts, event(name, "death", died) if died else seen(name, last)]


# S1 and S2 in arm a, S3 in arm b; S4 to S6 were never randomized; nobody knows S6's site.
FACTS = [
    *subject("S1", "a", "bm", 4, 100, 0), *subject("S2", "a", "iem", 9, None, 300), *subject("S3", "b", "bm", None, 200, 0),
    *subject("S4", None, "bm", 6, 50, 0), *subject("S5", None, "iem", 7, None, 400), *subject("S6", None, None, 8, 20, 0),
]  # fmt: skip


def datasets(*facts: Any, text: str = PLANS) -> Datasets:
    return derive(parse_protocol(text, "small.yaml"), Log(facts).as_of(Cutoff(DAY_0 + timedelta(1000))))
