"""The two analyses of an outcome that keep their error rate however the arms are spread over clusters.

A mixed model with every level of the design random and Kenward-Roger degrees of freedom, and least squares with CR2
standard errors by trust: of the methods compared in docs/analyses.md these two hold whether the arm varies within
trusts, between them, or both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.chapters.robustness.choices import parsed_formula
from cpis_analysis.formula.parse import Formula
from cpis_analysis.methods import mixed, ols_cr2
from cpis_analysis.methods.degrees import KENWARD_ROGER


@dataclass(frozen=True)
class Anchors:
    """Both analyses of one outcome; same response, same fixed part, same people."""

    mixed: AnalysisResult
    robust: AnalysisResult

    @property
    def pair(self) -> tuple[AnalysisResult, AnalysisResult]:
        return self.mixed, self.robust


def all_anchors(results: Mapping[str, Sequence[AnalysisResult]]) -> dict[str, Anchors]:
    """The anchors of every outcome that has both, in the order of the outcomes."""
    found = {outcome: anchors_of(rows) for outcome, rows in results.items()}
    return {outcome: pair for outcome, pair in found.items() if pair}


def anchors_of(results: Sequence[AnalysisResult]) -> Anchors | None:
    """Find both among the analyses of one outcome.

    Parameters
    ----------
    results : sequence of AnalysisResult
        In the plan's order; the first mixed model that has a partner is taken.

    Returns
    -------
    Anchors or None
        None where the plan has no such pair, or one of them gave no number.
    """
    known = [(result, parsed_formula(result.spec.formula)) for result in results if usable(result)]
    robust = [
        (one, parsed)
        for one, parsed in known
        if one.spec.estimator == ols_cr2.METHOD.name and one.spec.cluster == one.spec.trust
    ]
    for one, parsed in known:
        if parsed is None or not _all_random(one, parsed):
            continue
        for partner, other in robust:
            same = other is not None and _question(one, parsed) == _question(partner, other)
            if same:
                return Anchors(one, partner)
    return None


def _all_random(result: AnalysisResult, parsed: Formula) -> bool:
    spec = result.spec
    if spec.estimator != mixed.METHOD.name or spec.df_method != KENWARD_ROGER.name or spec.rows != "wide":
        return False
    levels = {frozenset(term.groups) for term in parsed.random_terms if () in term.terms}
    wanted = {frozenset(spec.keys_of(level)) for level in spec.levels}
    return wanted <= levels


def _question(result: AnalysisResult, parsed: Formula) -> tuple[object, ...]:
    return (
        str(parsed.response),
        frozenset(frozenset(map(str, term)) for term in parsed.fixed_terms),
        result.spec.population,
        result.spec.effect,
        result.spec.level,
    )
