"""A log in one Parquet file: for large simulated logs, written once and whole.

The file appears under its name only when all of it is on the disk. It cannot be appended to; a log that
people write to belongs in SQLite.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from equipoise.errors import LogError
from equipoise.log.log import Log
from equipoise.store import unusable
from equipoise.store.files import appearing
from equipoise.store.rows import COLUMNS, RESTORE, chained, to_log, to_row

SCHEMA: dict[str, pl.DataType] = {"position": pl.Int64(), **{name: pl.String() for name in COLUMNS}}
SCHEMA_VERSION = "1"
_VERSION_KEY = "equipoise.log"
_HASH_KEY = "equipoise.chain"


def write(path: str | Path, log: Log, protocol_name: str = "", protocol_hash: str = "") -> None:
    """Write a whole log to a new file.  Raises LogError if the file exists or cannot be written."""
    path = Path(path)
    rows = [(position, *to_row(entry)) for position, entry in enumerate(log, start=1)]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    about = {_VERSION_KEY: SCHEMA_VERSION, "protocol_name": protocol_name, "protocol_hash": protocol_hash}
    about[_HASH_KEY] = _last(frame["body"].to_list())
    with appearing(path) as temporary:
        try:
            frame.write_parquet(temporary, compression="zstd", metadata=about)
        except pl.exceptions.PolarsError as error:
            raise unusable(
                path, str(error).splitlines()[0], "a folder that can be written, with space"
            ) from None


def read(path: str | Path) -> Log:
    """Read a whole log and check every row.  Raises LogError, with every damaged entry."""
    path = Path(path)
    try:
        about = pl.read_parquet_metadata(path)
        if about.get(_VERSION_KEY) != SCHEMA_VERSION:
            found = f"a Parquet file with {_VERSION_KEY} = {about.get(_VERSION_KEY)!r}"
            raise unusable(path, found, f"a log with {SCHEMA_VERSION!r}", "name a log that equipoise wrote")
        frame = pl.read_parquet(path, glob=False)
    except LogError:
        raise
    except (OSError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise unusable(path, str(error).splitlines()[0], "a whole Parquet file", RESTORE) from None
    if dict(frame.schema) != SCHEMA or frame.null_count().transpose().to_series().sum():
        found = ", ".join(f"{name} {kind}" for name, kind in frame.schema.items())
        raise unusable(
            path, f"columns {found}, with or without nulls", f"{', '.join(SCHEMA)}, no nulls", RESTORE
        )
    log = to_log(frame.iter_rows(), path)
    if about.get(_HASH_KEY) != _last(frame["body"].to_list()):
        raise unusable(
            path, "entries that do not fit the hash of the file", "the entries as written", RESTORE
        )
    return log


def _last(bodies: list[str]) -> str:
    """The last link of the hash chain, which every entry decides; empty for an empty log."""
    link = ""
    for link in chained(bodies):  # noqa: B007 - only the last is wanted
        pass
    return link
