"""p-values of a family of outcomes by permutation of the same clusters (Romano & Wolf)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.estimators.permutation import StagedDesign, staged_design
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.analyses.several_arms import two_arms
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.resampling.allocations import allocations
from cpis_analysis.lmm.resampling.step_down import permuted_squares, step_down
from cpis_analysis.plan.schema import Family
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE


def joint_p_values(
    families: Mapping[str, Family],
    results: Sequence[AnalysisResult],
    order: Sequence[str],
    data: AnalysisData,
    seed: int,
) -> dict[str, float]:
    """Adjusted p-values by the name of the analysis, for families that the plan adjusts by permutation.

    1. The clusters of a family are those of any of its outcomes; the arm of each is as in the analyses.
    2. All outcomes are analysed under the same allocations of these clusters: all that the design allows, or a random
       part of them, seeded by the name of the family.
    3. `lmm.resampling.step_down`. No p-value gets smaller than that of the analysis itself, which counts the values
       farther out as well.

    Raises
    ------
    ModelError
        If outcomes of a family have the arm at different levels, or a cluster in different arms.
    """
    by_name = {result.spec.name: result for result in results}
    headlines: dict[str, AnalysisResult] = {}
    for name in order:
        if name in by_name:
            headlines.setdefault(by_name[name].spec.outcome, by_name[name])
    adjusted: dict[str, float] = {}
    for name, family in families.items():
        members = [headlines[outcome] for outcome in family.outcomes if outcome in headlines]
        if family.permuted and all(one.estimable for one in members):
            own = np.array([one.estimate.p_value for one in members])
            found = _adjusted(name, [one.spec for one in members], own, data, seed)
            adjusted |= dict(zip((one.spec.name for one in members), found.tolist(), strict=True))
    return adjusted


def _adjusted(family: str, specs: Sequence[AnalysisSpec], own: np.ndarray, data: AnalysisData, seed: int) -> np.ndarray:
    designs = [staged_design(spec, two_arms(spec, analysis_rows(spec, data))) for spec in specs]
    clusters = _clusters_of(family, specs, designs)
    places = {label: place for place, label in enumerate(clusters)}
    treated = np.array([arm for arm, _ in clusters.values()])
    strata = np.unique([stratum for _, stratum in clusters.values()], return_inverse=True)[1]
    chosen = allocations(strata, treated, generator(seed, "step-down", family))
    found = [permuted_squares(one.stages, chosen[:, [places[label] for label in one.clusters]]) for one in designs]
    observed = np.array([square for square, _ in found])
    adjusted = np.maximum(step_down(observed, np.column_stack([squares for _, squares in found])), own)
    ranked = np.argsort(-observed, kind="stable")
    adjusted[ranked] = np.maximum.accumulate(adjusted[ranked])
    return adjusted


def _clusters_of(
    family: str, specs: Sequence[AnalysisSpec], designs: Sequence[StagedDesign]
) -> dict[tuple[str, ...], tuple[bool, str]]:
    """Whether each cluster of any outcome has the arm, and within what it exchanges it."""
    levels = {(one.spec.cluster, one.spec.pairs) for one in designs}
    found: dict[tuple[str, ...], tuple[bool, str]] = {}
    torn: set[str] = set()
    for one in designs:
        for label, arm in zip(one.clusters, one.stages.treated.tolist(), strict=True):
            own = (arm, label[0] if one.spec.pairs else "")
            if found.setdefault(label, own) != own:
                torn.add(" / ".join(label))
    problems = [
        Problem(
            "a cluster has another arm in another outcome",
            variable=family,
            value=one,
            hint="choose method: holm for the family, or outcomes of the same clusters",
        )
        for one in sorted(torn)
    ]
    if len(levels) > 1:
        outcomes = ", ".join(spec.outcome for spec in specs)
        problems.insert(
            0,
            Problem(
                "its outcomes have the arm at different levels",
                variable=family,
                value=outcomes,
                hint=f"choose method: holm for the family, or outcomes of the same {PEOPLE}",
            ),
        )
    if problems:
        raise ModelError("The family can't be adjusted by permutation.", problems)
    return dict(sorted(found.items()))
