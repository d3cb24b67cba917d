"""Closed forms for the tests between survival curves: python verification/evidence/tests_exact.py from the root.

Fractions by loops over subjects, enumeration of every arrangement, angles and spherical polygons, and integrals of
polyhedra cut at their vertices. Nothing of equipoise is called.
"""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np

TARGET = Path("src/equipoise/validation/evidence/tests_exact.json")
CASES: list[dict] = []

# Small data by hand: ties, censoring at event times, an event at 0, strata of one group, everyone dead at the end.
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
DATA = {
    "freireich": {
        "time": [*PLACEBO, 6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
        "event": [1] * 21 + [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
        "group": ["placebo"] * 21 + ["6-MP"] * 21,
    },
    "ties": {
        "time": [0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 7],
        "event": [1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1],
        "group": list("ABABABBABABB"),
        "stratum": list("xxyyxyxyxyxy"),
        "third": list("ABCABCBCACAB"),
    },
    "padded": {
        "time": [3, 5, 5, 8, 9, 1, 2, 4, 4, 7],
        "event": [1, 1, 0, 1, 1, 1, 1, 0, 0, 1],
        "group": list("ABABBAAABA"),
        "stratum": [1, 1, 1, 1, 1, 2, 2, 3, 3, 4],
        "third": list("ABCBCAACBA"),
    },
    "half_days": {
        "time": [0.5, 0.5, 1.5, 2.5, 2.5, 3.0, 4.5, 4.5],
        "event": [1, 0, 1, 1, 1, 0, 1, 0],
        "group": list("BABBAABA"),
        "stratum": list("ppqqppqq"),
        "third": list("ABCABCAB"),
    },
    "late": {
        "entry": [0, 0, 1, 2, 2, 3, 0, 4, 5, 0],
        "time": [2, 4, 4, 5, 6, 6, 7, 8, 8, 0],
        "event": [1, 1, 0, 1, 1, 1, 0, 1, 1, 1],
        "group": list("ABBABAABBA"),
        "stratum": list("ssststtsts"),
    },
}
LEVELS = {"group": ["A", "B"], "third": ["A", "B", "C"]}


def case(
    name: str, function: str, source: str, values: dict, arguments: dict, data: str | None = None, **more
) -> None:
    one = {
        "id": name,
        "function": function,
        "source": source,
        "arguments": arguments,
        "values": values,
        **more,
    }
    if data:
        one["data"] = data
    CASES.append(one)


def tables(
    d: dict, by: str, labels: list[str], stratified: bool
) -> list[tuple[int, list[int], list[int], Fraction, Fraction]]:
    """(at risk by group, events by group, S before, product of 1 - d/(n+1) to here) at each event time of each stratum."""
    rows = []
    n = len(d["time"])
    strata = d["stratum"] if stratified else [0] * n
    entry = d.get("entry", [-1] * n)
    entry = [-1 if e == 0 else e for e in entry]
    for s in sorted(set(strata), key=str):
        before, peto = Fraction(1), Fraction(1)
        for t in sorted({d["time"][i] for i in range(n) if strata[i] == s and d["event"][i]}):
            risk = [i for i in range(n) if strata[i] == s and entry[i] < t <= d["time"][i]]
            died = [i for i in risk if d["time"][i] == t and d["event"][i]]
            peto *= 1 - Fraction(len(died), len(risk) + 1)
            rows.append(
                (
                    [sum(d[by][i] == g for i in risk) for g in labels],
                    [sum(d[by][i] == g for i in died) for g in labels],
                    before,
                    peto,
                )
            )
            before *= 1 - Fraction(len(died), len(risk))
    return rows


def weight(kind: str, rho: int, gamma: int, n: int, before: Fraction, peto: Fraction) -> Fraction:
    if kind == "fleming-harrington":
        return before**rho * (1 - before) ** gamma
    if kind == "modestly-weighted":
        return 1 / max(before, Fraction(1, 2))
    return {
        "log-rank": Fraction(1),
        "gehan": Fraction(n),
        "peto-prentice": peto,
        "modified-peto-prentice": peto * Fraction(n, n + 1),
    }[kind]


def sums(rows: list, weights: list[Fraction]) -> tuple[list[Fraction], list[Fraction], list[list[Fraction]]]:
    k = len(rows[0][0])
    observed, expected = [Fraction(0)] * k, [Fraction(0)] * k
    variance = [[Fraction(0)] * k for _ in range(k)]
    for (risk, died, _, _), w in zip(rows, weights, strict=True):
        n, m = sum(risk), sum(died)
        for i in range(k):
            observed[i] += w * died[i]
            expected[i] += w * Fraction(m * risk[i], n)
            for j in range(k):
                if n > 1:
                    variance[i][j] += (
                        w
                        * w
                        * Fraction(m * (n - m), n - 1)
                        * (Fraction(risk[i] * (i == j), n) - Fraction(risk[i] * risk[j], n * n))
                    )
    return observed, expected, variance


def solved(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = next(j for j in range(i, len(rows)) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]


def upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def floats(values):
    return [floats(v) for v in values] if isinstance(values, list) else float(values)


def tests() -> None:
    kinds = [("log-rank", 0, 0), ("gehan", 0, 0), ("peto-prentice", 0, 0), ("modified-peto-prentice", 0, 0),
             ("fleming-harrington", 1, 0), ("fleming-harrington", 0, 1), ("fleming-harrington", 2, 1), ("modestly-weighted", 0, 0)]  # fmt: skip
    for name, d in DATA.items():
        for by, stratified, (kind, rho, gamma) in itertools.product(("group", "third"), (False, True), kinds):
            if (
                by not in d
                or (stratified and "stratum" not in d)
                or (by == "third" and kind not in ("log-rank", "gehan"))
            ):
                continue
            labels = ["placebo", "6-MP"] if name == "freireich" else LEVELS[by]
            rows = tables(d, by, labels, stratified)
            weights = [weight(kind, rho, gamma, sum(r[0]), r[2], r[3]) for r in rows]
            observed, expected, variance = sums(rows, weights)
            u = [o - e for o, e in zip(observed, expected, strict=True)]
            k = len(labels)
            chi = sum(
                a * b for a, b in zip(u[1:], solved([row[1:] for row in variance[1:]], u[1:]), strict=True)
            )
            values = {"observed": floats(observed), "expected": floats(expected), "variance": floats(variance),
                      "chi_square": float(chi), "df": k - 1}  # fmt: skip
            if k == 2:
                z = math.copysign(math.sqrt(chi), -u[1])
                values |= {
                    "z": z,
                    "p_value_one_sided": upper_tail(z),
                    "p_value_two_sided": 2 * upper_tail(abs(z)),
                }
            else:  # two degrees of freedom: the tail is exp(-x/2)
                values["p_value_two_sided"] = math.exp(-float(chi) / 2)
            arguments = {"time": "time", "event": "event", "group": by, "groups": labels}
            if stratified:
                arguments["strata"] = "stratum"
            if "entry" in d:
                arguments["entry"] = "entry"
            where = f"{name}{', stratified' if stratified else ''}{', three groups' if k == 3 else ''}"
            if kind == "log-rank":
                case(f"log-rank in fractions, {where}", "log_rank", "fractions", values, arguments, name)
                if k == 2:
                    v = float(variance[1][1])
                    b = float(u[1]) / v
                    case(f"Peto hazard ratio in fractions, {where}", "peto_hazard_ratio", "fractions",
                         {"log_hazard_ratio": b, "hazard_ratio": math.exp(b), "std_err": 1 / math.sqrt(v),
                          "upper": math.exp(b + 1.9599639845400545 / math.sqrt(v)), "z": values["z"]}, arguments, name)  # fmt: skip
                    pairs = [(0, 0), (1, 0), (2, 1)]
                    combined(f"MaxCombo in fractions, {where}", rows, pairs, arguments, name)
                else:
                    scores = [1, 2, 4]
                    score = sum(c * x for c, x in zip(scores, u, strict=True))
                    spread = sum(scores[i] * scores[j] * variance[i][j] for i in range(k) for j in range(k))
                    case(f"trend in fractions, {where}", "trend_test", "fractions",
                         {"score": float(score), "variance": float(spread), "chi_square": float(score * score / spread),
                          "z": -float(score) / math.sqrt(spread)}, {**arguments, "scores": scores}, name)  # fmt: skip
            else:
                options = {"weight": kind}
                if kind == "fleming-harrington":
                    options |= {"rho": rho, "gamma": gamma}
                if kind == "modestly-weighted":
                    options["smallest_survival"] = 0.5
                case(f"{kind} {rho} {gamma} in fractions, {where}", "weighted_log_rank", "fractions", values,
                     arguments | options, name)  # fmt: skip


def covariance_of(rows: list, pairs: list[tuple[int, int]]) -> tuple[list[Fraction], list[list[Fraction]]]:
    score = [Fraction(0)] * len(pairs)
    covariance = [[Fraction(0)] * len(pairs) for _ in pairs]
    for risk, died, before, _ in rows:
        n, m = sum(risk), sum(died)
        w = [before**rho * (1 - before) ** gamma for rho, gamma in pairs]
        spread = Fraction(m * (n - m) * risk[0] * risk[1], n * n * (n - 1)) if n > 1 else Fraction(0)
        for i in range(len(pairs)):
            score[i] += w[i] * (Fraction(m * risk[1], n) - died[1])
            for j in range(len(pairs)):
                covariance[i][j] += w[i] * w[j] * spread
    return score, covariance


def combined(name: str, rows: list, pairs: list[tuple[int, int]], arguments: dict, data: str) -> None:
    """z and correlation as fractions under roots; P as the part of space outside a polyhedron of rank at most 3."""
    score, covariance = covariance_of(rows, pairs)
    if any(covariance[i][i] == 0 for i in range(len(pairs))):
        return
    m = len(pairs)
    z = [math.copysign(math.sqrt(score[i] ** 2 / covariance[i][i]), score[i]) for i in range(m)]
    r = [[math.copysign(math.sqrt(covariance[i][j] ** 2 / (covariance[i][i] * covariance[j][j])), covariance[i][j])
          for j in range(m)] for i in range(m)]  # fmt: skip
    top, far = max(z), max(map(abs, z))
    faces = rows_of_rank_three(np.array(r))
    one = 1 - polyhedron(faces, np.full(m, top))
    two = 1 - polyhedron(np.vstack((faces, -faces)), np.full(2 * m, far))
    case(name, "max_combo", "polyhedron",
         {"z": z, "correlation": r, "z_max": top, "z_max_absolute": far, "p_value_one_sided": one, "p_value_two_sided": two},
         arguments | {"exponents": [list(pair) for pair in pairs]}, data,
         tolerance=1e-9, reason="the script takes one minus the probability of the polyhedron")  # fmt: skip


def rows_of_rank_three(r: np.ndarray) -> np.ndarray:
    """Unit vectors with these inner products."""
    values, vectors = np.linalg.eigh(r)
    assert (values[:-3] < 1e-12).all(), "more than three dimensions"
    values, vectors = values[-3:], vectors[:, -3:]
    # What is rounding of zero would be 1e-8 after the root.
    out = vectors * np.sqrt(np.where(values < 1e-12, 0, values))
    return np.hstack((out, np.zeros((len(r), 3 - out.shape[1]))))


NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def pieces(cuts: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes between all cuts, from -9 to 9."""
    at = np.unique(np.clip(np.concatenate((np.arange(-9, 9.5), cuts)), -9, 9))
    middle, half = (at[1:] + at[:-1]) / 2, (at[1:] - at[:-1]) / 2
    return (middle[:, None] + half[:, None] * NODES).ravel(), (half[:, None] * WEIGHTS).ravel()


ERF = np.vectorize(math.erf)


def polyhedron(faces: np.ndarray, limits: np.ndarray) -> float:
    """P(faces @ y <= limits), y standard normal in space: slices are smooth between the vertices of the body."""
    pairs = list(itertools.combinations(range(len(faces)), 2))
    corners = [
        np.linalg.solve(faces[list(three)], limits[list(three)])[0]
        for three in itertools.combinations(range(len(faces)), 3)
        if abs(np.linalg.det(faces[list(three)])) > 1e-10
    ]
    total = 0.0
    for y, w in zip(*pieces(corners), strict=True):
        left = limits - faces[:, 0] * y
        cuts = [
            (left[i] * faces[j, 2] - left[j] * faces[i, 2])
            / (faces[i, 1] * faces[j, 2] - faces[j, 1] * faces[i, 2])
            for i, j in pairs
            if abs(faces[i, 1] * faces[j, 2] - faces[j, 1] * faces[i, 2]) > 1e-12
        ]
        cuts += [
            left[i] / faces[i, 1] for i in range(len(faces)) if abs(faces[i, 2]) <= 1e-12 < abs(faces[i, 1])
        ]
        x, v = pieces(cuts)
        high, low, inside = np.full(x.size, 12.0), np.full(x.size, -12.0), np.ones(x.size, dtype=bool)
        for i in range(len(faces)):
            rest = left[i] - faces[i, 1] * x
            if faces[i, 2] > 1e-12:
                high = np.minimum(high, rest / faces[i, 2])
            elif faces[i, 2] < -1e-12:
                low = np.maximum(low, rest / faces[i, 2])
            else:
                inside &= rest >= 0
        line = np.where(inside & (high > low), (ERF(high / math.sqrt(2)) - ERF(low / math.sqrt(2))) / 2, 0)
        total += w * math.exp(-y * y / 2) * float(np.sum(v * np.exp(-x * x / 2) * line)) / (2 * math.pi)
    return total


def singular_combinations() -> None:
    """The usual four tests have rank three: the log-rank score is the sum of those of (1, 0) and (0, 1)."""
    usual = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for name, stratified in (
        ("freireich", False),
        ("ties", False),
        ("ties", True),
        ("half_days", False),
        ("late", False),
    ):
        labels = ["placebo", "6-MP"] if name == "freireich" else LEVELS["group"]
        rows = tables(DATA[name], "group", labels, stratified)
        arguments = {"time": "time", "event": "event", "group": "group", "groups": labels}
        if stratified:
            arguments["strata"] = "stratum"
        if "entry" in DATA[name]:
            arguments["entry"] = "entry"
        combined(
            f"MaxCombo of the usual four, {name}{', stratified' if stratified else ''}",
            rows,
            usual,
            arguments,
            name,
        )
    rows = tables(DATA["freireich"], "group", ["placebo", "6-MP"], False)
    arguments = {"time": "time", "event": "event", "group": "group", "groups": ["placebo", "6-MP"]}
    combined("MaxCombo with one test twice", rows, [(0, 0), (1, 0), (0, 0)], arguments, "freireich")
    combined(
        "MaxCombo of four, two of them one", rows, [(0, 0), (0, 1), (1, 0), (0, 1)], arguments, "freireich"
    )


def arrangements() -> None:
    """Exact P values: the log-rank score of every way to give out the labels."""
    for name, stratified in (
        ("ties", False),
        ("ties", True),
        ("padded", False),
        ("padded", True),
        ("half_days", False),
        ("half_days", True),
    ):
        d = DATA[name]
        strata = d["stratum"] if stratified else [0] * len(d["time"])

        def score(labels: list[str], d: dict = d, stratified: bool = stratified) -> Fraction:
            rows = tables({**d, "group": labels}, "group", ["A", "B"], stratified)
            return sum(
                (Fraction(sum(died) * risk[1], sum(risk)) - died[1] for risk, died, _, _ in rows), Fraction(0)
            )

        blocks = [[i for i, s in enumerate(strata) if s == one] for one in sorted(set(strata), key=str)]
        ways = [
            list(itertools.combinations(block, sum(d["group"][i] == "B" for i in block))) for block in blocks
        ]
        found, all_scores = score(d["group"]), []
        for chosen in itertools.product(*ways):
            experimental = set(itertools.chain(*chosen))
            all_scores.append(score(["B" if i in experimental else "A" for i in range(len(strata))]))
        count = len(all_scores)
        arguments = {"time": "time", "event": "event", "group": "group", "groups": ["A", "B"]}
        case(f"every arrangement, {name}{', stratified' if stratified else ''}", "exact_log_rank", "enumeration",
             {"n_arrangements": count, "score": float(found), "p_value_one_sided": sum(s >= found for s in all_scores) / count,
              "p_value_two_sided": sum(abs(s) >= abs(found) for s in all_scores) / count},
             arguments | ({"strata": "stratum"} if stratified else {}), name)  # fmt: skip


def one_sample() -> None:
    """O = 0: the ratio's upper limit is -log(tail) / E.  O = E: z is 0."""
    case("one sample without events", "one_sample_log_rank", "by hand",
         {"observed": 0, "expected": 3, "ratio": 0, "lower": 0, "upper": -math.log(0.025) / 3, "z": math.sqrt(3),
          "p_value_one_sided": upper_tail(math.sqrt(3))}, {"event": [0, 0, 0], "cumulative_hazard": [0.5, 1, 1.5]})  # fmt: skip
    case("one sample as expected", "one_sample_log_rank", "by hand",
         {"observed": 2, "expected": 2, "ratio": 1, "z": 0, "chi_square": 0, "p_value_one_sided": 0.5, "p_value_two_sided": 1},
         {"event": [1, 0, 1], "cumulative_hazard": [0.5, 0.5, 1]})  # fmt: skip
    case("one sample, mean variance", "one_sample_log_rank", "by hand",
         {"z": 4 / math.sqrt(6), "chi_square": 16 / 6}, {"event": [1, 1, 1, 1, 0], "cumulative_hazard": [1, 1, 2, 2, 2], "variance": "mean"})  # fmt: skip


def normal_boxes() -> None:
    for r in (-0.999, -0.5, 0, 0.3, 0.9, 0.9999999):
        case(f"two variables below 0, correlation {r}", "multivariate_normal_cdf", "angles",
             {"": 0.25 + math.asin(r) / (2 * math.pi)}, {"upper": [0, 0], "correlation": [[1, r], [r, 1]]})  # fmt: skip
    for a, b, c in ((0.5, 0.3, 0.6), (-0.4, -0.3, -0.2), (0.99, 0.98, 0.97), (0.6, 0.8, 0.96)):
        case(f"three variables below 0, correlations {a} {b} {c}", "multivariate_normal_cdf", "angles",
             {"": 0.125 + (math.asin(a) + math.asin(b) + math.asin(c)) / (4 * math.pi)},
             {"upper": [0, 0, 0], "correlation": [[1, a, b], [a, 1, c], [b, c, 1]]})  # fmt: skip
    for d in (2, 3, 4, 5):
        half = [[1 if i == j else 0.5 for j in range(d)] for i in range(d)]
        case(f"{d} variables with correlations 1/2 below 0", "multivariate_normal_cdf", "symmetry", {"": 1 / (d + 1)},
             {"upper": [0] * d, "correlation": half})  # fmt: skip
        case(f"{d} variables with correlations 1/2, not all below 0", "multivariate_normal_tail", "symmetry", {"": d / (d + 1)},
             {"upper": [0] * d, "correlation": half})  # fmt: skip
        apart = [[float(i == j) for j in range(d)] for i in range(d)]
        limits = [-1.0, 0.5, 2.0, 7.5, 1.0][:d]
        case(f"{d} independent variables", "multivariate_normal_cdf", "product", {"": math.prod(upper_tail(-x) for x in limits)},
             {"upper": limits, "correlation": apart})  # fmt: skip
        far = [upper_tail(x) for x in (8.0, 8.5, 9.0, 9.5, 10.0)[:d]]
        outside = 0.0
        for one in far:
            outside = outside + one - outside * one
        case(f"{d} independent variables, far tail", "multivariate_normal_tail", "product", {"": outside},
             {"upper": [8.0, 8.5, 9.0, 9.5, 10.0][:d], "correlation": apart})  # fmt: skip
        same = [[1.0] * d for _ in range(d)]
        case(f"one variable {d} times", "multivariate_normal_tail", "product", {"": upper_tail(6.0)},
             {"upper": [6.0 + i for i in range(d)], "correlation": same})  # fmt: skip
    case("a variable and its opposite", "multivariate_normal_cdf", "product", {"": 1 - 2 * upper_tail(1.5)},
         {"upper": [1.5, 1.5], "correlation": [[1, -1], [-1, 1]]})  # fmt: skip
    generator = np.random.default_rng(7)
    for d in (3, 4, 5):
        for i in range(3):
            faces = generator.normal(size=(d, 3)) + i
            faces /= np.linalg.norm(faces, axis=1)[:, None]
            limits = np.round(generator.normal(size=d) + 1, 3)
            r = faces @ faces.T
            np.fill_diagonal(r, 1)
            case(f"{d} variables of rank 3, {i}", "multivariate_normal_cdf", "polyhedron", {"": polyhedron(faces, limits)},
                 {"upper": limits.tolist(), "correlation": ((r + r.T) / 2).tolist()}, tolerance=1e-11)  # fmt: skip
            wide = np.abs(limits) + 0.5
            case(f"{d} variables of rank 3, both sides, {i}", "multivariate_normal_cdf", "polyhedron",
                 {"": polyhedron(np.vstack((faces, -faces)), np.concatenate((wide, wide)))},
                 {"upper": wide.tolist(), "lower": (-wide).tolist(), "correlation": ((r + r.T) / 2).tolist()}, tolerance=1e-11)  # fmt: skip

    for d in (4, 5):
        angle = np.array([0.1, 0.7, 1.2, 2.9, 5.5][:d])  # two variables determine all: a polygon in a plane
        faces = np.column_stack((np.zeros(d), np.cos(angle), np.sin(angle)))
        limits = np.array([0.4, -0.2, 1.0, 1.3, 0.7][:d])
        r = np.cos(angle[:, None] - angle)
        case(f"{d} variables of rank 2", "multivariate_normal_cdf", "polyhedron", {"": polyhedron(faces, limits)},
             {"upper": limits.tolist(), "correlation": r.tolist()}, tolerance=1e-10,
             reason="conditional correlations are 1 all along the path")  # fmt: skip


def extremes() -> None:
    """What has no value, or one that is known without computing."""
    for function, more in (("log_rank", {}), ("weighted_log_rank", {"weight": "gehan"})):
        case(f"{function}: nobody has the event", function, "by hand",
             {"chi_square": None, "z": None, "p_value_two_sided": None, "df": 0, "observed": [0, 0], "expected": [0, 0]},
             {"time": [1, 2, 3], "event": [0, 0, 0], "group": ["A", "B", "A"], "groups": ["A", "B"], **more})  # fmt: skip
        case(f"{function}: everyone at once", function, "by hand", {"chi_square": None, "df": 0, "variance": [[0, 0], [0, 0]]},
             {"time": [0, 0, 0, 0], "event": [1, 1, 1, 1], "group": ["A", "B", "A", "B"], "groups": ["A", "B"], **more})  # fmt: skip
    case("two subjects", "log_rank", "by hand", {"observed": [1, 1], "expected": [0.5, 1.5], "variance": [[0.25, -0.25], [-0.25, 0.25]],
         "z": 1, "chi_square": 1}, {"time": [1, 2], "event": [1, 1], "group": ["A", "B"], "groups": ["A", "B"]})  # fmt: skip
    case("an empty group is left out", "log_rank", "by hand", {"df": 1, "chi_square": 1, "expected": [0.5, 1.5, 0]},
         {"time": [1, 2], "event": [1, 1], "group": ["A", "B"], "groups": ["A", "B", "C"]})  # fmt: skip
    case("groups that meet within strata only", "log_rank", "by hand", {"df": 2, "chi_square": 2},
         {"time": [1, 2, 1, 2], "event": [1] * 4, "group": list("ABCD"), "groups": list("ABCD"), "strata": [1, 1, 2, 2]})  # fmt: skip
    case("one subject against many", "log_rank", "by hand",
         {"z": 1 / math.sqrt(999), "expected": [999 / 1000, 1 / 1000]},
         {"time": [1] + [2] * 999, "event": [1] + [0] * 999, "group": ["A"] * 999 + ["B"], "groups": ["A", "B"]})  # fmt: skip


def main() -> None:
    tests()
    singular_combinations()
    arrangements()
    one_sample()
    normal_boxes()
    extremes()
    script = "verification/evidence/tests_exact.py"
    derivations = {
        "fractions": "The definition in fractions: a loop over event times and subjects; chi-square by elimination in fractions",
        "polyhedron": "z and correlations as roots of fractions; P is the normal measure of a polyhedron in three dimensions, "
        "integrated slice by slice between its vertices",
        "enumeration": "The score in fractions of every arrangement of the labels within strata",
        "angles": "Sheppard: orthants of two and three variables are sums of arcsines",
        "symmetry": "With equal correlations 1/2 the variables are differences to one of d + 1 equal ones: each is the largest with 1/(d + 1)",
        "product": "Independent variables multiply; a variable given several times is one",
        "by hand": "Small enough for the head",
    }
    sources = {
        key: {"kind": "closed form", "derivation": words, "script": script}
        for key, words in derivations.items()
    }
    lines = ",\n".join("    " + json.dumps(one, ensure_ascii=False) for one in CASES)
    TARGET.write_text(
        '{\n  "area": "tests",\n'
        f'  "sources": {json.dumps(sources, ensure_ascii=False)},\n  "data": {json.dumps(DATA)},\n  "cases": [\n{lines}\n  ]\n}}\n',
        encoding="utf-8",
    )
    print(len(CASES), "cases")


if __name__ == "__main__":
    main()
