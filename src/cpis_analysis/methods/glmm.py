"""Generalised linear mixed models for binary, ordered, bounded and count outcomes."""

from __future__ import annotations

from cpis_analysis.methods.degrees import (
    BETWEEN_WITHIN,
    NORMAL,
    PSEUDO_BETWEEN_WITHIN,
    PSEUDO_KENWARD_ROGER,
)
from cpis_analysis.methods.method import Method, Refused, Settings, Surroundings

_DEGREES = (BETWEEN_WITHIN, NORMAL, PSEUDO_KENWARD_ROGER, PSEUDO_BETWEEN_WITHIN)
_BY_NAME = {one.name: one for one in _DEGREES}

_FAMILIES = {
    "binary": ("binomial",),
    "bounded_count": ("beta_binomial", "binomial"),
    "ordinal": ("ordinal",),
    "count": ("poisson", "negative_binomial"),
}

_SCALES = {
    "binomial": "odds",
    "beta_binomial": "odds",
    "ordinal": "common_odds",
    "poisson": "rate",
    "negative_binomial": "rate",
}

_WORDS = {
    "binomial": "binomial, logit link",
    "beta_binomial": "beta-binomial, logit link",
    "ordinal": "ordered categories, cumulative logit (proportional odds)",
    "poisson": "Poisson, log link",
    "negative_binomial": "negative binomial, log link",
}


def _fitted_by(spec: Settings) -> str:
    if _BY_NAME[spec.df_method].by_pseudo_likelihood:
        return "restricted pseudo-likelihood"
    if spec.quadrature > 1:
        return f"maximum likelihood (adaptive quadrature, {spec.quadrature} points)"
    return "maximum likelihood (Laplace approximation)"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    exposure = f" The logarithm of {spec.exposure} is an offset, so rates are compared." if spec.exposure else ""
    return [
        f"Model: generalised linear mixed model ({_WORDS[spec.family]}) fitted by {_fitted_by(spec)}, with "
        f"{around.random}.{exposure}",
        *_BY_NAME[spec.df_method].explained(spec, around.counted),
    ]


def _details(spec: Settings) -> str:
    return f"generalised mixed model, {spec.family}, {_fitted_by(spec)}, df by {spec.df_method}"


def _check(model: Settings) -> list[Refused]:
    """Points of quadrature that nothing would use, a penalty that is not made."""
    if model.quadrature > 1 and any(one.in_plan == model.df and one.by_pseudo_likelihood for one in _DEGREES):
        return [Refused("quadrature", "pseudo-likelihood has no quadrature", str(model.quadrature), hint="remove it")]
    if model.separation == "penalise" and model.family not in (None, "binomial", "poisson"):
        message = "a penalised fit is made for the families binomial and poisson"
        return [Refused("separation", message, str(model.family), hint="remove the key")]
    return []


METHOD = Method(
    name="glmm",
    about="generalised linear mixed model of a binary, ordered, bounded or count outcome; odds or rate ratios, with "
    "standardised risks beside them",
    called="a generalised mixed model",
    words="generalised linear mixed model",
    article="a ",
    short="generalised mixed model",
    details=_details,
    explained=_explained,
    fit=".glmm:fit_generalised_model",
    contrasts=True,
    degrees=_DEGREES,
    keys=("df", "family", "quadrature", "separation"),
    refuses={"cluster": "a generalised mixed model takes its clusters from the formula"},
    check=_check,
    random_part=True,
    outcome_types=tuple(_FAMILIES),
    families=_FAMILIES,
    scales=_SCALES,
    takes_exposure=True,
    standardises=True,
    weights=lambda spec: "variances",
    averages_over_people=lambda spec: False,
    of_cluster=lambda fixed: "random",
    counted=BETWEEN_WITHIN.name,
    many=".glmm:analyse_many",
    single_people=True,
    translation=".glmm",
)
