"""Broken protocol files, as people break them, and what ``equipoise check`` prints of each.

    python tests/protocol/broken/golden.py      # writes what is printed now into golden/*.txt: read the difference

golden/<group>.txt holds cases, with an empty line between them. ``#`` is the title. ``-`` and ``+`` are a change of
base.yaml: what stands there (once; a part of a line will do) and what is put in its place; there may be several.
``<`` names a whole file instead: one of files/, or of BYTES below. All other lines are what is printed as errors.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
BASE = (HERE / "base.yaml").read_text(encoding="utf-8")
FILES, GOLDEN = HERE / "files", HERE / "golden"
NAME = "protocol.yaml"  # of every broken file

# Files that editors and version control would mend, and those that are too large to keep.
BYTES: dict[str, bytes] = {
    "an empty file": b"",
    "saved as Latin-1": BASE.replace("A small trial", "Étude").encode("latin-1", "replace"),
    "saved as UTF-16": BASE.encode("utf-16"),
    "a NUL": BASE.replace("A small", "A\x00small").encode(),
    "a byte order mark in the middle": BASE.replace("items:\n", "\ufeffitems:\n").encode(),
    "a zero-width space": BASE.replace("  age:", "\u200b  age:").encode(),
    "a no-break space for the indentation": BASE.replace("  age:", "\u00a0 age:").encode(),
    "text that runs from right to left": BASE.replace("A small", "A \u202esmall").encode(),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "a Word document": b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00word/document.xml",
    "too large": BASE.encode() + b"# notes\n" * 40_000,
    "too deep": BASE.encode() + b"x: " + b"[" * 30 + b"]" * 30 + b"\n",
    "too many values": BASE.encode() + b"x: [" + b"1, " * 20_000 + b"1]\n",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One broken file: its changes of the base as (old, new), or the name of a whole file, and what is printed."""

    group: str
    title: str
    changes: tuple[tuple[str, str], ...]
    whole: str
    said: tuple[str, ...]

    def content(self) -> bytes:
        """The broken file. Every old text must stand once in what it changes."""
        if self.whole:
            return BYTES[self.whole] if self.whole in BYTES else (FILES / self.whole).read_bytes()
        text = BASE
        for old, new in self.changes:
            assert text.count(old) == 1, f"{self.title}: {old!r} stands {text.count(old)} times in the file"
            text = text.replace(old, new)
        return text.encode()

    def written(self) -> str:
        """The case as its golden file holds it."""
        lines = [f"# {self.title}"]
        for old, new in self.changes:
            lines += [f"- {line}".rstrip() if not line else f"- {line}" for line in old.split("\n")]
            lines += [f"+ {line}".rstrip() if not line else f"+ {line}" for line in new.split("\n")]
        lines += [f"< {self.whole}"] if self.whole else []
        return "\n".join([*lines, *self.said, ""])


def groups() -> list[Path]:
    """The golden files."""
    return sorted(GOLDEN.glob("*.txt"))


def cases_of(path: Path) -> list[Case]:
    """The cases of one golden file."""
    blocks = path.read_text(encoding="utf-8").strip("\n").split("\n\n")
    return [_case(path.stem, block.split("\n")) for block in blocks]


def _case(group: str, lines: list[str]) -> Case:
    title, *rest = lines
    assert title.startswith("# "), f"{group}: {title!r} is no title"
    changes: list[tuple[list[str], list[str]]] = []
    whole, said = "", []
    for line in rest:
        if line[:1] == "-":
            if not changes or changes[-1][1]:
                changes.append(([], []))
            changes[-1][0].append(line[2:])
        elif line[:1] == "+":
            changes[-1][1].append(line[2:])
        elif line[:1] == "<":
            whole = line[2:]
        else:
            said.append(line)
    made = tuple(("\n".join(old), "\n".join(new)) for old, new in changes)
    return Case(group, title[2:], made, whole, tuple(said))


def check(content: bytes | None, argument: str = NAME) -> tuple[int, tuple[str, ...]]:
    """Run ``equipoise check`` on a file of this content: the exit code, and the lines of its errors."""
    from equipoise.cli.app import run

    errors, given = io.StringIO(), sys.argv
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stderr(errors),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        if content is not None:
            Path(NAME).write_bytes(content)
        sys.argv = ["equipoise", "check", argument]
        try:
            run()
            code = 0
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
        finally:
            sys.argv = given
    return code, tuple(errors.getvalue().removesuffix("\n").split("\n"))


def main() -> int:
    """Write what is printed now into every golden file, but not of a program that fails; returns the failures."""
    failures = 0
    for path in groups():
        cases = []
        for case in cases_of(path):
            try:
                cases.append(replace(case, said=check(case.content())[1]))
            except Exception as error:
                failures += 1
                cases.append(case)
                print(f"{path.name}: {case.title}: {type(error).__name__}: {error}", file=sys.stderr)
        path.write_text("\n".join(case.written() for case in cases), encoding="utf-8")
        print(f"{path.name}: {len(cases)} cases")
    return failures


if __name__ == "__main__":
    sys.exit(main() > 0)
