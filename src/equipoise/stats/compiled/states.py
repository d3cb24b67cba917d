"""Several states in large data: the sweeps over times of ``competing.multi_state_variance``, each in one pass.

Every kernel gives what the loop of the same name there gives, which is its meaning.
"""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def probabilities(steps, found):  # type: ignore[no-untyped-def]
    """found: (t + 1, d), its first row given."""
    d = found.shape[1]
    for t in range(steps.shape[0]):
        for j in range(d):
            total = 0.0
            for i in range(d):
                total += found[t, i] * steps[t, i, j]
            found[t + 1, j] = total


@njit(cache=True, nogil=True, error_model="numpy")
def carried(steps, common, found):  # type: ignore[no-untyped-def]
    """found: (t + 1, k, d), its first entry zero."""
    k, d = common.shape[1], common.shape[2]
    for t in range(steps.shape[0]):
        for a in range(k):
            for j in range(d):
                total = common[t, a, j]
                for i in range(d):
                    total += found[t, a, i] * steps[t, i, j]
                found[t + 1, a, j] = total


@njit(cache=True, nogil=True, error_model="numpy")
def present(steps, entering, leaving, common, now, products):  # type: ignore[no-untyped-def]
    """now: (2, k, d) zeros to work in.  products: (t, d, d), added to."""
    k, d = common.shape[1], common.shape[2]
    for t in range(steps.shape[0]):
        for a in range(k):
            for i in range(d):
                now[1, a, i] = now[0, a, i] - leaving[t, a, i] + entering[t, a, i]
            for j in range(d):
                total = 0.0
                for i in range(d):
                    total += now[1, a, i] * steps[t, i, j]
                now[0, a, j] = total
        for i in range(d):
            for j in range(d):
                total = 0.0
                for a in range(k):
                    total += now[0, a, i] * common[t, a, j]
                products[t, i, j] += total


@njit(cache=True, nogil=True, error_model="numpy")
def covariance(steps, own, work, found):  # type: ignore[no-untyped-def]
    """found: (t + 1, d, d), its first entry given.  work: (d, d)."""
    d = own.shape[1]
    for t in range(steps.shape[0]):
        for i in range(d):
            for j in range(d):
                total = 0.0
                for m in range(d):
                    total += found[t, i, m] * steps[t, m, j]
                work[i, j] = total
        for i in range(d):
            for j in range(d):
                total = own[t, i, j]
                for m in range(d):
                    total += steps[t, m, i] * work[m, j]
                found[t + 1, i, j] = total
