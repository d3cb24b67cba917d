"""A protocol with one of everything, to be broken in one place at a time."""

from __future__ import annotations

SMALL = """\
equipoise: 1
protocol: SMALL-1
title: A small trial
items:
  age: {label: Age, type: integer, range: [0, 99]}
  sex: {label: Sex, type: choice, choices: {f: Female, m: Male}}
  mrd: {label: MRD, type: decimal, detection_limit: 0.01, unavailable: [indeterminate, not done]}
  boy: {label: Boy, type: boolean}
  born: {label: Date of birth, type: date}
  remark: {label: Remark, type: text}
derived:
  group:
    label: Age group
    classes:
      young: {label: "<18", when: age < 18}
      old: {label: "≥18", when: age >= 18}
  twice: {label: Twice the age, value: 2 * age}
events:
  relapse: {label: Relapse}
  death: {label: Death, terminal: true}
dispositions:
  treatment: {toxicity: Toxicity, refused: Refused}
arms:
  a: {label: Arm A, role: control}
  b: {label: Arm B, role: experimental}
  c: {label: Arm C, role: experimental}
randomizations:
  main: {when: age >= 1, arms: [a, b], ratio: {a: 1, b: 2}, strata: [group], method: minimization}
  second: {arms: [a, c]}
endpoints:
  dfs: {label: Disease-free survival, role: primary, events: [relapse, death]}
  rel: {label: Time to relapse, role: secondary, events: [relapse], competing: [death]}
populations:
  itt: {label: All randomized, require: randomized}
  treated: {label: Treated, require: treated and age < 90, arm: actual}
cutoffs:
  final: {label: Final, on: 2024-06-30, recorded_by: 2024-09-30T12:00:00Z}
baselines:
  baseline:
    population: itt
    items: [{item: age, show: [mean_sd, range]}, {item: sex}, {item: group}, {item: twice}]
analyses:
  dfs:
    endpoint: dfs
    population: itt
    comparisons:
      - {experimental: b, control: a}
      - {experimental: c, control: a}
    kaplan_meier: {times: [1, 3]}
    log_rank: {strata: [group]}
    cox: {strata: [group], covariates: [age, boy]}
    subgroups: [sex, group]
    figure: {until: 5, every: 1}
adverse_events:
  population: treated
  dictionary: MedDRA 27
  grading: CTCAE 5
  grades: {"1": Mild, "3": Severe}
  severe_from: 3
  special_interest:
    liver: {label: Liver, where: category = 'Hepatobiliary' and grade >= 3}
report:
  sections: [flow, baseline, adverse_events]
"""


def changed(old: str, new: str) -> str:
    """The protocol with one change; the old text must stand in it once."""
    assert SMALL.count(old) == 1, f"{old!r} stands {SMALL.count(old)} times in the protocol"
    return SMALL.replace(old, new)
