from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import equipoise.stats

MODULES = [
    importlib.import_module(f"equipoise.stats.{found.name}")
    for found in pkgutil.iter_modules(equipoise.stats.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_in_docstrings_are_true(module):
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)

    assert found.failed == 0


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_function_has_an_example(module):
    public = [
        thing
        for name, thing in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and thing.__module__ == module.__name__
    ]

    assert [thing.__name__ for thing in public if ">>>" not in (thing.__doc__ or "")] == []
