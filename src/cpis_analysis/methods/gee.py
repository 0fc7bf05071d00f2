"""Generalised estimating equations for binary outcomes, with a covariance for few clusters."""

from __future__ import annotations

from cpis_analysis.methods.degrees import CLUSTERS_LESS_ARMS, CLUSTERS_LESS_TWO
from cpis_analysis.methods.method import Method, Settings, Surroundings

__all__ = ["METHOD"]


def _logit(spec: Settings) -> bool:
    return bool(spec.link == "logit")


def _weights(spec: Settings) -> str:
    return "people" if _logit(spec) or spec.correlation == "independence" else "variances"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    link = "logistic" if _logit(spec) else "linear probability"
    return [
        f"Model: generalised estimating equations, {link}, people of one {around.unit} with {spec.correlation} "
        "working correlation.",
        f"Inference: covariance with the small-sample correction of {spec.correction}, t on clusters less the number "
        "of arms.",
    ]


METHOD = Method(
    name="gee",
    about="generalised estimating equations for binary outcomes, with small-sample covariance and t on clusters less "
    "the number of arms",
    words="generalised estimating equations with small-sample covariance",
    short="estimating equations",
    line=lambda spec, unit: f"estimating equations by {unit}",
    details=lambda spec: f"estimating equations, {spec.link}, {spec.correlation}, {spec.correction}, by {spec.cluster}",
    explained=_explained,
    fit=".gee:fit_estimating_equations",
    degrees=(CLUSTERS_LESS_TWO, CLUSTERS_LESS_ARMS),
    keys=("cluster", "link", "correlation", "correction"),
    needs=("cluster",),
    long_rows=False,
    other_effects=False,
    contrasts=False,
    outcome_types=("binary",),
    weights=_weights,
    averages_over_people=_logit,
    log_odds=_logit,
    translation=".gee",
)
