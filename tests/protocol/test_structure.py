"""What the blocks of a whole trial say of one another: one change of a valid protocol a row, and what is said about it."""

from __future__ import annotations

from datetime import date

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.checks.checker import earlier
from equipoise.protocol.load import parse_protocol
from protocol.planted_faults import TREATED

PLANS = """\
estimands:
  dfs:
    objective: Does blinatumomab prolong disease-free survival?
    role: primary
    treatment: Blinatumomab against chemotherapy
    population: First relapse of high or intermediate risk
    variable: dfs
    summary: Hazard ratio
    analysis: dfs_high
cutoffs:
  interim: {label: Interim, on: 2019-06-30}
  published: {label: As published, on: 2020-09}
baselines:
  risk_groups: {label: By risk group, population: randomized, by: risk, items: [{item: age}, {item: site}]}
analyses:
  dfs_high:
    endpoint: dfs
    population: randomized
    comparisons: [{experimental: b, control: a}]
    cutoff: interim
  dfs_by_site: {endpoint: dfs, population: randomized, by: site}
proportions:
  cleared:
    label: MRD cleared
    role: secondary
    response: mrd_end_of_cycle < 0.0001
    population: randomized
    comparisons: [{experimental: b, control: a}]
    test: fisher
    difference: score
tables:
  sites: {label: Site and risk, population: randomized, rows: site, columns: risk}
monitoring:
  high:
    randomization: high_intermediate
    endpoint: dfs
    analysis: dfs_high
    alpha: 0.025
    sided: 1
    power: 0.85
    hazard_ratio: 0.58
    expected: {at: 2, control: 0.45, experimental: 0.63}
    events: 131
    analyses: 3
    looks: [0.33, 0.67, 1.0]
    efficacy: {spending: obrien_fleming}
    cutoffs: [interim]
adverse_events:
  population: randomized
  dictionary: CTCAE 4.0
  grading: CTCAE 4.0
  grades: {"3": Severe, "4": Life-threatening}
  special_interest:
    seizure: {label: Seizure, where: term = 'Seizure', arms: [b]}
  periods:
    cycle: {label: Cycle, courses: [chemotherapy, blinatumomab], population: randomized}
  tables:
    by_site: {label: By site, population: randomized, by: site, periods: [cycle], kinds: [seizure], grades: [3, 4]}
"""
WHOLE = TREATED + PLANS

