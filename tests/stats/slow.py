"""The estimators once more, as their definitions read: loops over times and subjects, nothing clever."""

from __future__ import annotations

import math

import numpy as np


def kaplan_meier(time, event):
    """Rows (time, at risk, events, censored, survival, Greenwood standard error) at every distinct time."""
    rows, survival, greenwood = [], 1.0, 0.0
    for t in sorted(set(time)):
        at_risk = sum(1 for u in time if u >= t)
        died = sum(1 for u, e in zip(time, event, strict=True) if u == t and e)
        left = sum(1 for u, e in zip(time, event, strict=True) if u == t and not e)
        survival *= 1 - died / at_risk
        greenwood += died / (at_risk * (at_risk - died)) if died < at_risk else math.inf
        error = survival * math.sqrt(greenwood) if survival > 0 else math.nan
        rows.append((t, at_risk, died, left, survival, error))
    return rows


def log_rank(time, event, group, strata):
    """Observed minus expected in group 1 of groups 0 and 1, and its hypergeometric variance."""
    difference = variance = 0.0
    subjects = list(zip(time, event, group, strata, strict=True))
    for s in set(strata):
        for t in {u for u, e, _, r in subjects if e and r == s}:
            at_risk = [g for u, _, g, r in subjects if r == s and u >= t]
            died = [g for u, e, g, r in subjects if r == s and u == t and e]
            n, n1, d = len(at_risk), sum(at_risk), len(died)
            difference += sum(died) - d * n1 / n
            if n > 1:
                variance += d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1)
    return difference, variance


def partial_likelihood(time, event, covariates, strata, ties, beta):
    """The log partial likelihood, its gradient and minus its second derivative."""
    x, beta = np.asarray(covariates, dtype=float), np.asarray(beta, dtype=float)
    p = x.shape[1]
    value, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    for s in set(strata):
        for t in {u for u, e, r in zip(time, event, strata, strict=True) if e and r == s}:
            rows = range(len(time))
            at_risk = [i for i in rows if strata[i] == s and time[i] >= t]
            dying = [i for i in rows if strata[i] == s and time[i] == t and event[i]]
            for j, i in enumerate(dying):
                off = j / len(dying) if ties == "efron" else 0.0
                weight = {k: math.exp(x[k] @ beta) * (1 - off * (k in dying)) for k in at_risk}
                total = sum(weight.values())
                mean = sum(w * x[k] for k, w in weight.items()) / total
                value += x[i] @ beta - math.log(total)
                score += x[i] - mean
                information += sum(w * np.outer(x[k] - mean, x[k] - mean) for k, w in weight.items()) / total
    return value, score, information
