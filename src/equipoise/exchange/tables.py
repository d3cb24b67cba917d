"""A table from a file, as text: types are decided by the mapping, never guessed from the cells.

CSV is read by Python's own reader in strict mode and not by a faster one, because a short row or a stray
quote must be reported where it stands, not repaired.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.errors import Problem
from equipoise.exchange.rejects import refused, reject, rejected
from equipoise.exchange.values import number_text
from equipoise.protocol.reading.document import shown

if TYPE_CHECKING:
    import polars as pl

MAX_NAME = 200
MAX_BYTES = 1024**3  # a table is held in memory several times over
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_BY_EXTENSION = {".csv": "comma", ".tsv": "tab", ".tab": "tab"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands in a file.

    name: as messages give it.  frame: all text; null where the file itself says that there is no value
    (Parquet, XPT).  lines: for each row, the line of the file on which it begins; empty where there are
    no lines.
    """

    name: str
    sha256: str
    frame: pl.DataFrame = field(repr=False)
    lines: Sequence[int] = field(repr=False, default=())

    def row(self, index: int) -> int:
        """The row as a spreadsheet numbers it: the header is row 1."""
        return index + 2

    def line(self, index: int) -> int | None:
        """The line of the file on which a row begins."""
        return self.lines[index] if self.lines else None


def read_table(path: Path, name: str | None = None, delimiter: str | None = None) -> Table:
    """Read a CSV, TSV, Parquet or SAS transport (XPT version 5) file; its extension says which.

    name: for messages (the path, if not given).  delimiter: ``comma``, ``semicolon`` or ``tab``, where
    the extension does not say it.  Raises RejectedData with every problem that keeps it from being a table.
    """
    name = name or str(path)
    extension = path.suffix.lower()
    if extension not in (".xpt", ".parquet") and extension not in _BY_EXTENSION and delimiter is None:
        known = ", ".join([*_BY_EXTENSION, ".parquet", ".xpt"])
        raise refused(
            name, f"the extension {path.suffix!r}", f"one of {known}", "name the delimiter in the mapping"
        )
    content = _content(path, name)
    digest = hashlib.sha256(content).hexdigest()
    if extension == ".xpt":
        from equipoise.exchange.transport import read_transport

        names, columns = read_transport(content, name)
        check_header(names, name)
        return Table(name, digest, _frame(names, columns))
    if extension == ".parquet":
        return Table(name, digest, _parquet(content, name))
    frame, lines = _delimited(content, name, delimiter or _BY_EXTENSION[extension])
    return Table(name, digest, frame, lines)


def _content(path: Path, name: str) -> bytes:
    try:
        if path.is_dir():
            raise refused(name, "a folder", "a table", "name the file in it")
        size = path.stat().st_size
        if not path.is_file():  # a pipe or device would be waited on, or never end
            raise refused(name, "a pipe or device", "a file")
        if size > MAX_BYTES:
            raise refused(name, f"{size:,} bytes", f"at most {MAX_BYTES:,}", "split the table")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise refused(name, reason, "a file that can be read", "check the name and the permissions") from None
    if not content:
        raise refused(name, "an empty file", "a table with a header")
    return content


def _delimited(content: bytes, name: str, delimiter: str) -> tuple[pl.DataFrame, list[int]]:
    reader = csv.reader(
        io.StringIO(_text(content, name), newline=""), delimiter=DELIMITERS[delimiter], strict=True
    )
    records: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for record in reader:
            records.append(record)
            lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        remedy = "double each quote inside a quoted cell, and close the last one"
        raise refused(name, str(error), "CSV as in RFC 4180", remedy, line=begins) from None
    while records and not records[-1]:  # line breaks at the end
        records.pop()
        lines.pop()
    if not records or not records[0]:
        raise refused(name, "no header", "a first line with the names of the columns", line=1)
    header = records.pop(0)
    check_header(header, name, delimiter)
    if not records:
        raise refused(name, "a header without rows", "at least one row")
    width = len(header)
    if width == 1:  # an empty line is an empty cell
        records = [record or [""] for record in records]
    ragged = [
        reject(name, index + 2, line=lines[index + 1], found=f"{len(record)} cells", expected=f"{width}, as in the header",
               remedy="quote cells that hold the delimiter")
        for index, record in enumerate(records) if len(record) != width
    ]  # fmt: skip
    if ragged:
        raise rejected(ragged)
    return _frame(header, list(zip(*records, strict=True))), lines[1:]


