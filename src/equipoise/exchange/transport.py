"""SAS transport files, version 5: the format of ADaM data sets in submissions.

An own reader, because such files come from outside: the C libraries that read them accept damaged
headers and cut files without a word, and name neither row nor column where a text cannot be decoded.
Every header record is checked before a value is read.  Source: SAS technical note TS-140, "The record
layout of a data set in SAS transport (XPORT) format".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np

from equipoise.errors import Problem
from equipoise.exchange.rejects import refused, reject, rejected
from equipoise.exchange.values import number_text

RECORD = 80
MAX_VARIABLES = 10_000
_EPOCH = date(1960, 1, 1)  # SAS counts days and seconds from here
_DAYS = (date.min - _EPOCH).days, (date.max - _EPOCH).days
_SEPARATED = [f"{order}{sign}" for order in ("DDMMYY", "MMDDYY", "YYMMDD") for sign in ("", *"BCDNPS")]
_OTHERS = [
    "DATE",
    "DAY",
    "E8601DA",
    "IS8601DA",
    "B8601DA",
    "WORDDATE",
    "WORDDATX",
    "WEEKDATE",
    "WEEKDATX",
    "JULIAN",
]
_DATES = frozenset(_SEPARATED + _OTHERS)
_DATETIMES = frozenset(["DATETIME", "DATEAMPM", "E8601DT", "IS8601DT", "B8601DT", "E8601DN"])
_NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhl")
_ENDS_WITH_NAMESTR_LENGTH = re.compile(rb"[0-9]{27}(140|136) {2}\Z")


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of the file: its name, kind, place in the row and display format."""

    name: str
    numeric: bool
    start: int
    length: int
    format: str


Columns = list[list[str | None]]


def read_transport(content: bytes, name: str) -> tuple[list[str], Columns]:
    """Read the names and columns of the one data set, as text; blank texts and missing numbers are None.

    Numbers with a date or datetime format become ISO dates.  Raises RejectedData, with the record or
    the row and column, for anything that the format does not allow.
    """
    variables, start = _header(content, name)
    rows = _rows(content, start, variables, name)
    problems: list[Problem] = []
    columns: Columns = []
    for variable in variables:
        field = rows[:, variable.start : variable.start + variable.length]
        cells = (
            _numbers(field, variable, name, problems)
            if variable.numeric
            else _texts(field, variable, name, problems)
        )
        columns.append(cells)
    if problems:
        raise rejected(problems)
    return [variable.name for variable in variables], columns


