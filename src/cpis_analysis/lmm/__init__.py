"""Linear mixed models for few clusters: exact fits, small-sample inference, many refits.

The package knows nothing of any study and imports only `cpis_analysis.errors`, NumPy, SciPy and pandas. Names are
loaded when they are first used, so that reading a formula does not cost the start of the whole engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpis_analysis.formula.parse import Formula, parse_formula
    from cpis_analysis.lmm.fit import DDF_METHODS, LinearMixedFit
    from cpis_analysis.lmm.known_variances import coefficients_at_fit, predictable_rows
    from cpis_analysis.lmm.model import lmer, ols
    from cpis_analysis.lmm.optimal_test.contrast import NearlyOptimal, nearly_optimal
    from cpis_analysis.lmm.optimal_test.training import Region
    from cpis_analysis.lmm.refits.bootstrap import BootstrapTest, bootstrap_test, likelihood_grid, null_t
    from cpis_analysis.lmm.refits.intervals import bootstrap_intervals, profile_intervals
    from cpis_analysis.lmm.refits.refit import ContrastResults, Refits
    from cpis_analysis.lmm.robust import ClusterRobust, cluster_robust

_HOME = {
    "parse_formula": "cpis_analysis.formula.parse",
    "Formula": "cpis_analysis.formula.parse",
    "DDF_METHODS": "cpis_analysis.lmm.fit",
    "BootstrapTest": "cpis_analysis.lmm.refits.bootstrap",
    "ClusterRobust": "cpis_analysis.lmm.robust",
    "ContrastResults": "cpis_analysis.lmm.refits.refit",
    "LinearMixedFit": "cpis_analysis.lmm.fit",
    "NearlyOptimal": "cpis_analysis.lmm.optimal_test.contrast",
    "Refits": "cpis_analysis.lmm.refits.refit",
    "Region": "cpis_analysis.lmm.optimal_test.training",
    "bootstrap_intervals": "cpis_analysis.lmm.refits.intervals",
    "bootstrap_test": "cpis_analysis.lmm.refits.bootstrap",
    "cluster_robust": "cpis_analysis.lmm.robust",
    "coefficients_at_fit": "cpis_analysis.lmm.known_variances",
    "likelihood_grid": "cpis_analysis.lmm.refits.bootstrap",
    "lmer": "cpis_analysis.lmm.model",
    "nearly_optimal": "cpis_analysis.lmm.optimal_test.contrast",
    "null_t": "cpis_analysis.lmm.refits.bootstrap",
    "ols": "cpis_analysis.lmm.model",
    "predictable_rows": "cpis_analysis.lmm.known_variances",
    "profile_intervals": "cpis_analysis.lmm.refits.intervals",
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
    return getattr(import_module(_HOME[name]), name)
