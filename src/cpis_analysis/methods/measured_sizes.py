"""How often tests of answers and counts rejected a true null hypothesis in simulated studies with ten teams.

Ten teams in five trusts, as `benchmarks/error_rates_answers.py` simulates them: risks of 0.5 and 0.15, latent
intraclass correlations of teams of 0.05 and 0.20; without covariates and with two, sizes 10:1. A size is that over
the cells of an allocation, the higher of the two settings, from 4000 data sets each; those of ordered answers by a
mixed model and of Kauermann and Carroll's correction from 400. docs/error_rates.md has the table. That of the nearly
optimal test is the highest of the cells of `benchmarks/optimal_answers.py`. What was not measured well enough to be
told from 5% has no size here.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpis_analysis.methods.degrees import Settings
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL

__all__ = ["NOMINAL", "TOO_OFTEN", "measured_size"]

NOMINAL = 0.05
TOO_OFTEN = 0.06
"""Size at nominal 5% from which a test is warned of."""

_STAGES = {"A": 0.044, "B": 0.050}
_BY_TRUST = {"A": 0.046, "B": 0.051, "C": 0.044}
_BINARY: dict[tuple[str, str], Mapping[str, float]] = {
    ("cluster_summary", "team"): _STAGES,
    ("cluster_summary", "trust"): {"C": 0.052},
    ("cluster_summary", "pairs"): {"A": 0.045, "B": 0.050},
    ("by_design", ""): {**_STAGES, "C": _BY_TRUST["C"]},
    ("ols_cr2", "trust"): _BY_TRUST,
    ("ols_cr2", "team"): {"A": 0.046, "B": 0.054, "C": 0.059},
    ("mixed", "kenward-roger"): {"A": 0.017, "B": 0.021, "C": 0.008},
    ("mixed", NEARLY_OPTIMAL.name): {"A": 0.053, "B": 0.058, "C": 0.039},
    ("mixed", "z"): {"A": 0.097, "B": 0.086, "C": 0.066},
    ("gee", "kauermann-carroll"): {"A": 0.091, "B": 0.077, "C": 0.105},
    ("glmm", "between-within"): {"A": 0.066, "B": 0.055, "C": 0.011},
    ("glmm", "z"): {"A": 0.109, "B": 0.095, "C": 0.091},
}
_ORDINAL: dict[tuple[str, str], Mapping[str, float]] = {
    ("cluster_summary", "team"): {"A": 0.048, "B": 0.052},
    ("cluster_summary", "trust"): {"C": 0.050},
    ("by_design", ""): {"A": 0.048, "B": 0.052},
    ("glmm", "between-within"): {"A": 0.095, "B": 0.070, "C": 0.020},
    ("glmm", "z"): {"A": 0.138, "B": 0.118, "C": 0.108},
}
_COUNT: dict[tuple[str, str], Mapping[str, float]] = {
    ("cluster_summary", "team"): {"A": 0.047, "B": 0.050},
    ("cluster_summary", "trust"): {"C": 0.048},
    ("cluster_rates", "team"): {"A": 0.052, "B": 0.054},
    ("cluster_rates", "trust"): {"C": 0.049},
    ("cluster_rates", "pairs"): {"A": 0.055, "B": 0.048},
    ("by_design", ""): {"A": 0.047, "B": 0.050},
    ("glmm", "between-within"): {"A": 0.118, "B": 0.100, "C": 0.028},
    ("glmm", "z"): {"A": 0.179, "B": 0.149, "C": 0.123},
}
_SIZES = {"binary": _BINARY, "ordinal": _ORDINAL, "count": _COUNT}


def measured_size(spec: Settings, regime: str) -> float | None:
    """Size of the test of an analysis of an answer or a count, at nominal 5%.

    Parameters
    ----------
    spec : Settings
    regime : str
        Of the allocation: ``A``, ``B`` or ``C``.

    Returns
    -------
    float or None
        None where it was not measured.
    """
    found = _SIZES.get(spec.outcome_type, {}).get((spec.estimator, _detail(spec)))
    return None if found is None else found.get(regime)


def _detail(spec: Settings) -> str:
    """What of its settings decides the size of a test."""
    of_cluster = "pairs" if spec.pairs else "trust" if spec.cluster == spec.levels[0] else "team"
    by = dict.fromkeys(("cluster_summary", "cluster_rates", "ols_cr2"), of_cluster)
    by |= {"by_design": "", "gee": spec.correction}
    return str(by.get(spec.estimator, spec.df_method))
