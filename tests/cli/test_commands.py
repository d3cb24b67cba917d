"""Each command as a person runs it: exit status, output, messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from equipoise.store import read_log
from small_trial import PROTOCOL


def equipoise(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "equipoise", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=120,
    )


MAPPING = """
mapping: 1
protocol: SMALL
tables:
  - file: patients.csv
    subject: id
    facts:
      - {fact: randomized, on: randomized, randomization: main, arm: {column: arm}, stratum: {site: site}}
      - {fact: items, on: randomized, items: {age: age, site: site}}
      - {fact: event, event: death, where: dead = '1', on: last}
      - {fact: followed_up, where: dead = '0', on: last}
"""
PATIENTS = """id,arm,site,age,randomized,dead,last
S1,a,bm,4,2020-01-01,1,2020-05-01
S2,b,bm,6,2020-01-02,0,2021-05-01
S3,a,iem,8,2020-02-01,0,2021-05-01
S4,b,iem,9,2020-02-03,1,2020-12-01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    (tmp_path / "patients.csv").write_text(PATIENTS)
    return tmp_path


def test_check_says_that_a_protocol_is_right(folder: Path) -> None:
    done = equipoise("check", "protocol.yaml", cwd=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "protocol.yaml: no problems\nSMALL: 2 arms, 4 items, 3 end points, 1 analyses; hash "
    )


def test_check_prints_every_problem_with_its_place(folder: Path) -> None:
    broken = PROTOCOL.replace("events: [relapse, death]", "events: [relaps, death]").replace(
        "mrd >= 0.1", "mdr >= 0.1"
    )
    (folder / "protocol.yaml").write_text(broken)

    done = equipoise("check", "protocol.yaml", cwd=folder)

    assert done.returncode == 1
    assert "2 problems in protocol.yaml" in done.stderr
    assert "protocol.yaml:15:36" in done.stderr
    assert "did you mean 'relapse'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_import_then_report_on_the_log(folder: Path) -> None:
    imported = equipoise("import", ".", "-o", "trial.db", "--by", "data manager", cwd=folder)
    reported = equipoise(
        "report", ".", "--data", "trial.db", "--cutoff", "2020-12-31", "-o", "out", cwd=folder
    )

    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith("trial.db: 16 facts from 4 rows of patients.csv; hash ")
    assert {fact.recorded_by for fact in read_log(folder / "trial.db")} == {"data manager"}
    assert reported.returncode == 0, reported.stderr
    assert "4 subjects randomized" in reported.stdout
    assert (folder / "out" / "index.html").read_text().count("<html") == 1


def test_rejected_rows_are_listed_and_nothing_is_imported(folder: Path) -> None:
    (folder / "patients.csv").write_text(PATIENTS.replace("S2,b,bm,6", "S2,c,bm,six"))

    done = equipoise("import", ".", "-o", "trial.db", "--rejects", "rejects.csv", cwd=folder)

    assert done.returncode == 1
    assert "row 3" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "trial.db").exists()
    rejects = (folder / "rejects.csv").read_text().splitlines()
    assert rejects[0] == "file,row,column,value,reason"
    assert {line.split(",")[2] for line in rejects[1:]} == {"arm", "age"}


