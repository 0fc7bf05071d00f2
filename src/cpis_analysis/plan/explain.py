"""What an analysis of the plan means: in words, as an equation, and as code of other programs."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.plan.explain_equation import equation_lines
from cpis_analysis.plan.explain_model import Variables, explained_model
from cpis_analysis.plan.explain_r import r_code
from cpis_analysis.plan.explain_sas import sas_code
from cpis_analysis.plan.explain_stata import stata_code
from cpis_analysis.plan.explain_words import explanation_sentences, one_sentence
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["Explanation", "Variables", "explain"]


@dataclass(frozen=True)
class Explanation:
    """One analysis, explained.

    Attributes
    ----------
    analysis, formula : str
    summary : str
        One line.
    words : tuple of str
        Question, people, model, inference.
    equation, latex : tuple of str
        The equation, its distributions, its indices.
    r, sas, stata : str
        Programs that do the same.
    """

    analysis: str
    formula: str
    summary: str
    words: tuple[str, ...]
    equation: tuple[str, ...]
    latex: tuple[str, ...]
    r: str
    sas: str
    stata: str


def explain(spec: AnalysisSpec, content: PlanFile, variables: Variables) -> Explanation:
    """Explain one analysis; nothing is read or fitted."""
    model = explained_model(spec, variables)
    return Explanation(
        analysis=spec.name,
        formula=spec.formula,
        summary=one_sentence(model, content),
        words=tuple(explanation_sentences(model, content)),
        equation=tuple(equation_lines(model)),
        latex=tuple(equation_lines(model, "latex")),
        r=r_code(model),
        sas=sas_code(model),
        stata=stata_code(model),
    )
