"""The report: one page that opens from disk, with its tables as CSV, its figures as SVG and all rows.

Everything is written to a new folder beside the target and moved into place when it is complete, so an
interrupted run leaves either the report that was there or none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.analysis.results import Results
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.flow import flow_figure
from equipoise.report.figures.forest import forest_figure
from equipoise.report.figures.incidence import RISK_TABLE, incidence_figure
from equipoise.report.figures.kaplan_meier import kaplan_meier_figure
from equipoise.report.figures.log_log import log_log_figure
from equipoise.report.figures.residuals import residual_figure
from equipoise.report.folder import Writer, publish
from equipoise.report.labels import Labels, group_of
from equipoise.report.methods import methods
from equipoise.report.numbers import count, level_text
from equipoise.report.planned import not_run
from equipoise.report.provenance import Provenance
from equipoise.report.rows import Rows
from equipoise.report.sentences import headlines
from equipoise.report.tables.adverse_events import adverse_event_table
from equipoise.report.tables.baseline import baseline_tables, synopsis
from equipoise.report.tables.counts import tabulation_table
from equipoise.report.tables.covariates import covariates_table
from equipoise.report.tables.endpoints import components_table, endpoint_table
from equipoise.report.tables.follow_up import follow_up_tables
from equipoise.report.tables.incidence import competing_words
from equipoise.report.tables.model import Table
from equipoise.report.tables.proportional_hazards import groups_of, proportional_hazards_table
from equipoise.report.tables.proportions import proportion_tables
from equipoise.report.tables.published import published_table
from equipoise.report.tables.selection import selection_table
from equipoise.report.tables.subgroups import subgroup_table

if TYPE_CHECKING:
    import polars as pl
    from markupsafe import Markup

Progress = Callable[[str, int, int], None]

REPORT = Writer(
    "equipoise report",
    re.compile(r"(index\.html|results\.parquet|(tables|figures)/[A-Za-z0-9_-]{1,200}\.(csv|svg))\Z"),
    "the report was not written",
)

HEADINGS = {
    "flow": "Flow of Patients", "baseline": "Baseline Characteristics", "follow_up": "Follow-up",
    "endpoints": "End Points", "subgroups": "Subgroups", "adverse_events": "Adverse Events",
    "published": "Published and Computed Numbers",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the page: its file's name, caption and SVG."""

    name: str
    title: str
    caption: str
    svg: str


@dataclass(slots=True)
class Part:
    """A heading with its figures and tables, in their order."""

    name: str
    heading: str
    contents: list[Figure | Table] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing stands under the heading."""
        return not self.contents and not self.parts


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What was written: the folder, its page, and every file."""

    folder: Path
    page: Path
    files: tuple[Path, ...]


