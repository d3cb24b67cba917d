"""The browser that tests of pages look with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if os.environ.get("EQUIPOISE_WITHOUT_BROWSER") == "1":
        pytest.skip("EQUIPOISE_WITHOUT_BROWSER=1")
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail(f"no browser: none of {', '.join(names)} is on PATH; install Chromium or set "
                    "EQUIPOISE_WITHOUT_BROWSER=1")  # fmt: skip
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )  # fmt: skip
        yield started
        started.close()
