"""What the parts of a protocol say of one another: every inconsistency a problem, what is unwise a warning.

One module a subject, each with one function that yields its problems; all are made of the small checks of
:mod:`equipoise.protocol.checks.checker`. What these leave to rules and patients is proved by ``check``.
"""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.errors import Problem
from equipoise.protocol.checks.analyses import check_analyses
from equipoise.protocol.checks.assignment import check_assignment
from equipoise.protocol.checks.checker import Checks
from equipoise.protocol.checks.items import check_items
from equipoise.protocol.checks.monitoring import check_monitoring
from equipoise.protocol.checks.outcomes import check_outcomes
from equipoise.protocol.checks.path import check_path
from equipoise.protocol.checks.treatment import check_treatment
from equipoise.protocol.definition import Protocol
from equipoise.protocol.reading.document import Document

__all__ = ["check"]


def check(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield every inconsistency between the parts: names that are not declared, rules that do not run, and what cannot be combined."""
    checks = Checks.of(protocol, document)
    yield from check_items(checks)  # first, because all that follows may read what is derived
    yield from check_treatment(checks)
    yield from check_assignment(checks)
    yield from check_path(checks)
    yield from check_outcomes(checks)
    yield from check_analyses(checks)
    yield from check_monitoring(checks)
