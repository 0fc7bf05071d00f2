"""The term of a fitted model that answers the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.coefficients import Coefficients, Part, named_coefficients
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import Formula, Operand
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.methods import averages_over_people
from cpis_analysis.plan.contrast import (
    ONE_MORE,
    SLOPE,
    Between,
    Contrast,
    arms_compared,
    held_variables,
    moderators_of,
)
from cpis_analysis.plan.specification import AnalysisSpec


def coefficient_parts(design: Design) -> Coefficients:
    """Parts of the coefficients of a design, by their names; of every level that it has."""
    codings = design.codings

    def levels(operand: Operand) -> list[str]:
        coding = codings[operand]
        return [str(level) for level in coding.levels] if isinstance(coding, FactorCoding) else []

    return named_coefficients(design.formula, levels)


def effect_term(spec: AnalysisSpec, other_arm: str, design: Design, among: Sequence[str] | None = None) -> str:
    """Name of the reported coefficient.

    ``arm`` stands for the coefficient of the non-reference arm; in an interaction, ``wave`` stands for follow-up
    against baseline and any other variable for itself.

    Parameters
    ----------
    spec : AnalysisSpec
    other_arm : str
    design : Design
    among : sequence of str, optional
        Columns of the design that have a coefficient; default: all.

    Raises
    ------
    ModelError
        If the model has no such coefficient, or codes the arm without a reference.
    """
    known = coefficient_parts(design)
    terms = list(design.term_names if among is None else among)
    levels = {spec.arm: other_arm, "wave": spec.followup_wave}
    variables = effect_variables(spec.effect)
    found = [term for term in terms if _is_effect(known[term], variables, levels)]
    without_reference = Part(spec.arm, spec.reference)
    if len(found) == 1 and not any(without_reference in known[term] for term in terms):
        return found[0]
    if len(found) > 1:
        raise ModelError(
            f"The analysis {spec.name} can't be reported.",
            Problem(
                "the reported effect has several coefficients",
                value=spec.effect,
                allowed=", ".join(found),
                hint="report a contrast of kind moderator or joint instead",
            ),
        )
    reason = (
        "the model has no coefficient for the reported effect"
        if not found
        else ("the model gives each arm its own coefficient, so none of them is a difference between arms")
    )
    raise ModelError(
        f"The analysis {spec.name} can't be reported.",
        Problem(
            reason,
            value=":".join(f"{name}[{levels[name]}]" if name in levels else name for name in variables),
            allowed=", ".join(terms),
            hint=None if not found else "keep the intercept and the main effects in the formula",
        ),
    )


def references(spec: AnalysisSpec, rows: AnalysisRows) -> dict[str, str]:
    """Reference levels: the plan's arm, and baseline, or the reported wave, where the wave is a factor of the model."""
    fixed = {operand.variable for term in rows.formula.fixed_terms for operand in term}
    chosen = {spec.arm: spec.reference, "wave": spec.reference_wave}
    return {name: code for name, code in chosen.items() if name in fixed}


def effect_contrast(spec: AnalysisSpec, rows: AnalysisRows, design: Design, term: str) -> Contrast:
    """What the reported coefficient compares.

    Parameters
    ----------
    spec : AnalysisSpec
    rows : AnalysisRows
        For the levels at which it holds.
    design : Design
    term : str
        Name of the coefficient.
    """
    others = set(moderators_of(spec))
    first = {
        str(operand): str(coding.levels[0])
        for operand, coding in design.codings.items()
        if isinstance(coding, FactorCoding)
    }
    between = tuple(
        Between(part.operand, ONE_MORE)
        if part.level is None
        else Between(part.operand, part.level, first[part.operand])
        for part in coefficient_parts(design)[term]
        if part.operand in others
    )
    held = tuple(held_at(spec, rows.formula, rows.frame).items())
    return replace(arms_compared(spec, rows.other_arm), between=between, held=held)


def kind_of(compared: Contrast) -> str:
    """What `measure_of` takes for the effect of an analysis, whichever arm it is of and by whichever method."""
    if compared.between:
        return "interaction"
    # a slope at one level is no difference of means there
    if compared.kind == SLOPE:
        return SLOPE
    return "held" if compared.held else "difference"


def held_at(spec: AnalysisSpec, formula: Formula, frame: pd.DataFrame) -> dict[str, str]:
    """Where the reported coefficient holds, if wider interactions have it: each variable's reference level, or zero.

    Empty where nothing interacts with the effect, or the estimator averages over people: then it is for everybody.
    """
    if averages_over_people(spec):
        return {}
    return {
        name: spec.baseline_wave
        if name == "wave"
        else "0"
        if pd.api.types.is_numeric_dtype(frame[name])
        else _first_level(frame[name])
        for name in held_variables(spec, formula)
    }


def _first_level(values: pd.Series) -> str:
    known = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else sorted(values.unique())
    return str(known[0])


def _is_effect(parts: Sequence[Part], variables: Sequence[str], levels: Mapping[str, str]) -> bool:
    """Whether a coefficient is that of some variables, of which some have levels that are asked for."""
    return sorted(part.operand for part in parts) == sorted(variables) and all(
        part.level == levels.get(part.operand, part.level) for part in parts
    )