def _text(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused(name, "UTF-16 text", "UTF-8 text", "save it as CSV UTF-8", line=1)
    if (place := content.find(b"\0")) >= 0:
        raise refused(
            name, "a NUL byte", "text", "export the table again", line=content.count(b"\n", 0, place) + 1
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        context = content[max(0, error.start - 20) : error.start + 10].decode("latin-1")
        found = f"byte 0x{content[error.start]:02x}, which is not UTF-8, in {context!r}"
        raise refused(name, found, "UTF-8 text", "save it as CSV UTF-8", line=line) from None


def check_header(header: Sequence[str], name: str, delimiter: str = "") -> None:
    """Refuse names that are empty, repeated or have spaces around them.  Raises RejectedData with all."""
    problems = []
    seen: dict[str, int] = {}
    for number, column in enumerate(header, start=1):
        place = f"column {number}"
        if not column.strip():
            remedy = "name it; R writes row names without one: use row.names = FALSE"
            problems.append(_header(name, place, "no name", "a name for each column", remedy))
        elif len(column) > MAX_NAME or not column.isprintable():
            found = f"a name of {len(column)} characters: {shown(column)}"
            problems.append(
                _header(name, place, found, f"at most {MAX_NAME} printable ones", "is it the right file?")
            )
        elif column in seen:
            problems.append(
                _header(name, place, f"the name {column!r}, also of column {seen[column]}", "each name once")
            )
        elif column != column.strip():
            problems.append(
                _header(name, place, f"the name {column!r}", f"{column.strip()!r}", "remove the spaces")
            )
        seen.setdefault(column, number)
    if len(header) == 1 and delimiter:
        other = next(
            (word for word, sign in DELIMITERS.items() if word != delimiter and sign in header[0]), ""
        )
        expected, remedy = f"columns separated by {delimiter}", f"write delimiter: {other} in the mapping"
        if other:
            problems.append(_header(name, "column 1", f"the name {shown(header[0])}", expected, remedy))
    if problems:
        raise rejected(problems)


def _header(name: str, place: str, found: str, expected: str, remedy: str = "") -> Problem:
    return Problem(file=name, line=1, path=place, found=found, expected=expected, remedy=remedy)


def _frame(header: Sequence[str], columns: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        [pl.Series(name, cells, dtype=pl.String) for name, cells in zip(header, columns, strict=True)]
    )


def _parquet(content: bytes, name: str) -> pl.DataFrame:
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (OSError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise refused(name, str(error).splitlines()[0], "a whole Parquet file") from None
    check_header(frame.columns, name)
    if not frame.height:
        raise refused(name, "no rows", "at least one row")
    columns: list[list[str | None]] = []
    problems = []
    for column in frame.iter_columns():
        write = _WRITERS.get(column.dtype.base_type().__name__)
        if write is None:
            expected = "text, numbers, dates or booleans"
            problems.append(
                Problem(file=name, path=f"column {column.name}", found=str(column.dtype), expected=expected)
            )
        else:
            columns.append([None if cell is None else write(cell) for cell in column.to_list()])
    if problems:
        raise rejected(problems)
    return _frame(frame.columns, columns)


def _iso(value: object) -> str:
    return value.isoformat()  # type: ignore[attr-defined, no-any-return]


_WRITERS: dict[str, Callable[..., str]] = {
    "String": str, "Categorical": str, "Enum": str, "Boolean": lambda cell: "true" if cell else "false",
    "Null": str, "Date": _iso, "Datetime": _iso, "Float32": number_text, "Float64": number_text,
    **{f"{sign}Int{bits}": str for sign in ("", "U") for bits in (8, 16, 32, 64)},
}  # fmt: skip
