"""What every estimator returns: unrounded numbers and plain words, no layout."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from cpis_analysis.analyses.rows.coefficients import Coefficients
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.plan.outcome_scale import Scale, scale_named, scale_of
from cpis_analysis.plan.specification import AnalysisSpec

ESTIMATED, NOT_ESTIMABLE = "estimated", "not estimable"
"""What can have become of an analysis: `Estimate.status`."""

OF_MIDDLE = ("n_middles", "icc_middle")
"""Fields of an estimate that only studies with three levels of clusters have."""


def _at_levels(values: tuple[Any, Any, Any], levels: int) -> tuple[Any, ...]:
    """Of the largest, the middle and the smallest clusters those that a study has."""
    outer, middle, inner = values
    return ((), (outer,), (outer, inner), (outer, middle, inner))[levels]


@dataclass(frozen=True)
class Estimate:
    """One reported contrast of one analysis; the columns of results/estimates.csv, in order.

    Attributes
    ----------
    analysis, outcome, model, population : str
    contrast : Contrast
        In files its name, such as ``implementation - comparison``.
    estimate, se, ci_low, ci_high : float
        On the scale of the model: points of the outcome, or what `AnalysisResult.scale` says.
    df, statistic, p_value : float
        ``df`` is infinite for z.
    df_method : str
    n_obs, n_participants, n_teams, n_trusts : int
        Rows, people and clusters used; ``n_teams`` is None when the design has no teams, ``n_obs`` and
        ``n_participants`` where they would tell how few people gave an answer (`small_populations`).
    icc_trust, icc_team : float or None
        Residual intraclass correlation of each level; None when the model has no such level.
        ``icc_team`` is the correlation of two people of one team, so it includes the parts of the levels above.
    singular : bool or None
        A variance was estimated as zero; None for estimators without variances.
    converged : bool
    reml_loglik : float or None
    warnings : tuple of str
        What limits the result, in plain sentences; what is said for information stands in
        `AnalysisResult.messages`.
    measure : str
        ``mean difference``, ``risk difference``, ``interaction`` (a difference of differences) or ``joint test``
        (an F statistic without an estimate).
    num_df : float or None
        Numerator degrees of freedom of a joint test; ``df`` are its denominator's.
    status : str
        `ESTIMATED`, or `NOT_ESTIMABLE`: then every number is NaN or None.
    reason : str
        Why an analysis is not estimable, in plain words; else empty.
    scale : str
        Name of the scale of a contrast that has another than its analysis, such as a difference of standardised risks
        beside an odds ratio; else empty, and then no part of the record.
    n_middles : int or None
    icc_middle : float or None
        The same of the level in the middle of three; else None, and then no part of the record.
    """

    analysis: str
    outcome: str
    model: str
    population: str
    contrast: Contrast
    estimate: float = math.nan
    se: float = math.nan
    df: float = math.nan
    df_method: str = ""
    statistic: float = math.nan
    p_value: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    n_obs: int | None = None
    n_participants: int | None = None
    n_teams: int | None = None
    n_trusts: int | None = None
    icc_trust: float | None = None
    icc_team: float | None = None
    singular: bool | None = None
    converged: bool | None = None
    reml_loglik: float | None = None
    warnings: tuple[str, ...] = ()
    measure: str = "mean difference"
    num_df: float | None = None
    status: str = ESTIMATED
    reason: str = ""
    scale: str = ""
    n_middles: int | None = None
    icc_middle: float | None = None

    def clusters(self, levels: int) -> tuple[int | None, ...]:
        """Clusters used at each of a study's levels, the largest first."""
        return _at_levels((self.n_trusts, self.n_middles, self.n_teams), levels)

    def correlations(self, levels: int) -> tuple[float | None, ...]:
        """Residual intraclass correlations at each of a study's levels, the largest first."""
        return _at_levels((self.icc_trust, self.icc_middle, self.icc_team), levels)

    @classmethod
    def of(cls, spec: AnalysisSpec, contrast: Contrast, **known: Any) -> Estimate:
        """A contrast of an analysis with what is known of it; without that it has no numbers."""
        known = {"df_method": spec.df_method} | known
        return cls(spec.name, spec.outcome, spec.model, spec.population, contrast, **known)


