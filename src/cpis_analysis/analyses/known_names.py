"""What names in files of fitted models stand for, found from plan and data by making the names anew.

Those files hold names of contrasts and of coefficients. A name is looked up among those of everything that the analysis
could have reported, given the codes that occur in the data, so codes may hold any character.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from cpis_analysis.analyses.result_records import Names
from cpis_analysis.analyses.rows.analysis_rows import with_months
from cpis_analysis.analyses.rows.coefficients import INTERCEPT, Coefficients, Part, coefficients_of_term, terms_of
from cpis_analysis.formula.parse import Formula, Operand, cluster_part, parse_formula
from cpis_analysis.lmm.designs.coded_columns import read_column
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.contrast import (
    BESIDE,
    ONE_MORE,
    STANDARDISED,
    STANDARDISED_RATIO,
    Between,
    Contrast,
    arms_compared,
    at_waves,
    held_variables,
    moderators_of,
)
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.coding import is_number, other_arms
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import with_derived


def arms_beside(spec: AnalysisSpec, data: AnalysisData) -> tuple[list[str], str]:
    """Arms that can be compared with the reference, and what an analysis compares that did not come to choose one."""
    arms = other_arms(data.participants[spec.arm], spec.reference, spec.primary_arm)
    return arms, " or ".join(arms) or "the other arm"


class KnownNames:
    """Names of what analyses of some data can report.

    Parameters
    ----------
    data : AnalysisData
    """

    def __init__(self, data: AnalysisData) -> None:
        self.data = data
        self._arms: dict[tuple[str, ...], list[str]] = {}
        self._known: dict[tuple[Any, ...], tuple[str, ...]] = {}
        self._coefficients: dict[tuple[Any, ...], Coefficients] = {}

    def of(self, spec: AnalysisSpec) -> Names:
        """Every contrast and coefficient that an analysis could have reported, by name."""
        formula = parse_formula(spec.formula)
        contrasts: dict[str, Contrast] = {}
        for arm in self._others(spec):
            for one in self._of_arm(spec, formula, arm):
                # of two with one name ("a - b" less "c", "a" less "b - c") the likelier comes first
                contrasts.setdefault(str(one), one)
        return Names(contrasts, self._of_terms(spec, formula))

    def _of_terms(self, spec: AnalysisSpec, formula: Formula) -> Coefficients:
        """Coefficients that the formula can have; most outcomes share most terms."""

        def levels(operand: Operand) -> tuple[str, ...]:
            return self._levels_of(spec, operand.variable, "factor" in operand.transforms)

        found: dict[str, tuple[Part, ...]] = {INTERCEPT: ()}
        for term in dict.fromkeys(terms_of(formula)):
            key = (spec.rows, spec.derived, term)
            if key not in self._coefficients:
                self._coefficients[key] = coefficients_of_term(term, levels)
            found |= self._coefficients[key]
        return found

    def _others(self, spec: AnalysisSpec) -> list[str]:
        """What can stand against the reference: each arm, and of a refused analysis all of them."""
        key = (spec.arm, spec.reference, spec.primary_arm)
        if key not in self._arms:
            single, together = arms_beside(spec, self.data)
            self._arms[key] = list(dict.fromkeys([*single, together]))
        return self._arms[key]

    def _of_arm(self, spec: AnalysisSpec, formula: Formula, arm: str) -> Iterator[Contrast]:
        plain = arms_compared(spec, arm)
        if method_of(spec).standardises:
            yield from (replace(plain, kind=kind) for kind in (STANDARDISED, STANDARDISED_RATIO))
        if len(self._others(spec)) > 2:
            yield Contrast("joint", arm, spec.reference, terms=(spec.effect,))
        for effect in self._effects(spec, formula, plain):
            yield effect
            if degrees_of(spec).beside:
                yield replace(effect, beside=BESIDE)
        for part in spec.contrasts:
            if part.kind == "difference":
                yield replace(plain, kind="average")
            elif part.kind == "joint":
                yield Contrast("joint", arm, spec.reference, terms=part.terms)
            elif part.kind in ("by_wave", "average"):
                yield Contrast("joint", arm, spec.reference, terms=(f"{spec.arm}:wave",))
                yield from (at_waves(plain, spec, (wave,)) for wave in spec.waves_of_rows)
                yield at_waves(plain, spec, spec.later_waves)
            else:
                name = str(part.moderator)
                codes = self._levels(spec, formula, name) or tuple(f"{value:g}" for value in part.at)
                yield Contrast("joint", arm, spec.reference, terms=(f"{spec.arm}:{name}",))
                yield from (replace(plain, between=(Between(name, *pair),)) for pair in _pairs(codes))
                yield from (replace(plain, held=((name, code),)) for code in codes)

    def _effects(self, spec: AnalysisSpec, formula: Formula, plain: Contrast) -> Iterator[Contrast]:
        """The effect: with whatever it differs, and wherever it holds; of a refused analysis neither is said."""
        yield plain
        between = [self._between(spec, formula, name) for name in moderators_of(spec)]
        held = [[(name, code) for code in self._first(spec, formula, name)] for name in held_variables(spec, formula)]
        orders = itertools.permutations(between)
        for differs in itertools.chain.from_iterable(itertools.product(*order) for order in orders):
            for at in itertools.chain([()], itertools.product(*held)):
                yield replace(plain, between=differs, held=at)

    def _between(self, spec: AnalysisSpec, formula: Formula, name: str) -> list[Between]:
        codes = self._levels(spec, formula, name)
        if not codes:
            return [Between(name, ONE_MORE)]
        return [Between(name, *pair) for pair in _pairs(codes)]

    def _first(self, spec: AnalysisSpec, formula: Formula, name: str) -> tuple[str, ...]:
        if name == "wave":
            return (spec.baseline_wave,)
        return self._levels(spec, formula, name) or ("0",)

    def _levels(self, spec: AnalysisSpec, formula: Formula, name: str) -> tuple[str, ...]:
        """Levels of a factor in the data, named as a variable or as the formula writes it; none of a number."""
        used = [o for term in formula.fixed_terms for o in term if name in (o.variable, str(o))]
        made = any("factor" in operand.transforms for operand in used)
        return self._levels_of(spec, used[0].variable if used else name, made)

    def _levels_of(self, spec: AnalysisSpec, variable: str, made: bool) -> tuple[str, ...]:
        """The same of a variable, which may be `made` a factor; means of clusters are numbers."""
        if cluster_part(variable):
            return ()
        key = (spec.rows, spec.derived, variable, made)
        if key not in self._known:
            column = self._column(spec, variable).dropna()
            factor = made or not is_number(column)
            read = read_column({variable: column}, variable)
            self._known[key] = tuple(str(level) for level in read.as_factor.levels) if factor else ()
        return self._known[key]

    def _column(self, spec: AnalysisSpec, name: str) -> pd.Series:
        frames = [with_months(spec, self.data.interviews)] if spec.rows == "long" else []
        for frame in (*frames, self.data.participants):
            if name in frame:
                return frame[name]
        return with_derived(self.data.participants, spec.derived)[name]


def _pairs(codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What can be compared with what, the first level as reference first."""
    return ((last, first) for first in codes for last in codes if last != first)
