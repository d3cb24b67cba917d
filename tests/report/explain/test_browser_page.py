"""The explained protocol as a browser shows it. Set EQUIPOISE_WITHOUT_BROWSER=1 where there is no Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.report.explain.writing import write_explained
from equipoise.trial.opening import PROTOCOL, shipped_trials
from report.explain.everything import EVERYTHING

LONG = (
    "deoxyribonucleosidetriphosphohydrolaseinhibitorcombinationtherapyscheduleofthetrial"  # no place to break
)


@pytest.fixture(scope="module", params=["everything", "long words", "aall1331"])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "aall1331":
        protocol = load_protocol(shipped_trials()["aall1331"] / PROTOCOL)
    else:
        word = LONG if request.param == "long words" else "Residual disease"
        protocol = parse_protocol(EVERYTHING.replace("Residual disease", word))
    folder = tmp_path_factory.mktemp("explain") / "out"
    return write_explained(protocol, folder, version="0", pdf=False).page


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_the_page_never_scrolls_sideways(browser: Any, page_file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_file.as_uri())

    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    page.close()


def test_no_cell_is_wider_than_its_column(browser: Any, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_file.as_uri())

    wide = page.evaluate(
        "[...document.querySelectorAll('table.grid td, table.grid th, table.facts td, table.facts th')]"
        ".filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"
    )

    assert wide == []
    page.close()


def test_the_page_requests_only_itself_and_reports_no_error(browser: Any, page_file: Path) -> None:
    page = browser.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto(page_file.as_uri(), wait_until="load")

    assert requests == [page_file.as_uri()]
    assert messages == []
    page.close()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_protocol(browser: Any, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()
