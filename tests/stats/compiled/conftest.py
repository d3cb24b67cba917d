"""The kernels compiled once more with every index checked: what reads past an array must fail, not return a number."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import numba
import pytest

ROOM = "equipoise.stats.compiled"
MODULES = ("sorting", "near_ties", "counts", "log_rank", "labels")


@pytest.fixture(scope="session")
def bounds_checked():
    """The modules of the kernels as attributes, compiled with ``boundscheck`` and without a cache."""
    usual = numba.njit

    def checked(**options):
        return usual(**{**options, "boundscheck": True, "cache": False})

    names = [f"{ROOM}.{module}" for module in MODULES]
    package = importlib.import_module(ROOM)
    shelved = {name: sys.modules.pop(name, None) for name in names}
    attributes = {module: getattr(package, module, None) for module in MODULES}
    numba.njit = checked
    try:
        return SimpleNamespace(**{m: importlib.import_module(n) for m, n in zip(MODULES, names, strict=True)})
    finally:
        numba.njit = usual
        for name, module in shelved.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
        for name, module in attributes.items():
            if module is not None:
                setattr(package, name, module)
