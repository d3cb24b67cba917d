"""Intergroup-0035 with other plans: cumulative incidence, selection of covariates, diagnostics."""

from __future__ import annotations

from functools import cache

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import Results
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol
from equipoise.trial.opening import find_protocol, read_datasets

PLANS = """
analyses:
  by_arm:
    endpoint: recurrence
    population: randomized
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}]
    cumulative_incidence: {times: [1, 5], test: gray}
    figure: {until: 8, every: 2}
  by_level:
    endpoint: recurrence
    population: randomized
    by: differentiation
    cumulative_incidence: {times: [1, 5], test: gray}
    kaplan_meier: {times: [1]}
  selected:
    label: Overall survival, multivariable
    endpoint: overall_survival
    population: randomized
    log_rank: null
    cox: {ties: breslow, covariates: [age, sex, differentiation, nodes, obstruction], selection: {stay: 0.15}}
    diagnostics: [log-log plot, scaled Schoenfeld residuals]
  exact:
    label: Overall survival, exact ties
    endpoint: overall_survival
    population: randomized
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}]
    kaplan_meier: {interval: logit, times: [5]}
    log_rank: null
    cox: {ties: exact-partial, interval: profile}
  late:
    label: Overall survival, late
    endpoint: overall_survival
    population: randomized
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}]
    restricted_mean: {until: 5}
    log_rank: {weights: {rho: 1}}
    cox: null
  selected_by_arm:
    endpoint: overall_survival
    population: randomized
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}]
    cox: {covariates: [age, sex, nodes, obstruction], strata: [serosa], selection: {stay: 0.05}}
    subgroups: [sex]
    diagnostics: [log-log plot, scaled Schoenfeld residuals]
"""


@cache
def protocol() -> Protocol:
    text = find_protocol("intergroup0035").read_text(encoding="utf-8")
    return parse_protocol(text[: text.index("\nanalyses:")] + PLANS)


@cache
def results() -> Results:
    return analyze(read_datasets(protocol(), find_protocol("intergroup0035").parent))
