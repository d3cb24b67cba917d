"""Both stores: what is written reads back equal, and nothing but a whole log is read."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.errors import LogError
from equipoise.log import facts as kinds
from equipoise.log.facts import Correction
from equipoise.log.log import Log
from equipoise.store import parquet, read_log, sqlite, write_log

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
SOURCE = Path(sqlite.__file__).parents[2]


def followed_up(subject="S1", day=1, at=NOON):
    return kinds.FollowedUp(
        subject_id=subject, occurred_on=date(2019, 5, day), recorded_at=at, recorded_by="site"
    )


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = words.filter(lambda text: text.strip())
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
values = st.one_of(
    st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False), words, days
)
about = {"subject_id": names, "occurred_on": days, "recorded_at": st.just(NOON), "recorded_by": words,
         "precision": st.sampled_from(["day", "month", "year"])}  # fmt: skip
fact = st.one_of(
    st.builds(kinds.Registered, site=words, **about),
    st.builds(kinds.ItemRecorded, item=names, value=values, **about),
    st.builds(kinds.ItemRecorded, item=names, unavailable=names, **about),
    st.builds(kinds.Randomized, randomization=names, arm=names, stratum=st.dictionaries(names, words), **about),
    st.builds(kinds.TreatmentStarted, arm=names, **about),
    st.builds(kinds.EventOccurred, event=names, detail=words, **about),
    st.builds(
        kinds.AdverseEventRecorded, term=words, category=words, grade=st.none() | st.integers(1, 5),
        serious=st.none() | st.booleans(), related=words, emergent=st.none() | st.booleans(),
        ended_on=st.none() | days, **about,
    ),
    st.builds(kinds.FollowedUp, **about),
    st.builds(
        kinds.StageEnded, stage=st.sampled_from(["screening", "treatment", "follow_up"]),
        completed=st.booleans(), reason=words, **about,
    ),
)  # fmt: skip


@st.composite
def logs(draw):
    """A log of facts recorded one minute apart, some of them then corrected or retracted."""
    entries = draw(st.lists(fact, max_size=6))
    for position in range(1, len(entries) + 1):
        if draw(st.booleans()):
            new = draw(st.none() | st.just(replace(entries[position - 1], occurred_on=draw(days))))
            reason = draw(names)
            entries.append(Correction(corrects=position, replacement=new, reason=reason, recorded_at=NOON))
    return Log(replace(entry, recorded_at=NOON + timedelta(minutes=n)) for n, entry in enumerate(entries))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs(), st.sampled_from(["log.db", "log.parquet"]))
def test_a_log_reads_back_equal_with_the_same_hash(tmp_path_factory, log, name):
    path = tmp_path_factory.mktemp("log") / name

    write_log(path, log, "TRIAL-1", "ab" * 32)

    assert read_log(path) == log
    assert read_log(path).hash == log.hash


@pytest.mark.parametrize("name", ["log.db", "log.parquet"])
def test_a_file_holds_patients_so_only_its_owner_reads_it(tmp_path, name):
    write_log(tmp_path / name, Log([followed_up()]))

    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_new_log_is_empty_and_names_its_protocol(tmp_path):
    sqlite.create(tmp_path / "log.db", "TRIAL-1", "abc")

    assert sqlite.origin(tmp_path / "log.db") == sqlite.Origin("TRIAL-1", "abc")
    assert len(read_log(tmp_path / "log.db")) == 0


@pytest.mark.parametrize("name", ["log.db", "log.parquet"])
def test_a_log_is_never_overwritten(tmp_path, name):
    (tmp_path / name).write_text("something else")

    with pytest.raises(LogError, match="exists"):
        write_log(tmp_path / name, Log())

    assert (tmp_path / name).read_text() == "something else"


def test_an_unknown_extension_is_refused(tmp_path):
    with pytest.raises(LogError, match=r"extension '.txt'; expected one of .parquet, .db"):
        write_log(tmp_path / "log.txt", Log())


class TestAppend:
    @pytest.fixture
    def path(self, tmp_path):
        sqlite.create(tmp_path / "log.db")
        sqlite.append(tmp_path / "log.db", [followed_up(day=1), followed_up(day=2)], 0)
        return tmp_path / "log.db"

    def test_says_where_the_entries_stand(self, path):
        answer = sqlite.append(path, [followed_up(day=3)], 2)

        assert answer == sqlite.Appended(first=3, length=3)
        assert sqlite.length(path) == 3

    def test_is_refused_when_somebody_else_appended(self, path):
        with pytest.raises(LogError, match="found 2 entries; expected 1"):
            sqlite.append(path, [followed_up(day=3)], 1)

        assert len(read_log(path)) == 2

    def test_the_same_request_is_answered_once(self, path):
        first = sqlite.append(path, [followed_up(day=3)], 2, "request-1")
        sqlite.append(path, [followed_up(day=4)], 3)

        assert sqlite.append(path, [followed_up(day=3)], 2, "request-1") == first
        assert len(read_log(path)) == 4

    def test_a_request_that_is_sent_again_is_stamped_again(self, path):
        first = sqlite.append(path, [followed_up(day=3)], 2, "request-1")
        later = NOON + timedelta(minutes=5)

        assert sqlite.append(path, [followed_up(day=3, at=later)], 2, "request-1") == first
        assert len(read_log(path)) == 3

    def test_a_key_names_one_request(self, path):
        sqlite.append(path, [followed_up(day=3)], 2, "request-1")

        with pytest.raises(LogError, match="'request-1' with other entries"):
            sqlite.append(path, [followed_up(day=4)], 3, "request-1")

        assert len(read_log(path)) == 3

    def test_an_entry_recorded_before_the_last_one_is_refused(self, path):
        early = NOON - timedelta(seconds=1)

        with pytest.raises(LogError, match=r"entry 3: found recorded_at .*11:59:59"):
            sqlite.append(path, [followed_up(day=3, at=early)], 2)

        assert len(read_log(path)) == 2

    def test_a_correction_of_what_is_not_in_force_is_refused(self, path):
        retract = Correction(corrects=1, reason="wrong subject", recorded_at=NOON)
        sqlite.append(path, [retract], 2)

        with pytest.raises(LogError, match="correction of entry 1"):
            sqlite.append(path, [retract], 3)

        assert len(read_log(path)) == 3

    def test_one_bad_entry_leaves_none(self, path):
        bad = Correction(corrects=99, reason="no such entry", recorded_at=NOON)

        with pytest.raises(LogError, match="entry 99"):
            sqlite.append(path, [followed_up(day=3), bad], 2)

        assert len(read_log(path)) == 2

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE fact SET body = '{}' WHERE position = 1",
            "DELETE FROM fact",
            "INSERT OR REPLACE INTO fact SELECT * FROM fact WHERE position = 1",
            "INSERT INTO fact SELECT 9, kind, subject_id, occurred_on, recorded_at, recorded_by, body, chain FROM fact",
            "UPDATE meta SET value = 'other'",
            "DELETE FROM answer",
        ],
    )
    def test_no_program_can_change_what_was_said(self, path, statement):
        sqlite.append(path, [followed_up(day=3)], 2, "key")
        before = read_log(path)

        with sqlite3.connect(path) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(statement)
        other.close()

        assert read_log(path) == before


KILLED = """
import os, sys
from datetime import UTC, date, datetime
from equipoise.log.facts import FollowedUp
from equipoise.store import sqlite
path, countdown = sys.argv[1], int(sys.argv[2])
connect = sqlite.sqlite3.connect
def traced(*args, **kwargs):
    connection = connect(*args, **kwargs)
    def count(statement):
        global countdown
        countdown -= 1
        if countdown == 0:
            os._exit(9)
    connection.set_trace_callback(count)
    return connection
