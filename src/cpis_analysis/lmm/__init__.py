"""Linear mixed models for few clusters: exact fits, small-sample inference, many refits.

The package knows nothing of any study and imports only `cpis_analysis.errors`, NumPy, SciPy and pandas. Names are
loaded when they are first used, so that reading a formula does not cost the start of the whole engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpis_analysis.lmm.calibration import BootstrapTest, bootstrap_test, likelihood_grid, null_t
    from cpis_analysis.lmm.fit import DDF_METHODS, LinearMixedFit
    from cpis_analysis.lmm.formula import Formula, parse_formula
    from cpis_analysis.lmm.intervals import bootstrap_intervals, profile_intervals
    from cpis_analysis.lmm.known_variances import coefficients_at_fit, predictable_rows
    from cpis_analysis.lmm.model import lmer, ols
    from cpis_analysis.lmm.optimal_contrast import NearlyOptimal, nearly_optimal
    from cpis_analysis.lmm.optimal_training import Region
    from cpis_analysis.lmm.refit import ContrastResults, Refits
    from cpis_analysis.lmm.robust import ClusterRobust, cluster_robust

_HOME = {
    "DDF_METHODS": "fit",
    "BootstrapTest": "calibration",
    "ClusterRobust": "robust",
    "ContrastResults": "refit",
    "Formula": "formula",
    "LinearMixedFit": "fit",
    "NearlyOptimal": "optimal_contrast",
    "Refits": "refit",
    "Region": "optimal_training",
    "bootstrap_intervals": "intervals",
    "bootstrap_test": "calibration",
    "cluster_robust": "robust",
    "coefficients_at_fit": "known_variances",
    "likelihood_grid": "calibration",
    "lmer": "model",
    "nearly_optimal": "optimal_contrast",
    "null_t": "calibration",
    "ols": "model",
    "parse_formula": "formula",
    "predictable_rows": "known_variances",
    "profile_intervals": "intervals",
}

__all__ = [
    "DDF_METHODS",
    "BootstrapTest",
    "ClusterRobust",
    "ContrastResults",
    "Formula",
    "LinearMixedFit",
    "NearlyOptimal",
    "Refits",
    "Region",
    "bootstrap_intervals",
    "bootstrap_test",
    "cluster_robust",
    "coefficients_at_fit",
    "likelihood_grid",
    "lmer",
    "nearly_optimal",
    "null_t",
    "ols",
    "parse_formula",
    "predictable_rows",
    "profile_intervals",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
