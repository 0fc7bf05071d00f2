"""Analyses that choose people by the outcome that they analyse, or explain it by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cpis_analysis.formula.parse import parse_formula, source_of
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import Comparison, Missing, Variable, comparisons
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE


@dataclass(frozen=True)
class OwnOutcome:
    """One part of an analysis that is made of its outcome.

    Attributes
    ----------
    part : str
        ``population``, ``derived`` or ``covariate``.
    name : str
        The population, the derived variable, or the variable of the formula.
    variable : str
        The variable that holds the outcome after baseline, such as ``rguk_6m``.
    """

    part: str
    name: str
    variable: str

    @property
    def sentence(self) -> str:
        """What is doubtful, for a reader of the analysis."""
        if self.part == "population":
            return (
                f"The population was chosen by the outcome that is analysed ({self.variable}), not by what was "
                f"known at baseline: the {PEOPLE} left in the two arms are not alike, and the difference between them "
                "is no effect of the arm."
            )
        what = f"variable {self.name}" if self.part == "derived" else "covariate"
        made = f"made of the outcome that is analysed ({self.variable})"
        return (
            f"The model has a {what} that is {made}: it explains the outcome by itself, and what it leaves is no "
            "effect of the arm."
        )


def own_outcome(spec: AnalysisSpec, made_of: Iterable[str] = ()) -> list[OwnOutcome]:
    """Find populations, derived variables and covariates that are made of the outcome after baseline.

    Parameters
    ----------
    spec : AnalysisSpec
    made_of : iterable of str
        What else holds the outcome, without the wave: the variable of a binary outcome, scores of the same items. The
        outcome itself always counts.

    Notes
    -----
    The outcome's value at baseline is no selection on the outcome. Neither is whether it is there: ``rguk_6m is not
    missing`` holds for everybody who can be analysed.
    """
    bases = dict.fromkeys([spec.outcome, *made_of])
    parts = ("change", spec.followup_wave, *spec.later_waves, *(f"change_{wave}" for wave in spec.later_waves))
    later = {f"{base}_{part}" for base in bases for part in parts}
    formula = parse_formula(spec.formula)
    operands = [operand for term in formula.fixed_terms for operand in term]
    if spec.rows == "long":
        later |= set(bases)
    derived = {name: sorted(_compared(condition) & later) for name, condition in spec.derived}
    chosen = {variable for variable, _ in spec.where} | (_compared(spec.condition) if spec.condition else set())
    found = [OwnOutcome("population", spec.population, name) for name in sorted(chosen & later)]
    found += [
        OwnOutcome("population", spec.population, name)
        for one in sorted(chosen & set(derived))
        for name in derived[one]
    ]
    for variable in dict.fromkeys(source_of(operand.variable) for operand in operands):
        found += [OwnOutcome("derived", variable, name) for name in derived.get(variable, ())]
        if variable in later and variable != formula.response.variable:
            found.append(OwnOutcome("covariate", variable, variable))
    return list(dict.fromkeys(found))


def _compared(condition: str) -> set[str]:
    """Variables whose values a condition compares."""
    names: set[str] = set()
    for part in comparisons(parse_condition(condition)):
        if isinstance(part, Missing):
            continue
        names.add(part.variable)
        if isinstance(part, Comparison) and isinstance(part.value, Variable):
            names.add(part.value.name)
    return names
