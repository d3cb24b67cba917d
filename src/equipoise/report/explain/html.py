"""The document as one HTML page: no script, no font and no image from elsewhere."""

from __future__ import annotations

from collections import Counter

from equipoise.report.explain.document import Document


def render_html(document: Document, *, pdf: str = "") -> str:
    """The page.

    pdf: the name of the file beside it that holds the same in print; empty for none.
    Everything that comes from the protocol is escaped; drawings are made here and stand as they are.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("equipoise.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = "\n".join(loader.get_source(environment, name)[0] for name in ("report.css", "explain.css"))
    counts: Counter[str] = Counter()

    def next_number(what: str) -> str:
        counts[what] += 1
        return f"{what}-{counts[what]}"

    return environment.get_template("explain.html.j2").render(
        document=document, pdf=pdf, style=Markup(style), svg=lambda figure: Markup(figure.svg),
        kind_of=lambda part: type(part).__name__, next_number=next_number,
    )  # fmt: skip
