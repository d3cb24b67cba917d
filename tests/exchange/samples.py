"""A small invented trial whose mapping reaches every kind of fact and every way to say a value or date."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from equipoise import trials
from equipoise.exchange import transport
from equipoise.protocol.load import parse_protocol

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
SHIPPED = Path(next(iter(trials.__path__)))

PROTOCOL = """
equipoise: 1
protocol: SAMPLE-1
title: A sample
items:
  age: {label: Age, type: integer, unit: year, range: [18, 99]}
  sex: {label: Sex, type: choice, choices: {female: Female, male: Male}}
  marrow: {label: Marrow blasts, type: decimal, unit: percent, range: [0, 100], unavailable: [not done, lost]}
  fever: {label: Fever, type: boolean}
  diagnosed: {label: Day of diagnosis, type: date}
  remark: {label: Remark, type: text}
events:
  relapse: {label: Relapse}
  second: {label: Second malignancy}
  death: {label: Death, terminal: true}
dispositions:
  screening: {ineligible: Not eligible}
  treatment: {toxicity: Toxicity, withdrew: Withdrew}
  follow_up: {lost: Lost}
arms:
  a: {label: Standard, role: control}
  b: {label: New, role: experimental}
  c: {label: Other, role: experimental}
randomizations:
  main: {arms: [a, b], strata: [sex]}
  late: {arms: [a, c], strata: not stated}
endpoints:
  os: {label: Survival, role: primary, events: [death]}
  efs: {label: Event-free survival, role: secondary, events: [relapse, death], competing: [second]}
populations:
  all_patients: {label: All, require: randomized}
"""

MAPPING = """
mapping: 1
protocol: SAMPLE-1
tables:
  - file: patients.csv
    subject: {column: id, prefix: "S-"}
    missing: ["", NA]
    facts:
      - {fact: registered, on: registered, site: {column: site}}
      - fact: items
        on: registered
        items:
          age: age
          sex: {column: sex, values: {"1": male, "2": female}}
          marrow: {column: marrow, unavailable: {"": not done, "?": lost}}
          fever: {column: fever, values: {yes: true, no: false}, if_missing: false}
          diagnosed: diagnosed
          remark: {column: remark, where: remark is not null}
      - fact: randomized
        where: randomized is not null
        on: {column: randomized, format: DD/MM/YYYY}
        randomization: main
        arm: {column: arm, values: {Standard: a, New: b}}
        stratum: {sex: {column: sex, values: {"1": male, "2": female}}}
      - {fact: treatment_started, where: start is not null, on: {days: start, since: registered}, arm: b}
      - fact: stage_ended
        where: stop is not null
        on: stop
        stage: treatment
        completed: {column: why, values: {done: true, toxicity: false, withdrew: false}}
        reason: {column: why, where: why <> 'done'}
  - file: visits.tsv
    subject: {column: patient, prefix: "S-"}
    day_zero: 2020-01-01
    facts:
      - {fact: followed_up, where: kind = 'visit', on: {days: day}}
      - {fact: event, event: {column: what, values: {relapse: relapse, dead: death}}, where: kind = 'event', on: {days: day},
         detail: {constant: from the visit}}
      - {fact: long_items, where: kind = 'result', on: {days: day}, name_column: what, value_column: result,
         items: {marrow: BLASTS, remark: {named: NOTE, values: {ok: fine}}}, others: skip}
      - {fact: adverse_event, where: kind = 'ae', on: 2020-03-01, term: what, category: {constant: General},
         grade: {column: result}, serious: {column: result, values: {"5": true, "1": false}}, related: kind,
         emergent: {constant: true}, ended_on: 2020-03-05}
"""

PATIENTS = """id,registered,site,age,sex,marrow,fever,diagnosed,remark,randomized,arm,start,stop,why
1,2020-01-05,DE-01,45,1,12.5,yes,2019-12-31,"a, ""b""
and c",06/01/2020,Standard,,2020-05-01,done
2,2020-01-07,DE-01,61,2,?,no,2020-01-02,,08/01/2020,New,2,2020-02-10,toxicity
3,2020-01,DE-02,33,1,,,,été,15/02/2020,New,,,
4,2020-02-01T09:30,DE-02,70,NA,0.5,NA,2020-01-30,x,,,,,
"""

VISITS = "\n".join([
    "patient\tkind\tday\twhat\tresult",
    "1\tvisit\t100\t\t",
    "1\tevent\t150\trelapse\t",
    "1\tresult\t100\tBLASTS\t3",
    "2\tresult\t60\tNOTE\tok",
    "2\tresult\t60\tWEIGHT\t80",
    "2\tae\t60\tNausea\t1",
    "2\tevent\t200\tdead\t",
    "3\tvisit\t90\t\t",
    "3\tvisit\t90\t\t",
]) + "\n"  # fmt: skip


@cache
def protocol():
    """The sample's protocol."""
    return parse_protocol(PROTOCOL, "sample.yaml")


def write_sample(folder):
    """Write the sample's mapping and tables; returns the path of the mapping."""
    for name, text in (("mapping.yaml", MAPPING), ("patients.csv", PATIENTS), ("visits.tsv", VISITS)):
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder / "mapping.yaml"


@cache
def pilot_protocol():
    """The protocol of the CDISC pilot as it is shipped."""
    return parse_protocol(
        (SHIPPED / "cdiscpilot01" / "protocol.yaml").read_text(encoding="utf-8"), "pilot.yaml"
    )


@cache
def pilot_files():
    """The mapping and data sets of the CDISC pilot, cut to their first twenty rows: name → bytes."""
    source = SHIPPED / "cdiscpilot01"
    files = {"mapping.yaml": (source / "mapping.yaml").read_bytes()}
    for name in ("adsl", "adtte", "adae"):
        content = (source / "data" / f"{name}.xpt").read_bytes()
        files[f"data/{name}.xpt"] = cut(content, 20)
    return files


def cut(content, rows):
    """A transport file with the first rows of another."""
    variables, start = transport._header(content, "file")
    width = max(variable.start + variable.length for variable in variables)
    data = content[start : start + rows * width]
    return content[:start] + data + b" " * (-len(data) % transport.RECORD)


def write_pilot(folder):
    """Write the cut pilot; returns the path of the mapping."""
    (folder / "data").mkdir()
    for name, content in pilot_files().items():
        (folder / name).write_bytes(content)
    return folder / "mapping.yaml"