def _header(content: bytes, name: str) -> tuple[list[Variable], int]:
    """Check the records before the data; returns the variables and where the data begin."""

    def record(number: int) -> bytes:
        return content[number * RECORD : (number + 1) * RECORD]

    def expect(number: int, word: str) -> None:
        if record(number)[:48] != f"HEADER RECORD*******{word:<8}HEADER RECORD!!!!!!!".encode():
            found = f"{record(number)[:40]!r} in record {number + 1}"
            remedy = (
                "version 8 and CPORT files cannot be read: export with the XPORT engine"
                if number == 0
                else ""
            )
            raise refused(name, found, f"the {word} header of a SAS transport file, version 5", remedy)

    expect(0, "LIBRARY")
    expect(3, "MEMBER")
    if (size := _ENDS_WITH_NAMESTR_LENGTH.search(record(3))) is None:
        raise refused(name, f"{record(3)[48:]!r} in record 4", "a description length of 140 or 136")
    expect(4, "DSCRPTR")
    expect(7, "NAMESTR")
    digits = record(7)[54:58]
    if not digits.isdigit() or not 1 <= int(digits) <= MAX_VARIABLES:
        raise refused(name, f"{digits!r} variables in record 8", "a number of variables from 1 up")
    count, length, begin = int(digits), int(size[1]), 8 * RECORD
    end = begin + -(-count * length // RECORD) * RECORD
    if len(content) < end + RECORD:
        raise refused(
            name,
            f"{len(content):,} bytes",
            f"at least {end + RECORD:,} for {count} variables",
            "copy it again",
        )
    expect(end // RECORD, "OBS")
    variables = [_variable(content[begin + n * length :][:length], n + 1, name) for n in range(count)]
    for before, after in pairwise(sorted(variables, key=lambda variable: variable.start)):
        if before.start + before.length > after.start:
            raise refused(
                name, f"variables {before.name} and {after.name} in the same place", "a place for each"
            )
    return variables, end + RECORD


def _variable(description: bytes, number: int, name: str) -> Variable:
    kind, _, length, _, raw_name, _, raw_format, *_, start = _NAMESTR.unpack(description[: _NAMESTR.size])
    try:
        column, form = raw_name.decode("ascii").rstrip(), raw_format.decode("ascii").strip(" \0").upper()
        form = form.rstrip(".0123456789")  # some writers put the width into the name
    except UnicodeDecodeError:
        raise refused(name, f"variable {number} named {raw_name!r}", "a name in ASCII") from None
    sizes = (2, 8) if kind == 1 else (1, 32767)
    if kind not in (1, 2) or not sizes[0] <= length <= sizes[1] or not 0 <= start < 2**24:
        found = f"variable {number} ({column!r}) of kind {kind}, length {length}, at {start}"
        raise refused(name, found, "kind 1 (number, length 2 to 8) or 2 (text), inside the row")
    return Variable(column, kind == 1, start, length, form)


def _rows(content: bytes, start: int, variables: Sequence[Variable], name: str) -> np.ndarray:
    """Cut the data into rows; only blanks may follow the last one, to fill its record."""
    width = max(variable.start + variable.length for variable in variables)
    if (len(content) - start) % RECORD:
        whole = -(-len(content) // RECORD) * RECORD
        raise refused(
            name,
            f"{len(content):,} bytes",
            f"{whole:,}: records have {RECORD}",
            "the file is cut: copy it again",
        )
    if content.find(b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!", start) >= 0:
        raise refused(name, "a second data set", "one data set a file", "export each to a file of its own")
    size = len(content) - start
    count = size // width
    blank = b" " * width
    # Blanks that fill the last record may be as long as a row or several.
    while (
        count
        and size - count * width + width < RECORD
        and content[start + (count - 1) * width :][:width] == blank
    ):
        count -= 1
    rest = content[start + count * width :]
    if len(rest) >= RECORD or rest.strip(b" "):
        raise refused(
            name, f"{len(rest)} bytes after row {count + 1}", f"rows of {width} bytes", "copy the file again"
        )
    if not count:
        raise refused(name, "no rows", "at least one row")
    return np.frombuffer(content, dtype=np.uint8, count=count * width, offset=start).reshape(count, width)


def _texts(field: np.ndarray, variable: Variable, name: str, problems: list[Problem]) -> list[str | None]:
    cells: list[str | None] = []
    for index, raw in enumerate(np.ascontiguousarray(field).view(f"S{variable.length}")[:, 0].tolist()):
        try:
            cells.append(raw.decode("utf-8").rstrip(" ") or None)
        except UnicodeDecodeError:
            problems.append(
                reject(
                    name,
                    index + 2,
                    cell=variable.name,
                    value=repr(raw),
                    found=repr(raw),
                    expected="UTF-8 text",
                )
            )
            cells.append(None)
        if b"\0" in raw:
            problems.append(
                reject(
                    name, index + 2, cell=variable.name, value=repr(raw), found="a NUL byte", expected="text"
                )
            )
    return cells


def _numbers(field: np.ndarray, variable: Variable, name: str, problems: list[Problem]) -> list[str | None]:
    """Turn IBM hexadecimal floating point into text; a missing value is a dot or letter, then zeros."""
    padded = np.zeros((len(field), 8), dtype=np.uint8)
    padded[:, : field.shape[1]] = field
    first, mantissa = padded[:, 0], padded.copy()
    mantissa[:, 0] = 0
    fraction = mantissa.view(">u8")[:, 0].astype(np.float64)
    missing = (fraction == 0) & (first != 0) & (first != 0x80)
    sign = np.where(first & 0x80, -1.0, 1.0)
    values = sign * np.ldexp(fraction, 4 * ((first & 0x7F).astype(np.int64) - 64) - 56)
    kind = "date" if variable.format in _DATES else "datetime" if variable.format in _DATETIMES else ""
    cells: list[str | None] = []
    for index, (value, absent) in enumerate(zip(values.tolist(), missing.tolist(), strict=True)):
        if absent:
            code = chr(int(first[index]))
            if not (code in "._" or "A" <= code <= "Z"):
                found = f"the bytes {field[index].tobytes()!r}"
                problems.append(
                    reject(name, index + 2, cell=variable.name, value=found, found=found, expected="a number")
                )
            cells.append(None)
            continue
        text = number_text(value) if not kind else _calendar(value, kind)
        if text is None:
            found = f"{value!r} as a {kind} (format {variable.format})"
            problems.append(
                reject(
                    name,
                    index + 2,
                    cell=variable.name,
                    value=repr(value),
                    found=found,
                    expected="a calendar day",
                )
            )
        cells.append(text)
    return cells


def _calendar(value: float, kind: str) -> str | None:
    """A SAS date or datetime in ISO form; None where it is no day of the calendar, or has a fraction."""
    if kind == "date":
        if value != int(value) or not _DAYS[0] <= value <= _DAYS[1]:
            return None
        return (_EPOCH + timedelta(days=int(value))).isoformat()
    if not _DAYS[0] * 86400 <= value < _DAYS[1] * 86400:
        return None
    return (datetime(1960, 1, 1) + timedelta(seconds=round(value))).isoformat()
