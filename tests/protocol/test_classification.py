"""Ordered classes with unknown values."""

from __future__ import annotations

import polars as pl

from equipoise.protocol.classification import classify
from equipoise.protocol.rules import compile_rule


def test_a_class_applies_only_where_every_class_before_it_is_known_to_be_false() -> None:
    frame = pl.DataFrame({"x": [None, 1, 9], "y": [True, True, None]})
    known = {"x": pl.Int64(), "y": pl.Boolean()}
    rules = {
        code: compile_rule(text, known)
        for code, text in (("first", "x > 5"), ("second", "y"), ("third", "true"))
    }

    assert classify(frame, rules).to_list() == [None, "second", "first"]
