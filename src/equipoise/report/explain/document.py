"""The document between the protocol and the page: sections, paragraphs, lists, tables, figures; it knows no format.

Everything is frozen and made of text. Two renderers read it (:mod:`equipoise.report.explain.html` and
:mod:`equipoise.report.explain.pdf`), so that the page and the print cannot say different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that carry a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Mono:
    """Words of the file itself: a rule, a name."""

    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What the source does not say: printed so that nobody overlooks it."""

    text: str = NOT_STATED


@dataclass(frozen=True, slots=True)
class Link:
    """A reference to another place of the document."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Target:
    """Words that a reference leads to."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A number in small print that leads to an appendix."""

    text: str
    anchor: str


Inline: TypeAlias = str | Strong | Mono | Missing | Link | Target | Reference


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. style: ``source`` says where a statement is from, ``note`` is small print under a table."""

    parts: tuple[Inline, ...]
    style: Literal["plain", "source", "note", "nothing"] = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; ``ordered`` where the order means something."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. head: none for a list of facts (a label and what is said of it).  weights: widths of columns.

    look: ``matrix`` has marks in narrow columns and may be wide; ``dense`` is small print for looking things up.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[Block, ...], ...], ...]
    weights: tuple[float, ...]
    look: Literal["grid", "facts", "matrix", "dense"] = "grid"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing; ``alt`` stands for it where it cannot be seen."""

    name: str
    title: str
    caption: str
    alt: str
    svg: str


Block: TypeAlias = Paragraph | Bullets | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section: its blocks, then its sections. number: empty where it has none."""

    number: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def anchor(self) -> str:
        """The place that links name."""
        return f"section-{self.number.replace('.', '-')}"

    @property
    def empty(self) -> bool:
        """Whether nothing stands under the heading."""
        return not self.blocks and not self.sections


@dataclass(frozen=True, slots=True)
class Document:
    """The whole: what stands on the title page, where to read on first, and the sections."""

    name: str
    kicker: str
    title: str
    facts: Table
    pointer: tuple[Inline, ...]
    sections: tuple[Section, ...]
    footer: str

    def figures(self) -> Iterator[Figure]:
        """Every figure in the order of the document."""
        yield from (block for block in self.blocks() if isinstance(block, Figure))

    def blocks(self) -> Iterator[Block]:
        """Every block of every section, in order."""
        for section in self.walk():
            yield from section.blocks

    def walk(self) -> Iterator[Section]:
        """Every section with those inside it, in order."""
        waiting = list(reversed(self.sections))
        while waiting:
            section = waiting.pop()
            yield section
            waiting.extend(reversed(section.sections))


def paragraph(*parts: Inline) -> Paragraph:
    """A plain paragraph."""
    return Paragraph(parts)


def note(*parts: Inline) -> Paragraph:
    """Small print under a table."""
    return Paragraph(parts, "note")


def words(content: Inline | Block | Iterable[Block]) -> tuple[Block, ...]:
    """A cell or an item of a list, from whatever is at hand."""
    if isinstance(content, (str, Strong, Mono, Missing, Link, Target, Reference)):
        return (Paragraph((content,)),) if content != "" else ()
    if isinstance(content, (Paragraph, Bullets, Table, Figure)):
        return (content,)
    return tuple(content)


def bullets(items: Iterable[Inline | Block | Iterable[Block]], *, ordered: bool = False) -> Bullets:
    """A list of whatever is at hand."""
    return Bullets(tuple(words(item) for item in items), ordered)


def facts(title: str, rows: Iterable[tuple[str, Inline | Block | Iterable[Block]]]) -> Table:
    """A list of facts: each a label and what is said of it; those of which nothing is said are left out.

    What has no label, such as the source of the whole, takes the width of the table. Labels of which the file says
    ``not stated`` share one row, the last, where they are several.
    """
    made: list[tuple[tuple[Block, ...], tuple[Block, ...]]] = []
    wide: list[tuple[tuple[Block, ...], tuple[Block, ...]]] = []
    rows = list(rows)
    silent = [label for label, content in rows if label and isinstance(content, Missing)]
    for label, content in rows:
        if len(silent) < 2 or label not in silent:
            (made if label else wide).append((words(Strong(label)) if label else (), words(content)))
    if len(silent) > 1:
        made.append((words(Missing()), words("; ".join([silent[0], *map(_small, silent[1:])]))))
    return Table(title, (), tuple(row for row in (*made, *wide) if row[1]), (1, 3.2), "facts")


def _small(label: str) -> str:
    """A label inside a list: its first letter small, unless it is spelled in its own way."""
    first = label.split(" ", 1)[0]
    return label[:1].lower() + label[1:] if first[1:].islower() or len(first) == 1 else label


def grid(
    title: str,
    head: tuple[str, ...],
    rows: Iterable[tuple[Inline | Block | Iterable[Block], ...]],
    weights: tuple[float, ...] = (),
    look: Literal["grid", "dense"] = "grid",
) -> Table:
    """A table; columns in which no row says anything are left out."""
    made = [tuple(words(cell) for cell in row) for row in rows]
    kept = [column for column in range(len(head)) if any(row[column] for row in made)]
    weights = weights or (1.0,) * len(head)
    return Table(
        title,
        tuple(head[column] for column in kept),
        tuple(tuple(row[column] for column in kept) for row in made),
        tuple(weights[column] for column in kept),
        look,
    )


def plain_text(content: Document | Section | Block | tuple[Block, ...]) -> str:
    """The words of a part of the document, for tests and for reading aloud.

    >>> plain_text(paragraph("a ", Strong("b")))
    'a b'
    """
    if isinstance(content, Document):
        pointer = plain_text(Paragraph(content.pointer))
        head = [content.kicker, content.title, plain_text(content.facts), pointer]
        return "\n".join([*head, *map(plain_text, content.sections), content.footer])
    if isinstance(content, Section):
        return "\n".join(
            [
                f"{content.number} {content.title}",
                *map(plain_text, content.blocks),
                *map(plain_text, content.sections),
            ]
        )
    if isinstance(content, Paragraph):
        return "".join(part if isinstance(part, str) else part.text for part in content.parts)
    if isinstance(content, Bullets):
        return "\n".join(plain_text(item) for item in content.items)
    if isinstance(content, Table):
        rows = [" | ".join(plain_text(cell) for cell in row) for row in content.rows]
        return "\n".join([content.title, " | ".join(content.head), *rows])
    if isinstance(content, Figure):
        return f"{content.title}. {content.caption}"
    return "\n".join(plain_text(block) for block in content)
