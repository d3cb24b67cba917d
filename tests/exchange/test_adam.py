"""ADaM data sets become the frames of an analysis as they are, after they have been found to agree."""

from collections import Counter
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.datasets.frames import ADVERSE_EVENT, TIME_TO_EVENT, subject_columns
from equipoise.errors import MappingError, RejectedData
from equipoise.exchange.adam import read_adam
from equipoise.exchange.tables import read_table
from equipoise.protocol.load import parse_protocol
from exchange import samples


@pytest.fixture(scope="module")
def shipped():
    return read_adam(samples.pilot_protocol(), samples.SHIPPED / "cdiscpilot01" / "mapping.yaml")


class TestPilot:
    def test_frames_keep_their_contracts(self, shipped):
        assert dict(shipped.subjects.schema) == subject_columns(samples.pilot_protocol())
        assert dict(shipped.time_to_event.schema) == TIME_TO_EVENT
        assert dict(shipped.adverse_events.schema) == ADVERSE_EVENT

    def test_counts_are_those_of_the_data_sets(self, shipped):
        # Counted in ADSL, ADTTE and ADAE with pyreadstat: TRT01P, CNSR, AEDECOD, AESEV, DCSREAS.
        subjects, times, events = shipped.subjects, shipped.time_to_event, shipped.adverse_events

        assert Counter(subjects["arm"]) == {"placebo": 86, "xanomeline_low": 84, "xanomeline_high": 84}
        assert Counter(times["event"]) == {True: 152, False: 102}
        assert (events.height, events["term"].n_unique(), Counter(events["grade"])[3]) == (1191, 242, 43)
        assert Counter(subjects["follow_up_ended"])["adverse_event"] == 92
        assert Counter(subjects["follow_up_ended"])["completed"] == 110

    def test_completed_is_what_the_data_set_calls_so(self):
        # The mapping takes a blank DCSREAS for completion; EOSSTT says the same of every subject.
        adsl = read_table(samples.SHIPPED / "cdiscpilot01" / "data" / "adsl.xpt").frame

        assert adsl.filter((pl.col("EOSSTT") == "COMPLETED") != pl.col("DCSREAS").is_null()).height == 0

    def test_one_subject_in_full(self, shipped):
        row = shipped.subjects.row(0, named=True)
        time = shipped.time_to_event.row(0, named=True)

        assert (row["subject_id"], row["arm"], row["actual_arm"], row["age"], row["age_group"], row["sex"]) == (
            "01-701-1015", "placebo", "placebo", 63, "under_65", "female",
        )  # fmt: skip
        assert row["site_id"] == "701"
        assert (row["treatment_started_on"], row["weight"], row["itt_flag"], row["source"]) == (
            date(2014, 1, 2),
            54.4,
            True,
            [2],
        )
        assert time == {
            "subject_id": "01-701-1015", "endpoint": "ttde", "origin_on": date(2014, 1, 2), "ended_on": date(2014, 1, 3),
            "time": 2, "event": True, "cause": "dermatologic_event", "censor_reason": None, "source": [2],
        }  # fmt: skip

    def test_a_censored_time_has_a_reason_and_no_cause(self, shipped):
        censored = shipped.time_to_event.filter(~pl.col("event"))

        assert set(censored["censor_reason"]) == {"Study Completion Date"}
        assert set(censored["cause"]) == {None}

    def test_no_patient_is_in_a_repr(self, shipped):
        assert "01-7" not in repr(shipped)


