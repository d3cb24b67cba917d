"""The public names of the statistics: loaded when used, typed by a stub, listed in a page; neither can go stale.

After a change:  python tests/stats/test_public_names.py
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from equipoise import stats

ROOT = Path(__file__).parents[2]
STUB = ROOT / "src/equipoise/stats/__init__.pyi"
PAGE = ROOT / "docs/statistics-reference.md"
ROOMS = {
    "survival": "Survival: curves, what is read off them, tests",
    "regression": "Regression: Cox, logistic, selection",
    "competing": "Competing risks and several states",
    "parametric": "Cure and piecewise exponential models",
    "categorical": "Tables and proportions",
    "continuous": "One variable, t and rank tests",
    "numerics": "Probabilities",
}


def stub() -> str:
    """What type checkers read."""
    lines = ['"""Written by tests/stats/test_public_names.py: the types of the public names."""', ""]
    lines += [
        f"from equipoise.stats.{home} import {name} as {name}"
        for name, home in sorted(stats.HOME.items(), key=lambda one: (one[1], one[0]))
    ]
    return "\n".join([*lines, "", "HOME: dict[str, str]", ""])


def page() -> str:
    """The list of functions: what each does, its call, and where it comes from."""
    parts = [
        "# The statistics, function by function", "",
        "Written from the functions themselves by `tests/stats/test_public_names.py`. How to use them: "
        "[statistics.md](statistics.md). Their evidence: [validation.md](validation.md).", "",
    ]  # fmt: skip
    for room, heading in ROOMS.items():
        names = [name for name, home in sorted(stats.HOME.items()) if home.split(".")[0] == room]
        if names:
            parts += [f"## {heading}", ""]
            for name in names:
                parts += _entry(name)
    return "\n".join(parts)


def _entry(name: str) -> list[str]:
    function = getattr(stats, name)
    text = inspect.getdoc(function) or ""
    prose = text.split(">>>")[0].strip()
    first, _, rest = prose.partition("\n\n")
    source = re.search(r"Source: (.*)", rest.replace("\n", " "))
    parameters = [
        str(one) if one.default is inspect.Parameter.empty else f"{one.name}={one.default!r}"
        for one in (one.replace(annotation=inspect.Parameter.empty) for one in inspect.signature(function).parameters.values())
    ]  # fmt: skip
    starred = [
        i
        for i, one in enumerate(inspect.signature(function).parameters.values())
        if one.kind is one.KEYWORD_ONLY
    ]
    if starred:
        parameters.insert(starred[0], "*")
    said = [
        f"### `{name}`",
        "",
        " ".join(first.split()),
        "",
        "```python",
        f"{name}({', '.join(parameters)})",
        "```",
        "",
    ]
    return [*said, *([f"Source: {source[1].strip()}", ""] if source else [])]


def test_every_public_name_is_found_and_documented() -> None:
    for name in stats.HOME:
        function = getattr(stats, name)
        assert function.__name__ == name
        assert ">>>" in (inspect.getdoc(function) or ""), f"{name} has no example"
        assert "Source:" in (inspect.getdoc(function) or ""), f"{name} does not say where it comes from"


def test_every_room_has_a_heading() -> None:
    assert {home.split(".")[0] for home in stats.HOME.values()} <= set(ROOMS)


def test_the_stub_is_that_of_the_names() -> None:
    assert STUB.read_text() == stub()


def test_the_page_is_that_of_the_functions() -> None:
    assert PAGE.read_text() == page()


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such"):
        stats.no_such  # noqa: B018


def test_a_small_analysis_loads_neither_scipy_nor_numba_nor_frames() -> None:
    code = (
        "from equipoise.stats import kaplan_meier, log_rank, cox\n"
        "import sys\n"
        "t, e, g = list(range(1, 209)), [1, 0] * 104, [0, 1, 1, 0] * 52\n"
        "kaplan_meier(t, e); log_rank(t, e, g, groups=(0, 1)); cox(t, e, g, names=['arm'])\n"
        "print(sorted(set(sys.modules) & {'scipy', 'numba', 'pandas', 'polars', 'llvmlite'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


if __name__ == "__main__":
    STUB.write_text(stub())
    PAGE.write_text(page())
