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

    def text(self) -> str:
        """The protocol with the fault; the old text must stand in it once."""
        assert RISK.count(self.old) == 1, f"{self.old!r} stands {RISK.count(self.old)} times in the protocol"
        return RISK.replace(self.old, self.new)


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
