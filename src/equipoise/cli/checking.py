"""What ``equipoise check`` prints of the proofs: what holds for every patient, and who shows that something does not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equipoise.protocol.definition import Protocol
    from equipoise.protocol.reading.document import Document


def print_proofs(protocol: Protocol, document: Document) -> bool:
    """Print every finding; returns whether nothing failed (what the solver could not decide is a warning)."""
    from equipoise.protocol.proofs.prover import prove

    findings = prove(protocol, document)
    failed = [finding for finding in findings if finding.kind == "failed"]
    for finding in findings:
        if finding.kind == "proved":
            print(f"proved: {finding.statement}")
        else:
            print(f"{finding.kind}: {finding.problem()}", file=sys.stderr)
    if not protocol.path:
        print("the protocol has no path: nothing to prove of it")
    proved = sum(finding.kind == "proved" for finding in findings)
    print(f"{proved} of {len(findings)} statements proved")
    return not failed
