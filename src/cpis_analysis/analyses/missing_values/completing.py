"""Who is completed in an imputed analysis, from what, and the completed data sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, analysis_rows, without_unused
from cpis_analysis.analyses.rows.row_checks import all_known
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, Operand, RandomTerm, parse_formula
from cpis_analysis.imputation.chained import Imputed, impute
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.plan.specification import AnalysisSpec, ImputationSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.cluster_means import cluster_keys, with_cluster_means
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import in_population, with_derived

BLOCK = 50
"""Chains that run side by side; each block has a seed of its own, so more imputations leave the first as they were."""


@dataclass(frozen=True)
class Completion:
    """What is to be completed.

    Attributes
    ----------
    frame : DataFrame
        People who are completed, with all variables of model and imputation.
    formula : Formula
        Of the imputation: that of the analysis, with the groups whose effects are drawn.
    auxiliary : tuple of str
    changes : tuple of (change, follow-up, baseline)
        Variables that are computed from completed ones.
    outside : DataFrame
        People of the population who are not completed; what is known of them counts in means of clusters.
    spec : AnalysisSpec
        The analysis of a completed data set.
    scores : tuple of ItemScore
        Variables of the frame whose items, columns of it too, are imputed.
    n_people : int
        People of the population.
    nothing_known, without_outcome : int
        Those left out: nothing but arm and clusters is known of them; no outcome, where only covariates are
        completed.
    """

    frame: pd.DataFrame
    formula: Formula
    auxiliary: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    outside: pd.DataFrame
    spec: AnalysisSpec
    n_people: int
    nothing_known: int
    without_outcome: int
    scores: tuple[ItemScore, ...] = ()

    @property
    def without_score(self) -> pd.Series:
        """People of whom nothing of the outcome is known: no score, and where its items are imputed no answer."""
        return _unknown(self.frame, self.formula.response.variable, self.scores)

    @property
    def incomplete(self) -> pd.Series:
        """People who lack anything that is imputed."""
        return self.frame.isna().any(axis=1)


def completion_of(spec: AnalysisSpec, data: AnalysisData) -> Completion:
    """Choose people and variables.

    1. Participants of the population whose arm, trust and team are known. Derived variables are made first, and a
       missing one is imputed as it is.
    2. A change is not imputed but computed from its two ends, of which the first predicts the second.
    3. People of whom nothing else is known are left out, since they add noise alone; so are those without the outcome
       where the plan completes covariates only.
    4. Where items are imputed, a score is known of those alone who answered all of them, whatever was prorated.

    Raises
    ------
    DataError
        Unknown variables.
    ModelError
        Nobody to analyse.
    """
    asked = spec.imputation or ImputationSpec()
    # draws go by rows: the same people give the same draws, however they are ordered
    ordered = data.participants.sort_values(spec.participant, kind="stable")
    everyone = with_derived(ordered, spec.derived)
    parsed = parse_formula(spec.formula)
    people = with_cluster_means(spec, parsed, everyone[in_population(everyone, spec.where, spec.condition)])
    formula, changes = _imputation_formula(spec, parsed, list(people.columns))
    scores = tuple(one for one in asked.scores if one.score in {*formula.sources, *asked.auxiliary})
    items = [name for one in scores for name in one.items]
    design = [spec.participant, spec.arm, *spec.levels]
    auxiliary = tuple(name for name in asked.auxiliary if name not in formula.sources)
    values = [name for name in dict.fromkeys([*formula.sources, *auxiliary]) if name not in design]
    used = [*design, *values, *items, *(name for name, _, _ in changes)]
    all_known(spec, used, people, "the analysis or its imputation")
    everybody = people[people[design].notna().all(axis=1)]
    placed = _of_whole_scores(everybody, scores)
    known = placed[placed[[*values, *items]].notna().any(axis=1)] if values else placed
    kept = known
    if asked.covariates_only:
        kept = known[~_unknown(known, formula.response.variable, scores)]
    if kept.empty:
        raise ModelError(
            f"The analysis {spec.name} has no data.",
            Problem(
                "nobody of the population has values to start from",
                value=spec.population,
                hint="choose a wider population, or fewer variables to impute by",
            ),
        )
    # those of complete variables stay, the others are made anew of each completed data set
    means = [str(part) for part in formula.cluster_parts if kept[part.variable].notna().all()]
    simple = replace(spec, imputation=None, missing="observed", where=(), condition="", derived=(), tipping_point=False)
    return Completion(
        kept[[*design, *values, *items, *means]].reset_index(drop=True),
        formula,
        auxiliary,
        changes,
        everybody.loc[everybody.index.difference(kept.index), [*design, *values]],
        simple,
        n_people=len(people),
        nothing_known=len(placed) - len(known),
        without_outcome=len(known) - len(kept),
        scores=scores,
    )


def with_scores_of_any_answer(data: AnalysisData, completion: Completion) -> AnalysisData:
    """The data with a score of everybody who answered any item, where items are imputed: whose values are known.

    It serves to say whom an analysis of those observed has, so any value will do that is no rule's: their own mean.
    """
    if not completion.scores:
        return data
    known = {one.score: one.of_some(data.participants[list(one.items)].to_numpy()) for one in completion.scores}
    people = data.participants.assign(**known)
    for change, later, earlier in completion.changes:
        people[change] = people[later] - people[earlier]
    return replace(data, participants=people)


def imputed_block(completion: Completion, spec: AnalysisSpec, seed: int, number: int, chains: int) -> Imputed:
    """One block of completed data sets.

    Parameters
    ----------
    completion : Completion
    spec : AnalysisSpec
        As the plan has it.
    seed : int
        Master seed of the study.
    number : int
        Of the block; its seed derives from it and the name of the analysis.
    chains : int
    """
    asked, response = spec.imputation or ImputationSpec(), completion.formula.response.variable
    return impute(
        completion.frame,
        completion.formula,
        auxiliary=completion.auxiliary,
        ordinal=(*asked.ordinal, *((response,) if spec.outcome_type == "ordinal" else ())),
        by=spec.arm if asked.by_arm else None,
        m=chains,
        random=generator(seed, "imputation", spec.name, str(number)),
        reference={spec.arm: spec.reference} if spec.arm in completion.formula.variables else None,
        clusters=cluster_keys(spec),
        outside=completion.outside,
        scores=completion.scores,
    )


def completed_rows(completion: Completion, imputed: Imputed, first: AnalysisRows | None) -> Iterator[AnalysisRows]:
    """Rows of the analysis for each completed data set.

    Parameters
    ----------
    completion : Completion
    imputed : Imputed
    first : AnalysisRows or None
        Of an earlier completed data set; None to check the first of these as every analysis is checked.
    """
    for i in range(imputed.m):
        frame = imputed.frame(i)
        for change, later, earlier in completion.changes:
            frame[change] = frame[later] - frame[earlier]
        if first is None:
            spec = completion.spec
            # draws of a count may lie beyond its ends
            kind = "continuous" if spec.outcome_type == "bounded_count" else spec.outcome_type
            first = analysis_rows(replace(spec, outcome_type=kind), AnalysisData(frame, frame.iloc[:0]))
            yield first
            continue
        yield replace(first, frame=without_unused(frame[list(first.frame.columns)]))


def _of_whole_scores(people: pd.DataFrame, scores: tuple[ItemScore, ...]) -> pd.DataFrame:
    """The scores of those alone who answered every item."""
    return people.assign(
        **{one.score: people[one.score].where(people[list(one.items)].notna().all(axis=1)) for one in scores}
    )


def _unknown(people: pd.DataFrame, name: str, scores: tuple[ItemScore, ...]) -> pd.Series:
    """Of whom nothing of a variable is known."""
    items = next((one.items for one in scores if one.score == name), ())
    return people[[name, *items]].isna().all(axis=1)


def _imputation_formula(
    spec: AnalysisSpec, formula: Formula, known: list[str]
) -> tuple[Formula, tuple[tuple[str, str, str], ...]]:
    """Formula of the imputation, and the change that is computed."""
    random = with_clusters(spec, formula).random_terms
    response, terms, changes = formula.response, formula.fixed_terms, []
    ends = (f"{spec.outcome}_{spec.followup_wave}", f"{spec.outcome}_{spec.baseline_wave}")
    if spec.is_change(response.variable) and set(ends) <= set(known) and not response.transforms:
        changes = [(response.variable, *ends)]
        response = Operand(ends[0])
        terms = (*terms, *(() if (Operand(ends[1]),) in terms else ((Operand(ends[1]),),)))
    return Formula(response, terms, random), tuple(changes)


def with_clusters(spec: AnalysisSpec, formula: Formula) -> Formula:
    """The formula with the groups whose effects an imputation draws: its own, or the levels where it has none."""
    if formula.random_terms:
        return formula
    groups = [spec.keys_of(level) for level in spec.levels]
    fixed = {operand.variable for term in formula.fixed_terms for operand in term}
    random = tuple(RandomTerm(((),), one) for one in groups if one[-1] not in fixed)
    return Formula(formula.response, formula.fixed_terms, random)
