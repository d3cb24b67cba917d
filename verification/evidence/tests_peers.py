"""The tests between survival curves by other programs: PYTHON verification/evidence/tests_peers.py from the root.

PYTHON is an interpreter that has lifelines, surpyval and statsmodels. Nothing of equipoise is called.
"""

from __future__ import annotations

import contextlib
import csv
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import lifelines.statistics as lifelines
import numpy as np
import surpyval
from statsmodels.duration.survfunc import survdiff

warnings.simplefilter("ignore")
FOLDER = Path("src/equipoise/validation")
SCRIPT = "verification/evidence/tests_peers.py"
CASES: list[dict] = []
SETS = {
    "lung by sex": ("lung.csv", "time", "status", "sex", [1, 2], None),
    "veteran by trt, strata celltype": ("veteran.csv", "time", "status", "trt", [1, 2], "celltype"),
    "ovarian by rx": ("ovarian.csv", "futime", "fustat", "rx", [1, 2], None),
    "ovarian by rx, strata resid.ds": ("ovarian.csv", "futime", "fustat", "rx", [1, 2], "resid.ds"),
    "aml by x": ("aml.csv", "time", "status", "x", ["Nonmaintained", "Maintained"], None),
    "death by sex, strata rx": ("colon_death.csv", "time", "status", "sex", [0, 1], "rx"),
    "rats by rx, strata sex": ("rats.csv", "time", "status", "rx", [0, 1], "sex"),
    "veteran by celltype": (
        "veteran.csv",
        "time",
        "status",
        "celltype",
        ["squamous", "smallcell", "adeno", "large"],
        None,
    ),
}


def read(name: str) -> dict[str, np.ndarray]:
    rows = list(csv.DictReader((FOLDER / "data" / name).read_text(encoding="utf-8").splitlines()))
    columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    for key, column in columns.items():
        with contextlib.suppress(ValueError):  # words stay words
            columns[key] = np.array([float(value) for value in column])
    return columns


def case(
    name: str,
    function: str,
    source: str,
    chi_square: float,
    p: float,
    arguments: dict,
    data: str,
    tolerance=1e-8,
    reason="",
) -> None:
    one = {"id": name, "function": function, "source": source, "data": data, "arguments": arguments,
           "values": {"chi_square": float(chi_square), "p_value_two_sided": float(p)}}  # fmt: skip
    CASES.append(one | ({"tolerance": tolerance, "reason": reason} if reason else {}))


def main() -> None:
    for name, (file, time, event, group, groups, strata) in SETS.items():
        d = read(file)
        arguments = {"time": time, "event": event, "group": group, "groups": groups} | (
            {"strata": strata} if strata else {}
        )
        key = file.removesuffix(".csv")
        t, e, g = d[time], d[event], d[group]
        by = d[strata] if strata else None
        ways = [("log-rank", {}), ("gehan", {}), ("tarone-ware", {}), ("fleming-harrington", {"rho": 0.0, "gamma": 1.0}),
                ("fleming-harrington", {"rho": 0.5, "gamma": 0.5}), ("fleming-harrington", {"rho": 2.0, "gamma": 0.0})]  # fmt: skip
        for weight, more in ways:
            found = surpyval.logrank(t, g, c=1 - e, weighting=weight, strata=by, **more)
            function = "log_rank" if weight == "log-rank" else "weighted_log_rank"
            options = {} if weight == "log-rank" else {"weight": weight, **more}
            words = " ".join([weight, *(f"{k} {v:g}" for k, v in more.items())])
            case(
                f"surpyval, {words}, {name}",
                function,
                "surpyval",
                found.statistic,
                found.p_value,
                arguments | options,
                key,
            )
        if len(groups) == 2:
            for kind, options in ((None, None), ("gb", {"weight": "gehan"}), ("tw", {"weight": "tarone-ware"}),
                                  ("fh", {"weight": "fleming-harrington", "rho": 0.7, "gamma": 0})):  # fmt: skip
                more = {"fh_p": 0.7} if kind == "fh" else {}
                chi_square, p = survdiff(t, e, g, weight_type=kind, strata=by, **more)
                function = "log_rank" if kind is None else "weighted_log_rank"
                case(
                    f"statsmodels, {kind or 'log-rank'}, {name}",
                    function,
                    "statsmodels",
                    chi_square,
                    p,
                    arguments | (options or {}),
                    key,
                )
        if not strata:
            for kind, options in ((None, {}), ("wilcoxon", {"weight": "gehan"}), ("tarone-ware", {"weight": "tarone-ware"}),
                                  ("peto", {"weight": "peto-prentice"})):  # fmt: skip
                found = lifelines.multivariate_logrank_test(t, g, e, weightings=kind)
                function = "log_rank" if kind is None else "weighted_log_rank"
                case(f"lifelines, {kind or 'log-rank'}, {name}", function, "lifelines", found.test_statistic, found.p_value,
                     arguments | options, key)  # fmt: skip
    names = {key: f"{key} {version(key)}" for key in ("lifelines", "surpyval", "statsmodels")}
    sources = {key: {"kind": "program", "name": words, "script": SCRIPT} for key, words in names.items()}
    files = {file.removesuffix(".csv"): file for file, *_ in SETS.values()}
    lines = ",\n".join("    " + json.dumps(one) for one in CASES)
    (FOLDER / "evidence" / "tests_peers.json").write_text(
        f'{{\n  "area": "tests",\n  "sources": {json.dumps(sources)},\n  "data": {json.dumps(files)},\n  "cases": [\n{lines}\n  ]\n}}\n',
        encoding="utf-8",
    )
    print(len(CASES), "cases")


if __name__ == "__main__":
    main()
