"""Every reference value that is shipped with the package, one test a case."""

from __future__ import annotations

import pytest

from equipoise.validation.evidence import Case, cases, examine


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.area}: {case.id}") for case in cases()])
def test_reference_value(case: Case) -> None:
    wrong = [
        f"{found.name}: ours {found.found}, theirs {found.expected}, apart {found.difference:.2g} {found.error}"
        for found in examine(case)
        if not found.agrees
    ]
    assert not wrong, f"{case.source.words}: " + "; ".join(wrong)
