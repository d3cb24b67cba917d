"""Tables: text as it stands in the file, or one precise problem for each thing that is wrong."""

import os
import struct
from datetime import date, datetime

import polars as pl
import pytest

from equipoise.errors import RejectedData
from equipoise.exchange import tables
from equipoise.exchange.tables import read_table
from exchange import samples


def table(tmp_path, content, name="t.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, name, **options)


def problems(tmp_path, content, name="t.csv", **options):
    with pytest.raises(RejectedData) as caught:
        table(tmp_path, content, name, **options)
    return [str(problem) for problem in caught.value.problems]


def test_cells_are_text_as_they_stand(tmp_path):
    read = table(tmp_path, 'id,day,note\n007,2020-01,"a, ""b"""\n1e3,NA,\n')

    assert read.frame.to_dict(as_series=False) == {
        "id": ["007", "1e3"], "day": ["2020-01", "NA"], "note": ['a, "b"', ""],
    }  # fmt: skip


def test_a_quoted_line_break_counts_lines_but_not_rows(tmp_path):
    read = table(tmp_path, 'a,b\n1,"x\ny\nz"\n2,w\n')

    assert [(read.row(n), read.line(n)) for n in range(2)] == [(2, 2), (3, 5)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_ending_and_a_byte_order_mark(tmp_path, end):
    read = table(tmp_path, b"\xef\xbb\xbf" + end.join(["a,b", "1,é", ""]).encode())

    assert read.frame.rows() == [("1", "é")]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("t.tsv", "a\tb\n1\t2\n", {}),
        ("t.csv", "a;b\n1;2\n", {"delimiter": "semicolon"}),
        ("t.txt", "a,b\n1,2", {"delimiter": "comma"}),
    ],
)
def test_delimiters(tmp_path, name, content, options):
    assert table(tmp_path, content, name, **options).frame.rows() == [("1", "2")]


def test_a_column_of_empty_cells_keeps_its_rows(tmp_path):
    assert table(tmp_path, "a\n1\n\n2\n\n\n").frame["a"].to_list() == ["1", "", "2"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "t.csv: found an empty file; expected a table with a header."),
        (b"\n\n", "found no header"),
        (b"\na,b\n1,2\n", "t.csv:1: found no header; expected a first line with the names of the columns"),
        (b"a,b\n", "found a header without rows; expected at least one row"),
        (b"a,b\n1,2\n3\n", "t.csv:3  row 3: found 1 cells; expected 2, as in the header"),
        (b"a,b\n1,2\n\n3,4\n", "t.csv:3  row 3: found 0 cells; expected 2, as in the header"),
        (b"a,b\n1,2,3\n", "row 2: found 3 cells; expected 2, as in the header. Remedy: quote cells"),
        (b"a,b,a\n1,2,3\n", "t.csv:1  column 3: found the name 'a', also of column 1"),
        (
            b'"",b\n1,2\n',
            "column 1: found no name; expected a name for each column. Remedy: name it; R writes",
        ),
        (b"a, b\n1,2\n", "column 2: found the name ' b'; expected 'b'. Remedy: remove the spaces"),
        (b"a;b\n1;2\n", "Remedy: write delimiter: semicolon in the mapping"),
        (b"a,b\n1,\xe9t\xe9\n", "t.csv:2: found byte 0xe9, which is not UTF-8, in 'a,b\\n1,"),
        ("a,b\n1,2\n".encode("utf-16"), "t.csv:1: found UTF-16 text; expected UTF-8 text"),
        (b"a,b\n1,\x002\n", "t.csv:2: found a NUL byte"),
        (b'a,b\n1,"2\n3,4\n', "t.csv:2: found unexpected end of data; expected CSV as in RFC 4180"),
        (b'a,b\n1,"2"x\n', "t.csv:2: found ',' expected after '\"'"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "found field larger than field limit (131072)"),
    ],
)
def test_what_is_no_table_is_one_problem(tmp_path, content, expected):
    found = problems(tmp_path, content)

    assert len(found) == 1
    assert expected in found[0]


def test_every_ragged_row_is_reported(tmp_path):
    found = problems(tmp_path, "a,b\n1\n1,2\n1,2,3\n")

    assert [text.split(":")[1] for text in found] == ["2  row 2", "4  row 4"]


@pytest.mark.parametrize(
    ("name", "expected"), [("absent.csv", "No such file"), (".", "a folder"), ("t.doc", "'.doc'")]
)
def test_what_is_no_file(tmp_path, name, expected):
    with pytest.raises(RejectedData, match=expected):
        read_table(tmp_path / name, delimiter=None if name == "t.doc" else "comma")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "t.csv")

    with pytest.raises(RejectedData, match="found a pipe or device; expected a file"):
        read_table(tmp_path / "t.csv")


def test_a_table_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 10)

    assert "11 bytes; expected at most 10. Remedy: split" in problems(tmp_path, "abc,d\n1,2,3")[0]


def test_parquet_cells_become_the_text_that_shows_them(tmp_path):
    frame = pl.DataFrame({"i": [1, None], "f": [43.0, 0.1], "d": [date(2020, 1, 2), None], "b": [True, False],
                          "t": [datetime(2020, 1, 2, 3), None], "s": ["x", ""]})  # fmt: skip
    frame.write_parquet(tmp_path / "t.parquet")

    assert read_table(tmp_path / "t.parquet").frame.rows() == [
        ("1", "43", "2020-01-02", "true", "2020-01-02T03:00:00", "x"), (None, "0.1", None, "false", None, ""),
    ]  # fmt: skip


