"""What an estimator hands to the run: its part of a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cpis_analysis.analyses.estimate import MissingShift

__all__ = ["Contrast", "Fitted"]


@dataclass(frozen=True)
class Contrast:
    """Inference on one contrast, in points of the outcome; a joint test has F and p alone.

    `name` is empty for the effect itself; `kind` is ``difference``, ``interaction`` or ``joint``; `num_df` are the
    numerator degrees of freedom of a joint test, `df_method` is empty where it is the analysis's own, and `optimal` is
    what `AnalysisResult.optimal` holds of it.
    """

    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    name: str = ""
    kind: str = "difference"
    num_df: float | None = None
    df_method: str = ""
    optimal: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """One fit; the fields are those of `AnalysisResult` and `Estimate`, and the name of the reported coefficient."""

    contrast: Contrast
    coefficients: list[dict[str, Any]]
    adjusted_means: list[dict[str, Any]]
    variance_components: list[dict[str, Any]] = field(default_factory=list)
    icc_trust: float | None = None
    icc_team: float | None = None
    singular: bool | None = None
    reml_loglik: float | None = None
    diagnostics: dict[str, Any] = field(default_factory=dict)
    contrasts: tuple[Contrast, ...] = ()
    term: str = ""
    warnings: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    missing_shift: MissingShift | None = None
