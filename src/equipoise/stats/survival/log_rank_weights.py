"""How much an event counts at its time: the weights of the weighted log-rank tests, within strata."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from equipoise.stats.observations import (
    FloatArray,
    checked_choice,
    checked_number,
    refused,
)
from equipoise.stats.survival.log_rank_tables import EventTables

Weight = Literal[
    "log-rank", "gehan", "tarone-ware", "fleming-harrington", "peto-prentice", "modified-peto-prentice",
    "modestly-weighted",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """A checked choice of weights: its kind and the parameters that this kind has."""

    kind: Weight
    rho: float = math.nan
    gamma: float = math.nan
    until: float = math.nan
    smallest_survival: float = math.nan

    @property
    def words(self) -> str:
        """The kind with its parameters."""
        if self.kind == "fleming-harrington":
            return f"Fleming-Harrington rho {self.rho:g}, gamma {self.gamma:g}"
        if self.kind == "modestly-weighted":
            late = (
                f"until {self.until:g}"
                if math.isnan(self.smallest_survival)
                else f"S* {self.smallest_survival:g}"
            )
            return f"modestly weighted {late}"
        return {"gehan": "Gehan", "tarone-ware": "Tarone-Ware", "peto-prentice": "Peto-Prentice",
                "modified-peto-prentice": "modified Peto-Prentice"}.get(self.kind, "log-rank")  # fmt: skip


def checked_weighting(
    weight: Weight,
    *,
    rho: float | None = None,
    gamma: float | None = None,
    until: float | None = None,
    smallest_survival: float | None = None,
) -> Weighting:
    """The choice of weights, refused where it can mean two things or a parameter belongs to another kind.

    >>> checked_weighting("fleming-harrington", rho=0, gamma=1).words
    'Fleming-Harrington rho 0, gamma 1'
    """
    checked_choice(
        weight,
        _WEIGHTS,
        argument="weight",
        remedy="R's rho = 1 (Peto & Peto) is fleming-harrington with rho=1, gamma=0; PETO of SAS, peto of "
        "Stata and lifelines is peto-prentice; Wilcoxon and Breslow are gehan",
    )
    given = {"rho": rho, "gamma": gamma, "until": until, "smallest_survival": smallest_survival}
    own = {"fleming-harrington": ("rho", "gamma"), "modestly-weighted": ("until", "smallest_survival")}
    for name, value in given.items():
        if value is None:
            continue
        if name not in own.get(weight, ()):
            raise refused(
                name, value, f"nothing with weight {weight!r}", "leave it out, or choose its weight"
            )
        if name == "smallest_survival":
            expected = "a share above 0, at most 1"
            number = checked_number(
                value, argument=name, expected=expected, remedy="write 50% as 0.5", above=0
            )
            if number > 1:
                raise refused(name, value, expected, "write 50% as 0.5")
        else:
            checked_number(
                value, argument=name, expected="a finite number of at least 0", remedy="correct it", least=0
            )
    if weight == "fleming-harrington" and (rho is None or gamma is None):
        raise refused("rho, gamma", f"{rho}, {gamma}", "both exponents of S(t-)**rho * (1 - S(t-))**gamma",
                      "rho=1, gamma=0 for early and rho=0, gamma=1 for late differences")  # fmt: skip
    if weight == "modestly-weighted" and (until is None) == (smallest_survival is None):
        raise refused("until, smallest_survival", f"{until}, {smallest_survival}", "one of the two",
                      "weights grow until that time, or until survival has fallen to that share")  # fmt: skip
    numbers = {name: float(value) for name, value in given.items() if value is not None}
    return Weighting(kind=weight, **numbers)


def weights(tables: EventTables, weighting: Weighting) -> FloatArray:
    """The weight of every table. Shape (t,).

    >>> from equipoise.stats.survival.log_rank_tables import event_tables, followed
    >>> seen = followed(None, [1, 2], [1, 1], ["A", "B"], ("A", "B"), None, None)
    >>> weights(event_tables(seen), checked_weighting("gehan")).tolist()
    [2.0, 1.0]
    """
    return _WEIGHTS[weighting.kind](tables, weighting)


def _running_product(tables: EventTables, factor: FloatArray) -> FloatArray:
    """The product of the factors up to and including each time, within strata."""
    product = np.empty_like(factor)
    starts = np.flatnonzero(np.diff(tables.stratum, prepend=-1))
    for start, end in pairwise([*starts.tolist(), factor.size]):
        np.cumprod(factor[start:end], out=product[start:end])
    return product


def _survival(tables: EventTables) -> tuple[FloatArray, FloatArray]:
    """The pooled Kaplan–Meier curve of the stratum just before each event time, and at it."""
    at_risk = tables.at_risk.sum(axis=1)
    at = _running_product(tables, (at_risk - tables.deaths.sum(axis=1)) / at_risk)
    new = np.diff(tables.stratum, prepend=-1) != 0
    return np.where(new, 1.0, np.concatenate(([1.0], at))[:-1]), at


def _log_rank(tables: EventTables, _: Weighting) -> FloatArray:
    return np.ones(tables.time.size)


def _gehan(tables: EventTables, _: Weighting) -> FloatArray:
    at_risk: FloatArray = tables.at_risk.sum(axis=1)
    return at_risk


def _tarone_ware(tables: EventTables, _: Weighting) -> FloatArray:
    root: FloatArray = np.sqrt(tables.at_risk.sum(axis=1))
    return root


def _fleming_harrington(tables: EventTables, weighting: Weighting) -> FloatArray:
    before, _ = _survival(tables)
    product: FloatArray = before**weighting.rho * (1 - before) ** weighting.gamma
    return product


def _peto_prentice(tables: EventTables, _: Weighting) -> FloatArray:
    return _running_product(tables, 1 - tables.deaths.sum(axis=1) / (tables.at_risk.sum(axis=1) + 1))


def _modified_peto_prentice(tables: EventTables, weighting: Weighting) -> FloatArray:
    at_risk = tables.at_risk.sum(axis=1)
    product: FloatArray = _peto_prentice(tables, weighting) * at_risk / (at_risk + 1)
    return product


def _modest(tables: EventTables, weighting: Weighting) -> FloatArray:
    before, at = _survival(tables)
    least = np.full(tables.time.size, weighting.smallest_survival)
    if not math.isnan(weighting.until):
        for stratum in np.unique(tables.stratum):
            here = tables.stratum == stratum
            early = at[here][tables.time[here] <= weighting.until]
            least[here] = early[-1] if early.size else 1.0
    denominator = np.maximum(before, least)
    if not denominator.all():  # only where subjects enter after everyone before them has died
        raise refused("until", weighting.until, "a time before the curve of a stratum reaches 0",
                      "choose an earlier time, or pass smallest_survival")  # fmt: skip
    product: FloatArray = 1 / denominator
    return product


_WEIGHTS: dict[str, Callable[[EventTables, Weighting], FloatArray]] = {
    "log-rank": _log_rank,
    "gehan": _gehan,
    "tarone-ware": _tarone_ware,
    "fleming-harrington": _fleming_harrington,
    "peto-prentice": _peto_prentice,
    "modified-peto-prentice": _modified_peto_prentice,
    "modestly-weighted": _modest,
}