def test_parquet_that_is_none_or_holds_lists(tmp_path):
    pl.DataFrame({"l": [[1]]}).write_parquet(tmp_path / "l.parquet")

    assert "expected a whole Parquet file" in problems(tmp_path, b"PAR1xxxxPAR1", "t.parquet")[0]
    assert (
        "column l: found List(Int64); expected text"
        in problems(tmp_path, (tmp_path / "l.parquet").read_bytes(), "t.parquet")[0]
    )


def test_a_hundred_thousand_rows_of_thirty_columns(tmp_path):
    row = ",".join(str(n) for n in range(30)) + "\n"
    content = ",".join(f"c{n}" for n in range(30)) + "\n" + row * 100_000

    assert table(tmp_path, content).frame.shape == (100_000, 30)


class TestTransport:
    @pytest.mark.parametrize("name", ["adsl", "adtte", "adae"])
    def test_agrees_with_another_reader_cell_by_cell(self, name):
        # Oracle: pyreadstat (ReadStat's C code), which reads the same files as typed columns.
        import pyreadstat

        path = samples.SHIPPED / "cdiscpilot01" / "data" / f"{name}.xpt"
        other, _ = pyreadstat.read_xport(str(path), output_format="polars")

        ours = read_table(path).frame

        assert ours.columns == other.columns
        for column in other.columns:
            cells = [cell if cell not in ("", None) else None for cell in other[column].to_list()]
            typed = [
                float(text) if isinstance(cell, float) else text
                for text, cell in zip(ours[column], cells, strict=True)
            ]
            assert typed == [str(cell) if isinstance(cell, date) else cell for cell in cells], column

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            # IBM hexadecimal floating point by hand: 0x41 10... = 1/16 * 16^1 = 1; 0x42 76A0... = 118.625.
            (bytes.fromhex("4110000000000000"), "1"),
            (bytes.fromhex("C276A00000000000"), "-118.625"),
            (bytes.fromhex("401999999999999A"), "0.1"),
            (bytes(8), "0"),
            (b"." + bytes(7), None),
            (b"Z" + bytes(7), None),
        ],
    )
    def test_numbers(self, tmp_path, raw, expected):
        content = transport([(1, "X", 8, "")], [raw, bytes.fromhex("4110000000000000")])

        assert table(tmp_path, content, "t.xpt").frame["X"].to_list()[0] == expected

    def test_dates_and_texts(self, tmp_path):
        number = bytes.fromhex("4489970000000000")  # 35223 = 0x8997
        content = transport(
            [(1, "DAY", 8, "YYMMDD10"), (2, "TEXT", 3, "")], [number + b"a  ", number + b"   "]
        )

        # 35223 days after 1960-01-01.
        assert table(tmp_path, content, "t.xpt").frame.rows() == [("2056-06-08", "a"), ("2056-06-08", None)]

    def test_blanks_that_fill_the_last_record_are_no_rows(self, tmp_path):
        content = transport([(2, "A", 3, "")], [b"abc", b"   ", b"def"])

        assert table(tmp_path, content, "t.xpt").frame["A"].to_list() == ["abc", None, "def"]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (lambda content: content[:-1], "the file is cut: copy it again"),
            (
                lambda content: b"X" + content[1:],
                "expected the LIBRARY header of a SAS transport file, version 5",
            ),
            (
                lambda content: content.replace(b"MEMBER  HEADER", b"MEMBV8  HEADER"),
                "expected the MEMBER header",
            ),
            (lambda content: content[:614] + b"9999" + content[618:], "expected at least"),
            (lambda content: content[:614] + b"  -1" + content[618:], "b'  -1' variables in record 8"),
            (lambda content: content[:630], "expected at least"),
            (lambda content: content + content[3 * 80 :], "one data set a file"),
            (
                lambda content: content.replace(b"abc", b"a\xffc"),
                "row 2, column A: found b'a\\xffc'; expected UTF-8 text",
            ),
            (lambda content: content.replace(b"abc", b"a\x00c"), "row 2, column A: found a NUL byte"),
            (lambda content: content[:640] + b"\0\x07" + content[642:], "variable 1 ('A') of kind 7"),
            (lambda content: content[:-80], "no rows"),
        ],
    )
    def test_damage_is_named(self, tmp_path, change, expected):
        assert expected in problems(tmp_path, change(transport([(2, "A", 3, "")], [b"abc"])), "t.xpt")[0]

    def test_a_day_beyond_the_calendar_is_named(self, tmp_path):
        content = transport([(1, "D", 8, "DATE")], [bytes.fromhex("4F10000000000000")])

        assert (
            "row 2, column D: found 7.205759403792794e+16 as a date"
            in problems(tmp_path, content, "t.xpt")[0]
        )


def transport(variables, rows):
    """A transport file by the letter of TS-140."""

    def header(word, digits="0" * 30):
        return f"HEADER RECORD*******{word:<8}HEADER RECORD!!!!!!!{digits}  ".encode()

    descriptions, start = b"", 0
    for number, (kind, name, length, form) in enumerate(variables, start=1):
        fields = (
            kind,
            0,
            length,
            number,
            name.ljust(8).encode(),
            b" " * 40,
            form.ljust(8).encode(),
            0,
            0,
            0,
            b"",
            b" " * 8,
            0,
            0,
        )
        descriptions += struct.pack(">hhhh8s40s8shhh2s8shhl", *fields, start).ljust(140, b"\0")
        start += length
    content = (
        header("LIBRARY")
        + b" " * 160
        + header("MEMBER", "0" * 17 + "1600000000140")
        + header("DSCRPTR")
        + b" " * 160
    )
    content += header("NAMESTR", f"{len(variables):010d}" + "0" * 20)
    content += descriptions + b" " * (-len(descriptions) % 80) + header("OBS")
    data = b"".join(rows)
    return content + data + b" " * (-len(data) % 80)