def write_report(
    protocol: Protocol,
    results: Results,
    provenance: Provenance,
    out_dir: Path,
    *,
    published: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> ReportFiles:
    """Write the report of a trial.

    results: the rows of docs/results.md.  out_dir: made if absent; files of an earlier report are replaced,
    others are left alone, and InputError is raised where one of them stands in the way.
    published: columns ``item``, ``source``, ``printed``, ``computed``, ``agrees``, ``note``.
    progress: called with what was done, how many steps are done, and of how many.
    """
    rows = Rows(results)
    steps = [*protocol.report.sections, "methods", "page", "files"]

    def told(step: str) -> None:
        if progress is not None:
            progress(step.replace("_", " "), steps.index(step) + 1, len(steps))

    parts = []
    for section in dict.fromkeys(protocol.report.sections):
        part = build_part(protocol, rows, section, published)
        if not part.empty:
            parts.append(part)
        told(section)
    paragraphs = methods(protocol, rows, provenance.versions)
    told("methods")
    page = render(protocol, rows, provenance, parts, paragraphs)
    told("page")
    contents: dict[str, str | Results] = {"index.html": page, "results.parquet": results}
    for item in _items(parts):
        if isinstance(item, Figure):
            contents[f"figures/{item.name}.svg"] = item.svg
        else:
            contents[f"tables/{item.name}.csv"] = item.to_csv()
    contents["tables/synopsis.csv"] = synopsis(protocol).to_csv()
    files = publish(contents, Path(out_dir), REPORT)
    told("files")
    return ReportFiles(Path(out_dir), Path(out_dir) / "index.html", files)


def _items(parts: list[Part]) -> list[Figure | Table]:
    """All figures and tables in the order of the page."""
    return [item for part in parts for inner in (part, *part.parts) for item in inner.contents]


def build_part(protocol: Protocol, rows: Rows, section: str, published: pl.DataFrame | None) -> Part:
    """A section of the page; empty where its rows do not exist."""
    part = Part(section.replace("_", "-"), HEADINGS[section])
    if section == "flow":
        svg = flow_figure(protocol, rows, "figure-flow-svg")
        part.contents += _figure("flow", "Flow of Patients", _flow_caption(protocol), svg)
    elif section == "endpoints":
        part.parts = [_endpoint_part(protocol, rows, name) for name in protocol.analyses]
        part.parts += _count_parts(protocol, rows)
        part.parts = [inner for inner in part.parts if not inner.empty]
    elif section == "subgroups":
        part.parts = [_subgroup_part(protocol, rows, name) for name in protocol.analyses]
        part.parts = [inner for inner in part.parts if not inner.empty]
    elif section == "baseline":
        part.contents += baseline_tables(protocol, rows)
    elif section == "follow_up":
        part.contents += follow_up_tables(protocol, rows)
    else:
        table = {
            "adverse_events": lambda: adverse_event_table(protocol, rows),
            "published": lambda: None if published is None else published_table(published, protocol),
        }[section]()
        part.contents += [table] if table is not None else []
    return part


def _figure(name: str, title: str, caption: str, svg: str | None) -> list[Figure | Table]:
    """A figure, or nothing."""
    return [] if svg is None else [Figure(name, title, caption, svg)]


def _flow_caption(protocol: Protocol) -> str:
    """What the diagram leaves out."""
    return "Boxes are drawn for what the record holds; reasons are those coded in the protocol."


def _endpoint_part(protocol: Protocol, rows: Rows, name: str) -> Part:
    """Curves, results and components of one analysis."""
    labels = Labels(protocol)
    plan = protocol.analyses[name]
    part = Part(f"analysis-{name}", labels.analysis(name))
    level = level_text(plan.kaplan_meier.confidence_level)
    caption = (
        f"{labels.population(plan.population)[:1].upper()}{labels.population(plan.population)[1:]}. Bands are "
        f"pointwise {level} confidence intervals ({plan.kaplan_meier.interval}); ticks mark censored patients. "
        "Below the axis, patients still at risk and the cumulative numbers censored and with an event."
    )
    if not any(row.method == "risk table" for row in rows.of(name)):
        caption = caption.partition(" Below the axis")[0]
    svg = kaplan_meier_figure(protocol, rows, name, f"figure-{name}-svg")
    part.contents += _figure(
        f"{name}-kaplan-meier", f"Kaplan–Meier Curves, {labels.analysis(name)}", caption, svg
    )
    part.contents += _incidence(protocol, rows, name, labels)
    for table in (
        endpoint_table(protocol, rows, name), covariates_table(protocol, rows, name),
        selection_table(protocol, rows, name), components_table(protocol, rows, name),
    ):  # fmt: skip
        part.contents += [table] if table is not None else []
    part.contents += _diagnostics(protocol, rows, name, labels)
    return part


def _incidence(protocol: Protocol, rows: Rows, name: str, labels: Labels) -> list[Figure | Table]:
    """The curves of cumulative incidence."""
    plan = protocol.analyses[name]
    if plan.cumulative_incidence is None:
        return []
    population = labels.population(plan.population)
    caption = (
        f"{population[:1].upper()}{population[1:]}. Aalen–Johansen estimates with {competing_words(plan, labels)}. Bands "
        f"are pointwise {level_text(plan.cumulative_incidence.confidence_level)} confidence intervals (log-log); ticks "
        "mark censored patients."
    )
    if any(row.method == RISK_TABLE for row in rows.of(name)):
        caption += (
            " Below the axis, patients still at risk and the cumulative numbers censored, with an event, and with a "
            "competing event first."
        )
    svg = incidence_figure(protocol, rows, name, f"figure-{name}-incidence-svg")
    title = labels.analysis(name)
    if not title.lower().startswith("cumulative incidence"):
        title = f"Cumulative Incidence, {title}"
    return _figure(f"{name}-incidence", title, caption, svg)


def _diagnostics(protocol: Protocol, rows: Rows, name: str, labels: Labels) -> list[Figure | Table]:
    """How proportional hazards look."""
    svg = log_log_figure(protocol, rows, name, f"figure-{name}-log-log-svg")
    caption = (
        "S is the Kaplan–Meier estimate. With proportional hazards the lines keep one vertical distance; where few "
        "patients are left, or few have had an event, they may stray by chance."
    )
    contents = _figure(f"{name}-log-log", f"Log-Log Plot, {labels.analysis(name)}", caption, svg)
    table = proportional_hazards_table(protocol, rows, name)
    contents += [table] if table is not None else []
    caption = (
        "With proportional hazards the residuals scatter about the dashed line, the coefficient of the Cox model (of a "
        "factor with several levels: 1, a factor on their coefficients). The smooth line, a natural spline with a band of "
        "2 standard errors, shows how the coefficient may have changed over time."
    )
    groups = groups_of(protocol.analyses[name])
    for number, group in enumerate(groups, start=1):
        part = f"{name}-schoenfeld{'' if len(groups) == 1 else f'-{number}'}"
        svg = residual_figure(protocol, rows, name, group, f"figure-{part}-svg")
        title = f"Scaled Schoenfeld Residuals, {labels.analysis(name)}"
        title += f", {labels.group(group)}" if len(groups) > 1 else ""
        contents += _figure(part, title, caption, svg)
    return contents


def _count_parts(protocol: Protocol, rows: Rows) -> Iterator[Part]:
    """The planned shares of patients, and the planned tables of counts."""
    yield Part("shares", "Shares of Patients", [*proportion_tables(protocol, rows)])
    tables = [tabulation_table(protocol, rows, name) for name in protocol.tables]
    yield Part("counts", "Numbers of Patients", [table for table in tables if table is not None])


def _abbreviations(labels: Labels) -> str:
    """A sentence about the short labels in a figure; empty without any."""
    return f" {labels.abbreviations()}." if labels.abbreviations() else ""


def _subgroup_part(protocol: Protocol, rows: Rows, name: str) -> Part:
    """A forest plot and its table for each comparison of an analysis."""
    labels = Labels(protocol)
    part = Part(f"subgroups-{name}", labels.analysis(name))
    for comparison in protocol.analyses[name].comparisons:
        table = subgroup_table(protocol, rows, name, comparison)
        if table is None:
            continue
        svg = forest_figure(protocol, rows, name, comparison, f"figure-{table.name}-svg")
        title = f"Hazard Ratios by Subgroup, {labels.analysis(name)}, {labels.group(group_of(comparison))}"
        caption = (
            "The area of a box is proportional to the number of events, that of the diamond is not. "
            "An arrow marks an interval that extends beyond the axis."
            f"{_abbreviations(labels)}"
        )
        part.contents += [*_figure(table.name, title, caption, svg), table]
    return part


def render(
    protocol: Protocol,
    rows: Rows,
    provenance: Provenance,
    parts: list[Part],
    paragraphs: list[tuple[str, str]],
) -> str:
    """The page as HTML: no script, no font and no image from elsewhere."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("equipoise.report", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["breakable"] = breakable
    loader = environment.loader
    style = loader.get_source(environment, "report.css")[0] if loader is not None else ""
    items = _items(parts)
    tables = [item.name for item in items if isinstance(item, Table)]
    figures = [item.name for item in items if isinstance(item, Figure)]
    anchors = {f"table-{name}" for name in tables} | {f"figure-{name}" for name in figures}
    return environment.get_template("report.html.j2").render(
        protocol=protocol, provenance=provenance, parts=parts, paragraphs=paragraphs,
        not_run=not_run(protocol), headlines=headlines(protocol, rows, anchors), synopsis=synopsis(protocol),
        table_numbers={name: index + 1 for index, name in enumerate(tables)},
        figure_numbers={name: index + 1 for index, name in enumerate(figures)},
        style=Markup(style), svg=lambda figure: Markup(figure.svg),
        is_figure=lambda item: isinstance(item, Figure), count=count,
    )  # fmt: skip


def breakable(text: str) -> Markup:
    """Text whose very long words may break: a table keeps its columns and a copy keeps its words.

    >>> breakable("a & " + "b" * 25)
    Markup('a &amp; bbbbbbbbbbbb<wbr>bbbbbbbbbbbb<wbr>b')
    """
    from markupsafe import Markup, escape

    words = []
    for word in text.split(" "):
        pieces = [word[start : start + 12] for start in range(0, len(word), 12)] if len(word) > 20 else [word]
        words.append(Markup("<wbr>").join(escape(piece) for piece in pieces))
    return Markup(" ").join(words)
