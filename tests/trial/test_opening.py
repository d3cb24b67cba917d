"""Finding a trial, choosing a cutoff, reading its data."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from equipoise.errors import InputError
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.load import parse_protocol
from equipoise.store import write_log
from equipoise.trial.opening import choose_cutoff, find_protocol, shipped_trials
from equipoise.trial.trial import open_trial
from small_trial import PROTOCOL, protocol, randomized, registered, seen, treated

WITH_CUTOFFS = (
    PROTOCOL
    + """
cutoffs:
  interim: {label: Interim, on: 2020-06-30, recorded_by: 2020-07-31T12:00:00Z}
  final: {label: Final, on: 2021-06-30}
"""
)


def test_shipped_trials_are_found_by_name_folder_and_file() -> None:
    folder = shipped_trials()["intergroup0035"]

    assert find_protocol("intergroup0035") == find_protocol(folder) == find_protocol(folder / "protocol.yaml")


def test_an_unknown_trial_is_a_message_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as failure:
        find_protocol("intergroup035")

    assert "did you mean 'intergroup0035'?" in str(failure.value)


def test_the_latest_cutoff_of_the_protocol_unless_another_is_named() -> None:
    trial = parse_protocol(WITH_CUTOFFS)

    assert choose_cutoff(trial, None, None) == Cutoff(date(2021, 6, 30))
    assert choose_cutoff(trial, "interim", None) == Cutoff(
        date(2020, 6, 30), datetime(2020, 7, 31, 12, tzinfo=UTC)
    )
    assert choose_cutoff(trial, "2020-01-05", None) == Cutoff(date(2020, 1, 5))
    assert choose_cutoff(protocol(), None, date(2020, 3, 1)) == Cutoff(date(2020, 3, 1))


def test_a_cutoff_of_which_only_the_month_is_known_cuts_nothing() -> None:
    """The latest with a day is the default, although the month is later; to name the month is a mistake."""
    trial = parse_protocol(WITH_CUTOFFS + "  late: {label: Late, on: 2022-07}\n")
    only_months = parse_protocol(PROTOCOL + "cutoffs: {late: {label: Late, on: 2022-07}}\n")

    assert choose_cutoff(trial, None, None) == Cutoff(date(2021, 6, 30))
    assert choose_cutoff(only_months, None, date(2020, 3, 1)) == Cutoff(date(2020, 3, 1))
    with pytest.raises(InputError) as failure:
        choose_cutoff(trial, "late", None)
    assert str(failure.value) == (
        "cutoff 'late' has no day\n  --cutoff: found 'late' on 2022-07, a month without its day; expected a cutoff "
        "with a day. Remedy: give the last day to include as YYYY-MM-DD, or name interim or final."
    )


def test_a_report_of_a_trial_with_a_month_among_its_cutoffs_names_the_one_that_cut(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(WITH_CUTOFFS + "  late: {label: Late, on: 2022-07}\n")
    log = Log([registered("S1"), randomized("S1", "a"), treated("S1", "a", 1), randomized("S2", "b")])
    write_log(tmp_path / "trial.db", log)

    report = open_trial(tmp_path, data=tmp_path / "trial.db").report(tmp_path / "out")

    assert "Data cutoff: Final (2021-06-30)" in report.page.read_text()


@pytest.mark.parametrize("cutoff", ["inerim", "2020-02-30", "30/06/2020", ""])
def test_a_cutoff_that_is_none_is_a_message(cutoff: str) -> None:
    with pytest.raises(InputError, match="no cutoff"):
        choose_cutoff(parse_protocol(WITH_CUTOFFS), cutoff, None)


def test_a_log_is_read_and_cut(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    write_log(
        tmp_path / "trial.db",
        Log([randomized("S1", "a"), randomized("S2", "b"), seen("S1", 9), seen("S2", 30)]),
    )

    trial = open_trial(tmp_path, data=tmp_path / "trial.db", cutoff="2020-01-20")

    assert trial.endpoint("os").to_frame().select("subject_id", "time").rows() == [("S1", 9), ("S2", 0)]
    assert trial.datasets.source.log_length == 4


def test_the_same_tables_give_the_same_data_hash() -> None:
    one, other = open_trial("intergroup0035"), open_trial("intergroup0035")

    assert one.datasets.source == other.datasets.source
    assert len(one.datasets.source.data_hash) == 64


def test_adam_data_sets_cannot_be_cut_again() -> None:
    with pytest.raises(InputError, match="cannot be cut again"):
        open_trial("cdiscpilot01", cutoff="2013-01-01")


def test_one_changed_cell_changes_the_data_hash(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(shipped_trials()["intergroup0035"], folder)
    data = folder / "data" / "colon.csv"
    data.write_text(data.read_text().replace("1,1,Lev+5FU,1,43,", "1,1,Lev+5FU,1,44,"))

    assert (
        open_trial(folder).datasets.source.data_hash != open_trial("intergroup0035").datasets.source.data_hash
    )


@pytest.mark.parametrize("cutoff", ["2019-12-31", "2020-01-01", "2020-01-02"])
def test_a_report_can_be_made_from_the_first_day_on(tmp_path: Path, cutoff: str) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    log = Log([registered("S1"), randomized("S1", "a"), registered("S2", 1), treated("S2", "b", 1)])
    write_log(tmp_path / "trial.db", log)

    report = open_trial(tmp_path, data=tmp_path / "trial.db", cutoff=cutoff).report(tmp_path / "out")

    assert "A small trial" in report.page.read_text()


def test_a_protocol_without_data_says_how_to_give_some() -> None:
    with pytest.raises(InputError, match=r"AALL1331 has no data here[\s\S]*--data"):
        open_trial("aall1331")
