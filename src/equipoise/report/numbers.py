"""The only rounding: numbers become text here, once, half away from zero, in a journal's manner.

Rounding starts from the shortest decimal that names the unrounded value, so 0.285 is a tie and goes to
0.29; Python's own formatting would print 0.28 because the nearest binary number lies just below.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import floor, isfinite, log10
from typing import Literal

from equipoise.dates import DAYS_IN, Unit
from equipoise.errors import DataError

Style = Literal["jama", "nejm"]

NOT_REACHED = "NR"
NOT_ESTIMABLE = "NE"
NOT_APPLICABLE = "—"
ABBREVIATIONS = {
    "HR": "HR, hazard ratio",
    "CI": "CI, confidence interval",
    "IQR": "IQR, interquartile range",
    "SD": "SD, standard deviation",
    NOT_ESTIMABLE: "NE, not estimable",
    NOT_REACHED: "NR, not reached",
}

_THRESHOLD = Decimal("0.05")  # the side of it on which a P value lies must survive rounding


def fixed(value: float, decimals: int) -> str:
    """Round half away from zero to a fixed number of decimals; negative numbers get a true minus sign.

    >>> fixed(0.285, 2), fixed(2.5, 0), fixed(-0.125, 2), fixed(-0.001, 2)
    ('0.29', '3', '−0.13', '0.00')
    """
    if not isfinite(value):
        raise DataError(f"cannot print {value!r}; expected a finite number")
    text = format(_quantized(Decimal(repr(float(value))), decimals), "f")
    if not text.strip("-0."):
        return text.lstrip("-")
    return text.replace("-", "−")


def _quantized(value: Decimal, decimals: int) -> Decimal:
    """Quantize in a context wide enough for every float, the largest included."""
    with localcontext() as context:
        context.prec = 400
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def count(value: float) -> str:
    """A whole number, with commas from 10 000 on.

    >>> count(1234), count(12345.0)
    ('1234', '12,345')
    """
    number = int(Decimal(fixed(value, 0).replace("−", "-")))
    return f"{number:,}" if abs(number) >= 10_000 else str(number)


def percent_decimals(denominator: float) -> int:
    """None below 100 patients, else one: a decimal that one patient cannot move says nothing."""
    return 1 if denominator >= 100 else 0


def percent(n: float, denominator: float, decimals: int | None = None) -> str:
    """A percentage without its sign, from the counts themselves, so that ties are true ties.

    >>> percent(1, 8), percent(1, 160), percent(3, 0)
    ('13', '0.6', '—')
    """
    if denominator <= 0:
        return NOT_APPLICABLE
    places = percent_decimals(denominator) if decimals is None else decimals
    # Exact, because 100 * 7 / 160 in binary need not be the tie that it is.
    scaled = Fraction(str(n)) * 100 * 10**places / Fraction(str(denominator))
    return fixed(floor(scaled + Fraction(1, 2)) / 10**places, places)


def n_percent(n: float, denominator: float, decimals: int | None = None) -> str:
    """A count and its percentage.

    >>> n_percent(121, 304), n_percent(0, 304)
    ('121 (39.8)', '0')
    """
    if n == 0 and denominator > 0:
        return "0"
    return f"{count(n)} ({percent(n, denominator, decimals)})"


def p_value(p: float, style: Style) -> str:
    """A P value without the letter: two digits, three below .01, more where rounding would cross .05.

    >>> [p_value(p, "jama") for p in (0.0004, 0.0042, 0.0342, 0.0496, 0.354, 1.0)]
    ['<.001', '.004', '.03', '.0496', '.35', '>.99']
    >>> [p_value(p, "nejm") for p in (0.0004, 0.0042, 0.0342, 0.045, 0.354, 0.992)]
    ['<0.001', '0.004', '0.03', '0.045', '0.35', '>0.99']
    """
    if not 0 <= p <= 1:
        raise DataError(f"cannot print P={p!r}; expected a probability")
    exact = Decimal(repr(float(p)))
    if exact < Decimal("0.001"):
        text = "<0.001"
    elif exact > Decimal("0.99"):
        text = ">0.99"
    else:
        digits = 2 if exact >= Decimal("0.01") else 3
        while not _same_side(exact, _quantized(exact, digits)):
            digits += 1
        text = format(_quantized(exact, digits), "f")
    return text.replace("0.", ".", 1) if style == "jama" else text


def _same_side(exact: Decimal, rounded: Decimal) -> bool:
    """Whether rounding kept a P value on its side of .05 (and off it, unless it lies on it)."""
    return exact.compare(_THRESHOLD) == rounded.compare(_THRESHOLD)


def p_text(p: float, style: Style) -> str:
    """A P value with its letter, as it stands in a sentence.

    >>> p_text(0.00002, "jama"), p_text(0.21, "nejm")
    ('P<.001', 'P=0.21')
    """
    text = p_value(p, style)
    return f"P{text}" if text[0] in "<>" else f"P={text}"


def bounds(lower: float | None, upper: float | None, decimals: int, style: Style) -> str:
    """The limits of an interval: a dash as the journal sets it, ``to`` beside a minus sign.

    >>> bounds(0.47, 0.76, 2, "nejm"), bounds(0.47, 0.76, 2, "jama"), bounds(-0.1, None, 1, "nejm")
    ('0.47–0.76', '0.47-0.76', '−0.1 to NE')
    """
    low = NOT_ESTIMABLE if lower is None else fixed(lower, decimals)
    high = NOT_ESTIMABLE if upper is None else fixed(upper, decimals)
    return ranged(low, high, style)


def ranged(low: str, high: str, style: Style) -> str:
    """Two printed numbers as a range.

    >>> ranged("53", "69", "jama"), ranged("53", "69", "nejm"), ranged("−1", "2", "jama")
    ('53-69', '53–69', '−1 to 2')
    """
    if "−" in low + high:
        return f"{low} to {high}"
    return f"{low}-{high}" if style == "jama" else f"{low}–{high}"


def estimate(
    value: float, lower: float | None, upper: float | None, decimals: int = 2, style: Style = "jama"
) -> str:
    """An estimate and its interval in a table.

    >>> estimate(0.604, 0.468, 0.755, style="nejm")
    '0.60 (0.47–0.76)'
    """
    return f"{fixed(value, decimals)} ({bounds(lower, upper, decimals, style)})"


def interval_text(
    lower: float | None, upper: float | None, decimals: int, level: float, style: Style, unit: str = ""
) -> str:
    """An interval in a sentence: JAMA sets ``95% CI, 0.47-0.76``, NEJM ``95% CI, 0.47 to 0.76``.

    >>> interval_text(0.468, 0.755, 2, 0.95, "jama"), interval_text(58.1, 69.2, 1, 0.9, "nejm", "%")
    ('95% CI, 0.47-0.76', '90% CI, 58.1 to 69.2%')
    """
    limits = bounds(lower, upper, decimals, style)
    if style == "nejm":
        limits = limits.replace("–", " to ")
    return f"{level_text(level)} CI, {limits}{unit}"


def level_text(level: float) -> str:
    """A confidence level.

    >>> level_text(0.95), level_text(0.975)
    ('95%', '97.5%')
    """
    return f"{(Decimal(repr(level)) * 100).normalize():f}%"


def in_unit(days: float, unit: Unit) -> float:
    """Days in the unit of a display; rounding comes after."""
    return days / DAYS_IN[unit]


def duration(days: float, unit: Unit) -> str:
    """A duration, from days to the unit of the display: whole days, else one decimal.

    >>> duration(1826.25, "year"), duration(45, "day")
    ('5.0', '45')
    """
    return fixed(in_unit(days, unit), 0 if unit == "day" else 1)


def plain(value: float) -> str:
    """A planned number, such as the time of an estimate, with no more digits than it needs.

    >>> plain(5.0), plain(2.5), plain(10.0)
    ('5', '2.5', '10')
    """
    return f"{Decimal(fixed(value, 4).replace('−', '-')).normalize():f}".replace("-", "−")


def decimals_for(spread: float) -> int:
    """Decimals that suit a spread: one more digit than the first that varies, from 1 to 4."""
    if not isfinite(spread) or spread <= 0:
        return 1
    return min(4, max(1, 1 - floor(log10(spread))))
