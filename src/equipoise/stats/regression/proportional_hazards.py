"""Whether hazards are proportional: the score test of each coefficient against a trend over time, and its graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.numerics.distributions import chi_square_sf
from equipoise.stats.observations import FloatArray, IntArray, read_only, refused
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.regression.cox_data import CoxData
from equipoise.stats.regression.cox_model import CoxModel
from equipoise.stats.regression.fitted import Fitted, fitted
from equipoise.stats.regression.natural_spline import natural_spline
from equipoise.stats.regression.residuals import schoenfeld
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture

Transform = Literal["km", "identity", "rank", "log"]
_TIME_WORDS = {"km": "1 − Kaplan–Meier", "identity": "Time", "rank": "Rank of time", "log": "Log of time"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProportionalHazardsTest(StatisticalResult):
    """Tests by term, in the order of ``terms``, and of all at once (``global_test``).

    chi_square, df, p_value_two_sided: (q,).  Of e events, ordered by stratum and time: row (in the data), time,
    transformed (the time on the scale of the test) and scaled, (e, q), the scaled Schoenfeld residuals, whose local
    mean estimates the coefficient at that time (of a term of several columns: the factor on its linear predictor);
    NaN where a covariate does not vary in the stratum.  variance: (q, q), of the smooth.
    """

    terms: tuple[str, ...]
    chi_square: FloatArray
    df: IntArray
    p_value_two_sided: FloatArray
    global_test: ChiSquareTest
    transform: str
    row: IntArray
    time: FloatArray
    transformed: FloatArray
    scaled: FloatArray
    variance: FloatArray
    method: str
    warnings: tuple[str, ...] = ()

    def smooth(self, term: str | None = None, *, points: int = 40, df: int = 4) -> Smooth:
        """A natural spline through the scaled residuals of a term (the first when not named), with limits of 2 se.

        points: places, evenly spread over the transformed times.  df: of the spline, its constant included.
        Raises DataError on another term, or fewer than df + 1 events.  Source: Therneau & Grambsch 2000, 6.2;
        values as R survival 3.5-3, plot.cox.zph.

        >>> from equipoise.stats import cox
        >>> model = cox([1, 2, 3, 4, 5, 6], [1] * 6, [0, 1, 1, 0, 1, 0])
        >>> proportional_hazards_test(model).smooth(points=3).transformed.round(4).tolist()
        [0.0, 0.4167, 0.8333]
        """
        j = self._place(term)
        known = ~np.isnan(self.scaled[:, j])
        at, values = self.transformed[known], self.scaled[known, j]
        if np.unique(at).size < df + 1 or df < 3:
            raise refused("df", df, f"at least 3, and fewer than the {np.unique(at).size} different event times",
                          "ask for fewer, or wait for more events")  # fmt: skip
        places = np.linspace(at.min(), at.max(), points)
        fit, leverage = natural_spline(at, values, places, df)
        reach = 2 * np.sqrt(np.maximum(leverage, 0) * self.variance[j, j])
        return Smooth(term=self.terms[j], transformed=places, value=fit, lower=fit - reach, upper=fit + reach)

    def plot(
        self, term: str | None = None, *, title: str | None = None, y_label: str | None = None
    ) -> Picture:
        """Draw the scaled residuals of a term (the first when not named) against time, with their smooth.

        >>> from equipoise.stats import cox
        >>> model = cox([1, 2, 3, 4, 5, 6], [1] * 6, [0, 1, 1, 0, 1, 0])
        >>> "<svg" in proportional_hazards_test(model).plot().svg
        True
        """
        from equipoise.stats.regression.residual_plot import residual_plot

        j = self._place(term)
        name = self.terms[j]
        known = ~np.isnan(self.scaled[:, j])
        different = np.unique(self.transformed[known]).size
        smooth = self.smooth(name, df=4) if different > 4 else None
        band = None if smooth is None else (smooth.transformed, smooth.value, smooth.lower, smooth.upper)
        p = float(self.p_value_two_sided[j])
        return residual_plot(
            self.transformed[known],
            self.scaled[known, j],
            band,
            title=f"Proportional hazards of {name}" if title is None else title,
            x_label=_TIME_WORDS.get(self.transform, f"{self.transform} of time"),
            y_label=f"Coefficient of {name} over time" if y_label is None else y_label,
            note=f"score test: chi-square {self.chi_square[j]:.3g}, P {p:.3g}",
            description=self.summary(),
        )

    def _place(self, term: str | None) -> int:
        if term is not None and term not in self.terms:
            raise refused("term", repr(term), f"one of {self.terms!r}", "correct the name")
        return 0 if term is None else self.terms.index(term)

    def _title(self) -> str:
        return f"Score test of proportional hazards, time transformed by {self.transform}: {self.method}"

    def _headline(self) -> Iterator[Row]:
        for j, term in enumerate(self.terms):
            for name in ("chi_square", "df", "p_value_two_sided"):
                yield Row(
                    name, float(getattr(self, name)[j]), variable=term, method=f"score, {self.transform}"
                )
        for row in self.global_test.rows():
            yield Row(row.statistic, row.value, variable="GLOBAL", method=f"score, {self.transform}")

    def rows(self) -> Iterator[Row]:
        """The tests, then the scaled residuals: ``level`` is the row of the data from 0, ``at`` the event time."""
        yield from self._headline()
        for j, term in enumerate(self.terms):
            for row, at, value in zip(
                self.row.tolist(), self.time.tolist(), self.scaled[:, j].tolist(), strict=True
            ):
                yield Row("scaled_schoenfeld", value, variable=term, level=str(row), at=at, method=self.transform,
                          warning="" if value == value else "constant in the stratum")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smooth(StatisticalResult):
    """A smooth of scaled residuals over the transformed times, with limits of two standard errors."""

    term: str
    transformed: FloatArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray

    def _title(self) -> str:
        return f"Natural spline through the scaled Schoenfeld residuals of {self.term}"

    def rows(self) -> Iterator[Row]:
        """The spline and its limits."""
        for name in ("value", "lower", "upper"):
            for at, value in zip(self.transformed.tolist(), getattr(self, name).tolist(), strict=True):
                yield Row(name, value, variable=self.term, at=at, method="natural spline")


def proportional_hazards_test(
    model: CoxModel,
    *,
    transform: Transform | Callable[[FloatArray], ArrayLike] = "km",
    terms: Mapping[str, Sequence[str]] | None = None,
) -> ProportionalHazardsTest:
    """Test proportional hazards: the score test of x times g(time) beside x, for each term and for all.

    transform: g of the time. "km" is 1 - S(t-) of all rows, "identity", "rank" among all follow-up times (those of
    censored rows too), "log" (no event at time 0); or a function of an array.
    terms: names with their covariates, each covariate once, as {"cell": ["small", "adeno"]}; by default each
    covariate is a term.  Those that the fit dropped are left out.
    Always with the model-based information, also of a robust model, as R.
    Returns a ProportionalHazardsTest.  Raises DataError with exact ties, coefficients at infinity, no events,
    unusable terms or transformed times.
    Source: Grambsch & Therneau 1994 in the exact form of survival 3.0 and later (cox.zph). lifelines, Stata and older R
    use an approximation from the scaled residuals: other numbers, sometimes another conclusion.

    >>> from equipoise.stats import cox
    >>> found = proportional_hazards_test(cox([1, 2, 3, 4, 5, 6], [1] * 6, [0, 1, 1, 0, 1, 0]), transform="identity")
    >>> found.global_test.df, found.terms
    (1, ('x1',))
    """
    now = fitted(model, "the test of proportional hazards")
    kept = np.flatnonzero(~np.isnan(model.coefficients))
    if not kept.size:
        raise refused("model", "no covariate", "at least one covariate that the fit kept", "add a covariate")
    groups = _groups(model, terms, kept)
    scale = _transformed(model.data, transform)
    center = scale[model.data.event].mean()
    trend = (scale - center)[now.sets.row[now.sets.dying[now.sets.dying_start]]]
    score, information = _score(now, trend, kept)
    p = kept.size
    chi_square, df = np.zeros(len(groups)), np.zeros(len(groups), dtype=np.int64)
    everything = np.arange(p)
    for i, places in enumerate(groups.values()):
        chi_square[i] = _tested(score, information, places, p)
        df[i] = places.size
    global_test = chi_square_test(_tested(score, information, everything, p), p, "score, global")
    used = _used(model.data, kept)
    sharing = np.minimum(used[:, :, None], used[:, None, :]).sum(axis=0)
    mean_variance = information[:p, :p] / np.where(sharing == 0, 1, sharing)
    row: IntArray = now.sets.row[now.sets.dying]
    scaled, variance = _scaled(model, schoenfeld(now)[:, kept], mean_variance, used, groups, kept, row)
    warnings = []
    if np.isnan(chi_square).any() or np.isnan(global_test.chi_square):
        warnings.append("not estimable: the information about a trend over time is singular")
    p_values = np.array([chi_square_sf(max(x, 0.0), int(d)) for x, d in zip(chi_square, df, strict=True)])
    time, transformed = model.data.time[row], scale[row]
    for array in (chi_square, df, p_values, row, time, transformed, scaled, variance):
        read_only(array)
    return ProportionalHazardsTest(
        terms=tuple(groups),
        chi_square=chi_square,
        df=df,
        p_value_two_sided=p_values,
        global_test=global_test,
        transform=transform if isinstance(transform, str) else getattr(transform, "__name__", "function"),
        row=row,
        time=time,
        transformed=transformed,
        scaled=scaled,
        variance=variance,
        method=model.method,
        warnings=tuple(warnings),
    )


def _groups(
    model: CoxModel, terms: Mapping[str, Sequence[str]] | None, kept: IntArray
) -> dict[str, IntArray]:
    """Each term's places among the kept covariates."""
    place = {model.names[j]: i for i, j in enumerate(kept.tolist())}
    if terms is None:
        return {name: np.array([i]) for name, i in place.items()}
    listed = [name for names in terms.values() for name in ([names] if isinstance(names, str) else names)]
    if sorted(listed) != sorted(model.names):
        raise refused("terms", repr(listed), f"every covariate once: {model.names!r}",
                      "list each covariate in one term")  # fmt: skip
    found = {
        term: np.array(
            [place[name] for name in ([names] if isinstance(names, str) else names) if name in place],
            dtype=np.int64,
        )
        for term, names in terms.items()
    }
    return {term: places for term, places in found.items() if places.size}


