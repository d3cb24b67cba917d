"""Ordered classes with unknown values."""

from __future__ import annotations

import polars as pl

from equipoise.protocol.classification import first_that_holds
from equipoise.protocol.rules import compile_rule


def test_a_class_applies_only_where_every_class_before_it_is_known_to_be_false() -> None:
    frame = pl.DataFrame({"x": [None, 1, 9], "y": [True, True, None]})
    known = {"x": pl.Int64(), "y": pl.Boolean()}
    rules = {
        code: compile_rule(text, known)
        for code, text in (("first", "x > 5"), ("second", "y"), ("third", "true"))
    }

    assert frame.select(first_that_holds(rules)).to_series().to_list() == [None, "second", "first"]
