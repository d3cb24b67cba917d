"""Damaged protocol files, with a fixed seed; ``fuzz_protocol.py`` runs as many as one likes."""

from __future__ import annotations

from protocol.fuzz_protocol import main


def test_damaged_protocols_give_problems_for_people_and_nothing_else(capsys):
    counts = main(1000, 1)

    assert (counts["faults"], capsys.readouterr().err) == (0, "")
    assert counts["problems"] > 600
    assert counts["read"] > 50