# (what stands there, what is put in its place, every problem: line:column  path: message)
CASES: list[tuple[str, str, list[str]]] = [
    ("flow: {label: Flow cytometry,", "flow2: {label: Flow cytometry,",
     ["23:12  items.mrd.assay: found 'flow'; expected a declared assay. Remedy: did you mean 'flow2'?"]),
    ("  end_of_cycle: {label: End of the randomized cycle}", "  end_of_cycle: {label: End of block 1}",
     ["7:3  visits.end_of_cycle: found the label 'End of block 1' for both end_of_block_1 and end_of_cycle; expected a label of its own for each visit. Remedy: reword one."]),
    ("screening: {label: Screening}", "screening: {label: Screening, window: [-2, 3]}",
     ["5:41  visits.screening.window: found [-2, 3]; expected days before and days after, both from 0 on. Remedy: write [2, 3] for two days before to three days after."]),
    ("range: [0, 100], collected: [end_of_block_1, end_of_cycle]}", "range: [0, 100], collected: [end_of_block_1, end_of_cycel]}",
     ["16:116  items.marrow_blasts.collected[1]: found 'end_of_cycel'; expected a declared visit. Remedy: did you mean 'end_of_cycle'?"]),
    ("    collected: [end_of_block_1, end_of_cycle]\n", "    collected: [end_of_block_1, end_of_cycle, end_of_cycle]\n",
     ["22:47  items.mrd.collected[2]: found 'end_of_cycle' a second time; expected each once. Remedy: remove it."]),
    ("salvage: {drug: blinatumomab}", "salvage: {drug: blinatumumab}",
     ["64:81  courses.salvage.treatments.salvage.drug: found 'blinatumumab'; expected a declared drug. Remedy: did you mean 'blinatumomab'?"]),
    ("salvage: {drug: blinatumomab}", "salvage: {label: Salvage}",
     ["64:65  courses.salvage.treatments.salvage: found neither drug nor procedure; expected exactly one of them. Remedy: name one."]),
    ("radiotherapy: {procedure: radiotherapy,", "radiotherapy: {drug: vincristine, procedure: radiotherapy,",
     ["63:7  courses.blinatumomab.treatments.radiotherapy: found both drug and procedure; expected exactly one of them. Remedy: write two treatments."]),
    ("radiotherapy: {procedure: radiotherapy,", "radiotherapy: {procedure: radiotherapy, infusion: bolus,",
     ["63:57  courses.blinatumomab.treatments.radiotherapy.infusion: found an infusion of radiotherapy; expected an infusion of a drug only. Remedy: remove it."]),
    ("unit: µg/m2/day", "unit: µg/m2",
     ["60:34  courses.blinatumomab.treatments.blinatumomab.dose.unit: found 'µg/m2' for a continuous infusion; expected an amount per time. Remedy: write for example µg/m2/day."]),
    ("{amount: 15, unit: µg/m2/day}", "{amount: 15, unit: µg/m2/day, maximum: 9}",
     ["60:54  courses.blinatumomab.treatments.blinatumomab.dose.maximum: found at most 9 µg/m2/day of a dose of 15 µg/m2/day; expected at least the amount, in the same unit. Remedy: state the maximum in the unit of the dose."]),
    ("infusion: continuous", "infusion: continuous\n        route: oral",
     ["62:16  courses.blinatumomab.treatments.blinatumomab.route: found 'oral' for a continuous infusion; expected a route into a vein. Remedy: write intravenous, or remove the infusion."]),
    ("days: {first: 1, last: 28}", "days: {first: 28, last: 1}",
     ["62:33  courses.blinatumomab.treatments.blinatumomab.days.last: found day 1, before day 28; expected a day from the first on. Remedy: exchange them."]),
    ("days: {first: 1, last: 28}", "days: {first: 1, last: 29}",
     ["62:9  courses.blinatumomab.treatments.blinatumomab.days: found day 29 of a course of 28 days; expected days from 1 to 28. Remedy: correct the day, or the length of the course."]),
    ("days: [1, 8, 15, 22]", "days: [1, 8, 8, 29]",
     ["51:91  courses.block_1.treatments.vincristine.days: found the days 1, 8, 8, 29; expected each day once, in order. Remedy: sort them.",
      "51:91  courses.block_1.treatments.vincristine.days: found day 29 of a course of 28 days; expected days from 1 to 28. Remedy: correct the day, or the length of the course."]),
    ("days: [1, 8, 15, 22]", "days: []",
     ["51:91  courses.block_1.treatments.vincristine.days: found an empty list; expected at least one day. Remedy: write not stated."]),
    ("when: risk = 'failure'}\nrandomizations", "when: risc = 'failure'}\nrandomizations",
     ["72:53  groups.failures.when, character 1 of the rule: found the name 'risc'; expected a declared item. Remedy: did you mean 'risk'?"]),
    ("when: site = 'iem' and", "when: sites = 'iem' and",
     ["63:53  courses.blinatumomab.treatments.radiotherapy.when, character 1 of the rule: found the name 'sites'; expected a declared item. Remedy: did you mean 'site'?"]),
    ("low: {when: risk = 'low',", "low: {when: risk = 'low', opened: 2019-07, closed: 2019-06-30,",
     ["75:54  randomizations.low.closed: found 2019-06-30, before it opened; expected a month from 2019-07 on."]),
    ("visits:\n", "oversight: {opened: 2020-02, closed: 2020-01}\nvisits:\n",
     ["4:38  oversight.closed: found 2020-01, before it opened; expected a month from 2020-02 on."]),
    ("visits:\n", "versions: {v1: {on: 2020-02-01}, v2: {on: not stated}, v3: {on: 2020-01}}\nvisits:\n",
     ["4:65  versions.v3.on: found 2020-01, before v1 of 2020-02-01; expected versions in order of date. Remedy: exchange them, or correct the date."]),
    ("treatment: {label: Consent to treatment on the trial}", "treatment: {label: Consent to treatment on the trial, versions: {a: {on: 2020-02-02}, b: {on: 2020-02-01}}}",
     ["45:97  consents.treatment.versions.b.on: found 2020-02-01, before a of 2020-02-02; expected versions in order of date. Remedy: exchange them, or correct the date."]),
    ("block_1: {course: block_1, next: evaluated,", "block_1: {course: block_1, visit: screening, next: evaluated,",
     ["81:3  path.block_1: found a step that does visit and course; expected exactly one thing. Remedy: make a step of each."]),
    ("salvage_group: {group: failures, next: salvage}", "salvage_group: {next: salvage}",
     ["89:3  path.salvage_group: found a step that does nothing; expected exactly one thing. Remedy: write does (eligibility, registration, follow_up, end), or one consent, visit, course, randomization or group."]),
    ("block_1: {course: block_1, next: evaluated,", "block_1: {course: block_2, next: evaluated,",
     ["81:21  path.block_1.course: found 'block_2'; expected a declared course. Remedy: did you mean 'block_1'?"]),
    ("salvage_group: {group: failures, next: salvage}", "salvage_group: {group: failures, next: salvaged}",
     ["89:42  path.salvage_group.next: found 'salvaged'; expected a declared step. Remedy: did you mean 'salvage'?"]),
    ("salvage_group: {group: failures, next: salvage}", "salvage_group: {group: failures}",
     ["89:3  path.salvage_group: found a step without next; expected the step after it. Remedy: add next, or let it do end."]),
    ("salvage_group: {group: failures, next: salvage}", "salvage_group: {group: failures, next: []}",
     ["89:42  path.salvage_group.next: found an empty list; expected a step, or at least one branch. Remedy: name the next step."]),
    ("salvage: {course: salvage, times: [1, 2], next: followed}", "salvage: {course: salvage, times: [2, 1], next: followed}",
     ["90:37  path.salvage.times: found [2, 1]; expected [fewest, most]. Remedy: exchange them."]),
    ("{to: salvage_group, when: risk = 'failure'}", "{to: salvage_group}",
     ["85:9  path.evaluated.next[0]: found a branch without a rule before 'consent_high'; expected a branch that takes all others as the last one. Remedy: give it a rule, or move it down."]),
    ("{to: salvage_group, when: risk = 'failure'}", "{to: salvage_groups, when: risk = 'failures'}",
     ["85:14  path.evaluated.next[0].to: found 'salvage_groups'; expected a declared step. Remedy: did you mean 'salvage_group'?",
      "85:36  path.evaluated.next[0].when, character 8 of the rule: found risk compared with 'failures'; expected one of its choices (failure, high, intermediate, low). Remedy: did you mean 'failure'?"]),
    ("{to: salvage_group, when: risk = 'failure'}", "{to: salvage_group, when: risk = 'low'}",
     ["87:33  path.evaluated.next[2].when: found the rule of an earlier branch; expected a rule of its own. Remedy: remove one."]),
    ("arms: {c: cycle_c, d: cycle_d}", "arms: {c: cycle_c}",
     ["94:39  path.randomize_low.arms: found no step for d; expected a step for each arm of low. Remedy: add it."]),
    ("arms: {c: cycle_c, d: cycle_d}", "arms: {c: cycle_c, d: cycle_d, a: cycle_a}",
     ["94:70  path.randomize_low.arms.a: found 'a'; expected an arm of low. Remedy: known: c, d."]),
    ("arms: {c: cycle_c, d: cycle_d}", "arms: {c: cycle_c, d: cycle_e}",
     ["94:61  path.randomize_low.arms.d: found 'cycle_e'; expected a declared step. Remedy: did you mean 'cycle_evaluated'?"]),
    ("arms: {c: cycle_c, d: cycle_d}", "next: cycle_c",
     ["94:18  path.randomize_low.arms: found no step for c, d; expected a step for each arm of low. Remedy: add it.",
      "94:45  path.randomize_low.next: found next after a randomization; expected arms, each with its step. Remedy: write arms."]),
    ("cycle_c: {course: chemotherapy, next: maintained}", "cycle_c: {course: chemotherapy, next: maintained, arms: {a: cycle_a}}",
     ["103:53  path.cycle_c.arms: found arms after course; expected arms after a randomization only. Remedy: remove them, or name the randomization."]),
    ("cycle_c: {course: chemotherapy, next: maintained}", "cycle_c: {course: chemotherapy, next: maintained, refused: followed}",
     ["103:62  path.cycle_c.refused: found refused after course; expected refused after a consent only. Remedy: remove it."]),
    ("cycle_c: {course: chemotherapy, next: maintained}", "cycle_c: {course: chemotherapy, next: maintained, leave: [toxicity]}",
     ["103:3  path.cycle_c: found reasons for leaving without leave_to; expected both, or neither. Remedy: say for which reasons, and where to."]),
    ("cycle_c: {course: chemotherapy, next: maintained}", "cycle_c: {course: chemotherapy, next: maintained, leave: [toxic], leave_to: followed}",
     ["103:61  path.cycle_c.leave[0]: found 'toxic'; expected a declared reason under dispositions. Remedy: did you mean 'toxicity'?"]),
    ("cycle_c: {course: chemotherapy, next: maintained}", "cycle_c: {course: chemotherapy, next: maintained, leave_to: followed}",
     ["103:3  path.cycle_c: found leave_to without a reason; expected both, or neither. Remedy: say for which reasons, and where to."]),
    ("cycle_c: {course: chemotherapy, next: maintained}", "cycle_c: {course: chemotherapy, next: maintained, undecided: Who knows.}",
     ["103:64  path.cycle_c.undecided: found who is left without a branch; expected it beside branches by rule only. Remedy: remove it."]),
    ("to: followed, when: mrd_end_of_block_1 < 0.01}", "to: folowed, when: mrd_end_of_block1 < 0.01}",
     ["102:67  path.cycle_b.deviations.direct.to: found 'folowed'; expected a declared step. Remedy: did you mean 'followed'?",
      "102:82  path.cycle_b.deviations.direct.when, character 1 of the rule: found the name 'mrd_end_of_block1'; expected a declared item. Remedy: did you mean 'mrd_end_of_block_1'?"]),
    ("ended: {does: end}", "ended: {does: end, next: followed}",
     ["113:28  path.ended.next: found a way on from an end; expected a step that is the last. Remedy: remove it."]),
    ("followed: {does: follow_up, next: ended,", "followed: {does: follow_up, next: maintained,",
     ["112:37  path.followed.next: found 'maintained', which is no end; expected nothing, or a step that does end. Remedy: put steps before follow-up."]),
    ("followed: {does: follow_up, next: ended,", "followed: {does: follow_up, next: [{to: ended, when: age > 18}, {to: maintained}],",
     ["112:37  path.followed.next: found a way on from follow-up; expected nothing, or a step that does end. Remedy: put steps before follow-up."]),
    ("{label: Early treatment failure, visit: end_of_block_1,", "{label: Early treatment failure, visit: end_of_block,",
     ["119:58  events.early_failure.visit: found 'end_of_block'; expected a declared visit. Remedy: did you mean 'end_of_block_1'?"]),
    ("{label: Early treatment failure, visit: end_of_block_1,", "{label: Early treatment failure,",
     ["119:57  events.early_failure.when: found a rule without a visit; expected the visit at which it establishes the event. Remedy: name the visit, or say the rule in the label."]),
    ("visit: end_of_cycle, when: marrow_blasts_end_of_cycle >= 5}", "visit: end_of_cycle, when: marrow_blasts >= 5}",
     ["120:76  events.late_failure.when, character 1 of the rule: found the name 'marrow_blasts'; expected the name of one of its visits. Remedy: write marrow_blasts_end_of_block_1 or marrow_blasts_end_of_cycle."]),
    ("origin: transplanted_on", "origin: transplant",
     ["126:72  endpoints.os_hsct.origin: found 'transplant'; expected randomization, registration, treatment_start, an event, or an item of type date."]),
    ("origin: transplanted_on", "origin: age",
     ["126:72  endpoints.os_hsct.origin: found 'age', an item of type decimal; expected randomization, registration, treatment_start, an event, or an item of type date."]),
    ("origin: transplanted_on", "origin: death",
     ["126:72  endpoints.os_hsct.origin: found 'death', which also ends it; expected an origin that is none of its events. Remedy: remove one."]),
    ("  relapse: {label: Relapse}", "  relapse: {label: Relapse}\n  transplanted_on: {label: Transplant}",
     ["127:72  endpoints.os_hsct.origin: found 'transplanted_on', an event and an item; expected one of them. Remedy: rename one."]),
    ("variable: dfs\n", "variable: dsf\n",
     ["135:15  estimands.dfs.variable: found 'dsf'; expected a declared end point or proportion. Remedy: did you mean 'dfs'?"]),
    ("analysis: dfs_high\ncutoffs", "analysis: cleared\ncutoffs",
     ["137:15  estimands.dfs.analysis: found 'cleared', which analyzes cleared; expected an analysis of dfs. Remedy: name another analysis, or another variable."]),
    ("analysis: dfs_high\ncutoffs", "analysis: dfs_hgih\ncutoffs",
     ["137:15  estimands.dfs.analysis: found 'dfs_hgih'; expected a declared analysis or proportion. Remedy: did you mean 'dfs_high'?"]),
    ("    cutoff: interim\n", "    cutoff: interm\n",
     ["148:13  analyses.dfs_high.cutoff: found 'interm'; expected a declared cutoff. Remedy: did you mean 'interim'?"]),
    ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized, by: age}",
     ["149:60  analyses.dfs_by_site.by: found 'age', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it."]),
    ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized, by: site, comparisons: [{experimental: b, control: a}]}",
     ["149:60  analyses.dfs_by_site.by: found by beside comparisons of arms; expected one of them. Remedy: write subgroups, or a second analysis without comparisons."]),
    ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized, log_rank: {}, cox: {}}",
     ["149:56  analyses.dfs_by_site.log_rank: found a log-rank test of one group; expected groups that are compared. Remedy: add comparisons or by, or write null.",
      "149:70  analyses.dfs_by_site.cox: found a Cox model without arms, by or covariates; expected something to contrast. Remedy: add comparisons or by, or write null."]),
    ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized, by: site, cumulative_incidence: {}, cox: {selection: {stay: 0.15}}}",
     ["149:66  analyses.dfs_by_site.cumulative_incidence: found dfs, which has no competing event; expected an end point with competing events. Remedy: name them, or remove it: without any, it is 1 - Kaplan-Meier.",
      "149:98  analyses.dfs_by_site.cox.selection: found a selection without covariates; expected the covariates to select from. Remedy: name them."]),
    ("  sites: {label: Site and risk,", "  cleared: {label: Site and risk,",
     ["160:3  tables.cleared: found the name 'cleared', which stands under proportions too; expected a name of its own. Remedy: rename one."]),
    ("  cleared:\n    label", "  risk_groups:\n    label",
     ["151:3  proportions.risk_groups: found the name 'risk_groups', which stands under baselines too; expected a name of its own. Remedy: rename one."]),
    ("  sites: {label: Site and risk,", "  flow: {label: Site and risk,",
     ["160:3  tables.flow: found the name 'flow', which is a section of the report; expected a name of its own. Remedy: rename one."]),
    ("rows: site, columns: risk}", "rows: age, columns: rsk}",
     ["160:63  tables.sites.rows: found 'age', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it.",
      "160:77  tables.sites.columns: found 'rsk'; expected a declared item or derived item. Remedy: did you mean 'risk'?"]),
    ("rows: site, columns: risk}", "rows: site, columns: risk, by: site}",
     ["160:3  tables.sites: found site against risk by site; expected different items. Remedy: each item once."]),
    ("response: mrd_end_of_cycle < 0.0001", "response: mrd_end_of_cycel < 0.0001",
     ["154:15  proportions.cleared.response, character 1 of the rule: found the name 'mrd_end_of_cycel'; expected a declared item. Remedy: did you mean 'mrd_end_of_cycle'?"]),
    ("    comparisons: [{experimental: b, control: a}]\n    test: fisher", "    test: fisher",
     ["156:11  proportions.cleared.test: found test without a comparison; expected comparisons of arms. Remedy: add them, or remove it.",
      "157:17  proportions.cleared.difference: found difference without a comparison; expected comparisons of arms. Remedy: add them, or remove it."]),
    ("    comparisons: [{experimental: b, control: a}]\n    test: fisher", "    comparisons: [{experimental: b, control: c}]\n    test: fisher",
     ["156:19  proportions.cleared.comparisons[0]: found b against c; expected two arms of one randomization. Remedy: compare only what was randomized."]),
    ("    comparisons: [{experimental: b, control: a}]\n    test: fisher", "    comparisons: [{experimental: b, control: e}, {experimental: b, control: b}]\n    test: fisher",
     ["156:46  proportions.cleared.comparisons[0].control: found 'e'; expected a declared arm. Remedy: known: a, b, c, d.",
      "156:50  proportions.cleared.comparisons[1]: found 'b' against itself; expected two different arms."]),
    ("randomization: high_intermediate\n    endpoint", "randomization: low\n    endpoint",
     ["165:15  monitoring.high.analysis: found 'dfs_high', which compares a, b; expected arms of low: c, d. Remedy: name another analysis, or another randomization."]),
    ("    endpoint: dfs\n    analysis", "    endpoint: efs\n    analysis",
     ["165:15  monitoring.high.analysis: found 'dfs_high', which analyzes dfs; expected an analysis of efs. Remedy: name another analysis, or another end point."]),
    ("    analysis: dfs_high\n    alpha", "    analysis: dfs_by_site\n    alpha",
     ["165:15  monitoring.high.analysis: found 'dfs_by_site', which compares no arms; expected arms of high_intermediate: a, b. Remedy: name another analysis, or another randomization."]),
    ("looks: [0.33, 0.67, 1.0]", "looks: [0.67, 0.33, 1.0]",
     ["173:19  monitoring.high.looks[1]: found 0.33 after 0.67; expected increasing fractions. Remedy: sort them."]),
    ("looks: [0.33, 0.67, 1.0]", "looks: [0.33, 0.67]",
     ["172:15  monitoring.high.analyses: found 3 analyses and 2 looks; expected one look each, the final one included. Remedy: correct one of them.",
      "173:12  monitoring.high.looks: found looks that end at 0.67; expected a last look at 1. Remedy: the final analysis is at full information."]),
    ("efficacy: {spending: obrien_fleming}", "efficacy: {spending: obrien_fleming, parameter: 2.0}",
     ["174:53  monitoring.high.efficacy.parameter: found a parameter of obrien_fleming; expected a parameter of hwang_shih_decani or kim_demets only. Remedy: remove it."]),
    ("power: 0.85", "power: 0.02",
     ["168:12  monitoring.high.power: found 0.02; expected more than alpha (0.025). Remedy: exchange them."]),
    ("cutoffs: [interim]", "cutoffs: [final]",
     ["175:15  monitoring.high.cutoffs[0]: found 'final'; expected a declared cutoff. Remedy: known: interim, published."]),
    ("arms: [b]}", "arms: [e]}",
     ["182:63  adverse_events.special_interest.seizure.arms[0]: found 'e'; expected a declared arm. Remedy: known: a, b, c, d."]),
    ("courses: [chemotherapy, blinatumomab]", "courses: [chemotherapy, bridging]",
     ["184:51  adverse_events.periods.cycle.courses[1]: found 'bridging'; expected a declared course. Remedy: known: block_1, chemotherapy, blinatumomab, salvage, maintenance."]),
    ("by: site, periods: [cycle], kinds: [seizure], grades: [3, 4]", "by: age, periods: [cycles], kinds: [seizures], grades: [3, 5, 3]",
     ["186:59  adverse_events.tables.by_site.by: found 'age', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it.",
      "186:74  adverse_events.tables.by_site.periods[0]: found 'cycles'; expected a declared period. Remedy: did you mean 'cycle'?",
      "186:91  adverse_events.tables.by_site.kinds[0]: found 'seizures'; expected a declared kind of special interest. Remedy: did you mean 'seizure'?",
      "186:114  adverse_events.tables.by_site.grades[1]: found '5'; expected a declared grade. Remedy: known: 3, 4.",
      "186:117  adverse_events.tables.by_site.grades[2]: found 3 a second time; expected each once. Remedy: remove it."]),
]  # fmt: skip


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, f"{old!r} stands {WHOLE.count(old)} times in the protocol"
    return WHOLE.replace(old, new)


