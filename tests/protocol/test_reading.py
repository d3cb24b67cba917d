"""YAML → data with positions: what is read, and the whole message for every file that is not."""

from __future__ import annotations

import doctest
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import MappingError, ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.reading import document as reading
from equipoise.protocol.reading.document import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    dotted,
    read_document,
    read_text,
    shown,
)
from protocol.small import SMALL


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(reading).failed == 0


def problems_of(text):
    with pytest.raises(ProtocolError) as error:
        read_document(text, "f")
    return [str(problem).removeprefix("f:") for problem in error.value.problems]


# -- values and positions -------------------------------------------------------------------------------

SCALARS = {
    "1": 1, "-1": -1, "+5": 5, "012": 12, "-0": 0, "123456789012345678": 123456789012345678,
    "1.5": 1.5, "1.": 1.0, ".5": 0.5, "1e3": 1000.0, "-1e-3": -0.001, "12345678901234567890": 12345678901234567890.0,
    "true": True, "TRUE": True, "False": False, "null": None, "~": None, "Null": None,
    # YAML 1.1 made booleans and numbers of these; YAML 1.2 and people do not.
    "yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y", "1_000": "1_000", "0x1F": "0x1F", "0o17": "0o17",
    "12:30:45": "12:30:45", "1e999": "1e999", "-1e999": "-1e999", ".inf": ".inf", ".nan": ".nan", "٣": "٣",
    "2020-01-31": date(2020, 1, 31), "2020-02-30": "2020-02-30", "2020-1-1": "2020-1-1", "20200131": 20200131,
    "2020-01-31T10:00Z": datetime(2020, 1, 31, 10, tzinfo=UTC), "2020-01-31T10:00": "2020-01-31T10:00",
    "2020-01-31 12:00:00+02:00": datetime(2020, 1, 31, 10, tzinfo=UTC), "2020-01-31T25:00Z": "2020-01-31T25:00Z",
    "'1'": "1", '"true"': "true", "'~'": "~", '"a\\nb"': "a\nb", "a # b": "a", "a#b": "a#b",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_a_scalar_is_read_by_yaml_1_2_and_iso_8601(text):
    value = read_document(f"a: {text}", "f").value["a"]

    assert (type(value), value) == (type(SCALARS[text]), SCALARS[text])


def test_keys_are_text_whatever_they_look_like():
    assert read_document("1: a\ntrue: b\n2020-01-01: c\n1.5: d\n~: e\n? f\n: g", "f").value == {
        "1": "a", "true": "b", "2020-01-01": "c", "1.5": "d", "~": "e", "f": "g",
    }  # fmt: skip


PLACES = """\
a: 1
bé:   [x,
  {c: 2}]
d:
  - e: >-
      folded
      text
  -
f: 'q'
"""


@pytest.mark.parametrize(
    "text", [PLACES, PLACES.replace("\n", "\r\n"), "\ufeff" + PLACES], ids=["lf", "crlf", "bom"]
)
def test_every_key_and_value_has_its_place(text):
    document = read_document(text, "f")

    assert document.value == {"a": 1, "bé": ("x", {"c": 2}), "d": ({"e": "folded text"}, None), "f": "q"}
    assert document.keys == {("a",): (1, 1), ("bé",): (2, 1), ("bé", 1, "c"): (3, 4), ("d",): (4, 1), ("d", 0, "e"): (5, 5), ("f",): (9, 1)}  # fmt: skip
    assert {path: place for path, place in document.values.items() if path} == {
        ("a",): (1, 4), ("bé",): (2, 7), ("bé", 0): (2, 8), ("bé", 1): (3, 3), ("bé", 1, "c"): (3, 7),
        ("d",): (5, 3), ("d", 0): (5, 5), ("d", 0, "e"): (5, 8), ("d", 1): (8, 4), ("f",): (9, 4),
    }  # fmt: skip


def test_an_empty_value_stands_where_its_key_stands():
    document = read_document("a:\nb:\n  c:\n", "f")

    assert [document.position(path) for path in [("a",), ("b",), ("b", "c")]] == [(1, 1), (2, 1), (3, 3)]


def test_a_mapping_stands_where_its_name_stands():
    document = read_document("a:\n  b: 1\nc:\n  - {d: 1}\n", "f")

    assert [document.position(path) for path in [("a",), ("c", 0), ("c", 7), ("x", "y")]] == [
        (1, 1), (4, 5), (4, 3), (1, 1),
    ]  # fmt: skip
    assert document.get(("c", 0, "d")) == 1
    for path in [("x",), ("c", 9), ("a", "b", 0)]:
        with pytest.raises(KeyError):
            document.get(path)


@given(
    st.lists(
        st.sampled_from(["a: 1", "b: [x, y]", "c: {d: 2}", "e: 'q'", "# note", ""]), unique=True, max_size=6
    )
)
def test_positions_follow_the_lines(lines):
    text = "\n".join(["first: 1", *lines])
    document = read_document(text, "f")

    for path, (line, column) in document.keys.items():
        if len(path) == 1:
            assert text.split("\n")[line - 1][column - 1 :].startswith(f"{path[0]}:")


# -- what cannot be read --------------------------------------------------------------------------------

PARSE = "check indentation, quotes, brackets and the space after each colon"
BROKEN = {
    "": ["1:1: found nothing; expected a mapping (key: value). Remedy: equipoise new FOLDER writes one to begin with."],
    "# only a comment\n": ["1:1: found nothing; expected a mapping (key: value). Remedy: equipoise new FOLDER writes one to begin with."],
    "\n\n- a\n- b": ["3:1: found a list of 2; expected a mapping (key: value). Remedy: equipoise new FOLDER writes one to begin with."],
    "just text": ["1:1: found 'just text'; expected a mapping (key: value). Remedy: equipoise new FOLDER writes one to begin with."],
    "a: 1\nb: 2\na: 3\na: 4": [
        "3:1  a: found the key 'a' a second time (first in line 1); expected each key once. Remedy: merge or rename one of them.",
        "4:1  a: found the key 'a' a second time (first in line 3); expected each key once. Remedy: merge or rename one of them.",
    ],
    "a: {b: 1, 'b': 2}": ["1:11  a.b: found the key 'b' a second time (first in line 1); expected each key once. Remedy: merge or rename one of them."],
    "a: &x 1\nb: *x": [
        "1:4  a: found the anchor &x; expected no anchors. Remedy: remove it, and write out what refers to it.",
        "2:4  b: found the alias *x; expected the value itself. Remedy: write the value out, or put text that begins with * in quotes.",
    ],
    "a: 1\n*x : 2\nc: 3": ["2:1: found the alias *x; expected the value itself. Remedy: write the value out, or put text that begins with * in quotes."],
    "a: {<<: *x, d: 2}": [
        "1:5  a: found the merge key <<; expected the keys themselves. Remedy: write them out.",
        "1:9  a.<<: found the alias *x; expected the value itself. Remedy: write the value out, or put text that begins with * in quotes.",
    ],
    "a: !!str 5": ["1:4  a: found the tag !!str; expected no tags. Remedy: remove it."],
    "a: ! 5": ["1:4  a: found the tag !; expected no tags. Remedy: remove it."],
    "a: !!python/object/apply:os.system [x]": ["1:4  a: found the tag !!python/object/apply:os.system; expected no tags. Remedy: remove it."],
    "a: 1\n---\nb: 2": ["2:1: found a second document; expected one document a file. Remedy: remove the line ---."],
    "a: 1\n...\nb: 2": ["3:1: found a second document; expected one document a file. Remedy: remove the line ---."],
    "? [a]\n: 1": ["1:3: found a list or mapping as a key; expected a word as a key. Remedy: put text that begins with a bracket or ? in quotes."],
    "a:\n\tb: 1": ["2:1: found a tab; expected spaces. Remedy: replace tabs by spaces."],
    "a: 1\n  b: 2": ["2:4: found a colon where no key can stand; expected one key: value a line. Remedy: put text that holds a colon in quotes, or check the indentation."],
    "a: b: c": ["1:5: found a colon where no key can stand; expected one key: value a line. Remedy: put text that holds a colon in quotes, or check the indentation."],
    "a: 1\nb\nc: 2": ["2:1: found a line without a colon; expected key: value. Remedy: add the colon, or indent text that goes on from the line above."],
    "a: [1, 2\nb: 3": ["1:4: found a bracket that is not closed in time; expected a comma or ] after each entry. Remedy: close it with ], or put text that holds brackets, commas, colons or # in quotes."],
    "a: {b: 1\nc: 3": ["1:4: found a bracket that is not closed in time; expected a comma or } after each entry. Remedy: close it with }, or put text that holds brackets, commas, colons or # in quotes."],
    'a: "abc\nb: 3': ["1:4: found a quote that is never closed; expected a closing quote. Remedy: close it."],
    "a: @x": ["1:4: found text that begins with '@'; expected a word, a number or a quote. Remedy: put it in quotes."],
    "a: [1, , 2]": ["1:8: found nothing where a value must be; expected a value. Remedy: remove the comma, or write the value."],
    'a: "\\q"': ["1:6: found an unknown escape after \\; expected a known escape such as \\n. Remedy: put the text in single quotes."],
    "a:\n    b: 1\n  c: 2": ["3:3: found a line that is indented like none above it; expected the indentation of its block. Remedy: line it up with the others of its block."],
    "a: 1\nb: x\x00y": ["2:5: found the character U+0000; expected text that can be seen. Remedy: remove it, or save the file as UTF-8 text."],
    "a: 1\r\nb: \u202ex": ["2:4: found the character U+202E; expected text that can be seen. Remedy: remove it, or save the file as UTF-8 text."],
    "a: 1\nb: \ufeff": ["2:4: found the character U+FEFF; expected text that can be seen. Remedy: remove it, or save the file as UTF-8 text."],
    "a: \ud800": ["1:4: found the character U+D800; expected text that can be seen. Remedy: remove it, or save the file as UTF-8 text."],
    'a: "x\\0"\n"k\\e": "\\ud800"': [
        "1:4  a: found the character U+0000; expected text that can be seen. Remedy: remove the escape.",
        "2:1: found the character U+001B; expected text that can be seen. Remedy: remove the escape.",
        "2:8  'k\\x1b': found the character U+D800; expected text that can be seen. Remedy: remove the escape.",
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: repr(text)[:40])
def test_what_cannot_be_read_is_said_in_its_place(text):
    assert problems_of(text) == BROKEN[text]


def test_the_kind_of_error_is_the_callers():
    with pytest.raises(MappingError, match=r"1 problem in m\.yaml"):
        read_document("- a", "m.yaml", MappingError)


HOSTILE = {
    "deep brackets": ("a: " + "[" * 50_000, f"more than {MAX_DEPTH} levels"),
    "deep braces": ("{a: " * 50_000, f"more than {MAX_DEPTH} levels"),
    "deep lists": ("- " * 50_000, f"more than {MAX_DEPTH} levels"),
    "deep blocks": ("".join(" " * n + "a:\n" for n in range(300)), f"more than {MAX_DEPTH} levels"),
    "complex keys": ("? " * 50_000, "a list or mapping as a key"),
    "many values": ("a: [" + "1," * (MAX_BYTES // 2 - 10) + "]", f"more than {MAX_NODES:,} values"),
    "many keys": ("".join(f"k{n}: 1\n" for n in range(MAX_NODES)), f"more than {MAX_NODES:,} values"),
    "many lists": ("a: [" + "[]," * (MAX_NODES + 1) + "]", f"more than {MAX_NODES:,} values"),
    "anchors and aliases": ("a: &a [x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(5000)), "the anchor &a"),
    "a billion laughs": ("a: &a [l]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}{f', *{chr(97 + n)}' * 9}]\n" for n in range(9)), "the anchor &a"),
    "one long tag": ("!" * (MAX_BYTES - 9), "the tag"),
    "one long key": ("k" * 100_000 + ": 1", "a colon where no key can stand"),
    "a list that turns out to be a key": ("[" + "a," * 100_000 + "]: 1", "values"),
    "duplicate keys": ("a: 1\n" * 5000, "the key 'a' a second time"),
    "too large": ("#" * (MAX_BYTES + 1), f"more than {MAX_BYTES:,} characters"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_no_text_keeps_the_reader_for_long(case):
    text, found = HOSTILE[case]
    started = time.process_time()

    with pytest.raises(ProtocolError) as error:
        read_document(text, "f")

    assert time.process_time() - started < 2
    assert any(found in problem.found for problem in error.value.problems)
    assert len(error.value.problems) <= 100
    assert len(str(error.value)) < 50_000


@pytest.mark.parametrize("text", ["a: " + "x" * 200_000, 'a: "' + "x " * 100_000 + '"', "a: >\n" + " x\n" * 60_000, "#\n" * 100_000 + "a: 1"])  # fmt: skip
def test_long_lines_and_long_texts_are_read(text):
    assert set(read_document(text, "f").value) == {"a"}


# -- files ----------------------------------------------------------------------------------------------


def problem_of_file(path):
    with pytest.raises(ProtocolError) as error:
        load_protocol(path)
    (problem,) = error.value.problems
    assert problem.file == str(path)
    return str(problem).removeprefix(str(path))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a: 1\nb: caf\xe9\n", ":2:7: found the byte 0xe9, which is not UTF-8; expected UTF-8 text. Remedy: save the file as UTF-8."),
        ("a: 1".encode("utf-16"), ":1:1: found UTF-16 text; expected UTF-8 text. Remedy: save the file as UTF-8."),
        ("a: 1".encode("utf-16-le"), ":1:2: found the character U+0000; expected text that can be seen. Remedy: remove it, or save the file as UTF-8 text."),
        (b"a: \xed\xa0\x80", ":1:4: found the byte 0xed, which is not UTF-8; expected UTF-8 text. Remedy: save the file as UTF-8."),
        (b"#" * (MAX_BYTES + 1), f":1:1: found more than {MAX_BYTES:,} bytes; expected a smaller file. Remedy: is it the right file?"),
        (b"", ":1:1: found nothing; expected a mapping (key: value). Remedy: equipoise new FOLDER writes one to begin with."),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_a_file_that_is_no_text_is_one_problem(tmp_path, raw, message):
    (tmp_path / "p.yaml").write_bytes(raw)

    assert problem_of_file(tmp_path / "p.yaml") == message


def test_a_file_that_is_not_there_is_one_problem(tmp_path):
    assert problem_of_file(tmp_path / "no.yaml") == ": found No such file or directory; expected a readable file. Remedy: check the path and its permissions."  # fmt: skip
    assert problem_of_file(tmp_path) == ": found a folder; expected a file. Remedy: name the file in it."
    assert "null" in problem_of_file("bad\x00name")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_marks_and_line_ends_make_no_difference(tmp_path, encoding, end):
    (tmp_path / "p.yaml").write_bytes(SMALL.replace("\n", end).encode(encoding))
    (tmp_path / "q.yaml").write_text(SMALL, encoding="utf-8")

    assert load_protocol(tmp_path / "p.yaml").hash == load_protocol(str(tmp_path / "q.yaml")).hash


def test_an_endless_file_is_not_read_to_its_end():
    with pytest.raises(ProtocolError, match="more than"):
        read_text(reading.FilePath("/dev/zero"))


# -- words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"), (True, "true"), (False, "false"), (3, "3"), (1.5, "1.5"), ("a", "'a'"), ("it's", '"it\'s"'),
        (date(2020, 1, 2), "2020-01-02"), ((), "an empty list"), ((1, 2), "a list of 2"), ({}, "an empty mapping"),
        ({"a": 1}, "a mapping of 1 key"), ("x\ny", "'x\\ny'"), ("\x1b[31m", "'\\x1b[31m'"),
        ("x" * 10**6, "'" + "x" * 57 + "…'"),
    ],
)  # fmt: skip
def test_values_are_shown_short_and_on_one_line(value, text):
    assert shown(value) == text


def test_paths_are_written_as_people_do():
    assert dotted(("a", "b", 1, "c")) == "a.b[1].c"
    assert dotted((0, "a")) == "[0].a"
    assert dotted(("a", "x\ny")) == "a.'x\\ny'"
    assert len(dotted(("x" * 10**6,))) < 70


def test_a_text_whose_first_line_is_empty_and_stands_apart_is_said_in_our_words():
    with pytest.raises(ProtocolError) as error:
        read_document("a: >-\n \r\n\r\n   text\n", "p.yaml")

    (problem,) = error.value.problems
    assert problem.found == "a line that is indented more than the first line of its text"
    assert problem.remedy == "line the text up, or remove an empty first line"
