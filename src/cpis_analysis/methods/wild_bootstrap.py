"""Least squares with the wild cluster bootstrap."""

from __future__ import annotations

from cpis_analysis.methods.degrees import Degrees
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PERSON

_WEIGHTS = {"webb": "six-point weights (Webb)", "rademacher": "signs as weights (Rademacher)"}

WILD = Degrees(
    name="wild bootstrap",
    words="wild cluster bootstrap",
    explanation="wild cluster bootstrap: p is the share of responses, made anew under the null hypothesis, whose "
    "statistic is as large; the interval holds the values that it does not reject",
    resampled=True,
    unmoved="the wild bootstrap has no interval that moves with the estimate alone",
    note=lambda spec: (
        "p-value and interval by the wild cluster bootstrap: null hypothesis imposed, jackknife "
        f"standard errors (CV3), {_WEIGHTS[spec.weights]}"
    ),
)


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    return [
        f"Model: least squares; every {PERSON} counts once, whatever the size of the {around.unit}.",
        f"Inference: wild cluster bootstrap by {around.unit}. New responses are made of a fit in which the arms do not "
        f"differ, the residuals of each {around.unit} multiplied by one random weight: {_WEIGHTS[spec.weights]}. Each "
        "is tested with a jackknife standard error (CV3); the p-value is the share of them whose statistic is as large "
        "as the one observed, and the interval holds the values that are not rejected in this way.",
    ]


METHOD = Method(
    name="wild_bootstrap",
    about="least squares with the wild cluster bootstrap, null hypothesis imposed",
    words="least squares with a wild cluster bootstrap",
    short="least squares, wild bootstrap",
    line=lambda spec, unit: f"least squares, wild bootstrap by {unit}",
    details=lambda spec: f"least squares, wild bootstrap by {spec.cluster}, {_WEIGHTS[spec.weights]}",
    explained=_explained,
    fit=".wild_bootstrap:fit_wild_bootstrap",
    degrees=(WILD,),
    keys=("cluster", "weights"),
    outcome_types=("continuous", "bounded_count", "binary", "ordinal"),
    granted=lambda spec: "clusters are independent, of like size, and not too few in either arm",
    translation=".wild_bootstrap",
)
