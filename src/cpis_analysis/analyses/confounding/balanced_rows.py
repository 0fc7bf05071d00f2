"""Rows of an analysis with weights that make the arms alike, and an account of how alike they are then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpis_analysis.analyses.confounding.balance_weights import (
    can_reach,
    effective_size,
    entropy_weights,
    overlap_weights,
)
from cpis_analysis.analyses.confounding.standard_differences import standard_differences
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, rows_left, without_unused
from cpis_analysis.analyses.rows.cluster_level import constant_within
from cpis_analysis.analyses.rows.row_checks import known_to_weigh_by
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, Operand
from cpis_analysis.lmm.designs.design import Design, build_design
from cpis_analysis.lmm.designs.separating import Sides, fewest_terms, separating_terms
from cpis_analysis.methods.balancing import OVERLAP, TARGETS, balancing_of
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import Noun, noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec, BalanceSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import in_population, with_derived
from cpis_analysis.study_words import PEOPLE, PERSON

FEWEST_CLUSTERS = 3
"""Clusters of an arm with which weights are made at least: of two, one pair of weights decides."""
_THIN = 0.5
"""Share of the people that an arm's effective sample size falls below before it is warned of."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Balanced:
    """An analysis with weights.

    Attributes
    ----------
    rows : AnalysisRows
        With weights that average one in each arm, so that the arms keep their sizes.
    account : dict
        ``method``, ``target``, ``variables``; ``n_reference``, ``n_other``, ``effective_n_reference``,
        ``effective_n_other``; ``n_left_out``, who lack a variable that is balanced; ``differences``, rows of
        `standard_differences`; ``clusters``, the variable of the level whose means they compare beside people (empty
        for none).
    warnings : tuple of str
    """

    rows: AnalysisRows
    account: dict[str, Any]
    warnings: tuple[str, ...]


def balanced_rows(
    spec: AnalysisSpec, asked: BalanceSpec, data: AnalysisData, rows: AnalysisRows, minimum: int = 0
) -> Balanced:
    """Weigh the people analysed so that the arms are alike in some variables.

    1. People who lack one of the variables are left out, and counted.
    2. Overlap weights or entropy balancing (`balance_weights`), divided so that they average one in each arm.
    3. Effective sample sizes, and standardised differences before and after.

    Weights are taken as known. Standard errors by cluster that take them so are on the safe side where weights are made
    of a model of the arm (Lunceford & Davidian 2004, Stat Med 23:2937).

    Parameters
    ----------
    minimum : int
        Of fewer people than this nothing is told; see `standard_differences`.

    Raises
    ------
    DataError
        Unknown variables.
    ModelError
        Where too few clusters are left, a logistic model tells the arms apart, or no weights make them alike.
    """
    if len(rows.other_arms) > 1:
        raise _refused(
            spec, "weights make two arms alike, and there are more", hint="compare two arms: design.arm.compared"
        )
    everyone = with_derived(data.participants, spec.derived)
    people = everyone.set_index(spec.participant)
    known_to_weigh_by(spec, asked.variables, people)
    whole = rows.frame.assign(
        **{
            name: people[name].loc[rows.frame[spec.participant]].to_numpy()
            if not isinstance(people[name].dtype, pd.CategoricalDtype)
            else people[name].loc[rows.frame[spec.participant]].array
            for name in asked.variables
            if name not in rows.frame
        }
    )
    known = whole[list(asked.variables)].notna().all(axis=1)
    whole = without_unused(whole[known].reset_index(drop=True))
    population = everyone[in_population(everyone, spec.where, spec.condition)]
    left = rows_left(spec, rows, rows.frame[known].reset_index(drop=True), population)
    compared = (whole[spec.arm].astype(str) == rows.other_arm).to_numpy()
    _enough_clusters(spec, whole, compared)
    design = _design(whole, asked.variables, compared)
    _few_columns_of_clusters(spec, rows, whole, compared, design)
    weights = _weights(spec, asked, rows, design, compared)
    sizes = {"reference": ~compared, "other": compared}
    effective = {name: effective_size(weights[own]) for name, own in sizes.items()}
    level = rows.allocation.variable
    unit = whole[list(spec.keys_of(level))].astype(str).agg("\x1f".join, axis=1) if level else None
    account = {
        "method": asked.method,
        "target": asked.target,
        "variables": list(asked.variables),
        **{f"n_{name}": int(own.sum()) for name, own in sizes.items()},
        **{f"effective_n_{name}": size for name, size in effective.items()},
        "n_left_out": len(rows.frame) - len(left.frame),
        "clusters": level,
        "differences": standard_differences(
            whole, asked.variables, compared, unit, weights, minimum, people[spec.arm], people
        ),
    }
    arms = {"reference": spec.reference, "other": rows.other_arm}
    said = (
        f"{len(left.frame)} {PEOPLE} are weighted ({balancing_of(asked).short}) so that the arms are alike in "
        f"{listed(asked.variables)}; effective sample size "
        + listed([f"{effective[name]:.0f} of {int(own.sum())} ({arms[name]})" for name, own in sizes.items()])
        + "."
    )
    if len(left.frame) < len(rows.frame):
        said += f" {len(rows.frame) - len(left.frame)} more lack one of these and are left out."
    warnings = [
        f"Weights leave an effective sample size of {effective[name]:.0f} of {int(own.sum())} {PEOPLE} in the arm "
        f"'{arms[name]}': a few {PEOPLE} carry the result."
        for name, own in sizes.items()
        if effective[name] < _THIN * own.sum()
    ]
    return Balanced(replace(left, weights=weights, messages=(*rows.messages, said)), account, tuple(warnings))


