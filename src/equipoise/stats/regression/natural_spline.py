"""Least squares by a natural cubic spline."""

from __future__ import annotations

import numpy as np

from equipoise.stats.observations import FloatArray


def natural_spline(x: FloatArray, y: FloatArray, at: FloatArray, df: int) -> tuple[FloatArray, FloatArray]:
    """Fit y on x, and read the spline at places: its values and their variances in units of that of y.

    x, y: (n,).  at: (k,), within the range of x.  df: columns of the basis, constant included; the df - 2 inner knots
    are quantiles of x and ``at`` together, the outer ones their ends.  Beyond the knots it is a straight line.
    Source: Hastie, Tibshirani & Friedman 2009, 5.2.1; the space of R's ns(c(at, x), df, intercept = TRUE).

    >>> x = np.arange(8.0)
    >>> natural_spline(x, 2 * x + 1, np.array([0.0, 3.5]), 4)[0].round(9).tolist()
    [1.0, 8.0]
    """
    both = np.concatenate((at, x))
    inner = np.quantile(both, np.arange(1, df - 1) / (df - 1))
    low, high = both.min(), both.max()
    unit = high - low
    knots = np.concatenate(([0.0], (inner - low) / unit, [1.0]))

    def basis(values: FloatArray) -> FloatArray:
        scaled = (values - low) / unit
        cubes = np.maximum(scaled[:, None] - knots, 0) ** 3
        with np.errstate(divide="ignore", invalid="ignore"):
            curved = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
        columns = [np.ones(scaled.size), scaled]
        columns += [curved[:, k] - curved[:, -1] for k in range(knots.size - 2)]
        return np.column_stack(columns)

    q, r = np.linalg.qr(basis(x))
    # Knots that fall together leave columns without a part of their own; the smallest solution serves.
    turned = np.linalg.lstsq(r.T, basis(at).T, rcond=1e-12)[0]
    return np.asarray(turned.T @ (q.T @ y)), np.asarray((turned**2).sum(axis=0))
