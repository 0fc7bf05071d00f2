"""Chained equations: every incomplete variable in turn, given all others, until the chains agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.parse import ClusterPart, Formula, cluster_part, source_of
from cpis_analysis.imputation.convergence import LIMIT, Convergence, scale_reduction, worst_of
from cpis_analysis.imputation.equations import Equation
from cpis_analysis.imputation.incomplete import Incomplete
from cpis_analysis.imputation.item_chains import ItemChains
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.imputation.item_scores import ScoredItems, check_item_scores
from cpis_analysis.imputation.targets import first_values, lacking, targets_of
from cpis_analysis.lmm.designs.cluster_parts import with_cluster_parts
from cpis_analysis.study_words import PEOPLE

_SWEEPS = 30
_MOST_SWEEPS = 240


@dataclass(frozen=True)
class Imputed:
    """Completed data sets.

    Attributes
    ----------
    data : DataFrame
        What was completed, (n, columns).
    m : int
        Completed data sets.
    variables : tuple of Incomplete
    drawn : dict of str to (m, missing) float
        Drawn values of each incomplete variable, in its working values (`Incomplete.values`), by rows of `data`.
    convergence : tuple of Convergence
    slopes : dict of str to (m,) float
        Coefficients of the model that imputed the outcome, on the scale of the model; empty where the outcome has no
        missing value or arms were imputed apart.
    made : Made
        What each completed data set gets beside.
    scored : tuple of ScoredItems
        Scores of which some people answered a part of the items; their scores are computed from completed items.
    answers : dict of str to (m, cells) float
        By score, drawn answers of the items that people lack who answered others.
    """

    data: pd.DataFrame
    m: int
    variables: tuple[Incomplete, ...]
    drawn: dict[str, np.ndarray]
    convergence: tuple[Convergence, ...]
    slopes: dict[str, np.ndarray]
    made: Made = field(default_factory=lambda: Made())
    scored: tuple[ScoredItems, ...] = ()
    answers: dict[str, np.ndarray] = field(default_factory=dict)

    def frame(self, i: int) -> pd.DataFrame:
        """Completed data set number i."""
        new = {one.name: one.completed(self.data[one.name], self.drawn[one.name][i]) for one in self.variables}
        frame = self.data.assign(**new)
        for one in self.scored:
            frame = one.completed(frame, self.answers[one.rule.score][i])
        return self.made.added(frame)

    def joined(self, more: Imputed) -> Imputed:
        """These completed data sets and more of the same data."""
        return replace(
            self,
            m=self.m + more.m,
            drawn={name: np.concatenate([values, more.drawn[name]]) for name, values in self.drawn.items()},
            convergence=tuple(worst_of([list(self.convergence), list(more.convergence)])),
            slopes={name: np.concatenate([values, more.slopes[name]]) for name, values in self.slopes.items()},
            answers={name: np.concatenate([values, more.answers[name]]) for name, values in self.answers.items()},
        )


@dataclass(frozen=True)
class Made:
    """Means of clusters that are made anew of each completed data set, as `impute` was told."""

    parts: tuple[ClusterPart, ...] = ()
    clusters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outside: pd.DataFrame | None = None

    def added(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with them."""
        found = with_cluster_parts(frame, self.parts, keys=self.clusters, outside=self.outside)
        return found if isinstance(found, pd.DataFrame) else frame