def _weights(
    spec: AnalysisSpec, asked: BalanceSpec, rows: AnalysisRows, design: Design, compared: NDArray[np.bool_]
) -> Array:
    """Weights that average one in each arm."""
    X = design.X[:, 1:]
    if asked.method == OVERLAP.name:
        sides = Sides.of(design.X, np.where(compared, 1.0, -1.0))
        terms = separating_terms(design, sides, range(design.X.shape[1]))
        if terms:
            names = [operand.variable for term in fewest_terms(design, sides, terms) for operand in term]
            raise _separated(spec, names)
        try:
            weights = overlap_weights(X, compared)
        except ArithmeticError:
            raise _separated(spec, asked.variables) from None
        return _averaging_one(weights, compared)
    weights = np.empty(len(X))
    goals = {"everyone": np.ones(len(X), dtype=bool), "reference": ~compared, "compared": compared}
    goal = X[goals[asked.target]].mean(axis=0)
    for own, arm in ((~compared, spec.reference), (compared, rows.other_arm)):
        if not can_reach(X[own], goal):
            raise _infeasible(spec, asked, arm, design, partial(_reached, X[own], goal))
        try:
            weights[own] = entropy_weights(X[own], goal)
        except ArithmeticError:
            raise _infeasible(spec, asked, arm, design, lambda at: False) from None
    return _averaging_one(weights, compared)


def _reached(X: Array, goal: Array, columns: list[int]) -> bool:
    return can_reach(X[:, columns], goal[columns])


def _averaging_one(weights: Array, compared: NDArray[np.bool_]) -> Array:
    for own in (compared, ~compared):
        weights[own] *= own.sum() / weights[own].sum()
    return weights


def _design(frame: pd.DataFrame, names: Sequence[str], compared: NDArray[np.bool_]) -> Design:
    """Intercept and one column a number or category but the first, with the arm as response."""
    terms = ((), *((Operand(name),) for name in names))
    columns = {name: frame[name] for name in names} | {"(compared)": compared.astype(float)}
    return build_design(Formula(Operand("(compared)"), terms, ()), columns)


