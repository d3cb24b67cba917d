"""The command line: one command a question. Everything heavy is imported inside the commands."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from equipoise.cli.app import run

    run()