@dataclass(frozen=True)
class MissingShift:
    """What becomes of the estimate when the outcomes of those without one are shifted, by arm.

    Attributes
    ----------
    per_point_reference, per_point_other : float
        Change of the estimate for each point by which the missing outcomes of that arm differ from what the model
        expects of them (missing at random).
    n_observed_reference, n_observed_other : int
        People analysed.
    n_completed_reference, n_completed_other : int
        People without the outcome of whom the model can say what to expect.
    n_left_out : int
        People of the population who are neither: a variable of the model besides the outcome is missing, or has a
        value that occurs in nobody analysed.
    """

    per_point_reference: float
    per_point_other: float
    n_observed_reference: int
    n_observed_other: int
    n_completed_reference: int
    n_completed_other: int
    n_left_out: int


@dataclass(frozen=True)
class AnalysisResult:
    """An analysis with all that tables, figures and the report show of it.

    Attributes
    ----------
    spec : AnalysisSpec
    estimate : Estimate
        The reported contrast.
    contrasts : tuple of Estimate
        What the plan asks for beside it, in its order.
    standardised : dict
        ``estimate``, ``ci_low``, ``ci_high`` divided by ``sd``; ``sd`` and ``sd_source`` (``baseline`` or
        ``follow-up``: pooled within-arm SD of everyone with that interview).
    coefficients : list of dict
        term, estimate, std_error, df, statistic, p_value, ci_low, ci_high.
    variance_components : list of dict
        group, name, variance, std_dev (mixed models; Residual last), level (`cluster_level.level_of_grouping`).
    adjusted_means : list of dict
        arm, wave (or None), estimate, std_error, df, ci_low, ci_high.
    groups : list of dict
        arm, n_participants, n_obs: what was analysed. Not by team: with what else is known of a team, that would
        count its people who gave an answer. Empty where it would tell how few did (`small_populations`).
    diagnostics : dict
        Summaries without rows, empty when the estimator has none: ``residual_quantiles``
        (``probability``, ``theoretical``, ``observed``, ``low``, ``high``: standardised conditional residuals
        with a simulation envelope), ``residual_by_fitted`` (bins: ``fitted_mid``, ``n``, ``q10``, ``q50``,
        ``q90``), ``random_effects`` (list of group, level label, mode, se). Of generalised mixed models residuals are
        ranks between 0 and 1 among simulated data sets, ``fitted_mid`` is the rank of the fitted value, and
        ``simulated`` has ``n_simulated``, ``distance`` (Kolmogorov-Smirnov), ``dispersion`` and ``zeros`` (observed
        over simulated), each with its p-value ``NAME_p``.
    messages : tuple of str
        Status of the fit in plain sentences.
    missing_shift : MissingShift or None
        Where the plan asks for a tipping point.
    dropped_columns : tuple of str
        Columns of the fixed part that were left out because they repeat others.
    optimal : dict of dict
        By contrast, of the nearly optimal test: ``power`` and ``bound`` (averages for an effect of ``effect_in_sd``
        total SDs), ``largest_size``; of differences with margins ``tost_ci_low``, ``tost_ci_high``, ``tost_p`` and
        ``smallest_margin``. Empty for every other inference, and then no part of the record.
    imputation : dict
        Where missing values were imputed: ``m``, ``n_people``, ``n_completed`` (who lacked something),
        ``n_without_outcome``, ``n_left_out``, of the effect ``missing_information``, ``complete_df``, ``within``,
        ``between``, ``mc_error``, ``mc_error_p``; ``by_arm``; ``variables`` (variable, n_missing, scale_reduction);
        ``observed_df`` of those with complete values, None where Barnard and Rubin's stand for them; where items are
        imputed ``items`` (variable, and n_people who answered a part, n_answers filled in, None where the people are
        fewer than may be known) and ``smallest``, that number.
        Empty for every other analysis, and then no part of the record.
    shifted : dict
        Delta-adjusted imputation, where the plan asks for a tipping point: ``m``, and ``rows`` with the fields of
        `tipping.Shifted`. Empty for every other analysis, and then no part of the record.
    parts : mapping of name to tuple of Part
        What the names of coefficients and random effects stand for; no part of the record.
    checks : dict
        Of an assumption: ``rare_event``, where an event is rare enough for odds or hazards to be risks;
        ``proportional_odds``, rows of cut, log_odds_ratio, std_error (`proportional_odds.cuts_of`);
        ``residual_correlations`` of a person's residuals, rows of arm (or None), first, second, correlation.
        Empty for most, and then no part of the record.
    resampling : dict
        Of tests by permutations, signs or bootstrap: ``n`` resamples, whether they are ``drawn`` at random or all that
        there are, their ``kind``, the ``smallest_p`` that there can be; drawn ones ``mc_error_p``; where no value can
        be rejected at the analysis's level the widest interval with ends (``attainable_level``, ``attainable_low``,
        ``attainable_high``). Empty for every other inference, and then no part of the record.
    influence : list of dict
        Where the plan asks for it, the effect without each cluster: `influence.left_out_one_by_one`. Else empty, and no
        part of the record.
    balance : dict
        Where people are weighted so that the arms are alike: `confounding.balanced_rows.Balanced.account`. Else empty,
        and no part of the record.
    """

    spec: AnalysisSpec
    estimate: Estimate
    standardised: dict[str, Any]
    coefficients: list[dict[str, Any]]
    variance_components: list[dict[str, Any]]
    adjusted_means: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    diagnostics: dict[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    contrasts: tuple[Estimate, ...] = ()
    missing_shift: MissingShift | None = None
    dropped_columns: tuple[str, ...] = ()
    optimal: dict[str, dict[str, Any]] = field(default_factory=dict)
    imputation: dict[str, Any] = field(default_factory=dict)
    shifted: dict[str, Any] = field(default_factory=dict)
    parts: Coefficients = field(default_factory=dict)
    checks: dict[str, Any] = field(default_factory=dict)
    resampling: dict[str, Any] = field(default_factory=dict)
    influence: list[dict[str, Any]] = field(default_factory=list)
    balance: dict[str, Any] = field(default_factory=dict)

    @property
    def effects(self) -> tuple[Estimate, ...]:
        """The reported contrast, and of several arms the same contrast of the others."""
        own = self.estimate.contrast
        others = (one for one in self.contrasts if one.contrast.arm != own.arm)
        return self.estimate, *(one for one in others if replace(one.contrast, arm=own.arm) == own)

    def of_arm(self, arm: str) -> AnalysisResult | None:
        """The result with the effect of another arm as the reported one; None where it compares no such arm.

        What is of the reported effect alone (its standardised form, tipping point, influence) is left out.
        """
        one = next((one for one in self.effects if one.contrast.arm == arm), None)
        if one is None or one is self.estimate:
            return None if one is None else self
        standardised = dict.fromkeys(self.standardised) | {
            name: self.standardised[name] for name in ("sd", "sd_source") if name in self.standardised
        }
        return replace(self, estimate=one, standardised=standardised, missing_shift=None, shifted={}, influence=[])

    @property
    def joint_of_arms(self) -> Estimate | None:
        """The test that none of several arms differs from the reference, where there is one."""
        if len(self.effects) < 2:
            return None
        terms = (self.spec.effect,)
        return next(
            (one for one in self.contrasts if one.contrast.kind == "joint" and one.contrast.terms == terms), None
        )

    def scale_of(self, one: Estimate) -> Scale:
        """The scale of one of its estimates."""
        return scale_named(one.scale) if one.scale else self.scale

    @property
    def scale(self) -> Scale:
        """What the difference is a difference of."""
        return scale_of(self.spec)

    @property
    def simulates_residuals(self) -> bool:
        """Whether its residuals are ranks among simulated data sets."""
        return "simulated" in self.diagnostics

    @property
    def estimable(self) -> bool:
        """Whether the estimator gave a result."""
        return self.estimate.status == ESTIMATED
