"""What an estimator hands to the run: its part of a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Contrast", "Fitted"]


@dataclass(frozen=True)
class Contrast:
    """Inference on the reported effect, in points of the outcome."""

    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Fitted:
    """One fit; the fields are those of `AnalysisResult` and `Estimate`."""

    contrast: Contrast
    coefficients: list[dict[str, Any]]
    adjusted_means: list[dict[str, Any]]
    variance_components: list[dict[str, Any]] = field(default_factory=list)
    icc_trust: float | None = None
    icc_team: float | None = None
    singular: bool | None = None
    reml_loglik: float | None = None
    diagnostics: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
