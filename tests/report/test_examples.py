"""The examples in the docstrings of ``equipoise.report`` hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import equipoise.report

MODULES = [
    module.name for module in pkgutil.walk_packages(equipoise.report.__path__, "equipoise.report.") if not module.ispkg
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
