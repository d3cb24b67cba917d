"""Sections 10.4 to 10.8: the analyses of each role as a table; settings that they share are said once."""

from __future__ import annotations

from equipoise.protocol.definition import Analysis, Comparison, Proportion
from equipoise.report.explain.document import (
    Block,
    Inline,
    Paragraph,
    Strong,
    grid,
    note,
    paragraph,
    words,
)
from equipoise.report.explain.estimates import settings, times_words
from equipoise.report.explain.saying import (
    Saying,
    marked,
    number,
    on_day,
    phrase,
    ranges,
)
from equipoise.report.numbers import level_text


def methods(say: Saying) -> dict[tuple[str, ...], str]:
    """The different settings of all analyses, each with a letter."""
    found = dict.fromkeys(settings(say, one) for one in say.protocol.analyses.values())
    return {lines: _letter(index) for index, lines in enumerate(found)}


def _letter(index: int) -> str:
    """A, B, … Z, AA, AB, ….

    >>> _letter(0), _letter(25), _letter(27)
    ('A', 'Z', 'AB')
    """
    return (_letter(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)


def methods_table(say: Saying) -> tuple[Block, ...]:
    """What is the same in every analysis, then what tells the methods apart."""
    known = methods(say)
    if not known:
        return ()
    every = [line for line in next(iter(known)) if all(line in lines for lines in known)]
    if len(known) == 1:
        (lines,) = known
        return (
            paragraph(Strong("Every time-to-event analysis (method A): "), *marked(f"{'. '.join(lines)}.")),
        )
    rows = [
        (Strong(letter), Paragraph(marked(". ".join(line for line in lines if line not in every) + ".")))
        for lines, letter in known.items()
    ]
    blocks: list[Block] = []
    if every:
        blocks.append(paragraph(Strong("In every time-to-event analysis: "), *marked(f"{'. '.join(every)}.")))
    blocks.append(grid("Methods of the time-to-event analyses", ("Method", "Settings"), rows, (0.3, 4)))
    return tuple(blocks)


def analyses_table(say: Saying, role: str) -> tuple[Block, ...]:
    """The analyses of end points of one role; those that differ in the end point alone share a row."""
    protocol = say.protocol
    letters = methods(say)
    chosen = {
        name: one for name, one in protocol.analyses.items() if protocol.endpoints[one.endpoint].role == role
    }
    if not chosen:
        return ()
    more = {name: _more(say, one) for name, one in chosen.items()}
    shared = [
        line
        for line in next(iter(more.values()))
        if len(chosen) > 1 and all(line in lines for lines in more.values())
    ]
    rows: dict[tuple[str, ...], list[str]] = {}
    for name, one in chosen.items():
        unit = protocol.endpoints[one.endpoint].unit
        left = tuple(line for line in more[name] if line not in shared)
        among_whom = (say.labels.population(one.population), _groups(say, one))
        rows.setdefault((*among_whom, times_words(one, unit), letters[settings(say, one)], *left), []).append(
            name
        )
    made: list[tuple[Inline | Block | tuple[Block, ...], ...]] = []
    sources: list[tuple[str, str | None]] = []
    for index, (about, names) in enumerate(rows.items(), 1):
        population, groups, times, letter, *others = about
        labels = tuple(paragraph(_label(say, name, chosen[name])) for name in names)
        among = (*words(population), *words(groups))
        also = (Paragraph(marked("; ".join(others))),) if others else ()
        made.append((str(index), labels, among, times, letter, also))
        sources += dict.fromkeys((str(index), chosen[name].source) for name in names)
    head = ("No.", "Analysis", "Among whom, between whom", "Estimates at", "Method", "Also")
    table = grid("Time-to-event analyses", head, made, (0.25, 2.0, 1.5, 0.65, 0.55, 1.9))
    return (table, *_all_of_them(shared), *say.sources(sources))


def _all_of_them(shared: list[str]) -> tuple[Block, ...]:
    """What every row of a table has in common."""
    return (Paragraph(("All of these: ", *marked(f"{'; '.join(shared)}.")), "note"),) if shared else ()


def _label(say: Saying, name: str, one: Analysis) -> str:
    """What an analysis is called; its end point too, where the label does not name it."""
    label, end = say.labels.analysis(name), say.protocol.endpoints[one.endpoint].label
    return label if end.lower() in label.lower() else f"{label} (end point: {end})"


def _groups(say: Saying, one: Analysis) -> str:
    if one.comparisons:
        return "; ".join(_versus(say, one.comparisons))
    return f"by {factor(say, one.by)}" if one.by else ""


def _versus(say: Saying, comparisons: tuple[Comparison, ...]) -> list[str]:
    """Comparisons by the short labels of their arms."""
    short = say.labels.short
    return [f"{short(one.experimental)} versus {short(one.control)}" for one in comparisons]


def _more(say: Saying, one: Analysis) -> list[str]:
    unit = say.protocol.endpoints[one.endpoint].unit
    lines = []
    if one.subgroups:
        lines.append(f"Subgroups: {'; '.join(say.labels.factor(name) for name in one.subgroups)}")
    if one.diagnostics:
        lines.append(f"Proportional hazards examined by {' and '.join(one.diagnostics)}")
    if one.threshold is not None:
        limit = one.threshold if isinstance(one.threshold, str) else number(one.threshold)
        lines.append(f"Significant below: {limit}")
    if one.cutoff is not None:
        lines.append(f"Data cutoff: {cutoff(say, one.cutoff)}")
    if one.figure is not None:
        lines.append(
            f"Figure until {number(one.figure.until)} {unit}s, a mark every {number(one.figure.every)}"
        )
    return lines


def factor(say: Saying, name: str) -> str:
    """An item, or the arm."""
    return "arm" if name == "arm" else say.labels.factor(name)


def cutoff(say: Saying, name: str | None) -> str:
    """A data cutoff by its label and day."""
    one = say.protocol.cutoffs.get(name or "")
    return name or "" if one is None else f"{one.label} ({on_day(one.on)})"


def proportions_tables(say: Saying, role: str) -> tuple[Block, ...]:
    """The proportions of one role, those that are analyzed alike in a row."""
    chosen = [one for one in say.protocol.proportions.values() if one.role == role]
    if not chosen:
        return ()
    how = {id(one): _analyzed(say, one) for one in chosen}
    first = how[id(chosen[0])]
    shared = [line for line in first if len(chosen) > 1 and all(line in how[id(one)] for one in chosen)]
    groups: dict[tuple[str, ...], list[Proportion]] = {}
    for one in chosen:
        groups.setdefault(tuple(line for line in how[id(one)] if line not in shared), []).append(one)
    rows: list[tuple[Inline | tuple[Block, ...], ...]] = []
    for left, members in groups.items():
        for index, one in enumerate(members):
            said = Paragraph(marked("; ".join(left))) if index == 0 else paragraph("As above" if left else "")
            rows.append((one.label, say.rule(one.response), (said,) if left else ()))
    title = "Counts" if role == "descriptive" else "Proportions"
    table = grid(
        title, ("What", "Participants for whom", "Among whom, and how analyzed"), rows, (1.2, 1.5, 1.7)
    )
    return (table, *_all_of_them(shared), *say.sources((one.label, one.source) for one in chosen))


def _analyzed(say: Saying, one: Proportion) -> list[str]:
    """Among whom and how a proportion is analyzed, a line each."""
    lines = [
        f"Among: {say.labels.population(one.population)}",
        *_versus(say, one.comparisons),
        *([f"by {factor(say, one.by)}"] if one.by else []),
    ]
    side = (
        ""
        if one.sided is None
        else "one-sided"
        if one.sided == 1
        else "two-sided"
        if one.sided == 2
        else f"sided: {one.sided}"
    )
    for label, value, more in (
        ("Test", one.test, side),
        ("Sided", None if one.test is not None else one.sided, ""),
        ("Interval of the difference", one.difference, ""),
        ("Odds ratio", one.odds_ratio, ""),
    ):
        if value is not None:
            said = phrase(value) if isinstance(value, str) else side
            lines.append(f"{label}: {said}{f', {more}' if more else ''}")
    if one.covariates:
        lines.append(f"Covariates: {'; '.join(say.labels.factor(name) for name in one.covariates)}")
    level = f"{level_text(one.confidence_level)} confidence intervals"
    lines.append(say.given(one, "confidence_level", level, "Proportions"))
    if one.threshold is not None:
        lines.append(
            f"Significant below: {one.threshold if isinstance(one.threshold, str) else number(one.threshold)}"
        )
    if one.cutoff:
        lines.append(f"Data cutoff: {cutoff(say, one.cutoff)}")
    return lines


def tabulations(say: Saying) -> tuple[Block, ...]:
    """The planned tables of counts."""
    plans = list(say.protocol.tables.values())
    if not plans:
        return ()
    rows = []
    cutoffs: dict[str, list[str]] = {}
    for index, one in enumerate(plans, 1):
        columns = say.given(one, "columns", factor(say, one.columns), "Planned tables of counts, columns")
        each = f"; one table for each {factor(say, one.by)}" if one.by else ""
        among = say.labels.population(one.population)
        rows.append((str(index), one.label, among, f"{factor(say, one.rows)} against {columns}{each}"))
        if one.cutoff:
            cutoffs.setdefault(cutoff(say, one.cutoff), []).append(str(index))
    head = ("No.", "Table", "Among whom", "Rows against columns")
    table = grid("Planned tables of counts", head, rows, (0.25, 1.4, 1.4, 1.9))
    dates = "; ".join(f"{label}: {ranges(numbers)}" for label, numbers in cutoffs.items())
    return (
        table,
        *((note("Data cutoffs. ", dates, "."),) if dates else ()),
        *say.sources((str(index), one.source) for index, one in enumerate(plans, 1)),
    )
