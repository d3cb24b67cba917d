"""A drawing: shapes and text as SVG, escaped, titled, and equal byte for byte between runs."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from equipoise.drawing.lettering import set_width

FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
INK = "#1a1a1a"
GRAY = "#595959"
RULE = "#8c8c8c"


def number(value: float) -> str:
    """A coordinate with at most two decimals.

    >>> number(12.0), number(-0.001), number(3.14159)
    ('12', '0', '3.14')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def clean(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(
        character for character in text
        if character in "\t\n" or (ord(character) >= 32 and not 0xD800 <= ord(character) <= 0xDFFF
                                   and ord(character) not in (0x7F, 0xFFFE, 0xFFFF))
    )  # fmt: skip


class Drawing:
    """An SVG under construction.

    identifier: unique on the page; title and description are read aloud in place of the picture.
    Presentation attributes rather than a style sheet: a figure keeps its looks in a page and on its own.
    """

    def __init__(self, identifier: str, width: float, height: float, title: str, description: str) -> None:
        self.identifier = identifier
        self.width = width
        self.height = height
        self.title = title
        self.description = description
        self._parts: list[str] = []

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        stroke: str = INK,
        width: float = 1.0,
        dash: str = "",
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" '
            f'stroke="{stroke}" stroke-width="{number(width)}"{dashed}/>'
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        radius: float = 0.0,
        kind: str = "",
    ) -> None:
        """A rectangle; ``kind`` names it for tests and for readers of the source."""
        rounded = f' rx="{number(radius)}"' if radius else ""
        named = f' data-kind="{kind}"' if kind else ""
        self._parts.append(
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
            f'fill="{fill}" stroke="{stroke}"{rounded}{named}/>'
        )

    def path(
        self,
        data: str,
        *,
        fill: str = "none",
        stroke: str = "none",
        width: float = 1.0,
        dash: str = "",
        opacity: float = 1.0,
        kind: str = "",
    ) -> None:
        """A path."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        seen = f' opacity="{number(opacity)}"' if opacity < 1 else ""
        named = f' data-kind="{kind}"' if kind else ""
        self._parts.append(
            f'<path d="{data}" fill="{fill}" stroke="{stroke}" stroke-width="{number(width)}" '
            f'stroke-linejoin="miter"{dashed}{seen}{named}/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12.0,
        anchor: str = "start",
        fill: str = INK,
        bold: bool = False,
        italic: bool = False,
        turn: bool = False,
    ) -> None:
        """A line of text whose baseline is at ``y``; ``turn`` sets it upward."""
        weight = ' font-weight="bold"' if bold else ""
        slant = ' font-style="italic"' if italic else ""
        place = f' transform="rotate(-90 {number(x)} {number(y)})"' if turn else ""
        # Fixes the width that the layout counted on: a no-op in Helvetica's metrics, a squeeze in wider fonts.
        wide = set_width(clean(text), size, bold=bold)
        fixed = f' textLength="{number(wide)}" lengthAdjust="spacingAndGlyphs"' if wide else ""
        self._parts.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" text-anchor="{anchor}" '
            f'fill="{fill}"{weight}{slant}{place}{fixed}>{escape(clean(text))}</text>'
        )

    def lines(
        self,
        x: float,
        y: float,
        lines: Iterable[str],
        *,
        size: float = 12.0,
        leading: float = 1.3,
        anchor: str = "start",
        fill: str = INK,
        bold: bool = False,
    ) -> float:
        """Lines below each other, the first baseline at ``y``; returns the baseline after the last."""
        for line in lines:
            self.text(x, y, line, size=size, anchor=anchor, fill=fill, bold=bold)
            y += size * leading
        return y

    def render(self) -> str:
        """The SVG document."""
        labels = f"{self.identifier}-title {self.identifier}-desc"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.width)} {number(self.height)}" '
            f'width="{number(self.width)}" height="{number(self.height)}" role="img" '
            f'aria-labelledby={quoteattr(labels)} font-family="{FONTS}">\n'
            f"<title id={quoteattr(self.identifier + '-title')}>{escape(clean(self.title))}</title>\n"
            f"<desc id={quoteattr(self.identifier + '-desc')}>{escape(clean(self.description))}</desc>\n"
        )
        return head + "\n".join(self._parts) + "\n</svg>\n"
