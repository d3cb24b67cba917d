"""A protocol after the pattern of AALL1331 that is proved as it stands, and faults planted in it one at a time.

Each fault is one that people make: a band forgotten, < for <=, a threshold in another unit, an unknown that
nobody thought of. With it stands what the proofs must say, and where.
"""

from __future__ import annotations

from dataclasses import dataclass

RISK = """\
equipoise: 1
protocol: RELAPSE-1
title: Risk-stratified randomized trial in first relapse of B-ALL
items:
  age: {label: Age at enrollment, type: decimal, unit: year, range: [0, 120]}
  down_syndrome: {label: Down syndrome, type: boolean}
  performance: {label: Performance status, type: integer, range: [0, 100]}
  enrolled_on: {label: Date of enrollment, type: date}
  site:
    label: Site of relapse
    type: choice
    choices: {bm: Marrow, bm_em: Marrow and extramedullary, iem: Isolated extramedullary}
  cr1: {label: Time from diagnosis to relapse, type: decimal, unit: month, range: [0, 600]}
  marrow_blasts: {label: Marrow blasts, type: decimal, unit: percent, range: [0, 100]}
  cns_cleared: {label: Central nervous system cleared, type: boolean}
  evaluated: {label: Day of evaluation in block 1, type: integer, unit: day, range: [1, 60]}
  mrd:
    label: MRD by flow cytometry
    type: decimal
    unit: percent
    range: [0, 100]
    detection_limit: 0.01
    unavailable: [indeterminate, unsatisfactory, not done]
derived:
  age_group:
    label: Age group
    classes:
      child: {label: "<10 years", when: age < 10}
      adolescent: {label: 10 to 17 years, when: age >= 10 and age < 18}
      adult: {label: "≥18 years", when: age >= 18}
  era:
    label: Version of the protocol
    classes:
      first: {label: First version, when: enrolled_on < date '2018-01-01'}
      amended: {label: As amended, when: enrolled_on >= date '2018-01-01'}
  timing:
    label: Timing of the evaluation
    classes:
      early: {label: Early, when: evaluated < 22}
      on_time: {label: On time, when: evaluated between 22 and 35}
      late: {label: Late, when: evaluated > 35}
  late_relapse: {label: Late relapse, value: (site <> 'iem' and cr1 >= 36) or (site = 'iem' and cr1 >= 18)}
  risk:
    label: Risk group
    undecided: Without MRD a late relapse has no risk group until the marrow is examined again.
    classes:
      early_treatment_failure: {label: Early treatment failure, when: marrow_blasts > 25 or not cns_cleared}
      high: {label: High risk, when: (site <> 'iem' and cr1 < 36) or (site = 'iem' and cr1 < 18)}
      intermediate: {label: Intermediate risk, when: mrd >= 0.1}
      low: {label: Low risk, when: mrd < 0.1}
  relapse_stratum:
    label: Stratum by site and time of relapse
    classes:
      marrow_very_early: {label: "Marrow, <18 months", when: site = 'bm' and cr1 < 18}
      marrow_early: {label: "Marrow, 18 to 35 months", when: site = 'bm' and cr1 >= 18 and cr1 < 36}
      marrow_late: {label: "Marrow, ≥36 months", when: site = 'bm' and cr1 >= 36}
      combined: {label: Marrow and extramedullary, when: site = 'bm_em'}
      extramedullary_early: {label: "Extramedullary, <18 months", when: site = 'iem' and cr1 < 18}
      extramedullary_late: {label: "Extramedullary, ≥18 months", when: site = 'iem' and cr1 >= 18}
  mrd_stratum:
    label: Stratum by MRD
    undecided: MRD that could not be measured.
    classes:
      undetectable: {label: "<0.01%", when: mrd < 0.01}
      detectable: {label: "≥0.01%", when: mrd >= 0.01}
eligibility:
  I1: {text: 1 to 30 years old, require: age >= 1 and age < 31}
  I2: {text: Performance status of at least 50, require: performance >= 50}
  E1: {text: No Down syndrome, require: not down_syndrome}
events:
  death: {label: Death, terminal: true}
arms:
  a: {label: Chemotherapy, role: control}
  b: {label: Blinatumomab, role: experimental}
  c: {label: Chemotherapy for low risk, role: control}
  d: {label: Blinatumomab for low risk, role: experimental}
randomizations:
  high_intermediate: {when: "risk in ('high', 'intermediate')", arms: [a, b], strata: [relapse_stratum]}
  low: {when: risk = 'low', arms: [c, d], strata: [mrd_stratum, site]}
populations:
  randomized: {label: All randomized, require: randomized}
  treated: {label: Treated, require: randomized and treated, arm: actual}
  mrd_known: {label: MRD known, require: mrd is not null}
"""


