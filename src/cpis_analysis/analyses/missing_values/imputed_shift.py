"""Delta-adjusted imputation: missing outcomes are drawn, shifted by arm, and every completed data set is analysed.

The solved shift (`missing_shift`) takes the standard error as given; here outcomes that lie apart from the others widen
it, as they do in any data.

References
----------
Carpenter JR, Kenward MG (2013). Multiple Imputation and its Application, ch. 10.
Carpenter JR, Roger JH, Kenward MG (2013). J Biopharm Stat 23:1352-1371 (jump to reference, copy reference).
Cro S, Carpenter JR, Kenward MG (2019). J R Stat Soc A 182:623-645 (what Rubin's rules mean there).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import Around
from cpis_analysis.analyses.missing_shift import Completed, completed_people
from cpis_analysis.analyses.missing_values.completing import with_clusters
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import references
from cpis_analysis.analyses.standardise import standardised_difference
from cpis_analysis.analyses.tipping import SCENARIOS, default_deltas
from cpis_analysis.formula.parse import Operand, source_of
from cpis_analysis.imputation.chained import Imputed, impute
from cpis_analysis.imputation.rubin import pooled_columns
from cpis_analysis.lmm import LinearMixedFit, cluster_robust, lmer, ols, refit
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator

IMPUTATIONS = 100
_REACH = 5.0
"""Shifts are searched up to so many standard deviations of the outcome; beyond, they say nothing."""
_STEPS = 10
_ROUNDS = 4
_OUTCOMES = 4_000_000
"""Shifted outcomes that are held in memory at once."""
_COLUMNS = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high")

Analyse = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""(m, K, 2) shifts of the reference and the other arm -> estimates, standard errors and df, (m, K) each."""


@dataclass(frozen=True)
class _Surface:
    """Pooled results at any shifts, of which so many are analysed at once."""

    analyse: Analyse
    m: int
    at_once: int
    level: float
    observed_df: float
    known: dict[tuple[float, float], dict[str, float]] = field(default_factory=dict)

    def at(self, shifts: np.ndarray) -> dict[str, np.ndarray]:
        """Pooled results at shifts (K, 2), the same in all imputations; each pair is analysed once."""
        pairs = [(float(reference), float(other)) for reference, other in shifts]
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self.known]
        for start in range(0, len(new), self.at_once):
            some = new[start : start + self.at_once]
            found = self.of_each(np.broadcast_to(np.array(some), (self.m, len(some), 2)))
            self.known.update(
                (pair, {name: float(values[k]) for name, values in found.items()}) for k, pair in enumerate(some)
            )
        return {name: np.array([self.known[pair][name] for pair in pairs]) for name in _COLUMNS}

    def of_each(self, shifts: np.ndarray) -> dict[str, np.ndarray]:
        """Pooled results at shifts (m, K, 2) that each imputation has of its own."""
        q, se, df = self.analyse(shifts)
        return pooled_columns(q, se, df, self.level, self.observed_df)


