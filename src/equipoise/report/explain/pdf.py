"""The document as PDF: set by typst from a fixed template that reads it as data.

The same protocol gives the same bytes: no clock, no font of this machine. Only a protocol with letters that
the built-in fonts lack borrows fonts from the system.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from importlib.resources import files
from typing import Any

from equipoise.errors import DataError
from equipoise.report.explain.document import Document, Figure, Section, Table, plain_text

KEPT = 600  # characters of a row that stays on one page
RUNNING = 90  # characters of the running head
SPACE = (170.0, 236.0)  # of a page for a drawing and its caption, in millimeters
PIXEL = 25.4 / 96  # in millimeters: a drawing is never set larger than it was made
# Latin, Greek, Cyrillic; punctuation, arrows, mathematics; shapes: what the built-in fonts have.
_COVERED = ((0, 0x250), (0x370, 0x530), (0x1E00, 0x1F00), (0x2000, 0x2400), (0x2500, 0x2600))
FONT = "Libertinus Serif"
_LACKING = re.compile(r'the text `"([^`]*)"` could not be displayed')


def render_pdf(document: Document) -> bytes:
    """The PDF: titled, with bookmarks, page numbers, embedded fonts and drawings as vectors.

    Raises DataError where no font of this machine has a letter: a print with gaps would say something else.
    """
    import typst

    template = (files("equipoise.report") / "templates" / "explain.typ").read_bytes()
    text = json.dumps(_tree(document), ensure_ascii=False)
    compiler = typst.Compiler(template, ignore_system_fonts=_covered(text), sys_inputs={"document": text})
    try:
        made = compiler.compile(format="pdf", timestamp=0, pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if lacking := _LACKING.search(str(error)):
            raise DataError(
                f"the PDF cannot be printed: no font of this machine has {lacking[1]}; expected letters of an installed "
                "font. Remedy: install one (Noto has most scripts), or write the page alone with --no-pdf"
            ) from None
        raise
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


def _covered(text: str) -> bool:
    """Whether the built-in fonts have every letter."""
    return all(any(low <= ord(one) < high for low, high in _COVERED) for one in set(text))


def _tree(document: Document) -> dict[str, Any]:
    title = document.title
    return {
        "name": document.name,
        "kicker": document.kicker,
        "title": title,
        "running": title if len(title) <= RUNNING else f"{title[:RUNNING].rsplit(' ', 1)[0]} …",
        "facts": _value(document.facts),
        "pointer": _value(document.pointer),
        "footer": document.footer,
        "half": _half(document.sections),
        "sections": [_section(section) for section in document.sections],
    }


def _half(sections: tuple[Section, ...]) -> str:
    """The section with which the second column of the contents begins."""
    lines = [1 + len(section.sections) for section in sections]
    before = [sum(lines[:index]) for index in range(len(lines))]
    return min(sections, key=lambda one: abs(2 * before[sections.index(one)] - sum(lines))).anchor


def _section(section: Section) -> dict[str, Any]:
    return {
        "number": section.number,
        "title": section.title,
        "anchor": section.anchor,
        "blocks": _value(section.blocks),
        "sections": [_section(inner) for inner in section.sections],
    }


def _value(value: Any) -> Any:
    """A block or a part of one as data: its fields, and what it is."""
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    if isinstance(value, Figure):
        return _figure(value)
    made = {"kind": type(value).__name__} | {
        field.name: _value(getattr(value, field.name)) for field in fields(value)
    }
    if isinstance(value, Table):  # a short row stays on one page
        made["ruled"] = [bool(row[0]) or value.look == "facts" for row in value.rows]
        made["breakable"] = [sum(len(plain_text(cell)) for cell in row) > KEPT for row in value.rows]
    return made


def _figure(figure: Figure) -> dict[str, Any]:
    """A drawing with its size, in the fonts of the print."""
    box = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', figure.svg)
    width, height = (float(box[1]), float(box[2])) if box else (600.0, 400.0)
    svg = re.sub(r' (textLength|lengthAdjust)="[^"]*"', "", figure.svg)
    svg = re.sub(r'font-family="[^"]*"', f'font-family="{FONT}"', svg)
    scale = min(PIXEL, SPACE[0] / width, SPACE[1] / height)
    shown = {"name": figure.name, "title": figure.title, "caption": figure.caption, "alt": figure.alt}
    return {"kind": "Figure", **shown, "svg": svg, "width": round(width * scale, 2)}
