"""What ``equipoise explain`` does and prints."""

from __future__ import annotations

from pathlib import Path


def explain_protocol(trial: str, output: Path, *, pdf: bool) -> None:
    """Write a protocol in plain language and print where it stands."""
    from equipoise import __version__
    from equipoise.protocol.load import load_protocol
    from equipoise.report.explain.writing import write_explained
    from equipoise.trial.opening import find_protocol

    protocol = load_protocol(find_protocol(trial))
    written = write_explained(protocol, output, version=__version__, pdf=pdf)
    print(f"{protocol.protocol}: {protocol.title}")
    print(f"\nPage: {written.page}")
    if written.pdf is not None:
        print(f"PDF:  {written.pdf}")