def _transformed(data: CoxData, transform: Transform | Callable[[FloatArray], ArrayLike]) -> FloatArray:
    times = data.time
    if callable(transform):
        found = np.asarray(transform(times.copy()), dtype=np.float64)
        if found.shape != times.shape:
            raise refused("transform", f"a result of shape {found.shape}", f"one number for each of the {times.size} times",
                          "return an array of the same shape")  # fmt: skip
    elif transform == "identity":
        found = times
    elif transform == "rank":
        known, place, many = np.unique(times, return_inverse=True, return_counts=True)
        del known
        found = (np.cumsum(many) - (many - 1) / 2)[place]
    elif transform == "log":
        with np.errstate(divide="ignore"):
            found = np.log(times)
    elif transform == "km":
        curve = kaplan_meier(times, data.event, entry=data.entry)
        before = np.concatenate(([1.0], curve.survival))
        found = 1 - before[np.searchsorted(curve.time, times, side="left")]
    else:
        raise refused("transform", repr(transform), "one of km, identity, rank, log, or a function",
                      "name one of them")  # fmt: skip
    if not np.isfinite(found[data.event]).all():
        where = int(np.argmax(data.event & ~np.isfinite(found)))
        raise refused("transform", f"{found[where]} for the event at {times[where]:g}", "finite transformed times",
                      "use km, rank or identity")  # fmt: skip
    return np.asarray(found)


