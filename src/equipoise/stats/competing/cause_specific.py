"""Cox's model of the cause-specific hazard: competing events are censorings of the cause of interest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import ArrayLike

from equipoise.stats.competing.causes import Label, checked_causes
from equipoise.stats.frames import Frame, columns, named_covariates
from equipoise.stats.observations import checked_times
from equipoise.stats.regression.cox import CoxModel, cox
from equipoise.stats.regression.cox_data import Ties


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CauseSpecificCox(CoxModel):
    """A CoxModel of the hazard of one cause; all that takes a CoxModel takes it."""

    cause_of_interest: Label

    def _title(self) -> str:
        return f"Hazard of cause {self.cause_of_interest}: {CoxModel._title(self)}"


def cause_specific_cox(
    time: ArrayLike | str,
    cause: ArrayLike | str,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    cause_of_interest: Label = 1,
    strata: ArrayLike | Sequence[str] | str | None = None,
    ties: Ties = "efron",
    confidence_level: float = 0.95,
    causes: Sequence[Label] | None = None,
    censored: Label = 0,
    data: Frame | None = None,
) -> CauseSpecificCox:
    """Estimate log ratios of the hazard of one cause among those without any event so far.

    time, cause, cause_of_interest, causes, censored: as for ``fine_gray``.  The rest: as for ``cox``.
    Returns the CauseSpecificCox, a CoxModel in which events of other causes are censorings.
    Raises DataError on unusable times, causes, covariates, labels or lengths.
    Source: Prentice et al. 1978; values as R survival 3.5-3, coxph(Surv(time, cause == 1) ~ x).

    >>> model = cause_specific_cox([1, 2, 3, 4, 5], [1, 2, 1, 0, 1], [1, 0, 0, 1, 1], names=["treated"])
    >>> model.n_events, round(float(model.coefficients[0]), 6)
    (3, -0.549306)
    """
    time, cause, strata = columns(data, time=time, cause=cause, strata=strata)
    given, labels = named_covariates(data, covariates, names)
    times = checked_times(time)
    found = checked_causes(cause, times.size, censored=censored, causes=causes)
    event = found.code == found.position(cause_of_interest, "cause_of_interest")
    model = cox(
        times, event, given, names=labels, strata=strata, ties=ties, confidence_level=confidence_level
    )
    parts = {field.name: getattr(model, field.name) for field in fields(model)}
    return CauseSpecificCox(**parts, cause_of_interest=cause_of_interest)
