"""What a model over time has found of a study: covariances, who was seen at which wave, and its inference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.analyses.rows.effect import references
from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.formula.effects import has_term
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.model import lmer
from cpis_analysis.methods import method_of
from cpis_analysis.operating.over_time.wave_study import ClusterLevel
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE


@dataclass(frozen=True)
class EstimatedTruth:
    """Covariances in units of the squared SD at the last wave beyond the covariates.

    Attributes
    ----------
    fit : LinearMixedFit
        In the units of the outcome.
    unit : float
        SD at the last wave.
    waves : tuple of str
        In the order of time.
    residual : (T, T) float
        Covariance of a person's values within the clusters.
    levels : tuple of ClusterLevel
        The largest clusters first.
    lost : tuple of float
        Share of the people who were not analysed at a wave, or at an earlier one.
    covariance : str
        What the model assumes of a person's residuals.
    people : int
        Of the population.
    seen : tuple of int
        People analysed at each wave.
    sizes : tuple of int
        People analysed in each of the smallest clusters.
    """

    fit: LinearMixedFit
    unit: float
    waves: tuple[str, ...]
    residual: np.ndarray
    levels: tuple[ClusterLevel, ...]
    lost: tuple[float, ...]
    covariance: str
    people: int
    seen: tuple[int, ...]
    sizes: tuple[int, ...]


def over_time(specs: Sequence[AnalysisSpec]) -> list[AnalysisSpec]:
    """Models of a continuous outcome over waves whose arms are compared at each of them."""
    return [
        one
        for one in specs
        if one.rows == "long"
        and one.outcome_type == "continuous"
        and scale_of(one).natural
        and method_of(one).random_part
        and has_term(parse_formula(one.formula), one.arm, "wave")
        and not (one.residual_by or one.imputation or one.predictors)
        and len(one.levels) <= 2
    ]


def estimated_truth(spec: AnalysisSpec, data: AnalysisData) -> EstimatedTruth:
    """Fit a model over time to the data and take its covariances.

    Raises
    ------
    PlanError
        If it has effects that are no intercepts of clusters, of their waves or of people.
    ModelError, DataError
        As the analysis.
    """
    rows = analysis_rows(spec, data)
    structured = spec.covariance not in ("", "independent")
    options: dict[str, Any] = (
        {"residual": spec.covariance, "within": spec.participant, "occasion": "wave"} if structured else {}
    )
    fit = lmer(rows.formula, rows.frame, reference=references(spec, rows), **options)
    wave = rows.frame["wave"]
    waves = tuple(str(one) for one in (wave.cat.categories if hasattr(wave, "cat") else sorted(wave.unique())))
    residual, found = _parts(spec, fit, len(waves))
    total = residual[-1, -1] + sum(found.values())
    levels, group = [], []
    for name in spec.levels:
        group.append(name)
        stays, own = found.get(frozenset(group), 0.0), found.get(frozenset([*group, "wave"]))
        levels.append(ClusterLevel(stays / total, None if own is None else own / total))
    seen = wave.astype(str).value_counts().reindex(list(waves)).to_numpy()
    lost = np.maximum.accumulate(1.0 - seen / max(rows.n_people, seen.max()))
    return EstimatedTruth(
        fit,
        float(np.sqrt(total)),
        waves,
        residual / total,
        tuple(levels),
        tuple(lost.tolist()),
        spec.covariance if structured else "compound-symmetry",
        rows.n_people,
        tuple(int(count) for count in seen),
        tuple(one["n_participants"] for one in rows.groups(spec)) if spec.levels else (),
    )


def _parts(spec: AnalysisSpec, fit: LinearMixedFit, waves: int) -> tuple[np.ndarray, dict[frozenset[str], float]]:
    """Covariance of a person's values (T, T), and variances of the clusters' intercepts by the variables of each."""
    residual = (fit.residual_matrices or [np.eye(waves) * fit.sigma2])[0].copy()
    found: dict[frozenset[str], float] = {}
    known = [frozenset(spec.levels[: size + 1]) for size in range(len(spec.levels))]
    known += [one | {"wave"} for one in known]
    for part, S in zip(fit.design.random, fit.variances.covariances, strict=True):
        group, plain = frozenset(part.variables), part.names == ("(Intercept)",)
        if plain and group - set(spec.levels) == {spec.participant}:
            residual += S[0, 0]
        elif plain and group in known:
            found[group] = float(S[0, 0])
        else:
            problem = Problem(
                f"a random effect that is no intercept of clusters, of their waves or of {PEOPLE}",
                variable=part.group,
                value=spec.name,
                hint="name another model with --model",
            )
            raise PlanError("The model's covariances over time can't be told.", problem)
    return residual, found


def seen_by_wave(frame: pd.DataFrame) -> list[int]:
    """How many people are seen at each wave of a design."""
    return [int(count) for count in frame["wave"].value_counts().sort_index()]
