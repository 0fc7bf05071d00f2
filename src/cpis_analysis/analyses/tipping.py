"""Tipping points: how far missing outcomes would have to differ from expectation before a conclusion changed.

An analysis by likelihood takes missing outcomes to be missing at random: a person without the outcome is like those
with it who are alike in the model's variables and belong to the same clusters. Here the outcomes of those people are
shifted from that expectation, by an amount of its own for each arm (delta adjustment, missing not at random), and the
shifts are found at which an end of the confidence interval reaches zero, or the minimal important difference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import pandas as pd
from scipy.special import ndtr, stdtr

from cpis_analysis.analyses.estimate import AnalysisResult, MissingShift
from cpis_analysis.analyses.estimate import Estimate as AnalysisEstimate
from cpis_analysis.publish.sources.sourced_columns import made, noted

SCENARIOS = {"other": (0.0, 1.0), "reference": (1.0, 0.0), "alike": (1.0, 1.0), "opposite": (-1.0, 1.0)}
"""Directions (reference, other) in which one number says all: one arm shifted alone, both alike, both opposite."""

LIKE_REFERENCE = ("copy_reference", "jump_to_reference")
"""Ways in which missing outcomes of the other arm are drawn as in the reference arm; their shifts are means."""
SOLVED, IMPUTED = "solved", "imputation"
"""Solved with the standard error taken as given, a quick approximation; or by delta-adjusted imputation."""

_STEPS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
_LEVEL = 1e-9
"""A direction that moves the estimate by less than this for each point never reaches anything."""


@dataclass(frozen=True)
class Shifted:
    """The estimate at one pair of shifts.

    Attributes
    ----------
    scenario : str
        ``grid``, a name of `SCENARIOS`, or by imputation of `LIKE_REFERENCE`.
    delta_reference, delta_other : float
        Shift of the missing outcomes of either arm, in points; negative is lower than expected.
    estimate, se, df, statistic, p_value, ci_low, ci_high : float
    bound : str
        ``ci_low`` or ``ci_high`` where these shifts are the ones at which it reaches `threshold`; else empty.
    threshold : float or None
        Zero, or plus or minus the minimal important difference.
    method : str
        `SOLVED` or `IMPUTED`.
    """

    scenario: str
    delta_reference: float
    delta_other: float
    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    bound: str = ""
    threshold: float | None = None
    method: str = SOLVED

    @property
    def delta(self) -> float:
        """The one number of a scenario: the shift of the other arm, or of the reference where that alone moves."""
        return self.delta_reference if self.scenario == "reference" else self.delta_other


@dataclass(frozen=True)
class Tipping:
    """A tipping-point analysis.

    Attributes
    ----------
    result : AnalysisResult
        The analysis under missing at random.
    shift : MissingShift
    deltas : tuple of float
        Shifts that are shown.
    important : float or None
        Minimal important difference.
    grid : tuple of Shifted
        Every pair of `deltas`, the reference's shift varying fastest.
    paths : tuple of Shifted
        Each scenario at each of `deltas`.
    points : tuple of Shifted
        Where a scenario takes an end of the interval to a threshold; thresholds that it never reaches are absent.
    imputed : tuple of Shifted
        The same by delta-adjusted imputation, and the ways of `LIKE_REFERENCE`; empty where nothing was imputed.
    imputations : int
    """

    result: AnalysisResult
    shift: MissingShift
    deltas: tuple[float, ...]
    important: float | None
    grid: tuple[Shifted, ...]
    paths: tuple[Shifted, ...]
    points: tuple[Shifted, ...]
    imputed: tuple[Shifted, ...] = ()
    imputations: int = 0

    def reached(self, scenario: str, bound: str, threshold: float = 0.0) -> Shifted | None:
        """As `point`, by imputation where there is one."""
        if not self.imputed:
            return self.point(scenario, bound, threshold)
        wanted = (scenario, bound, threshold)
        return next((one for one in self.imputed if (one.scenario, one.bound, one.threshold) == wanted), None)

    def imputed_at(self, scenario: str, reference: float, other: float) -> Shifted | None:
        """Result by imputation at a pair of shifts that is shown."""
        wanted = (scenario, "", reference, other)
        return next(
            (one for one in self.imputed if (one.scenario, one.bound, one.delta_reference, one.delta_other) == wanted),
            None,
        )

    def like_reference(self) -> list[Shifted]:
        """Results with the missing outcomes of the other arm drawn as in the reference arm."""
        return [one for one in self.imputed if one.scenario in LIKE_REFERENCE]

    @property
    def unshifted(self) -> Shifted | AnalysisEstimate:
        """The interval that shifts start from: by imputation where there is one."""
        return self.imputed_at("grid", 0.0, 0.0) or self.result.estimate

    @property
    def n_completed(self) -> int:
        """People whose outcomes were shifted."""
        return self.shift.n_completed_reference + self.shift.n_completed_other

    def point(self, scenario: str, bound: str, threshold: float = 0.0) -> Shifted | None:
        """Where a scenario takes an end of the interval to a threshold; None if never."""
        return next(
            (one for one in self.points if (one.scenario, one.bound, one.threshold) == (scenario, bound, threshold)),
            None,
        )

    def line(self, bound: str, threshold: float = 0.0) -> tuple[float, float, float]:
        """(a, b, c) of the line a delta_reference + b delta_other = c on which an end of the interval is there."""
        at_zero = getattr(self.result.estimate, bound)
        return self.shift.per_point_reference, self.shift.per_point_other, threshold - at_zero


def default_deltas(important: float | None, sd: float | None) -> tuple[float, ...]:
    """Shifts shown where the plan names none.

    Parameters
    ----------
    important : float or None
        Minimal important difference: the step.
    sd : float or None
        Standard deviation of the outcome; half of it, to one figure, is the step where there is no such difference
        (half an SD is often near it; Norman, Sloan & Wyrwich 2003, Med Care 41:582).

    Returns
    -------
    tuple of float
        Seven shifts, symmetric about zero.
    """
    step = important or 1.0
    if not important and sd and math.isfinite(sd):
        step = made("one_figure", sd / 2)
    return tuple(noted(float(f"{factor * step:.12g}") + 0.0, "*", factor, step) for factor in _STEPS)


def find_tipping(
    result: AnalysisResult, deltas: Sequence[float] = (), important: float | None = None
) -> Tipping | None:
    """Find the shifts at which the conclusion of an analysis changes.

    What delta-adjusted imputation found (`missing_values.imputed_shift`) is read from the result; the rest is solved:

    1. The estimate at a pair of shifts is the estimate plus, for each arm, its shift times the change for each point
       (`missing_shift`). Standard error and degrees of freedom are those of the fit.
    2. An end of the interval is then linear in the shifts, so where it reaches a threshold is solved exactly, in
       each direction of `SCENARIOS`.

    Parameters
    ----------
    result : AnalysisResult
    deltas : sequence of float
        Shifts to be shown, in points; default: `default_deltas`.
    important : float, optional
        Minimal important difference; adds thresholds at plus and minus it.

    Returns
    -------
    Tipping or None
        None if the analysis has no shift, or nobody's outcome could be shifted.

    Notes
    -----
    bound(delta) = bound + a delta_reference + b delta_other = threshold. The interval treats as given who is missing.
    Averaged over who might have been missing, the share of missing people is random too, and adds a term of the order
    of delta^2 var(share) to the variance: White, Carpenter & Horton 2018 (Stat Sin 28:1985) have it in their
    mean-score sandwich, and a jackknife of people has it; multiple imputation by Rubin's rules does not.
    """
    shift = result.missing_shift
    if shift is None or shift.n_completed_reference + shift.n_completed_other == 0:
        return None
    shown = tuple(deltas) or default_deltas(important, result.standardised["sd"])
    grid = tuple(_at(result, shift, "grid", reference, other) for other in shown for reference in shown)
    paths = tuple(
        _at(result, shift, name, a * delta, b * delta) for name, (a, b) in SCENARIOS.items() for delta in shown
    )
    thresholds = (0.0, *((important, -important) if important else ()))
    points = []
    for threshold in thresholds:
        for bound in ("ci_low", "ci_high"):
            for name, (a, b) in SCENARIOS.items():
                slope = a * shift.per_point_reference + b * shift.per_point_other
                if abs(slope) > _LEVEL:
                    delta = (threshold - getattr(result.estimate, bound)) / slope
                    points.append(_at(result, shift, name, a * delta, b * delta, bound, threshold))
    imputed = tuple(
        # a file has no infinity but its word
        Shifted(**row | ({"df": math.inf} if row["df"] == "inf" else {}), method=IMPUTED)
        for row in result.shifted.get("rows", ())
    )
    return Tipping(result, shift, shown, important, grid, paths, tuple(points), imputed, result.shifted.get("m", 0))


def _at(
    result: AnalysisResult,
    shift: MissingShift,
    scenario: str,
    reference: float,
    other: float,
    bound: str = "",
    threshold: float | None = None,
) -> Shifted:
    e = result.estimate
    change = shift.per_point_reference * reference + shift.per_point_other * other
    statistic = (e.estimate + change) / e.se
    p_value = 2 * float(ndtr(-abs(statistic)) if math.isinf(e.df) else stdtr(e.df, -abs(statistic)))
    ends = {"ci_low": e.ci_low + change, "ci_high": e.ci_high + change}
    if threshold is not None:
        # what was solved for is stated as it is, without the rounding error of getting there
        ends[bound] = threshold
    return Shifted(
        scenario,
        reference,
        other,
        e.estimate + change,
        e.se,
        e.df,
        statistic,
        p_value if change else e.p_value,
        ends["ci_low"],
        ends["ci_high"],
        bound,
        threshold,
    )


def tipping_analyses(
    results: Sequence[AnalysisResult], settings: Mapping[str, tuple[Sequence[float], float | None]]
) -> list[Tipping]:
    """Tipping points of every analysis that has some, in the order of `results`.

    Parameters
    ----------
    results : sequence of AnalysisResult
    settings : mapping of outcome to (deltas, minimal important difference)
        Of the plan.
    """
    found = [find_tipping(result, *settings.get(result.spec.outcome, ((), None))) for result in results]
    return [one for one in found if one is not None]


_WHO = ("analysis", "outcome", "model", "population", "contrast")
_SHIFT = tuple(field.name for field in fields(MissingShift))
_OWN = tuple(field.name for field in fields(Shifted) if field.name != "method")
TIPPING_COLUMNS = (*_WHO, *_OWN, "df_method", *_SHIFT, "method", "imputations")
"""New columns go to the right."""


def tipping_frame(analyses: Sequence[Tipping]) -> pd.DataFrame:
    """Rows behind results/tipping.csv, unrounded: the grid, the scenarios, and where the conclusion changes.

    Returns
    -------
    DataFrame
        Columns `TIPPING_COLUMNS`; without rows where the plan asks for none.
    """
    rows = []
    for found in analyses:
        e = found.result.estimate
        about = {name: getattr(e, name) for name in _WHO} | {"contrast": str(e.contrast)}
        more = {"df_method": e.df_method} | {name: getattr(found.shift, name) for name in _SHIFT}
        rows += [
            about
            | {name: getattr(one, name) for name in (*_OWN, "method")}
            | more
            | {"imputations": found.imputations if one.method == IMPUTED else pd.NA}
            for one in (*found.points, *found.paths, *found.grid, *found.imputed)
        ]
    frame = pd.DataFrame(rows, columns=list(TIPPING_COLUMNS)).astype({"threshold": float, "imputations": "Int64"})
    # an arm that is not shifted is shifted by 0, whatever the sign of the other's
    shifts = ["delta_reference", "delta_other"]
    frame[shifts] = frame[shifts].astype(float) + 0.0
    return frame
