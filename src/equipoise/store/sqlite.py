"""A log in one SQLite file: each append is durable and either whole or absent.

The rollback journal is used, with ``synchronous=EXTRA``, and not the write-ahead log: SQLite before
3.51.3 can lose committed pages when a write-ahead log is reset while another process checkpoints.
Triggers refuse to change or delete an entry, whoever opens the file; a file whose triggers are gone is
refused as a log. The body of an entry is the codec's JSON; the columns beside it are for those who look
into the file with other tools, and must agree with it. Each entry holds the hash of itself and of all
before it, so that no change of a past entry goes unseen.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from equipoise.log.codec import encode
from equipoise.log.facts import Correction, Fact
from equipoise.log.log import Log
from equipoise.store import unusable
from equipoise.store.files import appearing
from equipoise.store.rows import COLUMNS, RESTORE, chained, to_log, to_row

APPLICATION_ID = 0x4551_504F  # "EQPO", in the file's header: tells a log from other SQLite files
SCHEMA_VERSION = 1
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
BUSY_SECONDS = 30.0  # how long an append waits for another's to finish

_SCHEMA = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
    "CREATE TABLE fact (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject_id TEXT NOT NULL, "
    "occurred_on TEXT NOT NULL, recorded_at TEXT NOT NULL, recorded_by TEXT NOT NULL, body TEXT NOT NULL, "
    "chain TEXT NOT NULL)",
    "CREATE TABLE answer (idempotency_key TEXT PRIMARY KEY NOT NULL, first INTEGER NOT NULL, "
    "length INTEGER NOT NULL, content TEXT NOT NULL)",
    # A gap would be a lost entry, and INSERT OR REPLACE deletes without asking the delete trigger.
    "CREATE TRIGGER fact_follows BEFORE INSERT ON fact "
    "WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM fact) "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only: an entry takes the next position'); END",
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the log is append-only: {verb} refused'); END"
        for table in ("meta", "fact", "answer")
        for verb in ("UPDATE", "DELETE")
    ),
)


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append: the position of its first entry and the length of the log after it."""

    first: int
    length: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The protocol that the log was created for."""

    protocol_name: str
    protocol_hash: str


def create(path: str | Path, protocol_name: str = "", protocol_hash: str = "") -> None:
    """Make an empty log in a new file.

    Raises LogError if the file exists or cannot be made.
    """
    write(path, (), protocol_name, protocol_hash)


def write(
    path: str | Path, entries: Iterable[Fact | Correction], protocol_name: str = "", protocol_hash: str = ""
) -> None:
    """Make a log of these entries in a new file.  Raises LogError if the file exists or cannot be made."""
    path = Path(path)
    with appearing(path) as temporary:
        with _connected(temporary) as connection, _transaction(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            for statement in _SCHEMA:
                connection.execute(statement)
            meta = {"protocol_name": protocol_name, "protocol_hash": protocol_hash}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        append(temporary, entries, expected_length=0)


def append(
    path: str | Path,
    entries: Iterable[Fact | Correction],
    expected_length: int,
    idempotency_key: str | None = None,
) -> Appended:
    """Add entries at the end of the log, all or none; returns when they are on the disk.

    expected_length: the length of the log that the entries were decided on.  idempotency_key: names the
    request; if it was answered before, nothing is written and the first answer is returned.
    Raises LogError if the log has another length, an entry would break it, the key was used for other
    entries, or the file cannot be written.
    """
    path, entries = Path(path), tuple(entries)
    rows = [to_row(entry) for entry in entries]
    with _opened(path) as connection, _transaction(connection):
        content = "" if idempotency_key is None else _digest(entries)
        if idempotency_key is not None and (answer := _answered(connection, path, idempotency_key, content)):
            return answer
        length = _length(connection)
        if length != expected_length:
            raise unusable(
                path,
                f"{length} entries",
                f"{expected_length}, as when the request was decided",
                "somebody else appended: read the log again and decide again",
            )
        _check_next(connection, path, entries, length)
        last = connection.execute("SELECT chain FROM fact WHERE position = ?", (length,)).fetchone()
        chain = chained((row[-1] for row in rows), last[0] if last else "")
        numbered = enumerate(zip(rows, chain, strict=True), start=length + 1)
        statement = "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        connection.executemany(statement, ((position, *row, link) for position, (row, link) in numbered))
        answer = Appended(length + 1, length + len(rows))
        if idempotency_key is not None:
            values = (idempotency_key, answer.first, answer.length, content)
            connection.execute("INSERT INTO answer VALUES (?, ?, ?, ?)", values)
    return answer


def read(path: str | Path) -> Log:
    """Read the whole log and check it: the file's pages, the positions, the columns, every entry.

    Raises LogError, with every damaged entry, if anything is wrong.
    """
    path = Path(path)
    with _opened(path) as connection:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != ("ok",):
            raise unusable(
                path, f"damage: {verdict[0] if verdict else 'no verdict'}", "a whole file", RESTORE
            )
        return _read_entries(connection, path)


def origin(path: str | Path) -> Origin:
    """Say which protocol the log was created for."""
    path = Path(path)
    with _opened(path) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
    return Origin(str(meta.get("protocol_name", "")), str(meta.get("protocol_hash", "")))


def length(path: str | Path) -> int:
    """Count the entries without reading them: what an append expects."""
    with _opened(Path(path)) as connection:
        return _length(connection)


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file without making it, and turn SQLite's errors into one LogError."""
    # mode=rw falls back to reading where the file is write-protected, and can roll back a hot journal.
    uri = f"{path.absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        with closing(connection):
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA synchronous = EXTRA")
            yield connection
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
        raise unusable(path, f"{error}", "a log that SQLite can read and write", _remedy(error)) from None


