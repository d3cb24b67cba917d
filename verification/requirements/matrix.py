"""The requirements matrix: each requirement, the place of the protocol file (or of the program) that meets it, the test.

    python verification/requirements/matrix.py > docs/requirements-matrix.md

``requirements.csv`` holds what the five sources ask of a protocol (1 to 146), ``trace.csv`` the places and tests, one line
a place. Everything that the page says of a place is read from the protocol file; a place or test that does not exist is
an error, and so is a requirement without any.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from equipoise.protocol.load import load_with_document
from equipoise.protocol.reading.document import Document

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TRIALS = ROOT / "src" / "equipoise" / "trials"
LONGEST = 200  # characters of what a place says
NAMED = ("consent", "visit", "course", "randomization", "group")  # what a step of the path may be
OPEN = ("not built yet", "not run by this version", "not computed by this version")  # how a note says so


ABBREVIATIONS = (
    "AE, adverse event; BM, bone marrow; CR, complete remission; CRS, cytokine release syndrome; DFS, EFS, OS, "
    "disease-free, event-free, overall survival; EM, extramedullary; ETF, early treatment failure; HR, IR, LR, high, "
    "intermediate, low risk; HSCT, transplant; IRB, institutional review board; M1, M2, marrow with less than 5% and "
    "5 to less than 25% blasts (in AALL1331 to 25%); MRD, minimal residual disease; TEAE, TRAE, treatment-emergent, "
    "treatment-related adverse event."
)


@dataclass(frozen=True, slots=True)
class Trace:
    """One place that meets a requirement: of a trial's file, or (without a trial) of the program; and its test."""

    number: int
    trial: str
    place: str
    test: str
    note: str


def requirements() -> list[dict[str, str]]:
    """The requirements in order."""
    with (HERE / "requirements.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def traces() -> list[Trace]:
    """The places and tests, in the order of the file."""
    with (HERE / "trace.csv").open(newline="", encoding="utf-8") as file:
        return [Trace(int(row.pop("number")), **row) for row in csv.DictReader(file)]


def problems(asked: Iterable[Mapping[str, str]], given: Sequence[Trace]) -> list[str]:
    """What is wrong with the trace: requirements without a place, places and tests that do not exist."""
    numbers = [int(row["number"]) for row in asked]
    wrong = [
        f"requirement {number} has no place" for number in sorted({*numbers} - {one.number for one in given})
    ]
    wrong += [f"there is no requirement {one.number}" for one in given if one.number not in numbers]
    for one in given:
        if position(one) is None:
            wrong.append(f"requirement {one.number}: no place {one.place!r} in {one.trial or 'the program'}")
        if not has_test(one.test):
            wrong.append(f"requirement {one.number}: no test {one.test!r}")
    return wrong


def position(one: Trace) -> tuple[str, int] | None:
    """The file (from the root) and line of a place; None if there is none."""
    if not one.trial:
        file, _, name = one.place.partition("::")
        line = names_of(ROOT / file).get(name.rpartition(".")[2]) if name else 1
        return (file, line) if (ROOT / file).exists() and line else None
    file_ = TRIALS / one.trial / "protocol.yaml"
    if not file_.exists():
        return None
    document = document_of(one.trial)
    path = steps(document, one.place)
    return None if path is None else (str(file_.relative_to(ROOT)), document.position(path, key=True)[0])


def steps(document: Document, place: str) -> tuple[str | int, ...] | None:
    """A dotted place as a path of the document: keys, and numbers in lists; None if it does not stand in it."""
    path: tuple[str | int, ...] = ()
    value = document.value
    for part in place.split("."):
        key: str | int = int(part) if isinstance(value, tuple) and part.isdigit() else part
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
        path = (*path, key)
    return path


def says(one: Trace) -> str:
    """What stands at a place, shortened."""
    if not one.trial:
        return one.note
    document = document_of(one.trial)
    path = steps(document, one.place)
    assert path is not None, one
    text = " ".join(_plain(document.get(path)).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _plain(value: Any) -> str:
    """A value in one line; of a block, its label or text where it has one, else what it says key by key."""
    if isinstance(value, dict):
        for key in ("text", "definition", "label", "when", "require", "value", "item"):
            if isinstance(value.get(key), str):
                return str(value[key])
        parts = [(key, part) for key, part in value.items() if key != "source"]
        if all(isinstance(part, str) for _, part in parts) and not {"does", *NAMED} & set(value):
            return ", ".join(part for _, part in parts)  # choices by their labels
        if all(isinstance(part, dict) and "label" in part for _, part in parts):
            return ", ".join(str(part["label"]) for _, part in parts)
        return ", ".join(key if isinstance(part, dict) else f"{key}: {_plain(part)}" for key, part in parts)
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    return str(value)


@cache
def document_of(trial: str) -> Document:
    """The protocol file of a trial, checked, with positions."""
    return load_with_document(TRIALS / trial / "protocol.yaml")[1]


@cache
def names_of(file: Path) -> dict[str, int]:
    """The functions and classes of a Python file, with their lines."""
    if not file.exists():
        return {}
    defined = (ast.FunctionDef, ast.ClassDef)
    return {
        node.name: node.lineno
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, defined)
    }


def has_test(test: str) -> bool:
    """Whether ``tests/file.py::test_name`` exists."""
    file, _, name = test.partition("::")
    return name.startswith("test_") and name in names_of(ROOT / file)


def page(asked: Sequence[Mapping[str, str]], given: Sequence[Trace]) -> str:
    """The matrix as Markdown."""
    lines = [
        "# Requirements matrix",
        "",
        "What the five sources ask of a protocol (1 to 146), where it stands, and the test that would fail without it.",
        "Generated by `verification/requirements/matrix.py`; the tests compare, and check every place and test.",
        "",
        f"{len(asked)} requirements, {len(given)} places, {len({one.test for one in given})} tests. What a place says is "
        "read from the file; a remark stands in brackets. A place without a trial is one of the program.",
        "",
        f"A part is not built or not run yet of {', '.join(map(str, unfinished(given)))}; the remark says which.",
        "",
        ABBREVIATIONS,
    ]
    section = ""
    for row in asked:
        if row["section"] != section:
            section = row["section"]
            lines += [
                "",
                f"## {section}",
                "",
                "| No. | Requirement | Place | It says | Test |",
                "|---|---|---|---|---|",
            ]
        for index, one in enumerate(one for one in given if one.number == int(row["number"])):
            first = (
                (row["number"], _cell(f"{row['trial']}: {row['requirement']}")) if index == 0 else ("", "")
            )
            found = position(one)
            assert found is not None, one
            shown = f"{one.trial}: {one.place}" if one.trial else one.place.partition("::")[2] or one.place
            place = f"[{_cell(shown)}](../{found[0]}#L{found[1]})"
            said = _cell(says(one)) + (f" ({_cell(one.note)})" if one.trial and one.note else "")
            test = one.test.partition("::")
            lines.append(f"| {first[0]} | {first[1]} | {place} | {said} | [{test[2]}](../{test[0]}) |")
    return "\n".join(lines) + "\n"


def unfinished(given: Iterable[Trace]) -> list[int]:
    """The requirements of which a note says that a part is not there yet."""
    return sorted({one.number for one in given if any(words in one.note for words in OPEN)})


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    all_asked, all_given = requirements(), traces()
    if wrong := problems(all_asked, all_given):
        sys.exit("\n".join(wrong))
    sys.stdout.write(page(all_asked, all_given))
