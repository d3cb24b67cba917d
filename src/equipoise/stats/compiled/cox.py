"""Cox's partial likelihood for large data without entries: passes over rows in the order of stratum and time.

A *cell* is one event time of one stratum with the rows that leave from it on until the next: its dying, its
censored and those censored before the next event. The rows of all cells lie one after the other.
Plain arrays in and out; the meaning is that of ``regression.partial_likelihood``, which tests hold beside it.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def by_stratum(order, stratum, n_strata):  # type: ignore[no-untyped-def]
    """The order sorted by stratum as well, each stratum's rows kept in their order."""
    start = np.zeros(n_strata + 1, dtype=np.int64)
    for i in range(stratum.size):
        start[stratum[i] + 1] += 1
    for s in range(n_strata):
        start[s + 1] += start[s]
    sorted_order = np.empty_like(order)
    for i in range(order.size):
        row = order[i]
        s = stratum[row]
        sorted_order[start[s]] = row
        start[s] += 1
    return sorted_order


@njit(cache=True, nogil=True)
def cells(order, time, event, stratum):  # type: ignore[no-untyped-def]
    """The rows that were ever at risk at an event, and the cells they lie in.

    Returns row (m,), dies (m,), first (c + 1,) where each cell begins, deaths (c,), ends (c,) whether the
    cell is the last of its stratum.
    """
    n = order.size
    row = np.empty(n, dtype=np.int64)
    dies = np.empty(n, dtype=np.bool_)
    first = np.empty(n + 1, dtype=np.int64)
    deaths = np.empty(n, dtype=np.int64)
    ends = np.zeros(n, dtype=np.bool_)
    m, c, i = 0, 0, 0
    current = -1
    while i < n:
        begin, here = i, order[i]
        dying = 0
        while i < n and time[order[i]] == time[here] and stratum[order[i]] == stratum[here]:
            dying += event[order[i]]
            i += 1
        if dying > 0:
            if c > 0 and current != stratum[here]:
                ends[c - 1] = True
            current = stratum[here]
            first[c] = m
            deaths[c] = dying
            c += 1
        if current == stratum[here]:
            for j in range(begin, i):
                row[m] = order[j]
                dies[m] = event[order[j]]
                m += 1
    if c > 0:
        ends[c - 1] = True
    first[c] = m
    return row[:m].copy(), dies[:m].copy(), first[: c + 1].copy(), deaths[:c].copy(), ends[:c].copy()


@njit(cache=True, nogil=True)
def standardize(matrix, row, first, ends, constant):  # type: ignore[no-untyped-def]
    """The covariates of the rows, less their stratum means, over their spread; and the spread, 0 if constant."""
    m, p = row.size, matrix.shape[1]
    x = np.empty((m, p))
    squares, furthest, largest = np.zeros(p), np.zeros(p), np.zeros(p)
    mean = np.zeros(p)
    begin = 0
    for c in range(ends.size):
        if not ends[c]:
            continue
        end = first[c + 1]
        mean[:] = 0.0
        for i in range(begin, end):
            source = row[i]
            for j in range(p):
                value = matrix[source, j]
                x[i, j] = value
                mean[j] += value
                largest[j] = max(largest[j], abs(value))
        for j in range(p):
            mean[j] /= end - begin
        for i in range(begin, end):
            for j in range(p):
                value = x[i, j] - mean[j]
                x[i, j] = value
                squares[j] += value * value
                furthest[j] = max(furthest[j], abs(value))
        begin = end
    scale = np.zeros(p)
    inverse = np.zeros(p)
    for j in range(p):
        if furthest[j] > constant * largest[j]:
            scale[j] = np.sqrt(squares[j] / m)
            inverse[j] = 1.0 / scale[j]
    for i in range(m):
        for j in range(p):
            x[i, j] *= inverse[j]
    return x, scale


@njit(cache=True, nogil=True)
def backward(x, risk, weights, dies, first, deaths, ends, efron, hazard, own_hazard):  # type: ignore[no-untyped-def]
    """One pass from the last row to the first.

    risk: (m,) weight times relative hazard.  weights: (m,), or empty for ones.
    Fills hazard (c,), what each cell adds to the hazard of those at risk, and own_hazard (c,), what it adds
    to that of its dying.  Returns the sum of the multiplied log denominators, of the means, and of their
    outer products (upper half).
    """
    p = x.shape[1]
    total = 0.0
    sums, dying_sums = np.zeros(p), np.zeros(p)
    product, last_weight = 1.0, 1.0
    log_sum, mean_sum, outer = 0.0, np.zeros(p), np.zeros((p, p))
    for c in range(deaths.size - 1, -1, -1):
        if ends[c]:
            total = 0.0
            sums[:] = 0.0
        dying, weight = 0.0, 0.0
        dying_sums[:] = 0.0
        for i in range(first[c + 1] - 1, first[c] - 1, -1):
            r = risk[i]
            if dies[i]:
                dying += r
                weight += weights[i] if weights.size > 0 else 1.0
                for j in range(p):
                    dying_sums[j] += r * x[i, j]
            else:
                total += r
                for j in range(p):
                    sums[j] += r * x[i, j]
        d = deaths[c]
        if d > 1 and efron:
            of_sums, of_dying, square, mixed, dying_square = 0.0, 0.0, 0.0, 0.0, 0.0
            each = weight / d
            for k in range(d):
                part = 1.0 - k / d
                denominator = total + part * dying
                log_sum += each * np.log(denominator)
                h = each / denominator
                of_sums += h
                of_dying += h * part
                h /= denominator
                square += h
                mixed += h * part
                dying_square += h * part * part
            hazard[c], own_hazard[c] = of_sums, of_dying
            for j in range(p):
                mean_sum[j] += of_sums * sums[j] + of_dying * dying_sums[j]
                for k in range(j, p):
                    outer[j, k] += (
                        square * sums[j] * sums[k]
                        + mixed * (sums[j] * dying_sums[k] + dying_sums[j] * sums[k])
                        + dying_square * dying_sums[j] * dying_sums[k]
                    )
            total += dying
            for j in range(p):
                sums[j] += dying_sums[j]
        else:
            total += dying
            h = weight / total
            hazard[c] = own_hazard[c] = h
            # One logarithm for several denominators, while their product is far from overflow and underflow.
            if weight == last_weight and 1e-100 < product * total < 1e100:
                product *= total
            else:
                log_sum += last_weight * np.log(product)
                product, last_weight = total, weight
            square = h / total
            for j in range(p):
                sums[j] += dying_sums[j]
                mean_sum[j] += h * sums[j]
                scaled = square * sums[j]
                for k in range(j):
                    outer[k, j] += scaled * sums[k]
                outer[j, j] += scaled * sums[j]
    return log_sum + last_weight * np.log(product), mean_sum, outer


@njit(cache=True, nogil=True)
def forward(risk, dies, first, ends, hazard, own_hazard):  # type: ignore[no-untyped-def]
    """Turn each row's risk into its accumulated hazard, in place, from the first row to the last."""
    before = 0.0
    for c in range(hazard.size):
        through, of_dying = before + hazard[c], before + own_hazard[c]
        for i in range(first[c], first[c + 1]):
            risk[i] *= of_dying if dies[i] else through
        before = 0.0 if ends[c] else through