def as_csv(folder, changes=(), mapping=()):
    """The cut pilot as CSV files, with changed cells: (table, row, column, text)."""
    path = samples.write_pilot(folder)
    for name in ("adsl", "adtte", "adae"):
        frame = read_table(folder / "data" / f"{name}.xpt").frame
        for table, row, column, text in changes:
            if table == name:
                cells = frame[column].to_list()
                cells[row - 2] = text
                frame = frame.with_columns(pl.Series(column, cells, dtype=pl.String))
        frame.write_csv(folder / "data" / f"{name}.csv")
    text = path.read_text(encoding="utf-8").replace(".xpt", ".csv")
    for old, new in mapping:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_and_transport_files_give_the_same(tmp_path):
    from_csv = read_adam(samples.pilot_protocol(), as_csv(tmp_path))
    (tmp_path / "xpt").mkdir()
    from_xpt = read_adam(samples.pilot_protocol(), samples.write_pilot(tmp_path / "xpt"))

    for name in ("subjects", "time_to_event", "adverse_events"):
        assert_frame_equal(getattr(from_csv, name), getattr(from_xpt, name))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("adtte", 2, "AVAL", "3"), "row 2, column AVAL: found 3 days; expected 2, counted inclusive from 2014-01-02 to 2014-01-03"),
        (("adtte", 2, "AVAL", "0"), "row 2, column AVAL: found 0 days; expected at least 1, counted inclusive"),
        (("adtte", 2, "AVAL", "-5"), "found -5 days"),
        (("adtte", 2, "AVAL", "1.5"), "row 2, column AVAL: found '1.5'; expected a whole number"),
        (("adtte", 2, "AVAL", ""), "row 2, column AVAL: found no value; expected the time of the row"),
        (("adtte", 2, "CNSR", "-1"), "row 2, column CNSR: found -1; expected 0 for an event, 1 and above for censoring"),
        (("adtte", 2, "CNSR", "x"), "row 2, column CNSR: found 'x'; expected a whole number"),
        (("adtte", 2, "PARAMCD", "OS"), "row 2, column PARAMCD: found 'OS'; expected one of 'TTDE'"),
        (("adtte", 2, "EVNTDESC", "Fell ill"), "row 2, column EVNTDESC: found 'Fell ill'; expected one of 'Dematologic"),
        (("adtte", 3, "USUBJID", "01-701-1015"), "row 3, column USUBJID: found '01-701-1015' and 'ttde', also in row 2; expected one row"),
        (("adtte", 3, "USUBJID", "99"), "row 3, column USUBJID: found '99'; expected a subject of ADSL"),
        (("adtte", 3, "ADT", "2012-08"), "row 3, column ADT: found the month 2012-08; expected a date with its day"),
        (("adsl", 3, "USUBJID", "01-701-1015"), "row 3, column USUBJID: found '01-701-1015', also in row 2; expected one row a subject"),
        (("adsl", 3, "TRT01P", ""), "row 3, column TRT01P: found no value; expected the arm of the row"),
        (("adsl", 3, "TRT01P", "placebo"), "row 3, column TRT01P: found 'placebo'; expected one of 'Placebo'"),
        (("adsl", 3, "AGE", "200"), "row 3, column AGE: found '200'; expected age from 0 to 120"),
        (("adsl", 3, "DCSREAS", "Bored"), "row 3, column DCSREAS: found 'Bored'; expected one of"),
        (("adsl", 3, "TRTSDT", "19.07.2013"), "row 3, column TRTSDT: found '19.07.2013'; expected a date such as 2020-01-31"),
        (("adae", 4, "AENDT", "2014-01-01"), "row 4, column AENDT: found an end on 2014-01-01; expected a day not before the onset"),
        (("adae", 4, "AESEV", "HORRIBLE"), "row 4, column AESEV: found 'HORRIBLE'; expected one of 'MILD', 'MODERATE', 'SEVERE'"),
        (("adae", 4, "AEDECOD", ""), "row 4, column AEDECOD: found no value; expected the term of the row"),
        (("adae", 4, "USUBJID", "99"), "row 4, column USUBJID: found '99'; expected a subject of ADSL"),
    ],
)  # fmt: skip
def test_a_row_that_contradicts_is_named(tmp_path, change, expected):
    with pytest.raises(RejectedData) as caught:
        read_adam(samples.pilot_protocol(), as_csv(tmp_path, [change]))

    found = [str(problem) for problem in caught.value.problems]
    assert any(expected in text for text in found), found


