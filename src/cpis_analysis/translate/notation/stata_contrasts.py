"""Further contrasts in Stata: `lincom` for a combination of coefficients, `test` for several together."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.translation import Column, ExplainedModel, column_name
from cpis_analysis.translate.notation.wanted_contrasts import Weights, asked_contrasts, weights_of


def contrast_commands(model: ExplainedModel, *, small: bool = False, note: str = "") -> list[str]:
    """Commands that follow the fit, each below the name that results/estimates.csv gives its row.

    Parameters
    ----------
    model : ExplainedModel
    small : bool
        Whether the command counts degrees of freedom by the option ``small``.
    note : str
        What differs, as a last line where there are contrasts.
    """
    spec = model.spec
    level = f"level({100 * spec.level:g})"
    lines, asked = [], asked_contrasts(model)
    for one in asked:
        rows = weights_of(model, one)
        lines.append(f"* {one.name}")
        if rows is None:
            lines.append("* averaged over the people analysed, so its weights depend on the data; use the R code")
        elif one.is_joint:
            equations = " ".join(f"({_sum(model, row)} = 0)" for row in rows)
            lines.append(f"test {equations}{', small' if small else ''}")
        else:
            lines.append(f"lincom {_sum(model, rows[0])}, {'small ' if small else ''}{level}")
    if spec.contrasts and not asked:
        lines.append("* further contrasts: the codes of the moderator are not known beforehand")
    return [*lines, note] if lines and note else lines


def coefficient(model: ExplainedModel, column: Column) -> str:
    """A coefficient as Stata names it; codes are numbered in the order of their value labels."""
    parts = []
    for operand, code in column.parts:
        if code is None:
            parts.append(f"c.{operand_name(operand)}")
        else:
            levels = model.ordered_levels(operand.variable)
            parts.append(f"{levels.index(code) + 1 if code in levels else 2}.{operand.variable}_")
    return "#".join(parts)


def operand_name(operand: Operand) -> str:
    """A variable with its transforms, as the commands before have made it."""
    name = column_name(operand.variable)
    for function in operand.transforms:
        name = name if function in ("factor", "C") else f"{function}_{name}"
    return name


def _sum(model: ExplainedModel, weights: Weights) -> str:
    parts: list[str] = []
    for place, weight in weights.items():
        size = "" if abs(weight) == 1 else f"{abs(weight):.10g}*"
        sign = "- " if weight < 0 else "+ " if parts else ""
        parts.append(f"{sign}{size}{coefficient(model, model.columns[place])}")
    return " ".join(parts)
