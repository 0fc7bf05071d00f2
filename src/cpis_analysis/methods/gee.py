"""Generalised estimating equations for events and counts, with a covariance for few clusters."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.methods.degrees import CLUSTERS_LESS_ARMS, CLUSTERS_LESS_TWO, SATTERTHWAITE, Refused
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PEOPLE

_DEGREES = (CLUSTERS_LESS_TWO, CLUSTERS_LESS_ARMS, SATTERTHWAITE)

UNBIASED = "kauermann-carroll"
"""The correction with which Satterthwaite's degrees of freedom are those of Bell and McCaffrey."""
BY_ARM = "mancl-derouen"
"""That with which they are put together of those of each arm's clusters: for clusters in one arm only."""


def _counts(spec: Settings) -> bool:
    return bool(spec.family == "poisson")


def by_arm(spec: Settings) -> bool:
    """Whether the clusters of each arm have a variance, and degrees of freedom, of their own."""
    return bool(spec.df_method == SATTERTHWAITE.name and spec.correction == BY_ARM)


def _logit(spec: Settings) -> bool:
    return bool(spec.link == "logit") and not _counts(spec)


def _weights(spec: Settings) -> str:
    return "people" if _logit(spec) or spec.correlation == "independence" else "variances"


def _link(spec: Settings) -> str:
    return "log-linear" if _counts(spec) else "logistic" if _logit(spec) else "linear probability"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    exposure = f" The logarithm of {spec.exposure} is an offset, so rates are compared." if spec.exposure else ""
    by = "t on clusters less the number of arms"
    if spec.df_method == SATTERTHWAITE.name:
        by = "t on degrees of freedom by Satterthwaite, as of Bell and McCaffrey"
        by += ", put together of those of each arm (Welch)" if by_arm(spec) else ""
    return [
        f"Model: generalised estimating equations, {_link(spec)}, {PEOPLE} of one {around.unit} with "
        f"{spec.correlation} working correlation.{exposure}",
        f"Inference: covariance with the small-sample correction of {spec.correction}, {by}.",
    ]


def _check(model: Settings) -> Sequence[Refused]:
    """Degrees of freedom that would be those of another covariance."""
    if model.df != SATTERTHWAITE.in_plan or model.correction in (UNBIASED, BY_ARM):
        return ()
    message = "Satterthwaite's degrees of freedom are those of the bias-reduced covariance, or of each arm's part"
    return (Refused("correction", message, model.correction, allowed=f"{UNBIASED}, or {BY_ARM} (by arm)"),)


METHOD = Method(
    name="gee",
    about="generalised estimating equations for events and counts, with small-sample covariance and t on clusters less "
    "the number of arms, or on Satterthwaite's degrees of freedom",
    words="generalised estimating equations with small-sample covariance",
    short="estimating equations",
    line=lambda spec, unit: f"estimating equations by {unit}",
    details=lambda spec: (
        f"estimating equations, {_link(spec)}, {spec.correlation}, {spec.correction}, by {spec.cluster}"
    ),
    explained=_explained,
    fit=".gee:fit_estimating_equations",
    degrees=_DEGREES,
    keys=("df", "cluster", "link", "correlation", "correction"),
    check=_check,
    outcome_types=("binary", "count"),
    families={"count": ("poisson",)},
    scales={"poisson": "rate"},
    takes_exposure=True,
    weights=_weights,
    averages_over_people=_logit,
    log_odds=_logit,
    single_people=True,
    many=".one_by_one:analyse_many",
    one_by_one=True,
    translation=".gee",
)