def test_the_protocol_that_is_broken_below_is_valid():
    protocol = parse_protocol(WHOLE)

    assert list(protocol.path)[:2] == ["screened", "eligible"]
    assert list(protocol.monitoring) == ["high"]


@pytest.mark.parametrize(("old", "new", "said"), CASES, ids=[new.strip()[:60] for _, new, _ in CASES])
def test_every_inconsistency_is_said_in_its_place(old, new, said):
    with pytest.raises(ProtocolError) as failure:
        parse_protocol(changed(old, new), "t.yaml")

    assert [str(problem).removeprefix("t.yaml:") for problem in failure.value.problems] == said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # A month is any of its days: nothing is out of order while some choice of days is in order.
        ("low: {when: risk = 'low',", "low: {when: risk = 'low', opened: 2019-07, closed: 2019-07-01,"),
        ("low: {when: risk = 'low',", "low: {when: risk = 'low', opened: 2019-07-31, closed: 2019-07,"),
        ("low: {when: risk = 'low',", "low: {when: risk = 'low', opened: not stated, closed: 2019-07,"),
        # What is not stated is no contradiction.
        ("analyses: 3", "analyses: not stated"),
        ("days: [1, 8, 15, 22]", "days: not stated"),
        ("label: Block 1, days: 28, treatments", "label: Block 1, days: not stated, treatments"),
        ("dose: {amount: 15, unit: µg/m2/day}", "dose: not stated"),
        # Units per time in the words of sources.
        ("unit: µg/m2/day", "unit: µg/m2 per day"),
        ("unit: µg/m2/day", "unit: µg/m2 a day"),
        ("unit: µg/m2/day", "unit: µg/m2/24 h"),
        ("infusion: continuous", "infusion: continuous\n        route: intravenous"),
        ("{amount: 15, unit: µg/m2/day}", "{amount: 15, unit: µg/m2/day, maximum: 28}"),
        # Follow-up may be the last step.
        ("followed: {does: follow_up, next: ended, leave: [withdrew], leave_to: ended}", "followed: {does: follow_up}"),
        # An analysis of one group, without a test.
        ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized}"),
        ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized, cox: {covariates: [age]}}"),
    ],
)  # fmt: skip
def test_what_is_no_contradiction_is_let_through(old, new):
    assert parse_protocol(changed(old, new))


def test_a_month_beside_a_day_is_no_slip_of_python():
    # A day and a month cannot be compared as they are: the first version raised TypeError here.
    assert earlier(date(2019, 6, 30), "2019-07") and earlier("2019-06", date(2019, 7, 1))
    assert not earlier("2019-07", date(2019, 7, 1)) and not earlier("not stated", date(2019, 7, 1))


def test_all_problems_are_said_at_once():
    text = WHOLE.replace("does: registration", "does: end").replace("variable: dfs\n", "variable: dsf\n")
    text = text.replace("unit: µg/m2/day", "unit: µg/m2")

    with pytest.raises(ProtocolError) as failure:
        parse_protocol(text)

    paths = [problem.path for problem in failure.value.problems]
    assert paths == [
        "courses.blinatumomab.treatments.blinatumomab.dose.unit",
        "path.registered.next",
        "estimands.dfs.variable",
    ]
