"""Competing risks for large data: the sweeps over times of the room ``competing``, each in one pass.

Every kernel gives what the function of the same purpose in that room gives, which is its meaning.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def aalen_johansen(counts, n_at_risk, event_free, estimate):  # type: ignore[no-untyped-def]
    """Probability of no event (t,) and incidence of each cause (k, t).  counts: (t, 1 + k), censored first."""
    free = 1.0
    for t in range(counts.shape[0]):
        n = n_at_risk[t]
        events = 0
        for j in range(estimate.shape[0]):
            d = counts[t, j + 1]
            events += d
            before = estimate[j, t - 1] if t else 0.0
            estimate[j, t] = before + (free * d / n if d else 0.0)
        if events:
            free *= (n - events) / n
        event_free[t] = free


@njit(cache=True, nogil=True, error_model="numpy")
def aalen_variance(counts, n_at_risk, event_free, estimate, variance):  # type: ignore[no-untyped-def]
    """The variance of R cmprsk of each cause (k, t); see ``cumulative_incidence._aalen``."""
    for j in range(estimate.shape[0]):
        constant, linear, square = 0.0, 0.0, 0.0
        value = 0.0
        for t in range(counts.shape[0]):
            d = counts[t, j + 1]
            other = -d
            for one in range(1, counts.shape[1]):
                other += counts[t, one]
            if d or other:
                n = float(n_at_risk[t])
                before = event_free[t - 1] if t else 1.0
                after = event_free[t]
                risk = estimate[j, t]
                inverse = 1 / after if after > 0 else 0.0
                share = risk * inverse
                per_event = (before / n) * (before / n)
                if other and after > 0:
                    weight = per_event * other
                    if other > 1:
                        weight *= 1 - (other - 1) / (n - 1)
                    constant += weight * share * share
                    linear += weight * inverse * share
                    square += weight * inverse * inverse
                if d:
                    weight = per_event * d
                    if d > 1:
                        weight *= 1 - (d - 1) / (n - 1)
                    constant += weight * (1 + share) * (1 + share)
                    linear += weight * inverse * (1 + share)
                    square += weight * inverse * inverse
                    value = max(constant - risk * (2 * linear - risk * square), 0.0)
            variance[j, t] = value


@njit(cache=True, nogil=True, error_model="numpy")
def greenwood_variance(counts, n_at_risk, event_free, estimate, variance):  # type: ignore[no-untyped-def]
    """The multinomial variance of each cause (k, t); see ``cumulative_incidence._greenwood``."""
    for j in range(estimate.shape[0]):
        constant, linear, square = 0.0, 0.0, 0.0
        for t in range(counts.shape[0]):
            events = 0
            for one in range(1, counts.shape[1]):
                events += counts[t, one]
            risk = estimate[j, t]
            if events:
                n = float(n_at_risk[t])
                before = event_free[t - 1] if t else 1.0
                hazard, all_hazards = counts[t, j + 1] / n, events / n
                odds = all_hazards / (1 - all_hazards) if event_free[t] > 0 else 0.0
                step = before * hazard
                constant += (before * step * (1 - hazard) + risk * (2 * step + risk * odds)) / n
                linear += (step + risk * odds) / n
                square += odds / n
            variance[j, t] = max(constant - risk * (2 * linear - risk * square), 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def gray_moments(counts, n_at_risk, rho, score, variance):  # type: ignore[no-untyped-def]
    """Gray's score (k,) and variance (k, k) of one stratum; see ``gray._score_and_variance``.

    counts: (t, 3 k), for each group censored, of interest, other.  n_at_risk: (k,) at the start, changed here.
    What follows an event of group j is known only at the end, when ``carried`` is; so the sums of squares are kept
    apart as a constant, a linear and a square part in its final value.
    """
    k = score.size
    survival, incidence = np.ones(k), np.zeros(k)
    of_group, after = np.zeros(k), np.ones(k)
    carried, at_time = np.zeros((k, k)), np.zeros((k, k))
    linear, square = np.zeros((k, k)), np.zeros(k)
    now = np.zeros(k)
    pooled = 0.0
    for t in range(counts.shape[0]):
        events, others = 0, 0
        for i in range(k):
            events += counts[t, 3 * i + 1]
            others += counts[t, 3 * i + 2]
        if events + others == 0:
            for i in range(k):
                n_at_risk[i] -= counts[t, 3 * i]
            continue
        total, still = 0.0, 0.0
        for i in range(k):
            n = n_at_risk[i]
            of_group[i] = n / survival[i] if n > 0 else 0.0
            total += of_group[i]
            still += of_group[i] * (1 - incidence[i])
        before = pooled
        weight = (1 - before) ** rho if rho else 1.0
        pooled += events / total
        for i in range(k):
            for j in range(k):
                at_time[i, j] = -weight * of_group[i] * of_group[j] / total
            at_time[i, i] += weight * of_group[i]
        if events:
            pace = events / (total * (1 - before))
            for i in range(k):
                score[i] += weight * (
                    counts[t, 3 * i + 1] - events * of_group[i] * (1 - incidence[i]) / still
                )
                for j in range(k):
                    carried[i, j] += at_time[i, j] * pace
        for i in range(k):
            n = n_at_risk[i]
            after[i] = survival[i]
            if n > 0:
                after[i] *= (n - counts[t, 3 * i + 1] - counts[t, 3 * i + 2]) / n
        for j in range(k):
            n = float(n_at_risk[j])
            if n == 0:
                continue
            left = (1 - pooled) / after[j] if after[j] > 0 else 0.0
            if events:
                own = 1 - left
                tied = 1.0
                if events > 1:
                    fewer = total * survival[j] - 1
                    tied = 1 - (events - 1) / fewer if fewer != 0 else -np.inf
                size = tied * survival[j] * events / (total * n)
                for i in range(k):
                    now[i] = at_time[i, j] - own * carried[i, j]
                for i in range(k):
                    linear[i, j] += size * own * now[i]
                    for h in range(k):
                        variance[i, h] += size * now[i] * now[h]
                square[j] += size * own * own
            d = counts[t, 3 * j + 2]
            if d:
                size = (survival[j] / n) ** 2 * d * left * left
                if d > 1:
                    size *= 1 - (d - 1) / (n - 1)
                for i in range(k):
                    linear[i, j] -= size * carried[i, j]
                    for h in range(k):
                        variance[i, h] += size * carried[i, j] * carried[h, j]
                square[j] += size
        for i in range(k):
            if n_at_risk[i] > 0:
                incidence[i] += survival[i] * counts[t, 3 * i + 1] / n_at_risk[i]
                if after[i] > 0:
                    survival[i] = after[i]
            n_at_risk[i] -= counts[t, 3 * i] + counts[t, 3 * i + 1] + counts[t, 3 * i + 2]
    for j in range(k):
        for i in range(k):
            for h in range(k):
                variance[i, h] += (
                    linear[i, j] * carried[h, j]
                    + carried[i, j] * linear[h, j]
                    + square[j] * carried[i, j] * carried[h, j]
                )


@njit(cache=True, nogil=True, error_model="numpy")
def fine_gray_sums(  # type: ignore[no-untyped-def]
    slot, competing, competing_slot, inverse, still, segments, risk, covariates, at_slots, after, sums
):
    """Sums over each cell's risk set of the risk, and of the risk times each covariate: (cells, 1 + p).

    covariates: (p, n).  at_slots: (slots, 1 + p) and after: (groups, slots, 1 + p), zeros.  still: (groups, cells).
    """
    p = covariates.shape[0]
    slots = at_slots.shape[0]
    for i in range(slot.size):
        s, r = slot[i], risk[i]
        at_slots[s, 0] += r
        for j in range(p):
            at_slots[s, j + 1] += r * covariates[j, i]
    for m in range(competing.size):
        i = competing[m]
        g = competing_slot[m] // slots
        s = competing_slot[m] - g * slots
        r = risk[i] * inverse[m]
        after[g, s, 0] += r
        for j in range(p):
            after[g, s, j + 1] += r * covariates[j, i]
    running = np.empty(p + 1)
    for s in range(segments.shape[0]):
        first, last = segments[s, 0], segments[s, 1]
        running[:] = 0.0
        for c in range(last - 1, first - 1, -1):
            for j in range(p + 1):
                running[j] += at_slots[c + s + 1, j]
                sums[c, j] = running[j]
        for g in range(after.shape[0]):
            running[:] = 0.0
            for c in range(first, last):
                for j in range(p + 1):
                    running[j] += after[g, c + s, j]
                    sums[c, j] += running[j] * still[g, c]


@njit(cache=True, nogil=True, error_model="numpy")
def fine_gray_hazards(  # type: ignore[no-untyped-def]
    slot, competing, competing_slot, inverse, still, segments, cells, at_slots, after, hazards
):
    """For each subject the sum over the cells at which it was at risk (q, n), from sums by cell (q, cells).

    at_slots: (slots,) and after: (groups, slots) are filled, row by row of the q.
    """
    slots = at_slots.size
    for j in range(cells.shape[0]):
        for s in range(segments.shape[0]):
            first, last = segments[s, 0], segments[s, 1]
            at_slots[first + s] = 0.0
            for c in range(first, last):
                at_slots[c + s + 1] = at_slots[c + s] + cells[j, c]
            for g in range(after.shape[0]):
                after[g, last + s] = 0.0
                for c in range(last - 1, first - 1, -1):
                    after[g, c + s] = after[g, c + s + 1] + still[g, c] * cells[j, c]
        for i in range(slot.size):
            hazards[j, i] = at_slots[slot[i]]
        for m in range(competing.size):
            g = competing_slot[m] // slots
            hazards[j, competing[m]] += inverse[m] * after[g, competing_slot[m] - g * slots]
