"""What an estimator hands to the run: its part of a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import MissingShift
from cpis_analysis.analyses.icc import Correlations
from cpis_analysis.analyses.means import INFERENCE
from cpis_analysis.plan.contrast import Contrast


@dataclass(frozen=True)
class Around:
    """What a fit may need beside its rows and its specification.

    Attributes
    ----------
    random : numpy.random.Generator
        For the simulated envelope of residuals.
    minimum_cell : int
        Messages tell of no fewer people than this; 0 for no such limit.
    everybody : DataFrame
        All participants, the analysed ones among them.
    one_of_many : bool
        Whether this is one of many fits, whose diagnostics nobody looks at: of completed data sets, of the rest without
        a cluster, of the second and later arms.
    seed : int
        Master seed of the study.
    """

    random: np.random.Generator
    minimum_cell: int
    everybody: pd.DataFrame
    one_of_many: bool = False
    seed: int = 0


@dataclass(frozen=True)
class ContrastTest:
    """Inference on one contrast, on the scale of the model; a joint test has F and p alone.

    `of` is None for the effect itself, which `beside` tests by another method as well; `kind` is ``difference``,
    ``interaction`` or ``joint``; `num_df` are the numerator degrees of freedom of a joint test, `df_method` is empty
    where it is the analysis's own, `optimal` is what `AnalysisResult.optimal` holds of it, and `scale` the name of its
    scale where that is another than the analysis's.
    """

    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    of: Contrast | None = None
    beside: str = ""
    kind: str = "difference"
    num_df: float | None = None
    df_method: str = ""
    optimal: dict[str, Any] = field(default_factory=dict)
    scale: str = ""


def contrast_test(row: pd.Series, of: Contrast | None = None, kind: str = "difference") -> ContrastTest:
    """A row of a summary as a contrast that was tested, with what the nearly optimal test says beside it."""
    more: dict[str, Any] = row.get("optimal") if isinstance(row.get("optimal"), dict) else {}
    estimate, se, df, statistic, p_value, low, high = (float(row[c]) for c in INFERENCE)
    return ContrastTest(estimate, se, df, statistic, p_value, low, high, of=of, kind=kind, optimal=more)


@dataclass(frozen=True)
class Fitted:
    """One fit; the fields are those of `AnalysisResult` and `Estimate`."""

    contrast: ContrastTest
    coefficients: list[dict[str, Any]]
    adjusted_means: list[dict[str, Any]]
    variance_components: list[dict[str, Any]] = field(default_factory=list)
    icc: Correlations = field(default_factory=Correlations)
    singular: bool | None = None
    reml_loglik: float | None = None
    diagnostics: dict[str, Any] = field(default_factory=dict)
    contrasts: tuple[ContrastTest, ...] = ()
    warnings: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    missing_shift: MissingShift | None = None
    checks: dict[str, Any] = field(default_factory=dict)
    imputation: dict[str, Any] = field(default_factory=dict)
    shifted: dict[str, Any] = field(default_factory=dict)
    resampling: dict[str, Any] = field(default_factory=dict)
