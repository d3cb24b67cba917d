"""The report as a browser shows it: nothing overlaps, nothing is cut, nothing is asked of the network.

Set EQUIPOISE_WITHOUT_BROWSER=1 where there is no Chromium; anything else fails rather than skips silently.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from equipoise.report.page import write_report
from report import sample

OVERLAPS = """
() => {
  const bad = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
      .map(t => [t.textContent, t.getBoundingClientRect()]);
    for (const [i, [text, a]] of boxes.entries()) {
      if (a.left < frame.left - 1.5 || a.right > frame.right + 1.5 || a.top < frame.top - 1.5 ||
          a.bottom > frame.bottom + 1.5) bad.push(`${svg.querySelector('title').textContent}: "${text}" is cut`);
      for (const [other, b] of boxes.slice(i + 1)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // A line's box includes room above and below its letters, so neighbors may share a little of it.
        if (wide > 1.5 && high > 4) bad.push(`${svg.querySelector('title').textContent}: "${text}" on "${other}"`);
      }
    }
  }
  return bad;
}
"""
BOXES = """
() => {
  const svg = document.querySelector('#figure-flow svg');
  const rects = [...svg.querySelectorAll('rect')].map(r => r.getBoundingClientRect());
  const bad = [];
  for (const [i, a] of rects.entries()) for (const b of rects.slice(i + 1))
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5) bad.push('boxes overlap');
  const stages = ['Enrollment', 'Allocation', 'Treatment', 'Follow-up', 'Analysis'];
  for (const t of svg.querySelectorAll('text')) {
    const a = t.getBoundingClientRect();
    const inside = rects.some(r => a.left >= r.left && a.right <= r.right + 0.5 && a.top >= r.top - 1 &&
                                   a.bottom <= r.bottom + 1);
    if (!inside && !stages.includes(t.textContent)) bad.push(`outside its box: ${t.textContent}`);
  }
  return bad;
}
"""


@pytest.fixture(scope="module", params=["sample", "hostile"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    protocol, results = (
        (sample.protocol(), sample.results()) if request.param == "sample" else sample.hostile(4)
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("report") / "out"
    return write_report(protocol, results, sample.provenance(), folder, published=sample.published()).page


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_the_page_never_scrolls_sideways(browser: Any, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report.as_uri())

    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    page.close()


def test_text_in_figures_neither_overlaps_nor_is_cut(browser: Any, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())

    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(BOXES) == []
    page.close()


def test_the_page_requests_only_itself_and_reports_no_error(browser: Any, report: Path) -> None:
    page = browser.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.goto(report.as_uri(), wait_until="load")

    assert requests == [report.as_uri()]
    assert messages == []
    page.close()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_results(browser: Any, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_the_page_prints_and_wide_tables_fit_the_paper(browser: Any, report: Path) -> None:
    page = browser.new_page(viewport={"width": 665, "height": 940})  # A4 less its margins, at 96 dots an inch
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    width = page.evaluate("Math.max(...[...document.querySelectorAll('table, svg')].map(e => e.scrollWidth || "
                          "e.getBoundingClientRect().width))")  # fmt: skip

    assert width <= 665
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
