"""What the parts of a protocol say of one another: one change of a valid protocol a row, and what is said about it."""

from __future__ import annotations

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import parse_protocol
from protocol.small import SMALL, changed

# (what stands there, what is put in its place, every problem: line:column  path: message)
CASES: list[tuple[str, str, list[str]]] = [
    ('type: choice, choices: {f: Female, m: Male}', 'type: choice',
     ['6:3  items.sex: found no choices; expected choices for items of type choice, and only there. Remedy: add them, or change the type.']),
    ('type: boolean', 'type: boolean, choices: {x: X}',
     ['8:3  items.boy: found choices for type boolean; expected choices for items of type choice, and only there. Remedy: add them, or change the type.']),
    ('choices: {f: Female, m: Male}', 'choices: {}',
     ['6:35  items.sex.choices: found no choice; expected at least one.']),
    ('choices: {f: Female, m: Male}', 'choices: {f: Female, m: Female}',
     ["6:59  items.sex.choices.m: found the label 'Female' for both f and m; expected a label of its own for each choice. Remedy: reword one."]),
    ('unavailable: [indeterminate, not done]', 'unavailable: [not done, not done]',
     ["7:83  items.mrd.unavailable[1]: found 'not done' a second time; expected each once. Remedy: remove it."]),
    ('range: [0, 99]', 'range: [99, 0]',
     ['5:43  items.age.range: found [99, 0] for type integer; expected [lowest, highest] of a numeric item.']),
    ('type: text', 'type: text, range: [0, 1]',
     ['10:46  items.remark.range: found [0, 1] for type text; expected [lowest, highest] of a numeric item.']),
    ('type: text', 'type: text, detection_limit: 1',
     ['10:56  items.remark.detection_limit: found type text; expected a numeric item.']),
    ('  remark:', '  site_id:',
     ["10:3  items.site_id: found the name 'site_id'; expected a name that the language does not use itself. Remedy: rename it."]),
    ('  remark:', '  mrd_unavailable:',
     ["10:3  items.mrd_unavailable: found the name 'mrd_unavailable'; expected a name that the language does not use itself. Remedy: rename it."]),
    ('  remark:', '  stratum_x:',
     ["10:3  items.stratum_x: found the name 'stratum_x'; expected a name that the language does not use itself. Remedy: rename it."]),
    ('  remark:', '  group:',
     ["10:3  items.group: found 'group' in both items and derived; expected each name once. Remedy: rename one."]),
    ('  twice:', '  arm:',
     ["17:3  derived.arm: found the name 'arm'; expected a name that the language does not use itself. Remedy: rename it.",
      "41:85  baselines.baseline.items[3].item: found 'twice'; expected a declared item or derived item. Remedy: known: age, sex, mrd, boy, born, remark, group, arm."]),
    ('  twice:', '  age:',
     ["5:3  items.age: found 'age' in both items and derived; expected each name once. Remedy: rename one.",
      "41:85  baselines.baseline.items[3].item: found 'twice'; expected a declared item or derived item. Remedy: known: age, sex, mrd, boy, born, remark, group, age."]),
    ('value: 2 * age', 'value: 2 * age, classes: {x: {label: X, when: boy}}',
     ['17:3  derived.twice: found both classes and value; expected exactly one of them.']),
    (', value: 2 * age', '',
     ['17:3  derived.twice: found neither classes nor value; expected exactly one of them.']),
    ('value: 2 * age', 'value: 2 * agee',
     ["17:40  derived.twice.value, character 5 of the rule: found the name 'agee'; expected a declared item. Remedy: did you mean 'age'?"]),
    ('value: 2 * age', 'value: "null"',
     ['17:40  derived.twice.value, character 1 of the rule: found an expression that is always unknown; expected one that gives a value.']),
    ('when: age < 18', 'when: twice < 18',
     ["15:35  derived.group.classes.young.when, character 1 of the rule: found the name 'twice'; expected an item, or an item derived above. Remedy: move its block above this one."]),
    ('when: age < 18', "when: sex = 'x'",
     ["15:35  derived.group.classes.young.when, character 7 of the rule: found sex compared with 'x'; expected one of its choices (f, m). Remedy: known: f, m."]),
    ('when: age < 18', 'when: sex = f',
     ["15:35  derived.group.classes.young.when, character 7 of the rule: found the name 'f'; expected a declared item. Remedy: put text in quotes: 'f'."]),
    ('when: age < 18', 'when: age',
     ['15:35  derived.group.classes.young.when, character 1 of the rule: found an expression that gives number; expected one that gives truth.']),
    ('when: age < 18', 'when: "true"',
     ['16:33  derived.group.classes.old.when: found a class after young, which takes every subject; expected only classes that a subject can reach. Remedy: put it before, or remove it.']),
    ('when: age < 18', 'when: 2 < 1',
     ['15:35  derived.group.classes.young.when: found a rule that is never true; expected one that can be. Remedy: remove what it is for.']),
    ('when: age >= 18}', 'when: (age < 18)}',
     ['16:33  derived.group.classes.old.when: found the rule of young a second time; expected a rule of its own for each class.']),
    ('label: "≥18"', 'label: "<18"',
     ["16:7  derived.group.classes.old: found the label '<18' for both young and old; expected a label of its own for each class. Remedy: reword one."]),
    ('      young: {label: "<18", when: age < 18}\n      old: {label: "≥18", when: age >= 18}', '      {}',
     ['14:5  derived.group.classes: found no class; expected at least one.']),
    ('role: control', 'role: experimental',
     ['23:1  arms: found no arm with role control; expected at least one. Remedy: mark the comparator.']),
    ('  c: {label: Arm C', '  source: {label: Arm C',
     ["26:3  arms.source: found the name 'source'; expected another name. Remedy: rename it.",
      "29:22  randomizations.second.arms[1]: found 'c'; expected a declared arm. Remedy: known: a, b, source.",
      "48:24  analyses.dfs.comparisons[1].experimental: found 'c'; expected a declared arm. Remedy: known: a, b, source."]),
    ('  c: {label: Arm C', '  c: {label: Arm B',
     ["26:3  arms.c: found the label 'Arm B' for both b and c; expected a label of its own for each arm. Remedy: reword one."]),
    ('  c: {label: Arm C', '  c: {short: Arm B, label: Arm C',
     ["26:3  arms.c: found the label 'Arm B' for both b and c; expected a label of its own for each arm. Remedy: reword one."]),
    ('when: age >= 1,', 'when: "false",',
     ['28:16  randomizations.main.when: found a rule that is never true; expected one that can be. Remedy: remove what it is for.']),
    ('when: age >= 1,', 'when: age >= born,',
     ["28:16  randomizations.main.when, character 1 of the rule: found a mixture of date and number; expected values of one kind. Remedy: write date '2020-01-31'."]),
    ('arms: [a, b]', 'arms: [a, d]',
     ["28:36  randomizations.main.arms[1]: found 'd'; expected a declared arm. Remedy: known: a, b, c."]),
    ('arms: [a, b]', 'arms: [a, a]',
     ["28:36  randomizations.main.arms[1]: found 'a' a second time; expected each once. Remedy: remove it.",
      '47:9  analyses.dfs.comparisons[0]: found b against a; expected two arms of one randomization. Remedy: compare only what was randomized.']),
    ('ratio: {a: 1, b: 2}', 'ratio: {a: 1, c: 2}',
     ['28:40  randomizations.main.ratio: found a ratio for a, c; expected a whole number for each of a, b. Remedy: use the names of the arms.']),
    ('ratio: {a: 1, b: 2}', 'ratio: {}',
     ['28:40  randomizations.main.ratio: found a ratio for no arm; expected a whole number for each of a, b. Remedy: use the names of the arms.']),
    ('strata: [group], method', 'strata: [age], method',
     ["28:70  randomizations.main.strata[0]: found 'age', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it."]),
    ('strata: [group], method', 'strata: [group, group], method',
     ["28:77  randomizations.main.strata[1]: found 'group' a second time; expected each once. Remedy: remove it."]),
    ('strata: [group], method', 'strata: [], method',
     ['28:69  randomizations.main.strata: found no factor; expected the factors of the minimization. Remedy: name them, or write not stated.']),
    ('strata: [group], method', 'strata: [groupe], method',
     ["28:70  randomizations.main.strata[0]: found 'groupe'; expected a declared item or derived item. Remedy: did you mean 'group'?"]),
    ('events: [relapse, death]}', 'events: [relaps, death]}',
     ["31:63  endpoints.dfs.events[0]: found 'relaps'; expected a declared event. Remedy: did you mean 'relapse'?"]),
    ('events: [relapse, death]}', 'events: [relapse, death, relapse]}',
     ["31:79  endpoints.dfs.events[2]: found 'relapse' a second time; expected each once. Remedy: remove it."]),
    ('events: [relapse, death]}', 'events: [relapse]}',
     ["31:62  endpoints.dfs.events: found no word on the terminal event 'death'; expected it among events or competing. Remedy: write competing: [death]."]),
    ('competing: [death]', 'competing: [death, relapse]',
     ["32:80  endpoints.rel.competing: found 'relapse', which is also an event; expected one or the other."]),
    ('competing: [death]', 'competing: [dead]',
     ["32:81  endpoints.rel.competing[0]: found 'dead'; expected a declared event. Remedy: did you mean 'death'?"]),
    ('label: Time to relapse', 'label: Disease-free survival',
     ["32:3  endpoints.rel: found the label 'Disease-free survival' for both dfs and rel; expected a label of its own for each end point. Remedy: reword one."]),
    ('require: randomized}', 'require: itt}',
     ["34:41  populations.itt.require, character 1 of the rule: found the name 'itt'; expected a declared item. Remedy: 'itt' is one of the populations: rules read items."]),
    ('require: randomized}', 'require: dfs > 1}',
     ["34:41  populations.itt.require, character 1 of the rule: found the name 'dfs'; expected a declared item. Remedy: 'dfs' is one of the endpoints: rules read items."]),
    ('require: randomized}', 'require: 1 = 2}',
     ['34:41  populations.itt.require: found a rule that is never true; expected one that can be. Remedy: remove what it is for.']),
    ('require: randomized}', "require: group = 'olds'}",
     ["34:41  populations.itt.require, character 9 of the rule: found group compared with 'olds'; expected one of its choices (young, old). Remedy: did you mean 'old'?"]),
    ('require: randomized}', "require: treatment_ended = 'tox'}",
     ["34:41  populations.itt.require, character 19 of the rule: found treatment_ended compared with 'tox'; expected one of its choices (completed, toxicity, refused). Remedy: known: completed, toxicity, refused."]),
    ('refused: Refused', 'refused: Toxicity',
     ["22:44  dispositions.treatment.refused: found the label 'Toxicity' for both toxicity and refused; expected a label of its own for each reason. Remedy: reword one."]),
    ('refused: Refused', 'completed: Completed',
     ["22:35  dispositions.treatment.completed: found the code 'completed'; expected a reason for leaving. Remedy: remove it: a stage that was completed has no reason."]),
    ('    endpoint: dfs', '    endpoint: os',
     ["44:15  analyses.dfs.endpoint: found 'os'; expected a declared end point. Remedy: known: dfs, rel."]),
    ('    population: itt\n    comp', '    population: safety\n    comp',
     ["45:17  analyses.dfs.population: found 'safety'; expected a declared population. Remedy: known: itt, treated."]),
    ('  dfs:\n    endpoint', '  flow:\n    endpoint',
     ["43:3  analyses.flow: found the name 'flow'; expected a name that no section has. Remedy: rename it."]),
    ('- {experimental: b, control: a}', '- {experimental: b, control: z}',
     ["47:36  analyses.dfs.comparisons[0].control: found 'z'; expected a declared arm. Remedy: known: a, b, c."]),
    ('- {experimental: b, control: a}', '- {experimental: b, control: b}',
     ["47:9  analyses.dfs.comparisons[0]: found 'b' against itself; expected two different arms."]),
    ('- {experimental: b, control: a}', '- {experimental: a, control: b}',
     ["47:24  analyses.dfs.comparisons[0].experimental: found 'a', whose role is control; expected an experimental arm. Remedy: a hazard ratio is experimental over control: exchange them."]),
    ('- {experimental: b, control: a}', '- {experimental: b, control: c}',
     ['47:9  analyses.dfs.comparisons[0]: found b against c; expected two arms of one randomization. Remedy: compare only what was randomized.']),
    ('- {experimental: c, control: a}', '- {experimental: b, control: a}',
     ['48:9  analyses.dfs.comparisons[1]: found a comparison a second time; expected each once. Remedy: remove it.']),
    ('- {experimental: c, control: a}', '- {experimental: a, control: b}',
     ['48:9  analyses.dfs.comparisons[1]: found a comparison a second time; expected each once. Remedy: remove it.',
      "48:24  analyses.dfs.comparisons[1].experimental: found 'a', whose role is control; expected an experimental arm. Remedy: a hazard ratio is experimental over control: exchange them."]),
    ('times: [1, 3]', 'times: [1, 3, 1]',
     ['49:34  analyses.dfs.kaplan_meier.times[2]: found 1 a second time; expected each once. Remedy: remove it.']),
    ('subgroups: [sex, group]', 'subgroups: [sex, sex]',
     ["52:22  analyses.dfs.subgroups[1]: found 'sex' a second time; expected each once. Remedy: remove it."]),
    ('subgroups: [sex, group]', 'subgroups: [born]',
     ["52:17  analyses.dfs.subgroups[0]: found 'born', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it."]),
    ('log_rank: {strata: [group]}', 'log_rank: {strata: [twice]}',
     ["50:25  analyses.dfs.log_rank.strata[0]: found 'twice', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it."]),
    ('cox: {strata: [group], covariates', 'cox: {strata: [age], covariates',
     ["51:20  analyses.dfs.cox.strata[0]: found 'age', which has no levels; expected a choice, a boolean or a classified item. Remedy: derive classes from it.",
      "51:39  analyses.dfs.cox.covariates[0]: found 'age', which is also a stratum; expected one or the other. Remedy: remove one: within a stratum it does not vary."]),
    ('covariates: [age, boy]', 'covariates: [remark]',
     ["51:41  analyses.dfs.cox.covariates[0]: found 'remark' of type text; expected a number, a choice, a boolean or a derived item."]),
    ('covariates: [age, boy]', 'covariates: [group]',
     ["51:41  analyses.dfs.cox.covariates[0]: found 'group', which is also a stratum; expected one or the other. Remedy: remove one: within a stratum it does not vary."]),
    ('covariates: [age, boy]', 'covariates: [weight]',
     ["51:41  analyses.dfs.cox.covariates[0]: found 'weight'; expected a declared item or derived item. Remedy: known: age, sex, mrd, boy, born, remark, group, twice."]),
    ('every: 1}', 'every: 6}',
     ['53:31  analyses.dfs.figure.every: found 6; expected at most until.']),
    ('every: 1}', 'every: 0.1}',
     ['53:31  analyses.dfs.figure.every: found 0.1; expected at most 40 ticks.']),
    ('baseline:\n    population: itt', 'baseline:\n    population: pp',
     ["40:17  baselines.baseline.population: found 'pp'; expected a declared population. Remedy: known: itt, treated."]),
    ('{item: sex}', '{item: race}',
     ["41:57  baselines.baseline.items[1].item: found 'race'; expected a declared item or derived item. Remedy: known: age, sex, mrd, boy, born, remark, group, twice."]),
    ('{item: sex}', '{item: age}',
     ["41:57  baselines.baseline.items[1].item: found 'age' a second time; expected each once. Remedy: remove it."]),
    ('{item: sex}', '{item: born}',
     ["41:57  baselines.baseline.items[1].item: found 'born', a text or date; expected a number or a factor."]),
    ('{item: sex}', '{item: sex, show: [range]}',
     ["41:68  baselines.baseline.items[1].show: found a summary of numbers for 'sex'; expected show beside numbers only. Remedy: remove it."]),
    ('show: [mean_sd, range]', 'show: []',
     ['41:31  baselines.baseline.items[0].show: found an empty list; expected at least one summary.']),
    ('show: [mean_sd, range]', 'show: [range, range]',
     ["41:39  baselines.baseline.items[0].show[1]: found 'range' a second time; expected each once. Remedy: remove it."]),
    ('  population: treated\n  dict', '  population: safety\n  dict',
     ["55:15  adverse_events.population: found 'safety'; expected a declared population. Remedy: known: itt, treated."]),
    ('severe_from: 3', 'severe_from: 4',
     ['59:16  adverse_events.severe_from: found 4, which grades does not have; expected one of 1, 3.']),
    ('"3": Severe', '"3": Mild',
     ["58:28  adverse_events.grades.3: found the label 'Mild' for both 1 and 3; expected a label of its own for each grade. Remedy: reword one."]),
    ('grades: {"1": Mild, "3": Severe}', 'grades: {}',
     ['58:3  adverse_events.grades: found no grade; expected at least one.']),
    ('grade >= 3}', "sex = 'f'}",
     ["61:34  adverse_events.special_interest.liver.where, character 32 of the rule: found the name 'sex'; expected a declared item. Remedy: known: ended_on, started_on, emergent, related, serious, grade, term, category, subject_id."]),
    ('grade >= 3}', "grade = 'three'}",
     ['61:34  adverse_events.special_interest.liver.where, character 32 of the rule: found a mixture of number and text; expected values of one kind. Remedy: write numbers without quotes.']),
    ("type: text", "type: text, collected: [a]",
     ["10:51  items.remark.collected[0]: found 'a'; expected a declared visit. Remedy: declare a visit."]),
    ("type: text", "type: text, assay: q",
     ["10:46  items.remark.assay: found 'q'; expected a declared assay. Remedy: declare an assay."]),
    ('sections: [flow, baseline, adverse_events]', 'sections: [flow, flow]',
     ["63:20  report.sections[1]: found 'flow' a second time; expected each once. Remedy: remove it."]),
]  # fmt: skip