def _remedy(error: Exception) -> str:
    text = str(error)
    if "readonly" in text:
        return "make the file and its folder writable"
    if "locked" in text:
        return f"another process has held the log for {BUSY_SECONDS:.0f} s: try again"
    return "free some space" if "full" in text else RESTORE


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a log: the right application, a known version, exactly the tables and triggers of a log."""
    try:
        size = path.stat().st_size  # SQLite would say only that it is unable to open
    except OSError as error:
        raise unusable(
            path, error.strerror or str(error), "a log", "create it first, or check the name"
        ) from None
    with _connected(path) as connection:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID:
            found = "an empty file" if size == 0 else f"SQLite application {application:#x}"
            raise unusable(path, found, f"a log (application {APPLICATION_ID:#x})", "name the log of a trial")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            raise unusable(
                path, f"schema version {version}", f"{SCHEMA_VERSION}", "use the version that wrote it"
            )
        found_schema = {
            sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        }
        if found_schema != set(_SCHEMA):
            wrong = min(found_schema ^ set(_SCHEMA))
            verb = "an addition" if wrong in found_schema else "nothing"
            raise unusable(path, f"{verb} where the log has {wrong[:60]!r}", "an untouched log", RESTORE)
        yield connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Take the write lock first, so that what is checked is what is appended to."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _length(connection: sqlite3.Connection) -> int:
    value = connection.execute("SELECT coalesce(max(position), 0) FROM fact").fetchone()[0]
    return int(value)


def _answered(connection: sqlite3.Connection, path: Path, key: str, content: str) -> Appended | None:
    statement = "SELECT first, length, content FROM answer WHERE idempotency_key = ?"
    row = connection.execute(statement, (key,)).fetchone()
    if row is None:
        return None
    if row[2] != content:
        raise unusable(
            path, f"the idempotency key {key!r} with other entries", "a key of its own for each request"
        )
    return Appended(int(row[0]), int(row[1]))


def _digest(entries: Iterable[Fact | Correction]) -> str:
    """What the entries say, but for when: a request that is sent again is stamped again."""
    digest = hashlib.sha256()
    for entry in entries:
        if isinstance(entry, Correction) and entry.replacement is not None:
            entry = replace(entry, replacement=replace(entry.replacement, recorded_at=_NO_TIME))
        digest.update(encode(replace(entry, recorded_at=_NO_TIME)).encode() + b"\n")
    return digest.hexdigest()


def _check_next(
    connection: sqlite3.Connection, path: Path, entries: tuple[Fact | Correction, ...], length: int
) -> None:
    """Refuse entries that would break the log, by the log's own rule.

    Facts need only the clock of the last entry before them; a correction needs the whole log.
    """
    if any(isinstance(entry, Correction) for entry in entries):
        _read_entries(connection, path).append(entries)
        return
    Log(entries)
    last = connection.execute("SELECT recorded_at FROM fact WHERE position = ?", (length,)).fetchone()
    if last is None or not entries:
        return
    try:
        earliest = datetime.fromisoformat(last[0])
        late = entries[0].recorded_at >= earliest
    except (ValueError, TypeError) as error:
        raise unusable(
            path, str(error), "the instant of the last entry", RESTORE, f"entry {length}"
        ) from None
    if not late:
        found = f"recorded_at {entries[0].recorded_at.isoformat()}"
        expected = f"no earlier than the last entry's {earliest.isoformat()}"
        raise unusable(path, found, expected, "check the clock that stamped it", f"entry {length + 1}")


def _read_entries(connection: sqlite3.Connection, path: Path) -> Log:
    """Read every row, then compare the hash chain: it finds what the columns beside a body cannot show."""
    rows = connection.execute(
        f"SELECT position, {', '.join(COLUMNS)}, chain FROM fact ORDER BY position"
    ).fetchall()
    log = to_log((row[:-1] for row in rows), path)
    for link, row in zip(chained(row[-2] for row in rows), rows, strict=True):
        if link != row[-1]:
            found = "an entry that does not follow from those before it by its hash"
            raise unusable(path, found, "the entry as it was written", RESTORE, f"entry {row[0]}")
    return log
