"""Many responses by mixed models: one search for all, and every inference from the same fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.lmm import LinearMixedFit, Region, lmer, refit
from cpis_analysis.lmm.optimal_test.tested_contrast import reduced_responses, trained_test
from cpis_analysis.lmm.optimal_test.trained import OptimalTest
from cpis_analysis.methods import degrees_of
from cpis_analysis.operating.tested_effects.many_tests import ManyTests, WithoutWidths
from cpis_analysis.plan.specification import AnalysisSpec


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; the responses are those of `rows`, in their order."""
    spec, response = specs[0], rows.formula.response.variable
    frame = rows.frame.assign(**{response: Y[:, 0]})
    fit = lmer(rows.formula, frame, reml=True, reference=references(spec, rows))
    term = effect_term(spec, rows.other_arm, fit.design, list(fit.term_names))
    found = {}
    for boundary in dict.fromkeys(one.boundary for one in specs):
        methods = tuple(dict.fromkeys(_method(one) for one in specs if one.boundary == boundary))
        refits = refit(fit, Y, contrasts=[term], ddf=methods, boundary=boundary, bad="mark")
        for method in methods:
            one = refits.contrasts[term][method]
            zero = np.asarray(refits.zero[:, :-1].any(axis=1))
            found[boundary, method] = ManyTests(one.estimate, one.std_error, one.df, zero)
    return [
        _nearly_optimal(one, fit, term, Y, found[one.boundary, _method(one)])
        if one.optimal
        else found[one.boundary, _method(one)]
        for one in specs
    ]


def _method(spec: AnalysisSpec) -> str:
    degrees = degrees_of(spec)
    return degrees.beside or degrees.name


@dataclass(frozen=True)
class _Optimal(WithoutWidths):
    """Of the nearly optimal test: p-values from its statistic, no standard error of its own interval."""

    test: OptimalTest
    z: np.ndarray
    rest: np.ndarray
    unit: np.ndarray

    def p_values(self, effect: float = 0.0) -> np.ndarray:
        moved = self.z + np.outer(self.test.design.arm, effect * self.unit)
        return np.where(self.failed, np.nan, self.test.p_value(self.test.statistic(moved, self.rest)))


def _nearly_optimal(spec: AnalysisSpec, fit: LinearMixedFit, term: str, Y: np.ndarray, plain: ManyTests) -> ManyTests:
    if spec.optimal is None:
        raise ValueError("the analysis has no settings of the nearly optimal test")
    region = Region(largest=spec.optimal.largest_ratio, typical=spec.optimal.typical_ratio)
    test = trained_test(fit, term, level=spec.level, region=region)
    z, rest = reduced_responses(fit, test, term, Y)
    _, _, scale = fit.basis.reduce(Y)
    row = np.eye(len(fit.term_names))[fit.term_names.index(term)]
    # an effect of one moves a response of unit scale by this many of the contrast's column at unit length
    unit = test.design.sign / np.linalg.norm(row @ fit.basis.back) / scale
    return _Optimal(plain.estimate, plain.se, plain.df, plain.singular, test, z, rest, unit)