def impute(  # noqa: PLR0913
    frame: pd.DataFrame,
    analysis: Formula,
    *,
    auxiliary: Sequence[str] = (),
    ordinal: Sequence[str] = (),
    by: str | None = None,
    m: int,
    random: np.random.Generator,
    reference: Mapping[str, object] | None = None,
    clusters: Mapping[str, Sequence[str]] | None = None,
    outside: pd.DataFrame | None = None,
    scores: Sequence[ItemScore] = (),
) -> Imputed:
    """Complete a data frame m times.

    1. Each chain starts from values drawn among the observed ones.
    2. Each incomplete variable in turn, fewest missing values first: parameters of its model (`predictors`,
       `mixed_chains`) from their posterior given those who have it, effects of the groups among them, then the missing
       values from the model.
    3. 30 sweeps, and more (up to 240) until the potential scale reduction of mean and SD of every variable's imputed
       values is at most 1.05 between the m chains. The last sweep of each chain is one completed data set, so they are
       independent of each other. Of categories without an order shares are compared.
    4. Scores of items (`scores`) that nobody answered in part are variables like others. Where somebody did, items are
       drawn within each sweep and the score is computed from them (`item_chains`), so that it is the score by which
       other variables are predicted; whatever the frame has as the score of people who lack an item is not used.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    analysis : Formula
        Of the analysis. Its groups are those whose effects are drawn; its outcome is imputed as it is transformed.
    auxiliary : sequence of str
        Variables that help to predict missing values and are no part of the analysis.
    ordinal : sequence of str
        Categorical variables whose categories are in order, though their type does not say so.
    by : str, optional
        Impute the rows of each value of this variable apart, so that everything may differ between them.
    m : int
        At least 2.
    random : Generator
    reference : mapping, optional
        Reference level by factor; it names the coefficients and changes no imputation.
    clusters : mapping, optional
        By what the formula calls clusters in ``mean(x | team)``, the columns that tell them apart, where these are
        more. Means are made of the completed values; one that the frame has already stays.
    outside : DataFrame, optional
        Rows that are not completed and count in means of clusters.
    scores : sequence of ItemScore
        Variables of the imputation that are computed from items.

    Raises
    ------
    ModelError
        Unknown variables, or variables that can't be imputed.
    """
    made = Made(tuple(part for part in analysis.cluster_parts if str(part) not in frame), clusters or {}, outside)
    sources = [source_of(name) for name in analysis.variables if name not in frame or cluster_part(name) is None]
    names = list(dict.fromkeys([*sources, *auxiliary]))
    _check(frame, names, analysis, by, m, made, scores)
    groups = {name for term in analysis.random_terms for name in term.groups} - {analysis.response.variable}
    values = [name for name in names if name not in groups and name != by]
    if by is None:
        return _impute(frame, analysis, values, auxiliary, ordinal, (), m, random, reference or {}, made, scores)
    parts = [
        (rows, _impute(frame.loc[rows], analysis, values, auxiliary, ordinal, (by,), m, random, {}, made, scores))
        for rows in (frame.index[frame[by] == value] for value in sorted(frame[by].dropna().unique(), key=str))
    ]
    return _together(frame, analysis, values, ordinal, parts, m, scores)


def _check(
    frame: pd.DataFrame,
    names: Sequence[str],
    analysis: Formula,
    by: str | None,
    m: int,
    made: Made,
    scores: Sequence[ItemScore],
) -> None:
    known = [str(name) for name in frame]
    problems = [
        Problem("no such column", variable=name, hint=did_you_mean(name, known) or "name a column of the frame")
        for name in [*names, *([by] if by else [])]
        if name not in frame
    ]
    keys = {key for part in made.parts for name in part.groups for key in made.clusters.get(name, (name,))}
    whole = [*{name for term in analysis.random_terms for name in term.groups} | keys, *([by] if by else [])]
    if by and made.parts:
        problems.append(
            Problem(
                "rows that are imputed apart have no mean together",
                value=str(made.parts[0]),
                hint="impute both arms together, or leave the mean of clusters out",
            )
        )
    problems += [
        Problem(
            "must be known for everybody",
            variable=name,
            count=int(frame[name].isna().sum()),
            hint=f"take it out of the imputation, or leave {PEOPLE} without it out",
        )
        for name in sorted(whole)
        if name in frame and frame[name].isna().any()
    ]
    if m < 2:
        problems.append(Problem("number of imputations", value=str(m), allowed="2 or more"))
    if not frame.index.is_unique:
        problems.append(Problem("labels of rows repeat", hint="give each row a label of its own"))
    problems += check_item_scores(frame, scores, names)
    if problems:
        raise ModelError("Missing values can't be imputed.", problems)