@dataclass(frozen=True)
class Fault:
    """One fault: the text that it changes, and a statement that the proofs must fail with, at this place."""

    name: str
    old: str
    new: str
    statement: str
    place: str

    def text(self, whole: str = RISK) -> str:
        """The protocol with the fault; the old text must stand in it once."""
        assert whole.count(self.old) == 1, (
            f"{self.old!r} stands {whole.count(self.old)} times in the protocol"
        )
        return whole.replace(self.old, self.new)


_DETECTABLE = '      detectable: {label: "≥0.01%", when: mrd >= 0.01}\n'
_UNDECIDED = (
    "    undecided: Without MRD a late relapse has no risk group until the marrow is examined again.\n"
)
_COMBINED = "      combined: {label: Marrow and extramedullary, when: site = 'bm_em'}\n"
_LATE = "site = 'bm' and cr1 >= 36"
_RISK, _AGE = (
    "an eligible patient without a class of risk",
    "an eligible patient without a class of age_group",
)
_STRATUM = "an eligible patient without a class of relapse_stratum"
_AT_RISK, _AT_AGE, _AT_STRATUM = "derived.risk.classes", "derived.age_group.classes", "derived.relapse_stratum.classes"  # fmt: skip


def _unreachable(name: str, code: str) -> tuple[str, str]:
    return f"no eligible patient can be in class {code} of {name}", f"derived.{name}.classes.{code}.when"