def test_a_log_is_never_overwritten(folder: Path) -> None:
    (folder / "trial.db").write_text("precious")

    done = equipoise("import", ".", "-o", "trial.db", cwd=folder)

    assert done.returncode == 1
    assert (folder / "trial.db").read_text() == "precious"


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "nothing-here"),
        ("report", ".", "--cutoff", "soon"),
        ("report", ".", "--data", "nothing.db"),
        ("report", ".", "--data", "patients.csv"),
        ("check", "patients.csv"),
        ("import", ".", "-o", "trial.txt"),
        ("import", ".", "-o", "no/such/folder/trial.db"),
        ("report", ".", "-o", "patients.csv"),
        ("report", ".", "-o", "patients.csv/inside"),
    ],
)
def test_mistakes_are_one_message_without_a_traceback(folder: Path, arguments: tuple[str, ...]) -> None:
    done = equipoise(*arguments, cwd=folder)

    assert done.returncode == 1, done
    assert "expected" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_and_version_are_quick_to_load() -> None:
    """Start-up is a budget: nothing heavy may be imported for --help (benchmarks/ has the seconds)."""
    script = (
        "import sys; sys.argv=['equipoise','--help']\n"
        "from equipoise.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'polars', 'numpy', 'pydantic', 'sqlglot', 'ruamel', 'pyreadstat', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_importing_the_package_loads_nothing() -> None:
    script = "import sys, equipoise; assert not {'polars', 'numpy', 'pydantic', 'typer'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_public_name_can_be_had() -> None:
    import equipoise as package

    assert [name for name in package.__all__ if getattr(package, name, None) is None] == []
    assert package.__all__ == sorted(package._HOME)


def test_a_repeated_adverse_event_is_a_warning(folder: Path) -> None:
    (folder / "mapping.yaml").write_text(
        MAPPING
        + "  - file: events.csv\n    subject: id\n    facts: [{fact: adverse_event, on: day, term: term}]\n"
    )
    (folder / "events.csv").write_text("id,day,term\nS3,2020-03-01,Fever\nS3,2020-03-01,Fever\n")

    done = equipoise("import", ".", "-o", "trial.db", cwd=folder)
    reported = equipoise("report", ".", "-o", "out", cwd=folder)

    assert (done.returncode, reported.returncode) == (0, 0)
    for shown in (done.stderr, reported.stderr):
        assert "warning: events.csv" in shown
        assert "each adverse event once" in shown


def test_classify_counts_and_explains(folder: Path) -> None:
    (folder / "cohort.csv").write_text("subject_id,age,site,mrd\nS1,4,bm,0.2\nS2,5,iem,not done\n")

    listed = equipoise("classify", ".", "--data", "cohort.csv", "-o", "classes.csv", cwd=folder)
    explained = equipoise("classify", ".", "--data", "cohort.csv", "--subject", "S2", cwd=folder)

    assert listed.returncode == 0, listed.stderr
    assert "mrd_class: " in listed.stdout
    assert "cannot be decided (1):\n  S2: mrd_class, missing mrd (not done)" in listed.stdout
    assert "no column for boy" in listed.stderr
    assert (folder / "classes.csv").read_text().startswith("subject_id,eligible,")
    assert (
        "MRD class: cannot be decided\n  high: mrd >= 0.1\n    cannot be decided (mrd = unknown)"
        in explained.stdout
    )


def test_a_new_trial_runs_at_once_and_is_labeled_synthetic(tmp_path: Path) -> None:
    made = equipoise("new", "mine", cwd=tmp_path)
    checked = equipoise("check", "mine", cwd=tmp_path)
    reported = equipoise("report", "mine", "-o", "report", cwd=tmp_path)
    again = equipoise("new", "mine", cwd=tmp_path)

    assert (made.returncode, checked.returncode, reported.returncode) == (0, 0, 0), reported.stderr
    assert "58 subjects randomized" in reported.stdout
    assert reported.stdout.startswith("SYNTHETIC PATIENTS")
    assert "Synthetic patients." in (tmp_path / "report" / "index.html").read_text()
    assert again.returncode == 1
    assert "expected a new or empty folder" in again.stderr


def test_synthetic_patients_stay_synthetic_in_a_log(tmp_path: Path) -> None:
    equipoise("new", "mine", cwd=tmp_path)
    equipoise("import", "mine", "-o", "trial.db", "--by", "office", cwd=tmp_path)
    equipoise("report", "mine", "--data", "trial.db", "-o", "report", cwd=tmp_path)

    assert {fact.recorded_by for fact in read_log(tmp_path / "trial.db")} == {"synthetic: office"}
    assert "Synthetic patients." in (tmp_path / "report" / "index.html").read_text()


def test_check_warns_of_what_is_seldom_wise(folder: Path) -> None:
    unwise = PROTOCOL.replace("strata: [site]}", "strata: [site], method: permuted blocks, blocks: [2]}", 1)
    (folder / "protocol.yaml").write_text(unwise)

    done = equipoise("check", ".", cwd=folder)

    assert done.returncode == 0
    assert "found blocks of 2; expected larger blocks" in done.stderr


def test_check_proves_the_rules_or_shows_a_patient(folder: Path) -> None:
    gap = PROTOCOL.replace("mrd < 0.1}", "mrd < 0.05}")
    assert gap != PROTOCOL

    proved = equipoise("check", ".", cwd=folder)
    (folder / "protocol.yaml").write_text(gap)
    failed = equipoise("check", ".", cwd=folder)
    unproved = equipoise("check", ".", "--no-proofs", cwd=folder)

    assert proved.returncode == 0, proved.stderr
    assert "proved: each of the 2 classes of mrd_class has a possible patient" in proved.stdout
    assert failed.returncode == 1
    assert "derived.mrd_class.classes: found" in failed.stderr
    assert "mrd 0." in failed.stderr  # the patient who falls into the gap
    assert unproved.returncode == 0


def test_the_level_of_the_interval_is_the_plans_and_no_model_is_no_ratio(folder: Path) -> None:
    plan = PROTOCOL.replace("cox: {strata: [site]}", "cox: {strata: [site], confidence_level: 0.9}")
    (folder / "protocol.yaml").write_text(plan)
    ninety = equipoise("report", ".", "-o", "out", cwd=folder)
    (folder / "protocol.yaml").write_text(
        PROTOCOL.replace("cox: {strata: [site]}", "cox: null").replace(
            "subgroups: [site, mrd_class]", "subgroups: []"
        )
    )
    without = equipoise("report", ".", "-o", "out", cwd=folder)

    assert "(90% CI " in ninety.stdout
    assert without.returncode == 0, without.stderr
    assert "hazard ratio" not in without.stdout
