"""One analysis of the plan, resolved: all that a fit depends on, and nothing else.

Labels, colours, margins of equivalence and report options are not part of a specification, so that changing them
refits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.plan.naming import change_of


@dataclass(frozen=True)
class ContrastSpec:
    """One contrast that is reported beside the effect.

    Attributes
    ----------
    kind : str
        ``difference``, ``joint``, ``moderator``, ``by_wave`` or ``average``.
    terms : tuple of str
        Terms of a joint test.
    moderator : str or None
    at : tuple of float
        Values of a numeric moderator.
    """

    kind: str
    terms: tuple[str, ...] = ()
    moderator: str | None = None
    at: tuple[float, ...] = ()


@dataclass(frozen=True)
class OptimalSpec:
    """What the nearly optimal test of a mixed model depends on beside the model.

    Attributes
    ----------
    largest_ratio, typical_ratio : float
        Region of the variance ratios, and the scale of the weights on the ratios of SDs.
    low, high : float or None
        Margins of equivalence on the scale of the model: they are tested where the response is, in the fit.
    """

    largest_ratio: float
    typical_ratio: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ImputationSpec:
    """Multiple imputation of what an analysis lacks.

    Attributes
    ----------
    auxiliary, ordinal : tuple of str
        Variables that help to predict; those whose codes are in order.
    covariates_only : bool
        People without the outcome are left out.
    by_arm : bool
    degrees_of_freedom : str
        ``observed`` or ``barnard_rubin``.
    p_value_error : float
        Largest Monte Carlo standard error of the p-value.
    fewest, most : int
        Imputations.
    scores : tuple of ItemScore
        Variables whose items are imputed, with the rule that makes them.
    """

    auxiliary: tuple[str, ...] = ()
    ordinal: tuple[str, ...] = ()
    covariates_only: bool = False
    by_arm: bool = False
    degrees_of_freedom: str = "observed"
    p_value_error: float = 0.02
    fewest: int = 100
    most: int = 1000
    scores: tuple[ItemScore, ...] = ()


@dataclass(frozen=True)
class BalanceSpec:
    """Weights that make the arms alike in what was known of people before.

    Attributes
    ----------
    method : str
        A name of `methods.balancing.BALANCINGS`.
    variables : tuple of str
        Variables in whose means the arms are made alike.
    target : str
        A name of `methods.balancing.TARGETS`; empty where the weights themselves say about whom the difference is.
    """

    method: str
    variables: tuple[str, ...]
    target: str = ""


@dataclass(frozen=True)
class AnalysisSpec:
    """What is fitted to which rows, and which contrast is reported.

    Attributes
    ----------
    name : str
        ``outcome.model``.
    outcome, model, estimator : str
    rows : str
        ``wide`` (one row a participant) or ``long`` (one row an interview).
    formula : str
        lme4-style, with the outcome's name and the covariates filled in.
    effect : str
        Term whose coefficient for the non-reference arm is reported.
    df_method, boundary : str
        Inference of mixed models.
    cluster : str or None
        One of `levels` or the participant, for estimators that work by cluster.
    pairs : bool
        Compare within the largest clusters (paired).
    population : str
    where : tuple of (variable, codes)
        Participant-level condition of the population; empty for ``available``.
    level : float
        Confidence level.
    arm, reference, participant : str
        Variables of the design and the reference arm.
    levels : tuple of str
        Variables of the clusters, the largest first; labels of inner ones may repeat in outer ones.
    baseline_wave, followup_wave : str
        Baseline, empty in a study without one; and the wave whose difference is reported.
    baseline : str or None
        Wide variable with the outcome at baseline, whose SD standardises; None in a study without baseline. Where the
        data have no such variable the follow-up SD is used.
    followup : str
        Wide variable with the outcome at follow-up.
    condition : str
        Condition of the population in the language of `plan.expression`; empty where `where` says it all.
    derived : tuple of (name, condition)
        Derived variables that formula or population use.
    contrasts : tuple of ContrastSpec
    outcome_type : str
        ``continuous``, ``bounded_count``, ``binary``, ``ordinal`` or ``count``.
    low, high : float or None
        Bounds of a bounded count; places of the first and the last category of an ordered outcome.
    link, correlation, correction : str
        Of estimators that take these keys; empty for others.
    tipping_point : bool
        Whether to find by how much the estimate moves when the outcomes of those without one are shifted.
    optimal : OptimalSpec or None
        Of the nearly optimal test; None for every other inference.
    family : str
        Distribution that a generalised model assumes; empty for methods that assume none.
    quadrature : int
        Points of adaptive quadrature a random effect; 1 is the Laplace approximation.
    exposure : str
        Wide variable with the time, or whatever else, in which a count was made; empty if all are alike.
    missing : str
        Handling of missing values: a name of `methods.handling.HANDLINGS`.
    imputation : ImputationSpec or None
        Of multiple imputation; None for every other handling.
    predictors : tuple of str
        Of inverse-probability weights; empty for every other handling.
    predictors_by_arm : bool
        The predictors have a model in each arm.
    estimand : str
        A name of `methods.handling.ESTIMANDS`, or empty.
    separation : str
        What becomes of odds without a finite estimate: ``refuse`` or ``penalise``.
    shifts, important : tuple of float, float or None
        Of a tipping point: shifts shown, and the minimal important difference of the outcome.
    across : bool
        Of a permutation: clusters exchange their arms between upper clusters as well.
    weights : str
        Of a wild bootstrap: ``webb`` or ``rademacher``; empty for others.
    primary_arm : str
        Of several arms the one whose comparison with the reference is the result, where the plan names one; else empty.
    waves : tuple of str
        Waves of the rows, where these are others than baseline and follow-up; see `waves_of_rows`.
    months : tuple of float
        Months of `waves`, where the formula uses them.
    primary_wave : bool
        Whether the follow-up is the study's primary wave.
    covariance : str
        Of a person's residuals over the waves; empty for methods that have none.
    residual_by : str or None
        ``arm`` where each arm has residual variances of its own.
    leave_one_out : bool
        Whether the analysis is made again without each cluster in turn.
    balance : BalanceSpec or None
        By what people are weighted so that the arms are alike; None for no weights of this kind.
    """

    name: str
    outcome: str
    model: str
    estimator: str
    rows: str
    formula: str
    effect: str
    df_method: str
    boundary: str
    cluster: str | None
    pairs: bool
    population: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    level: float
    arm: str
    reference: str
    levels: tuple[str, ...]
    participant: str
    baseline_wave: str
    followup_wave: str
    baseline: str | None
    followup: str
    condition: str = ""
    derived: tuple[tuple[str, str], ...] = ()
    contrasts: tuple[ContrastSpec, ...] = ()
    outcome_type: str = "continuous"
    low: float | None = None
    high: float | None = None
    link: str = ""
    correlation: str = ""
    correction: str = ""
    tipping_point: bool = False
    optimal: OptimalSpec | None = None
    family: str = ""
    quadrature: int = 1
    exposure: str = ""
    missing: str = "observed"
    imputation: ImputationSpec | None = None
    predictors: tuple[str, ...] = ()
    predictors_by_arm: bool = False
    estimand: str = ""
    separation: str = "refuse"
    shifts: tuple[float, ...] = ()
    important: float | None = None
    across: bool = False
    weights: str = ""
    primary_arm: str = ""
    waves: tuple[str, ...] = ()
    months: tuple[float, ...] = ()
    primary_wave: bool = True
    covariance: str = ""
    residual_by: str | None = None

    @property
    def by_wave_of_person(self) -> bool:
        """Whether a person's residuals have a covariance over the waves, for which a model needs to know the wave."""
        return self.rows == "long" and bool(self.covariance)

    leave_one_out: bool = False
    balance: BalanceSpec | None = None

    @property
    def trust(self) -> str:
        """Variable of the largest clusters; where there are none, every person is one."""
        return self.levels[0] if self.levels else self.participant

    @property
    def team(self) -> str | None:
        """Variable of the smallest clusters within them; None where there is one level, or none."""
        return self.levels[-1] if len(self.levels) > 1 else None

    def keys_of(self, level: str) -> tuple[str, ...]:
        """Variables that tell the units of a level apart: of clusters with those that they lie in, of people one."""
        return (level,) if level == self.participant else self.levels[: self.levels.index(level) + 1]

    @property
    def cluster_keys(self) -> tuple[str, ...]:
        """Variables that tell the clusters apart by which the estimator works; none without `cluster`."""
        return () if self.cluster is None else self.keys_of(self.cluster)

    @property
    def cluster_group(self) -> str:
        """The same as a grouping factor of a formula: ``trust:team``."""
        return ":".join(self.cluster_keys)

    def is_change(self, variable: str) -> bool:
        """Whether a variable is the outcome's change since baseline to the wave that is reported."""
        return variable in (change_of(self.outcome), change_of(self.outcome, self.followup_wave))

    @property
    def waves_of_rows(self) -> tuple[str, ...]:
        """Waves of long rows, in the order of time."""
        return self.waves or tuple(wave for wave in (self.baseline_wave, self.followup_wave) if wave)

    @property
    def times(self) -> tuple[str, ...]:
        """Variables that say when a row was: the wave, and its months where the model uses them."""
        return ("wave", MONTHS) if self.months else ("wave",)

    @property
    def has_baseline_rows(self) -> bool:
        """Whether interviews at baseline are among long rows, so that an effect can be one of change."""
        return self.baseline_wave in self.waves_of_rows

    @property
    def reference_wave(self) -> str:
        """The wave against which a model codes the others: baseline, or the wave that is reported where it has none."""
        return self.baseline_wave if self.has_baseline_rows else self.followup_wave

    @property
    def later_waves(self) -> tuple[str, ...]:
        """Waves of long rows after baseline."""
        return tuple(wave for wave in self.waves_of_rows if wave != self.baseline_wave)


MONTHS = "months"
"""What models of interviews call the nominal months of a wave."""
