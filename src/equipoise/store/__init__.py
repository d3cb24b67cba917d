"""The trial's record on disk: one append-only log a file, and nothing about users.

A log that people write to lives in SQLite (:mod:`equipoise.store.sqlite`): every append is durable and
either whole or absent. A large simulated log lives in Parquet (:mod:`equipoise.store.parquet`): written
once, whole. Both hold the codec's JSON, so a log reads back equal from either, with the same hash.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.errors import LogError, Problem

if TYPE_CHECKING:
    from equipoise.log.log import Log

_SQLITE_MAGIC = b"SQLite format 3\x00"
_PARQUET_MAGIC = b"PAR1"
_SQLITE_NAMES = (".db", ".sqlite", ".sqlite3")


def read_log(path: str | Path) -> Log:
    """Read a log from a file, whichever store wrote it; its first bytes say which, not its name.

    Raises LogError for anything that is not a whole, undamaged log.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            magic = stream.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise unusable(path, error.strerror or str(error), "a file that can be read") from None
    if magic == _SQLITE_MAGIC:
        from equipoise.store import sqlite

        return sqlite.read(path)
    if magic.startswith(_PARQUET_MAGIC):
        from equipoise.store import parquet

        return parquet.read(path)
    found = "an empty file" if not magic else f"a file that begins with {magic[:8]!r}"
    raise unusable(path, found, "a log in SQLite or Parquet", "name the log, not a table or a protocol")


def write_log(path: str | Path, log: Log, protocol_name: str = "", protocol_hash: str = "") -> None:
    """Write a whole log to a new file: Parquet for ``.parquet``, SQLite for ``.db`` or ``.sqlite``.

    Raises LogError if the file exists, or if its name says neither; the file is complete or absent.
    """
    path = Path(path)
    if path.suffix == ".parquet":
        from equipoise.store import parquet

        parquet.write(path, log, protocol_name, protocol_hash)
    elif path.suffix in _SQLITE_NAMES:
        from equipoise.store import sqlite

        sqlite.write(path, log, protocol_name, protocol_hash)
    else:
        names = ", ".join((".parquet", *_SQLITE_NAMES))
        raise unusable(path, f"the extension {path.suffix!r}", f"one of {names}")


def unusable(path: Path, found: str, expected: str, remedy: str = "", place: str = "") -> LogError:
    """Make the error for a log file with one thing wrong."""
    return damaged(path, [Problem(file=str(path), path=place, found=found, expected=expected, remedy=remedy)])


def damaged(path: Path, problems: Iterable[Problem]) -> LogError:
    """Make the error for a log file with these problems, of which the first few are shown."""
    problems = tuple(problems)
    shown = problems[:20]
    more = f", of which {len(shown)} are shown" if len(problems) > len(shown) else ""
    return LogError(f"{path.name} cannot be used as a log: {len(problems)} problem(s){more}", shown)