sqlite.sqlite3.connect = traced
at = datetime(2020, 1, 1, 12, tzinfo=UTC)
facts = [FollowedUp(subject_id=f"S{n}", occurred_on=date(2019, 1, 1), recorded_at=at) for n in range(5)]
sqlite.append(path, facts, 2)
"""


def _run(code, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], env=environment, **options)


def test_death_between_any_two_statements_leaves_all_or_nothing(tmp_path):
    path = tmp_path / "log.db"
    sqlite.create(path)
    sqlite.append(path, [followed_up(day=1), followed_up(day=2)], 0)
    outcomes = []

    for countdown in range(1, 40):
        code = _run(KILLED, path, countdown).returncode
        outcomes.append((code, len(read_log(path))))
        if code == 0:
            break

    assert outcomes[-1] == (0, 7), "the last run was never killed"
    assert set(outcomes[:-1]) == {(9, 2)}
    assert len(outcomes) > 10, "the kill must have come between many statements"


LOOP = """
import sys
from datetime import UTC, date, datetime
from equipoise.errors import LogError
from equipoise.log.facts import FollowedUp
from equipoise.store import sqlite
path, who, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
at = datetime(2020, 1, 1, 12, tzinfo=UTC)
refused = 0
print("ready", flush=True)
for n in range(times):
    facts = [FollowedUp(subject_id=f"{who}{n}", occurred_on=date(2019, 1, 1 + k), recorded_at=at) for k in range(3)]
    while True:
        try:
            sqlite.append(path, facts, sqlite.length(path), f"{who}{n}")
            break
        except LogError as error:
            if "somebody else appended" not in str(error):
                raise
            refused += 1
