"""How R writes names, texts, variables with their transforms, and the fixed part of a formula."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.translation import ExplainedModel, column_name

# a mean is that of the rows analysed, whatever values a prediction is made for
_FUNCTIONS = {
    "log": "log({0})",
    "log1p": "log1p({0})",
    "sqrt": "sqrt({0})",
    "exp": "exp({0})",
    "square": "I(({0})^2)",
    "cube": "I(({0})^3)",
    "center": "I({0} - mean({1}))",
    "scale": "I(({0} - mean({1})) / sd({1}))",
    "factor": "{0}",
    "C": "{0}",
}


def fixed_text(model: ExplainedModel) -> str:
    """Response and fixed part of the formula."""
    terms = [":".join(operand_text(operand) for operand in term) for term in model.formula.fixed_terms if term]
    if () not in model.formula.fixed_terms:
        terms.insert(0, "0")
    return f"{operand_text(model.formula.response)} ~ {' + '.join(terms) or '1'}"


def operand_text(operand: Operand) -> str:
    """A variable with its transforms."""
    text, seen = name_text(operand.variable), f"rows${name_text(operand.variable)}"
    for name in operand.transforms:
        text, seen = _FUNCTIONS[name].format(text, seen), _FUNCTIONS[name].format(seen, seen)
    return text


def name_text(name: str) -> str:
    """A name, in backticks where R needs them."""
    name = column_name(name)
    return name if re.fullmatch(r"[A-Za-z.][\w.]*", name) else f"`{name}`"


def clusters_text(model: ExplainedModel) -> str:
    """The factor of the clusters that a method works by."""
    places = [f"rows${name_text(name)}" for name in model.spec.cluster_keys]
    return f"factor({places[0]})" if len(places) == 1 else f"interaction({', '.join(places)}, drop = TRUE)"


def quoted(text: str) -> str:
    """A text in quotation marks."""
    return json.dumps(text, ensure_ascii=False)


def vector(parts: Iterable[object]) -> str:
    """A vector of texts."""
    return f"c({', '.join(quoted(str(part)) for part in parts)})"


def term_line(model: ExplainedModel) -> str:
    """The reported coefficient as R names it; R writes the factors of an interaction in the formula's order."""
    if model.effect is None:
        return f"term <- {quoted(model.spec.effect)}"
    parts = [operand_text(operand) + (code or "") for operand, code in model.columns[model.effect].parts]
    if len(parts) == 1:
        return f"term <- {quoted(parts[0])}"
    both = [":".join(parts), ":".join(reversed(parts))]
    return f"term <- intersect({vector(both)}, rownames(table))"
