"""Diagnostics of a fit as they may leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cpis_analysis.study.release import release_step, to_step

RESIDUAL_DIGITS = 2


def diagnostics_fit_to_release(diagnostics: Mapping[str, Any], sigma: float | None, n: int | None) -> dict[str, Any]:
    """Round what figures draw of a fit: quantiles of residuals, and what the model predicts of clusters.

    Parameters
    ----------
    diagnostics : mapping
        Of `AnalysisResult`.
    sigma : float or None
        Residual standard deviation; where there is none, as in generalised models, the diagnostics have that of a row
        about its linear predictor (``working_sd``).
    n : int or None
        Rows.

    Returns
    -------
    dict
        Quantiles of residuals and statistics of simulated ones with `RESIDUAL_DIGITS` decimals, p-values with one more;
        fitted values, predicted effects of
        clusters and their errors to the `release_step` of as many rows as they rest on.
    """
    result = dict(diagnostics)
    spread = sigma or 0.0
    simulated = result.get("simulated")
    if simulated:
        digits = {name: RESIDUAL_DIGITS + name.endswith("_p") for name in simulated if name != "n_simulated"}
        result["simulated"] = simulated | {name: round(simulated[name], to) for name, to in digits.items()}
        spread = result.pop("working_sd", 0.0)
    if "residual_quantiles" in result:
        result["residual_quantiles"] = {
            name: values if name in ("probability", "theoretical") else [round(x, RESIDUAL_DIGITS) for x in values]
            for name, values in result["residual_quantiles"].items()
        }
    if "residual_by_fitted" in result:
        result["residual_by_fitted"] = [
            row
            | {name: round(row[name], RESIDUAL_DIGITS) for name in ("q10", "q50", "q90")}
            | {
                "fitted_mid": round(row["fitted_mid"], RESIDUAL_DIGITS)
                if simulated
                else to_step(row["fitted_mid"], release_step(spread, row["n"]))
            }
            for row in result["residual_by_fitted"]
        ]
    if result.get("random_effects"):
        clusters = Counter(row["group"] for row in result["random_effects"])
        result["random_effects"] = [
            row
            | {
                name: to_step(row[name], release_step(spread, (n or 0) / clusters[row["group"]]))
                for name in ("mode", "se")
            }
            for row in result["random_effects"]
        ]
    return result
