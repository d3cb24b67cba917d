"""A protocol that says something in every key of the language, for tests that nothing of it is lost."""

from __future__ import annotations

EVERYTHING = """\
equipoise: 1
protocol: EVERY-1
title: A trial of everything
summary: The summary of the trial.
registry: NCT00000001
sponsor: The sponsor
phase: "3"
masking: Double masked
condition: The condition
sources:
  paper: A citation of the paper.
notes: [A first note., A second note.]
background:
  - {text: The disease is dangerous., source: paper a}
  - {text: The drug is promising., source: paper a}
  - {text: Nobody knows whether it helps.}
versions:
  v1: {on: 2019-02-03, changes: First version, source: paper one}
  v2: {on: 2020-04, changes: Second version, approved_by: [Board one, Board two], source: paper two}
oversight:
  review: [Central board, Local board]
  committee: The monitoring committee
  meetings: Twice a year
  sites: 77
  countries: [Aland, Borduria]
  opened: 2019-05-06
  closed: 2021-07
  enrolled: 661
  source: paper three
visits:
  screening: {label: Screening visit, window: [3, 5], evaluates: [Vital signs, Chest film], source: paper four}
  end_of_block: {label: End of block}
assays:
  flow:
    label: Flow cytometry
    method: Six colors
    specimen: Marrow aspirate
    performed_by: The laboratory of the group
    laboratory: central
    sensitivity: 0.0002
    masked: true
    panels: [CD19, CD22]
    source: paper five
items:
  age: {label: Age, type: decimal, unit: year, range: [0, 99], source: paper six}
  sex: {label: Sex, type: choice, choices: {f: Female, m: Male}, unavailable: [not asked]}
  consent_day: {label: Consent day, type: date}
  fit: {label: Fit for therapy, type: boolean, collected: screening}
  mrd: {label: Residual disease, type: decimal, unit: percent, collected: [screening, end_of_block], assay: flow, detection_limit: 0.03}
  remark: {label: Remark of the physician, type: text, collected: ongoing}
derived:
  risk:
    label: Risk group
    classes:
      high: {label: High risk, when: age >= 10 or mrd_end_of_block >= 0.1}
      low: {label: Low risk, when: age < 10}
    undecided: Those whose disease was not measured.
    source: paper seven
  band:
    label: Age band
    classes:
      young: {label: Young ones, when: age < 12}
      old: {label: Old ones, when: age >= 12}
  double_age: {label: Double age, value: 2 * age, unit: year, source: paper eight}
eligibility:
  i1: {text: At least one year old, require: age >= 1, source: paper nine}
  e1: {text: Not fit for therapy, require: fit, exclusion: true}
consents:
  main:
    label: Main consent
    form: written
    given_by: [patient, parent or guardian]
    assent: From seven years
    informs: [Of risks, Of benefits]
    versions:
      c1: {on: 2019-01-02, changes: First consent text, approved_by: [Board three], source: paper ten}
    source: paper eleven
drugs:
  drugone: {label: Drug one, role: investigational, description: Describes drug one, source: paper twelve}
  drugtwo: {label: Drug two, role: background}
courses:
  block: {label: Block of induction, days: 29, rest: 6, detail: Detail of the block, source: paper thirteen}
  cycle:
    label: Cycle of therapy
    days: 36
    treatments:
      first:
        label: First infusion
        drug: drugone
        dose: {amount: 15.5, unit: mg/m2/day, maximum: 31.25}
        route: by vein
        infusion: continuous
        days: {first: 2, last: 27}
        when: age >= 3
        reduction: By a quarter for grade 4
        detail: Detail of the infusion
        source: paper fourteen
      second: {drug: drugtwo, days: [1, 8, 15]}
      third: {procedure: radiotherapy, prescribed: false}
arms:
  std: {label: Standard therapy, short: STD, role: control, description: Describes the standard, source: paper fifteen}
  new: {label: New therapy, short: NEW, role: experimental}
groups:
  salvage: {label: Salvage group, short: SLV, when: mrd_end_of_block >= 5, description: Describes salvage, source: paper sixteen}
randomizations:
  main:
    label: Main randomization
    when: risk = 'high'
    arms: [std, new]
    ratio: {std: 2, new: 3}
    strata: [risk]
    stratified_by: [Hospital region]
    method: permuted blocks
    blocks: [5, 10]
    planned: 222
    masking: Masked by placebo
    rationale: Because both had the same outlook
    opened: 2019-08-09
    closed: 2021-06-08
    closed_because: Enough events
    source: paper seventeen
path:
  informed: {consent: main, next: checked, refused: over, source: paper eighteen}
  checked: {does: eligibility, next: entered}
  entered: {label: Entry into the trial, does: registration, next: induction}
  induction:
    course: block
    times: [1, 3]
    next: assessed
    leave: [toxic]
    leave_to: watched
    detail: Detail of the step
  assessed:
    visit: end_of_block
    next:
      - {to: saved, when: mrd_end_of_block >= 5, label: Salvage way}
      - {to: allocated, when: risk = 'high'}
      - {to: watched}
    undecided: Those without a measurement of disease
    deviations:
      early: {label: Early treatment, allowed: true, to: treated, when: age >= 14, counts: As randomized there, source: paper nineteen}
  saved: {group: salvage, next: watched}
  allocated: {randomization: main, arms: {std: treated, new: treated}}
  treated: {course: cycle, next: watched}
  watched: {does: follow_up, next: over}
  over: {does: end}
dispositions:
  screening: {late: Came too late}
  treatment: {toxic: Too toxic}
  follow_up: {moved: Moved away}
  final: [toxic]
  source: paper twenty
events:
  relapse: {label: Relapse of disease, visit: end_of_block, when: mrd_end_of_block >= 7, source: paper twentyone}
  death: {label: Death of any cause, terminal: true}
endpoints:
  dfs:
    label: Time without disease
    short: TWD
    role: primary
    origin: randomization
    events: [relapse, death]
    censored_at: last_follow_up
    count_days: inclusive
    unit: month
    definition: Defines the end point
    source: paper twentytwo
  late: {label: Late death, role: post hoc, origin: registration, events: [death]}
  rel: {label: Time to relapse, role: secondary, origin: consent_day, events: [relapse], competing: [death], unit: week}
estimands:
  first:
    objective: Whether the new therapy is better
    role: primary
    treatment: New against standard
    population: Everybody at high risk
    variable: dfs
    intercurrent_events:
      stop: {label: Stops therapy, strategy: treatment policy, detail: Followed all the same, source: paper twentythree}
    summary: The ratio of hazards
    analysis: dfs
    source: paper twentyfour
adverse_events:
  population: treated
  dictionary: MedDRA 27
  grading: CTCAE 5
  graded_by: The treating physician
  grades: {"3": Severe ones, "4": Dangerous ones}
  severe_from: 4
  treatment_emergent: recorded
  minimum_percent: 12.5
  special_interest:
    liver: {label: Liver toxicity, where: category = 'Hepatobiliary' and grade >= 3, kind: of the treatment, arms: [new], source: paper twentyfive}
    rash: {label: Rash of any kind, where: "term in ('Rash', 'Itch')", kind: composite}
    fever: {label: Fever without cause, where: term = 'Fever'}
  periods:
    early: {label: Early period, courses: [block], population: treated, source: paper twentysix}
  tables:
    first:
      label: Table of early events
      population: treated
      by: band
      periods: [early]
      per: course
      minimum_percent: 7.5
      grades: [3, 4]
      kinds: [liver]
      test: true
      source: paper twentyseven
  expedited: Within one day
  source: paper twentyeight
monitoring:
  main:
    label: The plan of looks
    randomization: main
    endpoint: dfs
    analysis: dfs
    alpha: 0.023
    sided: 1
    power: 0.83
    hazard_ratio: 0.61
    expected: {at: 25, control: 0.43, experimental: 0.66}
    subjects: 223
    events: 131
    analyses: 2
    looks: [0.57, 1]
    efficacy: {spending: hwang_shih_decani, parameter: -4.5, information: planned}
    futility: {rule: beta_spending, level: 0.037}
    safety: Stops at six deaths
    considers: [Quality of life]
    release: After the last patient
    cutoffs: [final]
    held:
      - {cutoff: final, held: 2024-10, events: 81, critical_p: 0.0041, decision: To go on, source: paper b}
    rationale: A third fewer events would matter
    detail: Detail of the monitoring
    source: paper twentynine
populations:
  itt: {label: All randomized ones, require: randomized, definition: Defines the population, source: paper thirty}
  treated: {label: All treated ones, require: treated and age < 90, arm: actual}
cutoffs:
  final: {label: Final cutoff, on: 2024-06-30, recorded_by: 2024-09-30T12:15:00Z, source: paper thirtyone}
baselines:
  first:
    label: Characteristics at entry
    population: itt
    by: risk
    overall: false
    items: [{item: age, show: [mean_sd, range]}, {item: sex, percent_of: all}]
    decimals: 1
    source: paper thirtytwo
analyses:
  dfs:
    label: Analysis of disease
    endpoint: dfs
    population: itt
    comparisons: [{experimental: new, control: std}]
    kaplan_meier: {interval: plain, confidence_level: 0.91, times: [18, 24]}
    log_rank: {strata: [risk], strata_as: verified, sided: 1, overall: true, weights: {rho: 0.23, gamma: 0.71}}
    restricted_mean: {until: 53, confidence_level: 0.915}
    cox: {ties: breslow, arms: all, strata: [risk], strata_as: verified, covariates: [age, band], selection: {stay: 0.12}, interval: profile, confidence_level: 0.92}
    subgroups: [sex, band]
    diagnostics: [log-log plot]
    threshold: 0.021
    cutoff: final
    figure: {until: 61, every: 13}
    source: paper thirtythree
  rel:
    endpoint: rel
    population: itt
    by: band
    cumulative_incidence: {times: [11], confidence_level: 0.93, test: gray}
    log_rank: null
    cox: null
proportions:
  clear:
    label: Clearance of disease
    role: secondary
    response: mrd_end_of_block < 0.05
    population: itt
    comparisons: [{experimental: new, control: std}]
    test: fisher
    difference: score
    odds_ratio: exact
    sided: 1
    covariates: [age]
    confidence_level: 0.94
    threshold: 0.019
    cutoff: final
    source: paper thirtyfour
  late_clear: {label: Late clearance, role: post hoc, response: mrd_end_of_block < 0.07, population: itt}
  seen_again: {label: Seen again, role: descriptive, response: fit, population: treated, sided: 2}
  clear_by_band: {label: Clearance by band, role: exploratory, response: mrd_end_of_block < 0.06, population: itt, by: band}
tables:
  crossed: {label: Crossed table, population: itt, rows: risk, columns: band, by: sex, cutoff: final, source: paper thirtyfive}
statistics:
  software: The program 7.3
  multiplicity: Nothing is adjusted
  missing: Outcomes are not imputed
  statements: [{text: Tests are exact where counts are small., source: paper c}]
  source: paper d
report: {style: nejm, sections: [flow, baseline]}
"""