FAULTS = (
    # -- someone has no class --
    Fault("the rule of the last class is missing", _DETECTABLE, "",
          "a patient of the randomization low without a class of mrd_stratum", "derived.mrd_stratum.classes"),
    Fault("> for >= at the threshold of MRD", "when: mrd >= 0.1", "when: mrd > 0.1", _RISK, _AT_RISK),
    Fault("a band of MRD is forgotten", "when: mrd < 0.1}", "when: mrd < 0.05}", _RISK, _AT_RISK),
    Fault("MRD in percent on one side and as a fraction on the other", "when: mrd < 0.1}",
          "when: mrd < 0.001}", _RISK, _AT_RISK),
    Fault("unknown MRD is not thought of", _UNDECIDED, "", _RISK, _AT_RISK),
    Fault("a value together with the reason for having none", "when: mrd < 0.1}",
          "when: mrd < 0.1 and mrd_unavailable = 'not done'}", _RISK, _AT_RISK),
    Fault("ages of 10 fall between the bands", "age >= 10 and age < 18", "age >= 11 and age < 18", _AGE, _AT_AGE),
    Fault("> for >= at 18 years", "when: age >= 18}", "when: age > 18}", _AGE, _AT_AGE),
    Fault("whole years for an age with decimals", "age >= 10 and age < 18", "age between 10 and 17", _AGE, _AT_AGE),
    Fault("the adults of the trial are taken for those above its limit", "when: age >= 18}", "when: age >= 31}",
          _AGE, _AT_AGE),
    Fault("< for <= on the day of the amendment", "enrolled_on >= date", "enrolled_on > date",
          "an eligible patient without a class of era", "derived.era.classes"),
    Fault("a date that nobody has to have", "when: enrolled_on >= date", "when: registered_on >= date",
          "an eligible patient without a class of era", "derived.era.classes"),
    Fault("a day falls between two windows", "evaluated < 22", "evaluated < 21",
          "an eligible patient without a class of timing", "derived.timing.classes"),
    Fault("<= 35 months is not < 36", "cr1 >= 18 and cr1 < 36", "cr1 >= 18 and cr1 <= 35", _STRATUM, _AT_STRATUM),
    Fault("a choice is forgotten", _COMBINED, "", _STRATUM, _AT_STRATUM),
    Fault("a choice is added and no rule follows", "iem: Isolated extramedullary", "iem: Isolated extramedullary, other: Other",
          _STRATUM, _AT_STRATUM),
    Fault("an item may be unknown from now on", "type: decimal, unit: month, range: [0, 600]",
          "type: decimal, unit: month, range: [0, 600], unavailable: [not recorded]", _STRATUM, _AT_STRATUM),
    Fault("a comparison the wrong way round", "site = 'iem' and cr1 >= 18}", "site = 'iem' and cr1 <= 18}",
          _STRATUM, _AT_STRATUM),
    # -- a class has nobody --
    Fault("an earlier class swallows the next", "when: mrd >= 0.1", "when: mrd >= 0", *_unreachable("risk", "low")),
    Fault("a class for unknown MRD after a rule that reads MRD", "when: mrd < 0.1}\n",
          "when: mrd < 0.1}\n      unmeasured: {label: MRD unknown, when: mrd is null}\n",
          *_unreachable("risk", "unmeasured")),
    Fault("the first class swallows all others", "marrow_blasts > 25 or", "marrow_blasts >= 0 or",
          *_unreachable("risk", "high")),
    Fault("or for and", "age >= 10 and age < 18", "age >= 10 or age < 18", *_unreachable("age_group", "adult")),
    Fault("a negation too early", "when: site = 'bm_em'", "when: not site = 'bm'",
          *_unreachable("relapse_stratum", "extramedullary_early")),
    Fault("days for months", _LATE, "site = 'bm' and cr1 >= 1095", *_unreachable("relapse_stratum", "marrow_late")),
    Fault("hundredths of a percent for percent", "when: mrd >= 0.1", "when: mrd >= 1000",
          *_unreachable("risk", "intermediate")),
    Fault("a class for who cannot take part", "when: age < 10}", "when: age < 1}", *_unreachable("age_group", "child")),
    Fault("bounds exchanged", "evaluated between 22 and 35", "evaluated between 35 and 22",
          *_unreachable("timing", "on_time")),
    # -- eligibility --
    Fault("bounds of eligibility exchanged", "require: age >= 1 and age < 31", "require: age < 1 and age >= 31",
          "nobody can meet criterion I1", "eligibility.I1.require"),
    Fault("two criteria exclude one another", "require: not down_syndrome", "require: performance < 50",
          "no patient can meet all criteria", "eligibility"),
    Fault("a criterion that all meet", "require: performance >= 50", "require: performance >= 0",
          "nobody can fail criterion I2", "eligibility.I2.require"),
    Fault("a criterion in a unit that nobody reaches", "require: performance >= 50", "require: performance >= 5000",
          "nobody can meet criterion I2", "eligibility.I2.require"),
    # -- randomizations --
    Fault("two randomizations overlap", "when: risk = 'low'", "when: \"risk in ('low', 'intermediate')\"",
          "an eligible patient who can enter both high_intermediate and low", "randomizations.low.when"),
    Fault("two randomizations overlap by not", "when: risk = 'low'", "when: risk <> 'high'",
          "an eligible patient who can enter both high_intermediate and low", "randomizations.low.when"),
    Fault("a randomization that nobody enters", "when: risk = 'low'", "when: risk = 'low' and mrd >= 0.1",
          "no eligible patient can enter the randomization low", "randomizations.low.when"),
    Fault("a stratum that nobody enters", "when: \"risk in ('high', 'intermediate')\"", "when: risk = 'high'",
          "no patient of the randomization high_intermediate can be in stratum marrow_late",
          "randomizations.high_intermediate.strata[0]"),
    Fault("who has no risk group is randomized without a stratum", "when: risk = 'low'",
          "when: risk = 'low' or risk is null",
          "a patient of the randomization low without a level of mrd_stratum", "randomizations.low.strata[0]"),
    # -- populations --
    Fault("a population that nobody is in", "require: mrd is not null", "require: mrd >= 0 and mrd_unavailable = 'not done'",
          "nobody can meet the rule of population mrd_known", "populations.mrd_known.require"),
    Fault("a population that all are in", "require: mrd is not null", "require: mrd is not null or mrd is null",
          "nobody can fail the rule of population mrd_known", "populations.mrd_known.require"),
)  # fmt: skip


# -- a protocol with a path, proved as it stands, and faults of its path and its end points ---------------

