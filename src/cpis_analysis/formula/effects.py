"""The reported effect of a model: which variables it names, and which terms go beyond it."""

from __future__ import annotations

import re

from cpis_analysis.formula.parse import Formula, Term


def effect_variables(effect: str) -> list[str]:
    """Variables of an effect such as ``arm:wave``."""
    # the sign between the clusters of a mean is no interaction
    return re.split(r"\s*[:*]\s*(?![^()]*\))", effect.strip())


def has_term(formula: Formula, *variables: str) -> bool:
    """Whether the fixed part has a term of these variables and no others."""
    return any({operand.variable for operand in term} == set(variables) for term in formula.fixed_terms)


def wider_terms(formula: Formula, effect: str) -> list[Term]:
    """Interactions that have every variable of the effect and more: beside them it holds at one level only."""
    named = set(effect_variables(effect))
    return [term for term in formula.fixed_terms if named < {operand.variable for operand in term}]
