"""A model as an equation with subscripts, in Unicode for a terminal and in LaTeX for a paper."""

from __future__ import annotations

from cpis_analysis.plan.naming import PERSON, Noun, study_words
from cpis_analysis.translate.notation.equation_text import EquationText, LatexText
from cpis_analysis.translate.notation.translation import ExplainedModel
from cpis_analysis.translate.parts import part_of


def equation_lines(model: ExplainedModel, style: str = "unicode", person: Noun = PERSON) -> list[str]:
    """Lines of the equation, then of its distributions, then what the indices mean.

    Parameters
    ----------
    model : ExplainedModel
    style : str
        ``unicode`` or ``latex``.
    person : Noun
        What one of those who take part is called.
    """
    text = LatexText(model) if style == "latex" else EquationText(model)
    # (text) -> lines
    own, reported = part_of(model, "equation"), part_of(model, "reported")
    lines = list(own(text)) if own else [text.main()]
    lines += [*text.legend(person), *(reported(text) if reported else text.reported())]
    return [*map(study_words(person), lines)]
