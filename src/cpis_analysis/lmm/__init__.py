"""Linear mixed models for few clusters: exact fits, small-sample inference, many refits.

The package knows nothing of any study and imports only `cpis_analysis.errors`, NumPy, SciPy and pandas. Names are
loaded when they are first used, so that reading a formula does not cost the start of the whole engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpis_analysis.lmm.fit import DDF_METHODS, LinearMixedFit
    from cpis_analysis.lmm.formula import Formula, parse_formula
    from cpis_analysis.lmm.model import lmer, ols
    from cpis_analysis.lmm.robust import ClusterRobust, cluster_robust

_HOME = {
    "DDF_METHODS": "fit",
    "ClusterRobust": "robust",
    "Formula": "formula",
    "LinearMixedFit": "fit",
    "cluster_robust": "robust",
    "lmer": "model",
    "ols": "model",
    "parse_formula": "formula",
}

__all__ = [
    "DDF_METHODS",
    "ClusterRobust",
    "Formula",
    "LinearMixedFit",
    "cluster_robust",
    "lmer",
    "ols",
    "parse_formula",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
