"""What formulas are made of: constants of a solver, values that may be unknown, and its calendar."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from equipoise.protocol.proofs.calendar import Calendar


def solver_library() -> Any:
    """z3, which takes a while to load and which only proofs need."""
    import z3  # type: ignore[import-untyped]

    return z3


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a kind (``null`` if it is always unknown): whether it is known, and what it is then."""

    kind: str
    known: Any
    value: Any


class Terms:
    """The constants of one solver, its number for each text, and its calendar."""

    def __init__(self) -> None:
        self.z3 = solver_library()
        self.context = self.z3.Context()  # of its own: two threads may prove at the same time
        self.true, self.false = (self.z3.BoolVal(one, self.context) for one in (True, False))
        self.texts: dict[str, int] = {}
        self.calendar = Calendar(self.z3, self.context)

    def number(self, exact: Fraction) -> Any:
        """A number, exactly."""
        return self.z3.RealVal(f"{exact.numerator}/{exact.denominator}", self.context)

    def whole(self, number: int) -> Any:
        """A whole number: a day, or the number that stands for a text."""
        return self.z3.IntVal(number, self.context)

    def text(self, text: str) -> int:
        """The number that stands for a text; any number that stands for none is some other text."""
        return self.texts.setdefault(text, len(self.texts))

    def code(self, text: str) -> Any:
        """The constant that stands for a text."""
        return self.whole(self.text(text))

    def default(self, kind: str) -> Any:
        """Some value of the kind, where none is known."""
        if kind == "truth":
            return self.false
        return self.number(Fraction(0)) if kind == "number" else self.whole(1)


def exact(number: float | str) -> Fraction:
    """A number as it is written: 0.1 is a tenth. Where it is too small to write out, as it is evaluated."""
    rounded = float(number)
    written = number if isinstance(number, str) else repr(rounded)
    return Fraction(written) if abs(rounded) > 1e-300 else Fraction(rounded)
