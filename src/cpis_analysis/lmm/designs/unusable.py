"""The error of an outcome that no model of a design can be fitted to, and its words."""

from __future__ import annotations

from cpis_analysis.errors import ModelError, Problem

FLAT = "the outcome does not vary, or the fixed effects explain it exactly"
WITHIN = "the outcome does not vary within groups, so the residual variance is zero"
MISSING = "missing values"
INFINITE = "infinite value"
MEND_INFINITE = "leave these rows out, or correct their values"


class UnusableResponse(ModelError):
    """An outcome that can't be fitted, whoever asks: `lmer`, `ols` or `refit`."""

    @classmethod
    def because(cls, why: str, response: object) -> UnusableResponse:
        """The error of one outcome."""
        return cls("The model cannot be fitted.", Problem(why, variable=str(response), hint="leave the response out"))