def imputed_shifts(
    spec: AnalysisSpec, rows: AnalysisRows, fit: LinearMixedFit, term: str, observed_df: float, around: Around
) -> dict[str, Any]:
    """Delta-adjusted imputation of one analysis.

    1. Missing outcomes are imputed 100 times by the model of the analysis (missing at random).
    2. The draws are shifted by arm, every completed data set is analysed as the plan says, and Rubin's rules pool: at
       each pair of the shifts shown, and along each direction of `tipping.SCENARIOS`.
    3. Along a direction the ends of the interval are computed at steps of half the outcome's SD up to five of
       them; where an end passes a threshold, the shift nearest to none is found between two steps.
    4. Reference-based: the missing outcomes of the other arm are drawn as if these people had been in the reference
       arm, given their own baseline (copy reference) or given by how much their baseline lies from their own arm's
       mean (jump to reference). Effects of their own clusters stay.

    Parameters
    ----------
    spec : AnalysisSpec
        With the shifts shown and the important difference of its outcome.
    rows : AnalysisRows
    fit : LinearMixedFit
        Of `rows`, mixed or least squares.
    term : str
        The reported coefficient.
    observed_df : float
        Its degrees of freedom in `fit`: those after imputation are at most these.
    around : Around

    Returns
    -------
    dict
        As in `AnalysisResult.shifted`; empty where nobody's outcome can be imputed.
    """
    people = completed_people(spec, rows, fit)
    if not people.absent.any():
        return {}
    response = rows.formula.response.variable
    frame = people.everyone.assign(**{response: people.everyone[response].astype(float).mask(people.absent)})
    imputed = impute(
        frame,
        with_clusters(spec, rows.formula),
        m=IMPUTATIONS,
        random=generator(around.seed, "tipping", spec.name),
        reference=references(spec, rows),
    )
    at_once = max(_OUTCOMES // (IMPUTATIONS * len(frame)), 1)
    surface = _Surface(_analysed(spec, rows, people, imputed, term), IMPUTATIONS, at_once, spec.level, observed_df)
    sd = standardised_difference(spec, around.everybody, 0.0, 0.0, 0.0)["sd"]
    shown = tuple(spec.shifts) or default_deltas(spec.important, sd)
    found = [*_reached(surface, spec.important, float(sd or 1.0)), *_shown(surface, shown)]
    return {"m": IMPUTATIONS, "rows": [*found, *_like_reference(spec, surface, people, imputed, term)]}


def _analysed(spec: AnalysisSpec, rows: AnalysisRows, people: Completed, imputed: Imputed, term: str) -> Analyse:
    """The analysis of shifted imputations, many at once."""
    response = rows.formula.response.variable
    first = imputed.frame(0)
    values = np.tile(imputed.data[response].to_numpy(dtype=float), (imputed.m, 1))
    values[:, people.absent] = imputed.drawn[response]
    shifted = people.shifts(spec, rows.other_arm)

    def outcomes(shifts: np.ndarray) -> np.ndarray:
        """(m, K, n) outcomes."""
        return values[:, None, :] + shifts @ shifted.T

    if not rows.formula.random_terms:
        return _quadratic(spec, rows, first, outcomes, term)
    base = lmer(rows.formula, first, reml=True, reference=references(spec, rows))

    def mixed(shifts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        m, K, _ = shifts.shape
        Y = outcomes(shifts).reshape(m * K, -1).T
        method = spec.df_method
        found = refit(base, Y, contrasts=[term], ddf=method, level=spec.level, boundary=spec.boundary)
        one = found.contrasts[term][method]
        estimate, se, df = (getattr(one, name).reshape(m, K) for name in ("estimate", "std_error", "df"))
        return estimate, se, df

    return mixed


def _quadratic(
    spec: AnalysisSpec, rows: AnalysisRows, first: pd.DataFrame, outcomes: Callable[[np.ndarray], np.ndarray], term: str
) -> Analyse:
    """Least squares with CR2: the estimate is linear in the shifts and its squared standard error quadratic.

    Six shifts of each imputation tell both for all others; the degrees of freedom depend on the design alone.
    """
    base = ols(rows.formula, first, reference=references(spec, rows))
    by = spec.cluster_group
    size = float(np.std(first[rows.formula.response.variable])) or 1.0
    corners = size * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1]], dtype=float)
    m = len(outcomes(np.zeros((1, 1, 2))))
    Y = outcomes(np.broadcast_to(corners, (m, 6, 2)))
    robust = cluster_robust(base, by, kind="CR2", data=first)
    df = float(robust.contrast({term: 1.0})["df"].iloc[0])
    of_term = np.eye(len(base.term_names))[base.term_names.index(term)]
    residuals, beta, scale = base.basis.reduce(Y.reshape(6 * m, -1).T)
    estimate = (of_term @ beta).reshape(m, 6)
    variance = ((robust.standard_errors(of_term, residuals) * scale) ** 2).reshape(m, 6)
    terms = _powers(corners / size)
    straight, curved = (np.linalg.lstsq(terms, part.T, rcond=None)[0] for part in (estimate, variance))

    def least_squares(shifts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at = _powers(shifts / size)
        q = np.einsum("mkp,pm->mk", at, straight)
        return q, np.sqrt(np.maximum(np.einsum("mkp,pm->mk", at, curved), 0.0)), np.full(q.shape, df)

    return least_squares


def _powers(shifts: np.ndarray) -> np.ndarray:
    a, b = shifts[..., 0], shifts[..., 1]
    return np.stack([np.ones_like(a), a, b, a * a, b * b, a * b], axis=-1)


def _row(scenario: str, shift: np.ndarray, found: dict[str, np.ndarray], k: int, **more: Any) -> dict[str, Any]:
    return {
        "scenario": scenario,
        "delta_reference": float(shift[0]) + 0.0,
        "delta_other": float(shift[1]) + 0.0,
        **{name: float(found[name][k]) for name in _COLUMNS},
        "bound": "",
        "threshold": None,
        **more,
    }


def _shown(surface: _Surface, shown: tuple[float, ...]) -> Iterator[dict[str, Any]]:
    """Results at the shifts shown: along each direction, then at each pair."""
    places = [(name, np.array(delta) * np.array(direction)) for name, direction in SCENARIOS.items() for delta in shown]
    places += [("grid", np.array([reference, other])) for other in shown for reference in shown]
    found = surface.at(np.array([shift for _, shift in places]))
    yield from (_row(name, shift, found, k) for k, (name, shift) in enumerate(places))


@dataclass
class _Bracket:
    """Two shifts along a direction between which an end of the interval passes a threshold.

    `gap` is by how much the end lies above the threshold, at the lower and at the upper shift.
    """

    scenario: str
    bound: str
    threshold: float
    shifts: tuple[float, float]
    gap: tuple[float, float]

    @property
    def direction(self) -> np.ndarray:
        return np.array(SCENARIOS[self.scenario])

    @classmethod
    def nearest(
        cls, scenario: str, bound: str, threshold: float, steps: np.ndarray, ends: np.ndarray
    ) -> _Bracket | None:
        """The neighbouring steps nearest to none between which the ends (one a step) pass it; None if they never do."""
        gap = ends - threshold
        changes = np.flatnonzero(np.signbit(gap[:-1]) != np.signbit(gap[1:]))
        if not len(changes):
            return None
        k = min(changes, key=lambda j: abs(steps[j] + steps[j + 1]))
        return cls(scenario, bound, threshold, (steps[k], steps[k + 1]), (gap[k], gap[k + 1]))

    @property
    def secant(self) -> float:
        """Where a line through both gaps passes zero."""
        (low, high), (at_low, at_high) = self.shifts, self.gap
        return float(low - at_low * (high - low) / (at_high - at_low) if at_high != at_low else low)

    @property
    def tried(self) -> np.ndarray:
        """The secant's point, and a halving of the rest, so that the bracket shrinks from both sides, (2,)."""
        (low, high), (at_low, at_high) = self.shifts, self.gap
        return np.sort([self.secant, (self.secant + (low if abs(at_low) > abs(at_high) else high)) / 2])

    def narrow(self, surface: _Surface) -> None:
        """Make it that part of itself in which the end passes the threshold."""
        (low, high), (at_low, at_high), tried = self.shifts, self.gap, self.tried
        values = surface.at(tried[:, None] * self.direction)[self.bound] - self.threshold
        points, gaps = np.array([low, *tried, high]), np.array([at_low, *values, at_high])
        j = int(np.flatnonzero(np.signbit(gaps[:-1]) != np.signbit(gaps[1:]))[0])
        self.shifts, self.gap = (points[j], points[j + 1]), (gaps[j], gaps[j + 1])

    @property
    def passed(self) -> np.ndarray:
        """The shifts of both arms at which the end is at the threshold, (2,)."""
        return self.secant * self.direction


def _reached(surface: _Surface, important: float | None, sd: float) -> Iterator[dict[str, Any]]:
    """Where each direction takes an end of the interval to a threshold, nearest to no shift.

    All directions, ends and thresholds go on together: to analyse many shifts takes little longer than to analyse two.
    """
    steps = np.linspace(-_REACH * sd, _REACH * sd, 2 * _STEPS + 1)
    along = {name: steps[:, None] * np.array(direction) for name, direction in SCENARIOS.items()}
    surface.at(np.concatenate(list(along.values())))
    scanned = {name: surface.at(shifts) for name, shifts in along.items()}
    brackets = [
        bracket
        for threshold in (0.0, *((important, -important) if important else ()))
        for bound in ("ci_low", "ci_high")
        for name in SCENARIOS
        if (bracket := _Bracket.nearest(name, bound, threshold, steps, scanned[name][bound]))
    ]
    if not brackets:
        return
    for _ in range(_ROUNDS):
        surface.at(np.concatenate([one.tried[:, None] * one.direction for one in brackets]))
        for one in brackets:
            one.narrow(surface)
    found = surface.at(np.array([one.passed for one in brackets]))
    for k, one in enumerate(brackets):
        row = _row(one.scenario, one.passed, found, k, bound=one.bound, threshold=one.threshold)
        yield row | {one.bound: one.threshold}


def _like_reference(
    spec: AnalysisSpec, surface: _Surface, people: Completed, imputed: Imputed, term: str
) -> Iterator[dict[str, Any]]:
    """Missing outcomes of the other arm drawn as in the reference arm; the shifts shown are means over the draws."""
    effect = imputed.slopes.get(term)
    if effect is None:
        return
    # baseline, or what it is within clusters and their means
    before = [
        name
        for name in people.everyone
        if spec.baseline and source_of(str(name)) == spec.baseline and str(Operand(str(name))) in imputed.slopes
    ]
    ways = {"jump_to_reference": -effect}
    if before:
        means = people.everyone.groupby(people.everyone[spec.arm].astype(str))[before].mean()
        gap = means.loc[next(arm for arm in means.index if arm != spec.reference)] - means.loc[spec.reference]
        moved = sum((imputed.slopes[str(Operand(str(name)))] * float(gap[name]) for name in before), np.zeros(()))
        ways = {"copy_reference": -effect, "jump_to_reference": -effect - moved}
    for name, shift in ways.items():
        shifts = np.stack([np.zeros_like(shift), shift], axis=-1)[:, None, :]
        yield _row(name, shifts.mean(axis=0)[0], surface.of_each(shifts), 0)
