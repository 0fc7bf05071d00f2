"""What an analysis of the plan means: in words, as an equation, and as code of other programs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cpis_analysis.methods import degrees_of
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.translate.equation import equation_lines
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.r import r_code
from cpis_analysis.translate.sas import sas_code
from cpis_analysis.translate.stata import stata_code
from cpis_analysis.translate.words import explanation_sentences, one_sentence

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
    model, person = explained_model(spec, variables), content.design.people.noun
    # what no other program has is run by what stands beside it
    beside = degrees_of(spec).beside
    other = replace(model, spec=replace(spec, df_method=beside)) if beside else model
    return Explanation(
        analysis=spec.name,
        formula=spec.formula,
        summary=one_sentence(model, content),
        words=tuple(explanation_sentences(model, content)),
        equation=tuple(equation_lines(model, person=person)),
        latex=tuple(equation_lines(model, "latex", person)),
        r=_noted("#", "", spec, r_code(other)),
        sas=_noted("/*", " */", spec, sas_code(other)),
        stata=_noted("*", "", spec, stata_code(other)),
    )


def _noted(start: str, end: str, spec: AnalysisSpec, code: str) -> str:
    """Code with first lines that say what it does not do."""
    notes = [degrees_of(spec).elsewhere, _WEIGHTS if spec.balance else ""]
    first = "".join(f"{start} {note}{end}\n" for note in notes if note)
    return first + code


_WEIGHTS = f"{PEOPLE} are weighted first so that the arms are alike (key balance of the plan): the code has no weights"