def _impute(  # noqa: PLR0913
    frame: pd.DataFrame,
    analysis: Formula,
    names: Sequence[str],
    auxiliary: Sequence[str],
    ordinal: Sequence[str],
    without: Sequence[str],
    m: int,
    random: np.random.Generator,
    reference: Mapping[str, object],
    made: Made,
    scores: Sequence[ItemScore],
) -> Imputed:
    targets, scored = targets_of(frame, analysis, names, ordinal, scores)
    now, first = first_values(targets, scored, m, random)
    steps: dict[str, Equation | ItemChains] = {}
    equations = {
        one.name: Equation(
            one, frame, analysis, auxiliary, without, targets, now, random, reference, made.clusters, made.outside
        )
        for one in targets
    }
    for name, equation in equations.items():
        part = scored.get(name)
        steps[name] = ItemChains(part, equation, m, random, first[name]) if part else equation
    traces: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {one.name: [] for one in targets}
    found: list[Convergence] = []
    for sweep in range(1, _MOST_SWEEPS + 1):
        for one in targets:
            traces[one.name].append(one.traced(steps[one.name].sweep(now)))
        if sweep % _SWEEPS == 0:
            found = [_agreement(one.name, lacking(one, scored), traces[one.name]) for one in targets]
            if all(one.worst <= LIMIT for one in found):
                break
    outcome = equations.get(analysis.response.variable)
    return Imputed(
        frame,
        m,
        tuple(targets),
        {one.name: now[one.name][:, one.missing].copy() for one in targets},
        tuple(found),
        outcome.slopes() if outcome else {},
        made,
        tuple(scored.values()),
        {name: step.drawn() for name, step in steps.items() if isinstance(step, ItemChains)},
    )


def _agreement(name: str, drawn: int, trace: Sequence[tuple[np.ndarray, np.ndarray]]) -> Convergence:
    means, spreads = (np.array([row[k] for row in trace]) for k in (0, 1))
    # one missing value has no spread
    return Convergence(name, drawn, scale_reduction(means), scale_reduction(spreads) if drawn > 1 else 1.0)


def _together(
    frame: pd.DataFrame,
    analysis: Formula,
    names: Sequence[str],
    ordinal: Sequence[str],
    parts: Sequence[tuple[Any, Imputed]],
    m: int,
    scores: Sequence[ItemScore],
) -> Imputed:
    """Rows that were imputed apart as one."""
    targets, scored = targets_of(frame, analysis, names, ordinal, scores)
    drawn, told = {}, []
    answers = {name: np.tile(one.answers, (m, 1, 1)) for name, one in scored.items()}
    for one in targets:
        values = np.tile(one.values, (m, 1))
        for rows, part in parts:
            at = frame.index.get_indexer(rows)
            mine = next((v for v in part.variables if v.name == one.name), None)
            if mine is None:
                continue
            got = part.drawn[one.name]
            if one.categories:
                # a part may lack a level that others have
                place = np.array([one.categories.index(value) for value in mine.categories], dtype=float)
                got = place[got.astype(np.intp)]
            values[:, at[mine.missing]] = got
            told += [c for c in part.convergence if c.variable == one.name]
        drawn[one.name] = values[:, one.missing]
    for rows, part in parts:
        at = frame.index.get_indexer(rows)
        for own in part.scored:
            who, which = np.nonzero(own.cells)
            answers[own.rule.score][:, at[who], which] = part.answers[own.rule.score]
    worst = [max((c for c in told if c.variable == one.name), key=lambda c: c.worst) for one in targets]
    filled = {name: values[:, scored[name].cells] for name, values in answers.items()}
    return Imputed(frame, m, tuple(targets), drawn, tuple(worst), {}, scored=tuple(scored.values()), answers=filled)
