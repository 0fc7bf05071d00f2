"""The term of a fitted model that answers the question."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["contrast_name", "effect_term"]


def effect_term(spec: AnalysisSpec, other_arm: str, terms: Sequence[str]) -> str:
    """Name of the reported coefficient.

    ``arm`` stands for the coefficient of the non-reference arm; in an interaction, ``wave`` stands for follow-up
    against baseline and any other variable for itself.

    Raises
    ------
    ModelError
        If the model has no such coefficient, or codes the arm without a reference.
    """
    levels = {spec.arm: f"{spec.arm}[{other_arm}]", "wave": f"wave[{spec.followup_wave}]"}
    parts = [levels.get(name, name) for name in re.split(r"\s*[:*]\s*", spec.effect.strip())]
    without_reference = f"{spec.arm}[{spec.reference}]"
    found = [name for name in (":".join(order) for order in itertools.permutations(parts)) if name in terms]
    if found and not any(without_reference in term.split(":") for term in terms):
        return found[0]
    reason = "the model has no coefficient for the reported effect" if not found else (
        "the model gives each arm its own coefficient, so none of them is a difference between arms")
    raise ModelError(
        f"The analysis {spec.name} can't be reported.",
        [Problem(reason, value=":".join(parts), allowed=", ".join(terms),
                 hint="columns that repeat others are left out of a model; is the arm explained by the covariates?"
                 if not found else "keep the intercept and the main effects in the formula")],
    )


def contrast_name(spec: AnalysisSpec, other_arm: str) -> str:
    """The compared codes, such as ``implementation - comparison``."""
    name = f"{other_arm} - {spec.reference}"
    over_time = "wave" in re.split(r"[:*\s]+", spec.effect)
    return f"{name} ({spec.followup_wave} - {spec.baseline_wave})" if over_time else name
