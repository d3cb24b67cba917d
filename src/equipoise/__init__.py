"""equipoise: one protocol file in; a trial that can be analyzed and reported out.

The public names below are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equipoise.analysis.results import Results
    from equipoise.datasets.derivation import derive
    from equipoise.errors import DataError, EquipoiseError, InputError
    from equipoise.log.log import Cutoff, Log, Snapshot
    from equipoise.protocol.definition import Protocol
    from equipoise.protocol.load import load_protocol
    from equipoise.store import read_log, write_log
    from equipoise.trial.trial import Trial, open_trial

__version__ = "0.1.0"

_HOME = {
    "Cutoff": "equipoise.log.log",
    "DataError": "equipoise.errors",
    "EquipoiseError": "equipoise.errors",
    "InputError": "equipoise.errors",
    "Log": "equipoise.log.log",
    "Protocol": "equipoise.protocol.definition",
    "Results": "equipoise.analysis.results",
    "Snapshot": "equipoise.log.log",
    "Trial": "equipoise.trial.trial",
    "derive": "equipoise.datasets.derivation",
    "load_protocol": "equipoise.protocol.load",
    "open_trial": "equipoise.trial.trial",
    "read_log": "equipoise.store",
    "write_log": "equipoise.store",
}

__all__ = [
    "Cutoff",
    "DataError",
    "EquipoiseError",
    "InputError",
    "Log",
    "Protocol",
    "Results",
    "Snapshot",
    "Trial",
    "derive",
    "load_protocol",
    "open_trial",
    "read_log",
    "write_log",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'equipoise' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