def test_the_protocol_that_is_broken_below_is_right():
    assert parse_protocol(SMALL).protocol == "SMALL-1"


@pytest.mark.parametrize(
    ("old", "new", "problems"), CASES, ids=[f"{new[:40]}-{index}" for index, (_, new, _) in enumerate(CASES)]
)
def test_each_inconsistency_is_said_in_its_place(old, new, problems):
    with pytest.raises(ProtocolError) as error:
        parse_protocol(changed(old, new), "p.yaml")

    assert [str(problem).removeprefix("p.yaml:") for problem in error.value.problems] == problems


def test_all_inconsistencies_are_reported_at_once_in_the_order_of_the_file():
    broken = SMALL
    for old, new, _ in [CASES[0], CASES[18], CASES[-1]]:
        broken = broken.replace(old, new)

    with pytest.raises(ProtocolError) as error:
        parse_protocol(broken, "p.yaml")

    assert [problem.line for problem in error.value.problems] == sorted(
        one.line for one in error.value.problems
    )
    assert {problem.path.split(".")[0] for problem in error.value.problems} >= {"items", "report"}
    assert str(error.value).startswith(
        f"{len(error.value.problems)} problems in p.yaml\n  p.yaml:6:3  items.sex: "
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when: age >= 18}", "when: 'true'}"),  # the last class may take all others
        ("{item: sex}", "{item: mrd, show: [median_iqr]}"),
        (
            "- {experimental: c, control: a}",
            "- {experimental: c, control: a} # two experimental arms against one control",
        ),
        ("  death: {label: Death, terminal: true}", "  death: {label: Death}"),
        ("require: randomized}", 'require: "true"}'),
        ("require: randomized}", "require: treatment_ended = 'completed'}"),
        ("require: randomized}", "require: mrd_unavailable = 'not done'}"),
        (
            "require: randomized}",
            "require: twice > 3 and group = 'old' and arm = 'b' and randomization = 'main'}",
        ),
        ("strata: [group], method: minimization", "strata: not stated, method: minimization"),
        ("strata: [group], method: minimization", "strata: [], method: simple"),
        ("sections: [flow, baseline, adverse_events]", "sections: []"),
    ],
)
def test_what_is_unusual_but_right_is_no_problem(old, new):
    assert parse_protocol(changed(old, new)).protocol == "SMALL-1"


def test_sections_without_a_plan_are_only_a_problem_where_they_are_asked_for():
    plan = SMALL[SMALL.index("adverse_events:\n") : SMALL.index("report:")]

    with pytest.raises(
        ProtocolError, match=r"sections\[2\]: found the section adverse_events without a plan"
    ):
        parse_protocol(SMALL.replace(plan, ""))

    assert parse_protocol(SMALL.replace(plan, "")[: SMALL.index(plan)]).adverse_events is None


def test_an_item_with_the_name_of_a_column_of_adverse_events_does_not_lend_it_its_choices():
    text = changed(
        "  remark: {label: Remark, type: text}",
        "  category: {label: Category, type: choice, choices: {x: X}}",
    )

    assert "category" in parse_protocol(text).items


def test_a_thousand_problems_are_cut_off():
    items = "\n".join(f"  x{n}: {{label: X, type: choice}}" for n in range(1000))
    with pytest.raises(ProtocolError) as error:
        parse_protocol(changed("items:\n", f"items:\n{items}\n"))

    assert len(error.value.problems) == 100
    assert error.value.summary == "100 problems or more in protocol.yaml"