def test_a_wrong_name_in_the_mapping_is_named(tmp_path):
    changes = [("column: TRT01P", "column: TRT01"), ("TTDE: ttde", "TTDE: ttd"), ("AEDECOD", "AEDECO")]
    with pytest.raises(MappingError, match="found an endpoint 'ttd'"):
        read_adam(samples.pilot_protocol(), as_csv(tmp_path, mapping=changes[1:2]))
    (tmp_path / "two").mkdir()
    with pytest.raises(
        MappingError, match=r"column 'TRT01'(.|\n)*column 'AEDECO'; .* did you mean 'AEDECOD'"
    ):
        read_adam(samples.pilot_protocol(), as_csv(tmp_path / "two", mapping=changes[::2]))


SEVERAL_EVENTS = """
mapping: 1
protocol: SAMPLE-1
adam:
  adsl: {file: adsl.csv, subject: id, randomization: main, arm: arm_column_or_code, items: {marrow: {column: marrow, unavailable: not done}},
         stratum: {sex: sex}}
  adtte: {file: adtte.csv, subject: id, endpoint: {column: what}, time: days, censored: cnsr, cause: {column: cause, values: {R: relapse, D: death, S: second}},
          censor_reason: why}
"""


class TestSeveralEvents:
    def read(self, folder, times, mapping=SEVERAL_EVENTS):
        (folder / "adsl.csv").write_text("id,arm,marrow,sex\n1,a,5,male\n2,b,,female\n3,a,1,male\n")
        (folder / "adtte.csv").write_text("id,what,days,cnsr,cause,why\n" + times)
        (folder / "mapping.yaml").write_text(mapping.replace("arm_column_or_code", "{column: arm}"))
        return read_adam(parse_protocol(samples.PROTOCOL, "p.yaml"), folder / "mapping.yaml")

    def test_causes_competing_events_and_reasons(self, tmp_path):
        frames = self.read(
            tmp_path, "1,efs,0,0,R,\n2,efs,9,2,S,second malignancy\n3,efs,7,1,,alive\n3,os,7,0,,\n"
        )

        rows = frames.time_to_event.select("subject_id", "endpoint", "event", "cause", "censor_reason").rows()
        assert rows == [
            ("1", "efs", True, "relapse", None), ("2", "efs", False, "second", "second malignancy"),
            ("3", "efs", False, None, "alive"), ("3", "os", True, "death", None),
        ]  # fmt: skip
        assert frames.subjects["marrow_unavailable"].to_list() == [None, "not done", None]
        assert frames.subjects["stratum_sex"].to_list() == ["male", "female", "male"]
        assert frames.adverse_events.height == 0

    def test_an_event_needs_a_cause_that_the_end_point_counts(self, tmp_path):
        with pytest.raises(
            RejectedData,
            match=r"row 2, column cause: found an event without a cause; expected one of relapse, death",
        ):
            self.read(tmp_path, "1,efs,0,0,,\n")
        with pytest.raises(RejectedData, match=r"found the cause 'second'; expected one of relapse, death"):
            self.read(tmp_path, "1,efs,0,0,S,\n")

    def test_elapsed_days_may_be_zero_but_not_less(self, tmp_path):
        with pytest.raises(RejectedData, match="found -1 days; expected at least 0, counted elapsed"):
            self.read(tmp_path, "1,efs,-1,0,R,\n")

    def test_an_arm_of_another_randomization(self, tmp_path):
        with pytest.raises(RejectedData, match="found the arm 'b'; expected an arm of randomization 'late'"):
            self.read(tmp_path, "1,os,1,0,,\n", SEVERAL_EVENTS.replace("main", "late"))

    def test_several_randomizations_must_be_told_apart(self, tmp_path):
        with pytest.raises(
            MappingError, match="found no randomization; expected randomization: one of main, late"
        ):
            self.read(tmp_path, "1,os,1,0,,\n", SEVERAL_EVENTS.replace("randomization: main, ", ""))
