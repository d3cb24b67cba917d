"""A second program for logistic regression: statsmodels' Logit and GLM.

Run from the repository's root with a Python that has statsmodels and pandas: python verification/evidence/logistic_python.py
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.api as sm

FOLDER = "src/equipoise/validation/"
cases: list[dict] = []


def case(id, name, y, x, values, **more):
    arguments = {"response": y, "covariates": x, **more}
    cases.append(
        {
            "id": id,
            "function": "logistic",
            "source": "statsmodels",
            "requirements": [161],
            "data": name,
            "arguments": arguments,
            "values": values,
        }
    )


for name, y, x in [
    ("veteran", "status", ["trt", "karno", "diagtime", "age", "prior"]),
    ("ovarian", "fustat", ["age", "resid.ds", "rx", "ecog.ps"]),
    ("colon_death", "status", ["sex", "age", "obstruct", "perfor", "adhere", "extent", "surg", "node4"]),
    ("colon_recurrence", "status", ["sex", "age", "node4"]),
    ("kidney", "status", ["age", "sex", "frail"]),
    ("rats", "status", ["rx"]),
    ("stanford2", "status", ["age"]),
    ("heart", "event", ["age", "year", "surgery", "transplant"]),
    ("bladder2", "event", ["rx", "number", "size"]),
]:
    d = pd.read_csv(f"{FOLDER}data/{name}.csv")
    X, response = d[x].to_numpy(float), d[y].to_numpy(float)
    for level in (0.95, 0.8) if name in ("veteran", "rats") else (0.95,):
        fit = sm.Logit(response, sm.add_constant(X, has_constant="add")).fit(
            disp=0, method="newton", tol=1e-14, maxiter=100
        )
        limits = np.exp(fit.conf_int(1 - level))
        values = {
            "coefficients": fit.params.tolist(),
            "std_err": fit.bse.tolist(),
            "z": fit.tvalues.tolist(),
            "p_value_two_sided": fit.pvalues.tolist(),
            "lower": limits[:, 0].tolist(),
            "upper": limits[:, 1].tolist(),
            "log_likelihood": fit.llf,
            "log_likelihood_null": fit.llnull,
            "likelihood_ratio.chi_square": fit.llr,
            "aic": fit.aic,
            "fitted": fit.predict().tolist(),
        }
        more = {} if level == 0.95 else {"confidence_level": level}
        case(
            f"{name}, Logit" + ("" if level == 0.95 else f", level {level}"),
            f"{name}.csv",
            y,
            x,
            values,
            **more,
        )

with open(f"{FOLDER}evidence/logistic_python.json", "w", encoding="utf-8") as file:
    source = {
        "kind": "program",
        "name": f"statsmodels {statsmodels.__version__}, Logit",
        "script": "verification/evidence/logistic_python.py",
    }
    names = {one["data"] for one in cases}
    for one in cases:
        one["data"] = one["data"].removesuffix(".csv")
    file.write('{\n  "area": "logistic",\n  "sources": ' + json.dumps({"statsmodels": source}))
    file.write(
        ',\n  "data": '
        + json.dumps({name.removesuffix(".csv"): name for name in sorted(names)})
        + ',\n  "cases": [\n'
    )
    file.write(",\n".join("    " + json.dumps(one) for one in cases) + "\n  ]\n}\n")
print(len(cases), "cases")
