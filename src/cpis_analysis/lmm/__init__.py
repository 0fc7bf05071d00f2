"""Linear mixed models for few clusters: exact fits, small-sample inference, many refits.

`lmer` and `ols` make a fit, which answers questions about its own data: `summary`, `contrast`, `joint_test`,
`marginal_means`, `variance_components`, `icc`, `messages`. What makes something new of a fit are functions beside it:
`refit`, `simulate`, `predict`, `variance_intervals`, `bootstrap_test`, `likelihood_ratio_test`, `cluster_robust`,
`nearly_optimal`.

Its rooms, each importing those before it: `designs`, `structures`, `fits`; then `refits`,
`optimal_test`, `generalised` and `resampling`.

The package knows nothing of any study and imports only `cpis_analysis.errors`, `cpis_analysis.formula`, NumPy, SciPy
and pandas. Names are loaded when they are first used, so that reading a formula does not cost the start of the whole
engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpis_analysis.formula.parse import Formula, parse_formula
    from cpis_analysis.lmm.fits.comparison import LikelihoodRatioTest, likelihood_ratio_test
    from cpis_analysis.lmm.fits.fit import LinearMixedFit
    from cpis_analysis.lmm.fits.inference import DDF_METHODS
    from cpis_analysis.lmm.fits.jackknife import ClusterJackknife, cluster_jackknife
    from cpis_analysis.lmm.fits.known_variances import coefficients_at_fit, predictable_rows
    from cpis_analysis.lmm.fits.model import lmer, ols
    from cpis_analysis.lmm.fits.prediction import predict
    from cpis_analysis.lmm.fits.robust import ClusterRobust, cluster_robust
    from cpis_analysis.lmm.generalised.model import glmer
    from cpis_analysis.lmm.generalised.partial_odds import proportional_odds
    from cpis_analysis.lmm.generalised.pseudo_likelihood import pseudo_likelihood
    from cpis_analysis.lmm.generalised.refits import refit_generalised
    from cpis_analysis.lmm.generalised.standardised import standardised
    from cpis_analysis.lmm.optimal_test.region import Region
    from cpis_analysis.lmm.optimal_test.tested_contrast import NearlyOptimal, nearly_optimal
    from cpis_analysis.lmm.refits.bootstrap import BootstrapTest, bootstrap_test, likelihood_grid, null_t
    from cpis_analysis.lmm.refits.intervals import bootstrap_intervals, profile_intervals, variance_intervals
    from cpis_analysis.lmm.refits.refit import ContrastResults, Refits, refit
    from cpis_analysis.lmm.refits.simulate import simulate

_HOME = {
    "DDF_METHODS": "lmm.fits.inference",
    "BootstrapTest": "lmm.refits.bootstrap",
    "ClusterJackknife": "lmm.fits.jackknife",
    "ClusterRobust": "lmm.fits.robust",
    "ContrastResults": "lmm.refits.refit",
    "Formula": "formula.parse",
    "LikelihoodRatioTest": "lmm.fits.comparison",
    "LinearMixedFit": "lmm.fits.fit",
    "NearlyOptimal": "lmm.optimal_test.tested_contrast",
    "Refits": "lmm.refits.refit",
    "Region": "lmm.optimal_test.region",
    "bootstrap_intervals": "lmm.refits.intervals",
    "bootstrap_test": "lmm.refits.bootstrap",
    "cluster_jackknife": "lmm.fits.jackknife",
    "cluster_robust": "lmm.fits.robust",
    "coefficients_at_fit": "lmm.fits.known_variances",
    "likelihood_ratio_test": "lmm.fits.comparison",
    "likelihood_grid": "lmm.refits.bootstrap",
    "glmer": "lmm.generalised.model",
    "lmer": "lmm.fits.model",
    "nearly_optimal": "lmm.optimal_test.tested_contrast",
    "null_t": "lmm.refits.bootstrap",
    "ols": "lmm.fits.model",
    "parse_formula": "formula.parse",
    "predict": "lmm.fits.prediction",
    "pseudo_likelihood": "lmm.generalised.pseudo_likelihood",
    "predictable_rows": "lmm.fits.known_variances",
    "proportional_odds": "lmm.generalised.partial_odds",
    "profile_intervals": "lmm.refits.intervals",
    "refit": "lmm.refits.refit",
    "refit_generalised": "lmm.generalised.refits",
    "simulate": "lmm.refits.simulate",
    "standardised": "lmm.generalised.standardised",
    "variance_intervals": "lmm.refits.intervals",
}

__all__ = [
    "DDF_METHODS",
    "BootstrapTest",
    "ClusterJackknife",
    "ClusterRobust",
    "ContrastResults",
    "Formula",
    "LikelihoodRatioTest",
    "LinearMixedFit",
    "NearlyOptimal",
    "Refits",
    "Region",
    "bootstrap_intervals",
    "bootstrap_test",
    "cluster_jackknife",
    "cluster_robust",
    "coefficients_at_fit",
    "glmer",
    "likelihood_grid",
    "likelihood_ratio_test",
    "lmer",
    "nearly_optimal",
    "null_t",
    "ols",
    "parse_formula",
    "predict",
    "predictable_rows",
    "profile_intervals",
    "proportional_odds",
    "pseudo_likelihood",
    "refit",
    "refit_generalised",
    "simulate",
    "standardised",
    "variance_intervals",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"cpis_analysis.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