print(refused)
"""


def _start(path, who, times):
    command = [sys.executable, "-c", LOOP, str(path), who, str(times)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_a_killed_writer_leaves_whole_appends_only(tmp_path):
    path = tmp_path / "log.db"
    sqlite.create(path)

    for round_ in range(6):
        with _start(path, f"R{round_}-", 10_000) as writer:
            writer.stdout.readline()
            time.sleep(0.03 + 0.017 * round_)
            writer.kill()
        log = read_log(path)
        assert len(log) % 3 == 0
        per_subject = {}
        for entry in log:
            per_subject[entry.subject_id] = per_subject.get(entry.subject_id, 0) + 1
        assert set(per_subject.values()) <= {3}

    assert len(read_log(path)) > 0


def test_two_writers_lose_nothing_and_never_interleave(tmp_path):
    path = tmp_path / "log.db"
    sqlite.create(path)

    with _start(path, "A", 150) as one, _start(path, "B", 150) as two:
        assert (one.wait(), two.wait()) == (0, 0)

    subjects = [entry.subject_id for entry in read_log(path)]
    assert len(subjects) == 900
    assert all(len(set(subjects[n : n + 3])) == 1 for n in range(0, 900, 3))


class TestDamage:
    @pytest.fixture(params=["log.db", "log.parquet"])
    def path(self, tmp_path, request):
        log = Log(followed_up(f"S{n}", day=1 + n % 28) for n in range(300))
        write_log(tmp_path / request.param, log)
        return tmp_path / request.param

    def test_a_truncated_file_is_no_log(self, path):
        content = path.read_bytes()

        for size in [0, 1, 16, 100, 4096, len(content) // 2, len(content) - 1]:
            path.write_bytes(content[:size])
            with pytest.raises(LogError) as caught:
                read_log(path)
            assert str(path) in str(caught.value)

    def test_flipped_bytes_never_give_another_log(self, path):
        content, log = path.read_bytes(), read_log(path)

        for place in range(0, len(content), max(1, len(content) // 150)):
            damaged = bytearray(content)
            damaged[place] ^= 0x5A
            path.write_bytes(damaged)
            try:
                assert read_log(path) == log  # an unused byte
            except LogError as error:
                assert str(path) in str(error)

    @pytest.mark.parametrize(
        "content", [b"hello", b"PAR1", b"SQLite format 3\x00", b"\x00" * 5000, b"PAR1" * 50]
    )
    def test_garbage_is_no_log(self, path, content):
        path.write_bytes(content)

        with pytest.raises(LogError, match=r"found .*; expected"):
            read_log(path)

    def test_a_folder_or_nothing_is_no_log(self, tmp_path):
        for path in (tmp_path, tmp_path / "absent.db"):
            for function in (read_log, sqlite.read, parquet.read):
                with pytest.raises(LogError):
                    function(path)
            with pytest.raises(LogError):
                sqlite.append(path, [followed_up()], 0)
        assert not (tmp_path / "absent.db").exists()


def _tampered(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


class TestTampering:
    @pytest.fixture
    def path(self, tmp_path):
        write_log(tmp_path / "log.db", Log([followed_up(day=1), followed_up(day=2), followed_up(day=3)]))
        return tmp_path / "log.db"

    def _without_triggers(self, path, statement):
        connection = sqlite3.connect(path)
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        connection.close()
        _tampered(
            path, *(f"DROP TRIGGER {name}" for name, _ in triggers), statement, *(sql for _, sql in triggers)
        )

    def test_a_file_without_its_triggers_is_refused(self, path):
        _tampered(path, "DROP TRIGGER fact_no_delete")

        with pytest.raises(LogError, match="untouched log"):
            read_log(path)

    def test_a_hole_is_found(self, path):
        self._without_triggers(path, "DELETE FROM fact WHERE position = 2")

        with pytest.raises(LogError, match="entry 2: found position 3; expected position 2"):
            read_log(path)

    def test_a_column_that_disagrees_with_its_body_is_found(self, path):
        self._without_triggers(path, "UPDATE fact SET occurred_on = '2019-05-09' WHERE position = 2")

        with pytest.raises(LogError, match=r"entry 2: found the columns .*2019-05-09"):
            read_log(path)

    def test_a_past_entry_that_says_another_thing_is_found(self, path):
        # A plausible body, with columns that agree: only the hash chain can tell.
        self._without_triggers(
            path, 'UPDATE fact SET body = replace(body, \'"fact"\', \'"precision":"month","fact"\')'
        )

        with pytest.raises(LogError, match="entry 1: found an entry that does not follow"):
            read_log(path)

    def test_a_body_that_is_no_fact_is_found_with_all_others(self, path):
        self._without_triggers(path, 'UPDATE fact SET body = \'{"fact":"rumor"}\' WHERE position > 1')

        with pytest.raises(
            LogError, match=r"2 problem\(s\)(.|\n)*entry 2: found fact is 'rumor'(.|\n)*entry 3"
        ):
            read_log(path)

    @pytest.mark.parametrize(
        ("statement", "message"),
        [
            ("PRAGMA user_version = 7", "schema version 7; expected 1"),
            ("PRAGMA application_id = 5", "application 0x5"),
        ],
    )
    def test_another_version_or_application_is_refused(self, path, statement, message):
        _tampered(path, statement)

        with pytest.raises(LogError, match=message):
            read_log(path)

    def test_a_parquet_log_with_other_columns_is_refused(self, tmp_path):
        frame = pl.DataFrame({"position": [1], "body": ["{}"]})
        frame.write_parquet(tmp_path / "a.parquet", metadata={"equipoise.log": "1"})
        frame.write_parquet(tmp_path / "b.parquet")

        with pytest.raises(LogError, match="columns position Int64, body String"):
            read_log(tmp_path / "a.parquet")
        with pytest.raises(LogError, match=r"equipoise\.log = None"):
            read_log(tmp_path / "b.parquet")


AS_NOBODY = """
import sys
from datetime import UTC, date, datetime
from equipoise.errors import LogError
from equipoise.log.facts import FollowedUp
from equipoise.store import read_log, sqlite
fact = FollowedUp(subject_id="S", occurred_on=date(2019, 1, 1), recorded_at=datetime(2020, 1, 1, 12, tzinfo=UTC))
import os
sqlite.length(sys.argv[1])  # imports all that the work below needs, while this user can still read the library
if os.geteuid() == 0:
    os.setuid(65534)