def _enough_clusters(spec: AnalysisSpec, frame: pd.DataFrame, compared: NDArray[np.bool_]) -> None:
    keys = list(spec.cluster_keys)
    units = frame[keys].astype(str).agg("\x1f".join, axis=1)
    unit = noun_of(str(spec.cluster)) if spec.cluster != spec.participant else Noun(PERSON, PEOPLE)
    for own, arm in ((~compared, "the reference arm"), (compared, "the compared arm")):
        n = units[own].nunique()
        if n < FEWEST_CLUSTERS:
            raise _refused(
                spec,
                f"{n} {unit if n == 1 else plural(unit)} of {arm} are too few to weigh their {PEOPLE}: the standard "
                "error would rest on what the weights were made to fit",
                allowed=f"{FEWEST_CLUSTERS} or more in each arm",
                hint="leave balance out and add the covariates to the formula",
            )


def _few_columns_of_clusters(
    spec: AnalysisSpec, rows: AnalysisRows, frame: pd.DataFrame, compared: NDArray[np.bool_], design: Design
) -> None:
    """Refuse to make few clusters alike in as many of their own properties; the upper clusters are no such property."""
    level = rows.allocation.variable
    if not level:
        return
    keys = [frame[name] for name in spec.keys_of(level)]
    owners = [term[0].variable if term else "" for term in design.formula.fixed_terms]
    of_column = [owners[place] for place in design.coding.term_of_column]
    own = [at for at in constant_within(design.X, keys) if of_column[at] not in spec.levels]
    units = pd.concat([key.astype(str) for key in keys], axis=1).agg("\x1f".join, axis=1)
    fewest = min(units[compared].nunique(), units[~compared].nunique())
    if own and len(own) > fewest - 2:
        names = list(dict.fromkeys(of_column[at] for at in own))
        noun = plural(noun_of(level))
        raise _refused(
            spec,
            f"{fewest} {noun} of an arm can't be made alike in {len(own)} properties of {noun}: every weight would be "
            "decided by them",
            allowed=f"{max(fewest - 2, 0)} at most",
            hint=f"leave some of {listed(names)} out",
        )


def _separated(spec: AnalysisSpec, names: Sequence[str]) -> ModelError:
    names = list(dict.fromkeys(names))
    several = len(names) > 1
    return _refused(
        spec,
        f"{listed(names)} {'together tell' if several else 'tells'} for some {PEOPLE} exactly which arm they are in "
        "(separation), so nobody of the other arm is like them",
        hint=f"leave {'one of them' if several else 'it'} out, merge rare categories, or choose a population of whom "
        "both arms have some",
    )


def _infeasible(
    spec: AnalysisSpec, asked: BalanceSpec, arm: str, design: Design, reaches: Callable[[list[int]], bool]
) -> ModelError:
    """Which variables the people of an arm can't be made alike in: the fewest that can't be reached together."""
    places: dict[str, list[int]] = {}
    for at, place in enumerate(design.coding.term_of_column):
        term = design.formula.fixed_terms[place]
        if term:
            # without the intercept's column
            places.setdefault(term[0].variable, []).append(at - 1)
    names = list(asked.variables)
    for name in reversed(asked.variables):
        rest = [other for other in names if other != name]
        if rest and not reaches([at for other in rest for at in places.get(other, [])]):
            names = rest
    several = len(names) > 1
    return _refused(
        spec,
        f"no positive weights give {PEOPLE} of the arm '{arm}' the means of {TARGETS[asked.target]} in {listed(names)}",
        hint=f"leave {'one of them' if several else 'it'} out, merge rare categories, name another target, or use "
        "method: overlap",
    )


def _refused(spec: AnalysisSpec, message: str, *, allowed: str | None = None, hint: str | None = None) -> ModelError:
    return ModelError(f"The analysis {spec.name} can't be weighted.", Problem(message, allowed=allowed, hint=hint))