def _score(now: Fitted, trend: FloatArray, kept: IntArray) -> tuple[FloatArray, FloatArray]:
    """The score of x times trend, (p,), and the information of x and x times trend together, (2p, 2p)."""
    sets, found = now.sets, now.moments
    x, mean = now.likelihood.design[:, 1 + kept], found.mean[:, kept]
    multiplier, of_term = sets.multiplier, trend[sets.term_cell]
    powers = np.column_stack((multiplier, multiplier * of_term, multiplier * of_term**2))
    shared = found.back(powers)
    blocks = [x.T @ (shared[:, [k]] * x) - mean.T @ (powers[:, [k]] * mean) for k in range(3)]
    weights = sets.weights[sets.dying] * trend[sets.dying_cell]
    score = weights @ x[sets.dying] - powers[:, 1] @ mean
    return score, np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])


def _tested(score: FloatArray, information: FloatArray, places: IntArray, p: int) -> float:
    at = np.concatenate((np.arange(p), places + p))
    inner = information[np.ix_(at, at)]
    spread = np.sqrt(inner.diagonal())
    if not (spread > 0).all():
        return float("nan")
    inner = inner / np.outer(spread, spread)
    if np.linalg.eigvalsh(inner)[0] < 1e-12:
        return float("nan")
    whole = np.concatenate((np.zeros(p), score[places])) / spread
    return float(whole @ np.linalg.solve(inner, whole))


def _used(data: CoxData, kept: IntArray) -> FloatArray:
    """The events of each stratum, (s, p), and 0 where the covariate does not vary in it."""
    used = np.zeros((len(data.stratum_labels), kept.size))
    for code in range(len(used)):
        mine = data.stratum == code
        varies = np.ptp(data.matrix[np.ix_(mine, kept)], axis=0) > 0
        used[code] = np.count_nonzero(data.event[mine]) * varies
    return used


def _scaled(
    model: CoxModel,
    residuals: FloatArray,
    mean_variance: FloatArray,
    used: FloatArray,
    groups: dict[str, IntArray],
    kept: IntArray,
    row: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Scaled residuals by term, (e, q), and the inverse mean variance, (q, q)."""
    coefficients = model.coefficients[kept]
    combine = np.zeros((kept.size, len(groups)))
    base = np.ones(len(groups))
    for i, places in enumerate(groups.values()):
        combine[places, i] = 1 if places.size == 1 else coefficients[places]
        if places.size == 1:
            base[i] = coefficients[places[0]]
    variance = combine.T @ mean_variance @ combine
    scaled = residuals @ combine
    varies = np.column_stack([used[:, places].max(axis=1) > 0 for places in groups.values()])
    stratum = model.data.stratum[row]
    for code in np.unique(stratum).tolist():
        mine, here = stratum == code, np.flatnonzero(varies[code])
        block = np.full((int(np.count_nonzero(mine)), len(groups)), np.nan)
        if here.size:
            block[:, here] = np.linalg.solve(variance[np.ix_(here, here)], scaled[np.ix_(mine, here)].T).T
        scaled[mine] = block
    return scaled + base, np.asarray(np.linalg.inv(variance), dtype=np.float64)