try:
    sqlite.append(sys.argv[1], [fact], 1)
except LogError as error:
    print(error)
print(len(read_log(sys.argv[1])))
"""


UNREADABLE = """
import os, sys
from equipoise.errors import LogError
from equipoise.store import read_log, sqlite
if os.geteuid() == 0:
    sqlite.length(sys.argv[1])  # as above
    os.setuid(65534)
for function in (read_log, sqlite.read, sqlite.length):
    try:
        function(sys.argv[1])
    except LogError as error:
        print(error)
"""


def test_a_write_protected_log_can_be_read_but_not_appended_to():
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: its parents are closed to others
        folder = Path(name)
        write_log(folder / "log.db", Log([followed_up()]))
        (folder / "log.db").chmod(0o444)
        folder.chmod(0o555)
        done = _run(AS_NOBODY, folder / "log.db", capture_output=True, text=True)
        folder.chmod(0o755)

    assert done.returncode == 0, done.stderr
    assert "readonly" in done.stdout
    assert "make the file and its folder writable" in done.stdout
    assert done.stdout.splitlines()[-1] == "1"


def test_a_log_that_may_not_be_read_is_one_problem():
    with tempfile.TemporaryDirectory() as name:
        write_log(Path(name) / "log.db", Log([followed_up()]))
        Path(name, "log.db").chmod(0o600)
        Path(name).chmod(0o700)
        done = _run(UNREADABLE, Path(name) / "log.db", capture_output=True, text=True)

    if os.geteuid() == 0:
        assert done.stdout.count("Permission denied") == 3, done.stderr


@pytest.mark.parametrize("name", ["log.db", "log.parquet"])
def test_a_log_appears_whole_or_not_at_all(tmp_path, monkeypatch, name):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LogError, match="No space left"):
        write_log(tmp_path / name, Log([followed_up()]))

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "log.db"
    write_log(path, Log([followed_up()]))
    connect = sqlite3.connect

    def small(*args, **kwargs):
        connection = connect(*args, **kwargs)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(sqlite.sqlite3, "connect", small)
    with pytest.raises(LogError, match=r"full; .* Remedy: free some space"):
        sqlite.append(path, [followed_up(f"S{n}") for n in range(1000)], 1)
    monkeypatch.undo()

    assert len(read_log(path)) == 1


@pytest.mark.parametrize("name", ["log.db", "log.parquet"])
def test_a_hundred_thousand_facts(tmp_path, name):
    log = Log(followed_up(f"S{n % 5000}", day=1 + n % 28) for n in range(100_000))

    write_log(tmp_path / name, log)

    assert read_log(tmp_path / name).hash == log.hash
