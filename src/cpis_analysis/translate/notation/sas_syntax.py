"""How SAS writes the fixed part of a model, its class variables and the level of intervals."""

from __future__ import annotations

from cpis_analysis.translate.notation.sas_contrasts import operand_name, sas_text
from cpis_analysis.translate.notation.translation import ExplainedModel


def class_names(model: ExplainedModel, names: tuple[str, ...] = ()) -> list[str]:
    """The CLASS statement: the reference where a factor is in the fixed part."""
    classes = []
    for name in names or model.factors:
        levels = model.ordered_levels(name)
        fixed = any(operand.variable == name for term in model.formula.fixed_terms for operand in term)
        classes.append(f"{name}(ref={sas_text(levels[0])})" if levels and fixed else name)
    return classes


def fixed_effects(model: ExplainedModel) -> str:
    """Terms of the fixed part, as the MODEL statement lists them."""
    return " ".join("*".join(operand_name(o) for o in term) for term in model.formula.fixed_terms if term)


def alpha_of(level: float) -> str:
    """The level of intervals as SAS has it: one less the level."""
    return f"{1 - level:.10g}"
