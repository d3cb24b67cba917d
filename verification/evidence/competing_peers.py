"""Reference values from independent Python programs for competing risks.

Run with a Python that has comprisk, surpyval and statsmodels: python verification/evidence/competing_peers.py
"""

from __future__ import annotations

import csv
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import comprisk
import numpy as np
import surpyval
from statsmodels.duration.survfunc import CumIncidenceRight

FOLDER = Path("src/equipoise/validation")


def table(name: str) -> dict[str, list[str]]:
    rows = list(csv.DictReader((FOLDER / "data" / name).read_text().splitlines()))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(column: list[str]) -> np.ndarray:
    return np.array([float(value) for value in column])


SETS = {
    "mgus2": (table("mgus2.csv"), "etime", "cause", "sex", ["age", "dxyr"], [12.0, 60, 120, 240]),
    "melanoma": (table("melanoma.csv"), "time", "status", "sex", ["age", "logthick"], [365.0, 1000, 2000]),
    "pbc": (table("pbc.csv"), "time", "status", "sex", ["age", "bili", "albumin"], [365.0, 1000, 2000]),
}


def plain(value: Any) -> Any:
    return np.asarray(value, dtype=float).tolist()


def main() -> None:
    cases: list[dict[str, Any]] = []

    def add(
        id: str,
        function: str,
        source: str,
        data: str,
        arguments: dict[str, Any],
        values: dict[str, Any],
        **more: Any,
    ) -> None:
        cases.append({"id": id, "function": function, "requirements": [105], "source": source, "data": data,
                      "arguments": arguments, "values": values, **more})  # fmt: skip

    for name, (data, time, cause, group, covariates, times) in SETS.items():
        t, c, g = numbers(data[time]), numbers(data[cause]).astype(int), np.array(data[group])
        x = np.column_stack([numbers(data[one]) for one in covariates])
        for k in (1, 2):
            test = comprisk.gray_test(t, c, g, cause=k)
            add(f"Gray, {name}, cause {k}, comprisk", "gray_test", "comprisk", name,
                {"time": time, "cause": cause, "group": group, "cause_of_interest": k},
                {"chi_square": float(test.stat), "df": int(test.df), "p_value_two_sided": float(test.pvalue)})  # fmt: skip
            model = comprisk.FineGrayRegression(cause=k, max_iter=100, gtol=1e-13).fit(x, time=t, event=c)
            add(f"Fine-Gray, {name}, cause {k}, comprisk", "fine_gray", "comprisk", name,
                {"time": time, "cause": cause, "covariates": covariates, "cause_of_interest": k},
                {"coefficients": plain(model.coef_), "model_covariance": plain(model.var_),
                 "log_likelihood": float(model.log_likelihood_)}, tolerance=1e-6,
                reason="comprisk iterates to a tolerance of its own")  # fmt: skip
        found = CumIncidenceRight(t, c)
        at = np.searchsorted(found.times, times, side="right") - 1
        add(f"incidence, {name}, statsmodels", "cumulative_incidence", "statsmodels", name, {"time": time, "cause": cause},
            {"estimate": [[plain(found.cinc[0][at]), plain(found.cinc[1][at])]]}, then=[["at", {"times": times}]])  # fmt: skip
        e = np.array([None if one == 0 else int(one) for one in c], dtype=object)
        test = surpyval.gray_test(t, e, g, event=1, rho=1.0)
        add(f"Gray, {name}, rho 1, surpyval", "gray_test", "surpyval", name,
            {"time": time, "cause": cause, "group": group, "rho": 1},
            {"chi_square": float(test.statistic), "p_value_two_sided": float(test.p_value)})  # fmt: skip

    script = "verification/evidence/competing_peers.py"
    sources = {one: {"kind": "program", "name": f"{one} {version(one)} (Python)", "script": script}
               for one in ("comprisk", "surpyval", "statsmodels")}  # fmt: skip
    lines = ",\n".join("    " + json.dumps(one) for one in cases)
    tables = json.dumps({name: f"{name}.csv" for name in SETS})
    (FOLDER / "evidence" / "competing_peers.json").write_text(
        f'{{\n  "area": "competing",\n  "sources": {json.dumps(sources)},\n  "data": {tables},\n  "cases": [\n{lines}\n  ]\n}}\n'
    )
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
