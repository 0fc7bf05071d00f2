"""The term of a fitted model that answers the question."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pandas as pd

from cpis_analysis.analyses.analysis_rows import AnalysisRows
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.effects import averages_over_people, effect_variables, wider_terms
from cpis_analysis.formula.parse import Formula
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["contrast_name", "effect_term", "held_at", "measure", "references"]


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
    parts = [levels.get(name, name) for name in effect_variables(spec.effect)]
    without_reference = f"{spec.arm}[{spec.reference}]"
    found = [name for name in (":".join(order) for order in itertools.permutations(parts)) if name in terms]
    if not found:
        found = [term for term in terms if _matches(term.split(":"), parts)]
    if len(found) == 1 and not any(without_reference in term.split(":") for term in terms):
        return found[0]
    if len(found) > 1:
        raise ModelError(
            f"The analysis {spec.name} can't be reported.",
            [
                Problem(
                    "the reported effect has several coefficients",
                    value=spec.effect,
                    allowed=", ".join(found),
                    hint="report a contrast of kind moderator or joint instead",
                )
            ],
        )
    reason = (
        "the model has no coefficient for the reported effect"
        if not found
        else ("the model gives each arm its own coefficient, so none of them is a difference between arms")
    )
    raise ModelError(
        f"The analysis {spec.name} can't be reported.",
        [
            Problem(
                reason,
                value=":".join(parts),
                allowed=", ".join(terms),
                hint=None if not found else "keep the intercept and the main effects in the formula",
            )
        ],
    )


def references(spec: AnalysisSpec, rows: AnalysisRows) -> dict[str, str]:
    """Reference levels: the plan's arm, and baseline where the wave is a factor of the model."""
    fixed = {operand.variable for term in rows.formula.fixed_terms for operand in term}
    chosen = {spec.arm: spec.reference, "wave": spec.baseline_wave}
    return {name: code for name, code in chosen.items() if name in fixed}


def contrast_name(spec: AnalysisSpec, other_arm: str, term: str = "", frame: pd.DataFrame | None = None) -> str:
    """The compared codes, such as ``implementation - comparison (6m - 0m)``.

    Parameters
    ----------
    spec : AnalysisSpec
    other_arm : str
    term : str
        Name of the coefficient, for the levels of other variables in an interaction.
    frame : DataFrame, optional
        The rows analysed, for the reference level of those variables.
    """
    name = f"{other_arm} - {spec.reference}"
    variables = effect_variables(spec.effect)
    if "wave" in variables:
        name += f" ({spec.followup_wave} - {spec.baseline_wave})"
    for part in term.split(":"):
        variable, _, level = part.partition("[")
        if variable in variables and variable not in (spec.arm, "wave"):
            first = "" if frame is None or not level else f" - {_first_level(frame[variable])}"
            name += f" ({variable}: {level.removesuffix(']') or 'one more'}{first})"
    return name


def measure(spec: AnalysisSpec, kind: str) -> str:
    """What a number measures, in words.

    Parameters
    ----------
    spec : AnalysisSpec
    kind : str
        ``difference``, ``held`` (a difference at one level of another variable), ``interaction`` or ``joint``.
    """
    if kind in ("difference", "held"):
        word = "risk difference" if spec.outcome_type == "binary" else "mean difference"
        # what holds at one level must not stand beside differences for everybody
        return word if kind == "difference" else f"{word} at one level"
    return {"interaction": "interaction", "joint": "joint test"}[kind]


def held_at(spec: AnalysisSpec, formula: Formula, frame: pd.DataFrame) -> dict[str, str]:
    """Where the reported coefficient holds, if wider interactions have it: each variable's reference level, or zero.

    Empty where nothing interacts with the effect, or the estimator averages over people: then it is for everybody.
    """
    if averages_over_people(spec.estimator, spec.link):
        return {}
    effect = effect_variables(spec.effect)
    others = dict.fromkeys(
        operand.variable
        for term in wider_terms(formula, spec.effect)
        for operand in term
        if operand.variable not in effect
    )
    return {
        name: spec.baseline_wave
        if name == "wave"
        else "0"
        if pd.api.types.is_numeric_dtype(frame[name])
        else _first_level(frame[name])
        for name in others
    }


def _first_level(values: pd.Series) -> str:
    known = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else sorted(values.unique())
    return str(known[0])


def _matches(columns: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a coefficient belongs to the parts, where a factor is named without its level."""
    left = list(parts)
    for column in columns:
        name = column if column in left else column.partition("[")[0]
        if name not in left:
            return False
        left.remove(name)
    return not left
