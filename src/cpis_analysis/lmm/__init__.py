"""Linear mixed models for few clusters: exact fits, small-sample inference, many refits.

The package knows nothing of any study and imports only `cpis_analysis.errors`, NumPy, SciPy and pandas.
"""

from cpis_analysis.lmm.fit import DDF_METHODS, LinearMixedFit
from cpis_analysis.lmm.formula import Formula, parse_formula
from cpis_analysis.lmm.model import lmer, ols
from cpis_analysis.lmm.robust import ClusterRobust, cluster_robust

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
