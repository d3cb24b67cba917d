"""The examples in docstrings are true, and every public statistic has one."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import equipoise

MODULES = [
    module.name
    for module in pkgutil.walk_packages(equipoise.__path__, "equipoise.")
    if ".trials" not in module.name and not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS).failed == 0


def test_every_public_statistic_has_an_example() -> None:
    without = [
        f"{path.name}: {node.name}"
        for path in Path(equipoise.__path__[0], "stats").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        and path.stem in ("kaplan_meier", "log_rank", "cox", "follow_up", "descriptive", "distributions")
        and ">>>" not in (ast.get_docstring(node) or "")
    ]  # fmt: skip

    assert not without
