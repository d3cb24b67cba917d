"""Figures: what they draw, read from their SVG; how they look is checked in a browser."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.analysis.results import Result, Results
from equipoise.drawing.lettering import spread, width, wrap
from equipoise.drawing.pens import CONTROL, PENS
from equipoise.report.figures.flow import flow_figure
from equipoise.report.figures.forest import forest_figure
from equipoise.report.figures.kaplan_meier import kaplan_meier_figure
from equipoise.report.rows import Rows
from equipoise.report.tables.subgroups import subgroup_entries
from report import sample

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str | None) -> ElementTree.Element:
    assert svg is not None
    return ElementTree.fromstring(svg)


def texts(svg: str | None) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def kinds(svg: str | None, kind: str) -> list[ElementTree.Element]:
    return [element for element in parsed(svg).iter() if element.get("data-kind") == kind]


def all_figures(protocol: Any, results: Results) -> list[str | None]:
    rows = Rows(results)
    return [
        kaplan_meier_figure(protocol, rows, "os", "a"), flow_figure(protocol, rows, "b"),
        forest_figure(protocol, rows, "os", protocol.analyses["os"].comparisons[0], "c"),
    ]  # fmt: skip


def test_every_figure_has_a_title_a_description_and_a_role() -> None:
    for svg in all_figures(sample.protocol(), sample.results()):
        root = parsed(svg)
        labels = (root.get("aria-labelledby") or "").split()
        found = {
            element.get("id"): element.text
            for element in root
            if element.tag in (f"{SVG}title", f"{SVG}desc")
        }

        assert root.get("role") == "img"
        assert set(labels) == set(found)
        assert all(found.values())


@pytest.mark.parametrize("arms", [2, 3, 4])
def test_hostile_labels_stay_text(arms: int) -> None:
    for svg in all_figures(*sample.hostile(arms)):
        root = parsed(svg)

        assert not [element for element in root.iter() if element.tag.endswith("script")]
        assert any("<script>" in text for text in texts(svg))


def test_the_probability_axis_runs_from_zero_to_one() -> None:
    found = texts(kaplan_meier_figure(sample.protocol(), Rows(sample.results()), "os", "a"))

    assert {"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"} <= set(found)
    assert {str(year) for year in range(9)} <= set(found)
    assert "Years since randomization" in found


def test_a_curve_ends_at_the_last_follow_up_of_its_arm() -> None:
    def row(statistic: str, arm: str, at: float, value: float) -> Result:
        return Result(analysis="os", population="itt", group=arm, variable="os", statistic=statistic, at=at,
                      method="curve log-log", value=value)  # fmt: skip

    rows = [row("survival", "obs", at, value) for at, value in ((100, 0.8), (365.25, 0.5))]
    rows += [row("survival", "lev", at, value) for at, value in ((300, 0.9), (4000, 0.4))]
    curves = kinds(kaplan_meier_figure(sample.protocol(), Rows(Results.of(rows)), "os", "a"), "curve")
    ends = [float((re.findall(r"H([\d.]+)", curve.get("d") or ""))[-1]) for curve in curves]
    starts = [float(re.findall(r"M([\d.]+)", curve.get("d") or "")[0]) for curve in curves]

    plot = ends[1] - starts[1]  # the second arm was followed beyond the axis, which ends at 8 years
    assert ends[0] - starts[0] == pytest.approx(plot / 8, abs=0.02)
    assert (curves[1].get("d") or "").count("V") == 1  # what happened beyond the axis is not drawn at its end


def curve_rows(arm: str, steps: list[tuple[float, float]]) -> list[Result]:
    return [
        Result(analysis="os", population="itt", group=arm, variable="os", statistic="survival", at=at,
               method="curve log-log", value=value) for at, value in steps
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("curves", "place"),
    [
        ({"obs": [(100, 0.9), (2900, 0.8)]}, "below"),
        ({"obs": [(10, 0.3), (400, 0.05), (2900, 0.02)]}, "beside"),
        ({"obs": [(10, 0.3), (400, 0.05), (2900, 0.02)], "lev": [(100, 0.95), (2900, 0.9)],
          "lev5fu": [(100, 0.6), (2900, 0.5)]}, "above"),
    ],
)  # fmt: skip
def test_statistics_stand_where_no_curve_passes(
    curves: dict[str, list[tuple[float, float]]], place: str
) -> None:
    ratios = [row for row in sample.results() if row.statistic in ("hazard_ratio", "lower", "upper")]
    rows = [*ratios, *(row for arm, steps in curves.items() for row in curve_rows(arm, steps))]
    root = parsed(kaplan_meier_figure(sample.protocol(), Rows(Results.of(rows)), "os", "a"))
    found = {element.text: float(element.get("y") or 0) for element in root.iter(f"{SVG}text")}
    note = next(y for text, y in found.items() if (text or "").startswith("Levamisole vs"))
    top, bottom = found["1.0"], found["0.0"]

    expected = {
        "below": note > (top + bottom) / 2,
        "beside": top < note < (top + bottom) / 2,
        "above": note < top,
    }
    assert expected[place]


def test_an_event_at_time_zero_drops_the_curve_there() -> None:
    row = Result(analysis="os", population="itt", group="obs", variable="os", statistic="survival", at=0.0,
                 method="curve log-log", value=0.75)  # fmt: skip
    later = Result(analysis="os", population="itt", group="obs", variable="os", statistic="survival", at=900.0,
                   method="curve log-log", value=0.5)  # fmt: skip
    svg = kaplan_meier_figure(sample.protocol(), Rows(Results.of([row, later])), "os", "a")
    data = kinds(svg, "curve")[0].get("d") or ""

    assert re.match(r"M92 16H92V98\.5", data)  # a quarter of the plot's 330 below its top, at its left edge


def test_curves_without_an_event_stay_at_one_and_have_no_band() -> None:
    row = Result(analysis="os", population="itt", group="obs", variable="os", statistic="survival", at=700.0,
                 method="curve log-log", value=1.0)  # fmt: skip
    svg = kaplan_meier_figure(sample.protocol(), Rows(Results.of([row])), "os", "a")

    assert len(kinds(svg, "curve")) == 1
    assert kinds(svg, "band") == []


def test_arms_differ_in_color_and_in_dash() -> None:
    pens = [CONTROL, *PENS]

    assert len({pen.dash for pen in pens}) == len(pens)
    assert len({pen.line for pen in pens}) == len(pens)
    for pen in pens:
        assert contrast_with_white(pen.ink) >= 4.5


def contrast_with_white(color: str) -> float:
    """WCAG 2.2 contrast ratio; https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    parts = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_the_area_of_a_box_grows_with_events_and_far_intervals_end_in_arrows() -> None:
    protocol = sample.protocol()
    rows = Rows(sample.results())
    svg = forest_figure(protocol, rows, "os", protocol.analyses["os"].comparisons[0], "c")
    sides = [float(box.get("width") or 0) for box in kinds(svg, "box")]
    events = [
        sum(rows.value("os", "events", group=arm, variable="os", subset=f"nodes={code}") or 0 for arm in ("obs", "lev5fu"))
        for code in ("few", "many")
    ]  # fmt: skip

    assert sides[-2] ** 2 / sides[-1] ** 2 == pytest.approx(events[0] / events[1], rel=0.01)
    assert kinds(svg, "clipped")
    assert len(kinds(svg, "diamond")) == 1


