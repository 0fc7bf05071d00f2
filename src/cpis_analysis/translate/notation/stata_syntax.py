"""How Stata writes the fixed part of a model and numbers its factors and clusters."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.translation import ExplainedModel


def fixed_factors(model: ExplainedModel) -> list[str]:
    """Factors of the fixed part, the arm among them."""
    used = {operand.variable for term in model.formula.fixed_terms for operand in term} | {model.spec.arm}
    return [name for name in dict.fromkeys([*model.factors, model.spec.arm]) if name in used]


def fixed_effects(model: ExplainedModel) -> str:
    """Terms of the fixed part, as a command lists them."""
    return " ".join(
        "#".join(factor_name(model, operand) for operand in term) for term in model.formula.fixed_terms if term
    )


def factor_name(model: ExplainedModel, operand: Operand) -> str:
    """A variable with Stata's prefix for factors or numbers."""
    if operand.variable in model.factors:
        return f"i.{operand.variable}_"
    return f"c.{operand_name(operand)}"


def numbered_groups(model: ExplainedModel, groups: Sequence[str]) -> tuple[str, list[str]]:
    """Name of the numbers of groups, and the command that makes them.

    No command where the model has the factor, whose numbers have the same name.
    """
    identifier = "_".join(groups) + "_"
    if not groups or (len(groups) == 1 and groups[0] in fixed_factors(model)):
        return identifier, []
    return identifier, [f"egen {identifier} = group({' '.join(groups)})"]