TREATED = """\
equipoise: 1
protocol: RELAPSE-2
title: Risk-stratified randomized trial in first relapse of B-ALL, with its path
visits:
  screening: {label: Screening}
  end_of_block_1: {label: End of block 1}
  end_of_cycle: {label: End of the randomized cycle}
  transplant: {label: Transplant}
assays:
  flow: {label: Flow cytometry, sensitivity: 0.0001, masked: true}
items:
  age: {label: Age at enrollment, type: decimal, unit: year, range: [0, 120]}
  performance: {label: Performance status, type: integer, range: [0, 100], collected: screening}
  site: {label: Site of relapse, type: choice, choices: {bm: Marrow, iem: Isolated extramedullary}}
  cr1: {label: Time from diagnosis to relapse, type: decimal, unit: month, range: [0, 600]}
  marrow_blasts: {label: Marrow blasts, type: decimal, unit: percent, range: [0, 100], collected: [end_of_block_1, end_of_cycle]}
  mrd:
    label: MRD
    type: decimal
    unit: percent
    range: [0, 100]
    collected: [end_of_block_1, end_of_cycle]
    assay: flow
    unavailable: [indeterminate, not done]
  transplanted_on: {label: Date of transplant, type: date, collected: transplant, unavailable: [not transplanted]}
derived:
  risk:
    label: Risk group
    undecided: A late relapse whose MRD is unknown has no risk group.
    classes:
      failure: {label: Early treatment failure, when: marrow_blasts_end_of_block_1 > 25}
      high: {label: High risk, when: cr1 < 36}
      intermediate: {label: Intermediate risk, when: mrd_end_of_block_1 >= 0.1}
      low: {label: Low risk, when: mrd_end_of_block_1 < 0.1}
  mrd_stratum:
    label: Stratum by MRD
    undecided: MRD after block 1 that could not be measured.
    classes:
      undetectable: {label: "<0.01%", when: mrd_end_of_block_1 < 0.01}
      detectable: {label: "≥0.01%", when: mrd_end_of_block_1 >= 0.01}
eligibility:
  I1: {text: 1 to 30 years old, require: age >= 1 and age < 31}
  I2: {text: Performance status of at least 50, require: performance >= 50}
consents:
  treatment: {label: Consent to treatment on the trial}
  randomized: {label: Consent to randomization}
drugs:
  vincristine: {label: Vincristine, role: background}
  blinatumomab: {label: Blinatumomab, role: investigational}
courses:
  block_1: {label: Block 1, days: 28, treatments: {vincristine: {drug: vincristine, days: [1, 8, 15, 22]}}}
  chemotherapy: {label: Chemotherapy, days: 28, treatments: {vincristine: {drug: vincristine, days: [1]}}}
  blinatumomab:
    label: Blinatumomab
    days: 28
    rest: 7
    treatments:
      blinatumomab:
        drug: blinatumomab
        dose: {amount: 15, unit: µg/m2/day}
        infusion: continuous
        days: {first: 1, last: 28}
      radiotherapy: {procedure: radiotherapy, when: site = 'iem' and mrd_end_of_block_1 is not null}
  salvage: {label: Salvage blinatumomab, days: 28, treatments: {salvage: {drug: blinatumomab}}}
  maintenance: {label: Maintenance, treatments: {vincristine: {drug: vincristine}}}
arms:
  a: {label: Chemotherapy, role: control}
  b: {label: Blinatumomab, role: experimental}
  c: {label: Chemotherapy for low risk, role: control}
  d: {label: Blinatumomab for low risk, role: experimental}
groups:
  failures: {label: Early treatment failures, when: risk = 'failure'}
randomizations:
  high_intermediate: {when: "risk in ('high', 'intermediate')", arms: [a, b], strata: [site]}
  low: {when: risk = 'low', arms: [c, d], strata: [mrd_stratum]}
path:
  screened: {visit: screening, next: eligible}
  eligible: {does: eligibility, next: consented, leave: [ineligible], leave_to: ended}
  consented: {consent: treatment, next: registered, refused: ended}
  registered: {does: registration, next: block_1}
  block_1: {course: block_1, next: evaluated, leave: [toxicity], leave_to: followed}
  evaluated:
    visit: end_of_block_1
    next:
      - {to: salvage_group, when: risk = 'failure'}
      - {to: consent_high, when: "risk in ('high', 'intermediate')"}
      - {to: consent_low, when: risk = 'low'}
    undecided: A late relapse whose MRD is unknown; the source does not say where its way leads.
  salvage_group: {group: failures, next: salvage}
  salvage: {course: salvage, times: [1, 2], next: followed}
  consent_high: {consent: randomized, next: randomize_high, refused: followed}
  consent_low: {consent: randomized, next: randomize_low, refused: followed}
  randomize_high: {randomization: high_intermediate, arms: {a: cycle_a, b: cycle_b}}
  randomize_low: {randomization: low, arms: {c: cycle_c, d: cycle_d}}
  cycle_a: {course: chemotherapy, next: cycle_evaluated, leave: [toxicity], leave_to: followed}
  cycle_b:
    course: blinatumomab
    next: cycle_evaluated
    leave: [toxicity]
    leave_to: followed
    deviations:
      direct: {label: Directly to follow-up when MRD was low, to: followed, when: mrd_end_of_block_1 < 0.01}
  cycle_c: {course: chemotherapy, next: maintained}
  cycle_d: {course: blinatumomab, next: maintained}
  cycle_evaluated:
    visit: end_of_cycle
    next:
      - {to: followed, when: marrow_blasts_end_of_cycle >= 5}
      - {to: transplanted, when: marrow_blasts_end_of_cycle < 5}
  transplanted: {visit: transplant, next: followed}
  maintained: {course: maintenance, next: followed}
  followed: {does: follow_up, next: ended, leave: [withdrew], leave_to: ended}
  ended: {does: end}
dispositions:
  screening: {ineligible: Ineligible}
  treatment: {toxicity: Toxicity}
  follow_up: {withdrew: Withdrew consent}
events:
  early_failure: {label: Early treatment failure, visit: end_of_block_1, when: marrow_blasts_end_of_block_1 > 25}
  late_failure: {label: Late treatment failure, visit: end_of_cycle, when: marrow_blasts_end_of_cycle >= 5}
  relapse: {label: Relapse}
  death: {label: Death, terminal: true}
endpoints:
  dfs: {label: Disease-free survival, role: primary, events: [late_failure, relapse, death]}
  efs: {label: Event-free survival, role: secondary, origin: registration, events: [early_failure, late_failure, relapse, death]}
  os_hsct: {label: Survival after transplant, role: secondary, origin: transplanted_on, events: [death]}
populations:
  randomized: {label: All randomized, require: randomized}
"""