def test_a_subgroup_without_an_estimate_has_no_box() -> None:
    protocol, results = sample.hostile(4)
    svg = forest_figure(protocol, Rows(results), "os", protocol.analyses["os"].comparisons[1], "c")

    entries = subgroup_entries(protocol, Rows(results), "os", protocol.analyses["os"].comparisons[1])
    given = [one for one in entries if one.kind == "level" and one.hazard_ratio is not None]

    assert "NE" in texts(svg)
    assert len(kinds(svg, "box")) == len(given) < len([one for one in entries if one.kind == "level"])


def test_flow_draws_only_what_the_record_holds() -> None:
    protocol = sample.protocol()
    only = Results.of(
        row for row in sample.results() if row.variable in ("randomized", "allocated", "analyzed")
    )
    found = texts(flow_figure(protocol, Rows(only), "b"))

    assert "Treatment" not in found and "Follow-up" not in found
    assert not any("registered" in text for text in found)
    assert any("underwent randomization" in text for text in found)


def test_flow_shows_each_reason_with_its_number() -> None:
    found = " ".join(texts(flow_figure(sample.protocol(), Rows(sample.results()), "b")))

    for text in (
        "71 did not meet the eligibility criteria",
        "33 declined to take part",
        "3 withdrew consent",
    ):
        assert text in found


def test_no_rows_make_no_figures() -> None:
    assert all_figures(sample.protocol(), Results.of([])) == [None, None, None]


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(8, 40)), min_size=1, max_size=6),
)
def test_labels_never_overlap_and_stay_inside(labels: list[tuple[float, float]]) -> None:
    centers, heights = [center for center, _ in labels], [height for _, height in labels]
    placed = spread(centers, heights, 0.0, 300.0)
    boxes = sorted(
        (center - height / 2, center + height / 2) for center, height in zip(placed, heights, strict=True)
    )

    assert all(low >= above - 1e-6 for (_, above), (low, _) in itertools.pairwise(boxes))
    assert boxes[0][0] >= -1e-6 and boxes[-1][1] <= 300 + 1e-6


@given(st.text(max_size=80), st.floats(40, 300))
def test_wrapped_lines_fit_and_lose_nothing(text: str, limit: float) -> None:
    lines = wrap(text, limit, 12)

    assert all(width(line, 12) <= limit for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