def _no(step: str) -> tuple[str, str]:
    return f"no patient can reach step {step}", f"path.{step}"


_ARMS = "arms: {c: cycle_c, d: cycle_d}"
_STUCK = "a patient without a branch at step {}"
_AT = "path.{}.next"

PATH_FAULTS = (
    # -- the graph --
    Fault("the path goes in a circle", "salvage: {course: salvage, times: [1, 2], next: followed}",
          "salvage: {course: salvage, times: [1, 2], next: salvage_group}",
          "the path goes in a circle: salvage_group > salvage > salvage_group", "path.salvage"),
    Fault("a step leads to itself", "maintained: {course: maintenance, next: followed}",
          "maintained: {course: maintenance, next: maintained}",
          "the path goes in a circle: maintained > maintained", "path.maintained"),
    Fault("nothing leads to a step", "cycle_d: {course: blinatumomab, next: maintained}",
          "cycle_d: {course: blinatumomab, next: maintained}\n  tested: {visit: end_of_cycle, next: followed}", *_no("tested")),
    Fault("a branch leads to the wrong step", "{to: consent_low, when: risk = 'low'}",
          "{to: consent_high, when: risk = 'low'}", *_no("consent_low")),
    Fault("a path that cannot end", "maintained: {course: maintenance, next: followed}",
          "maintained: {course: maintenance, next: waiting}\n  waiting: {visit: end_of_cycle, next: maintained}",
          "from step waiting no end can be reached", "path.waiting"),
    # -- branches --
    Fault("< for <= at the cut of a branch", "when: marrow_blasts_end_of_cycle < 5}", "when: marrow_blasts_end_of_cycle < 4.9}",
          _STUCK.format("cycle_evaluated"), _AT.format("cycle_evaluated")),
    Fault("> for >= loses the patient on the boundary", "{to: followed, when: marrow_blasts_end_of_cycle >= 5}",
          "{to: followed, when: marrow_blasts_end_of_cycle > 5}", _STUCK.format("cycle_evaluated"), _AT.format("cycle_evaluated")),
    Fault("unknown MRD is not thought of at a branch",
          "\n    undecided: A late relapse whose MRD is unknown; the source does not say where its way leads.", "",
          _STUCK.format("evaluated"), _AT.format("evaluated")),
    Fault("a branch for all others, and unknown never falls through",
          "\n      - {to: consent_low, when: risk = 'low'}\n    undecided: A late relapse whose MRD is unknown; the source does not say where its way leads.",
          "\n      - {to: consent_low}", _STUCK.format("evaluated"), _AT.format("evaluated")),
    Fault("undecided says that somebody may be lost, and nobody is", "{to: transplanted, when: marrow_blasts_end_of_cycle < 5}",
          "{to: transplanted, when: marrow_blasts_end_of_cycle < 5}\n    undecided: Marrow not done.",
          "no patient can be left without a branch at step cycle_evaluated", "path.cycle_evaluated.undecided"),
    Fault("a branch that an earlier one swallows", "{to: followed, when: marrow_blasts_end_of_cycle >= 5}",
          "{to: followed, when: marrow_blasts_end_of_cycle >= 0}",
          "no patient can take the branch to transplanted at step cycle_evaluated", "path.cycle_evaluated.next[1].when"),
    Fault("a deviation for whom nobody is", "when: mrd_end_of_block_1 < 0.01}\n  cycle_c",
          "when: risk = 'low'}\n  cycle_c",
          "no patient can take the deviation direct at step cycle_b", "path.cycle_b.deviations.direct.when"),
    # -- randomizations and groups --
    Fault("the branch lets in whom the randomization does not take", "{to: consent_high, when: \"risk in ('high', 'intermediate')\"}",
          "{to: consent_high, when: \"risk in ('high', 'intermediate', 'low')\"}",
          "a patient who arrives at step randomize_high and does not meet the rule of randomization high_intermediate", "path.randomize_high"),
    Fault("the randomization takes fewer than the branch sends", "high_intermediate: {when: \"risk in ('high', 'intermediate')\"",
          "high_intermediate: {when: \"risk in ('high', 'intermediate') and cr1 <= 36\"",
          "a patient who arrives at step randomize_high and does not meet the rule of randomization high_intermediate", "path.randomize_high"),
    Fault("who meets the rule of the group goes elsewhere", "when: risk = 'failure'}\nrandomizations",
          "when: marrow_blasts_end_of_block_1 >= 25}\nrandomizations",
          "a patient who meets the rule of group failures and goes from step evaluated to consent_high", "groups.failures.when"),
    Fault("two randomizations on one way", "cycle_a: {course: chemotherapy, next: cycle_evaluated,",
          "cycle_a: {course: chemotherapy, next: randomize_low,",
          "a patient meets two randomizations, high_intermediate and low: screened > eligible > consented > registered > "
          "block_1 > evaluated > consent_high > randomize_high > cycle_a > randomize_low", "path.randomize_low"),
    # -- order --
    Fault("treated before any consent", "  eligible: {does: eligibility, next: consented,",
          "  eligible: {does: eligibility, next: registered,",
          "a patient comes to the course block_1 without consent: screened > eligible > registered > block_1", "path.block_1"),
    Fault("randomized before consent", "  eligible: {does: eligibility, next: consented,",
          "  eligible: {does: eligibility, next: randomize_low,",
          "a patient comes to the randomization low without consent: screened > eligible > randomize_low", "path.randomize_low"),
    Fault("who refuses consent is treated all the same", "consented: {consent: treatment, next: registered, refused: ended}",
          "consented: {consent: treatment, next: registered, refused: registered}",
          "a patient comes to the course block_1 without consent: screened > eligible > consented > registered > block_1", "path.block_1"),
    Fault("randomized without registration", "consented: {consent: treatment, next: registered, refused: ended}",
          "consented: {consent: treatment, next: block_1, refused: registered}",
          "a patient comes to the randomization high_intermediate without registration: screened > eligible > consented > "
          "block_1 > evaluated > consent_high > randomize_high", "path.randomize_high"),
    # -- what rules read --
    Fault("a stratum from a later visit", "undetectable: {label: \"<0.01%\", when: mrd_end_of_block_1 < 0.01}",
          "undetectable: {label: \"<0.01%\", when: mrd_end_of_cycle < 0.01}",
          "stratum mrd_stratum of randomization low reads mrd_end_of_cycle, which is not on record at step randomize_low on the way "
          "screened > eligible > consented > registered > block_1 > evaluated > consent_low > randomize_low",
          "randomizations.low.strata[0]"),
    Fault("a branch reads what comes later", "to: salvage_group, when: risk = 'failure'", "to: salvage_group, when: risk = 'failure' and mrd_end_of_cycle is not null",
          "the branch to salvage_group at step evaluated reads mrd_end_of_cycle, which is not on record at step evaluated on the way "
          "screened > eligible > consented > registered > block_1 > evaluated", "path.evaluated.next[0].when"),
    Fault("a treatment hangs on a later evaluation", "site = 'iem' and mrd_end_of_block_1 is not null", "site = 'iem' and mrd_end_of_cycle is not null",
          "the rule of treatment radiotherapy reads mrd_end_of_cycle, which is not on record at step cycle_b on the way "
          "screened > eligible > consented > registered > block_1 > evaluated > consent_high > randomize_high > cycle_b",
          "courses.blinatumomab.treatments.radiotherapy.when"),
    Fault("a criterion that is only known after treatment", "require: performance >= 50", "require: performance >= 50 and marrow_blasts_end_of_block_1 <= 25",
          "criterion I2 reads marrow_blasts_end_of_block_1, which is not on record at step eligible on the way screened > eligible",
          "eligibility.I2.require"),
    Fault("the arm is read before it is known", "{to: consent_low, when: risk = 'low'}", "{to: consent_low, when: risk = 'low' and arm is null}",
          "the branch to consent_low at step evaluated reads arm, which is not on record at step evaluated on the way "
          "screened > eligible > consented > registered > block_1 > evaluated", "path.evaluated.next[2].when"),
    # -- declared, and nowhere on the path --
    Fault("a course that is never given", "maintained: {course: maintenance, next: followed}",
          "maintained: {course: chemotherapy, next: followed}",
          "course maintenance is in no step of the path", "courses.maintenance"),
    Fault("a visit that never is", "assays:\n", "  day_8: {label: Day 8}\nassays:\n", "visit day_8 is in no step of the path", "visits.day_8"),
    Fault("a reason for which nobody leaves", "treatment: {toxicity: Toxicity}", "treatment: {toxicity: Toxicity, moved: Moved away}",
          "for the reason moved nobody leaves at any step", "dispositions.treatment.moved"),
    Fault("eligibility is never checked", "eligible: {does: eligibility, next: consented, leave: [ineligible], leave_to: ended}",
          "eligible: {visit: screening, next: consented, leave: [ineligible], leave_to: ended}",
          "no step of the path checks eligibility", "eligibility"),
    # -- events and end points --
    Fault("an event before the origin is counted", "role: primary, events: [late_failure, relapse, death]}",
          "role: primary, events: [early_failure, late_failure, relapse, death]}",
          "the event early_failure cannot happen after the origin of end point dfs: it is established at end_of_block_1, "
          "and no way leads there from randomization", "endpoints.dfs.events[0]"),
    Fault("an event whose rule nobody meets", "visit: end_of_cycle, when: marrow_blasts_end_of_cycle >= 5}",
          "visit: end_of_cycle, when: marrow_blasts_end_of_block_1 > 25}",
          "no patient can have the event late_failure at end_of_cycle", "events.late_failure.when"),
    Fault("an origin that nobody comes to", "{to: transplanted, when: marrow_blasts_end_of_cycle < 5}",
          "{to: maintained, when: marrow_blasts_end_of_cycle < 5}",
          "nobody comes to the origin of end point os_hsct, transplanted_on", "endpoints.os_hsct.origin"),
    Fault("an evaluation before the transplant is counted from the transplant on", "origin: transplanted_on, events: [death]}",
          "origin: transplanted_on, events: [late_failure, death]}",
          "the event late_failure cannot happen after the origin of end point os_hsct: it is established at end_of_cycle, and "
          "no way leads there from transplanted_on", "endpoints.os_hsct.events[0]"),
    Fault("an assay that measures nothing", "    assay: flow\n", "", "assay flow measures no item", "assays.flow"),
    Fault("an event that no end point counts", "  relapse: {label: Relapse}\n", "  relapse: {label: Relapse}\n  infection: {label: Infection}\n",
          "event infection is in no end point", "events.infection"),
    Fault("a drug that no course gives", "  blinatumomab: {label: Blinatumomab, role: investigational}\n",
          "  blinatumomab: {label: Blinatumomab, role: investigational}\n  cytarabine: {label: Cytarabine}\n",
          "drug cytarabine is given in no course", "drugs.cytarabine"),
)  # fmt: skip
