"""Least squares with CR2 cluster-robust standard errors."""

from __future__ import annotations

from cpis_analysis.methods.balancing import balancing_of
from cpis_analysis.methods.degrees import SATTERTHWAITE
from cpis_analysis.methods.handling import WEIGHTED
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PEOPLE, PERSON

_CR2 = "least squares with CR2 cluster-robust standard errors"
_HC2 = "least squares with HC2 heteroscedasticity-robust standard errors"


def _by_person(spec: Settings) -> bool:
    """Whether every person is a cluster of their own: CR2 is HC2 then (Bell & McCaffrey 2002)."""
    return spec.cluster is not None and spec.cluster == getattr(spec, "participant", None)


def _weighted(spec: Settings) -> str:
    """The weights by their name; empty for none."""
    asked = getattr(spec, "balance", None)
    return balancing_of(asked).short if asked else ""


def _worded(spec: Settings) -> str:
    text = _HC2 if _by_person(spec) else _CR2
    weights = _weighted(spec)
    return text.replace("least squares with", f"weighted least squares ({weights}) with") if weights else text


def _counted(spec: Settings) -> str:
    weights = WEIGHTED.short if getattr(spec, "predictors", ()) else _weighted(spec)
    return f"{PEOPLE} count by their weights ({weights})" if weights else f"every {PERSON} counts once"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    if _by_person(spec):
        return [
            f"Model: least squares; {_counted(spec)}.",
            f"Inference: HC2 standard errors, which allow for {PEOPLE} whose outcomes vary unequally, with Bell "
            "and McCaffrey's (Satterthwaite) degrees of freedom.",
        ]
    return [
        f"Model: least squares; {_counted(spec)}, whatever the size of the {around.unit}.",
        f"Inference: CR2 cluster-robust standard errors by {around.unit} with Satterthwaite degrees of freedom; "
        f"whatever makes {PEOPLE} of a {around.unit} alike is allowed for, without modelling it.",
    ]


METHOD = Method(
    name="ols_cr2",
    about=f"{_CR2}; HC2 where the {PERSON} is named as the cluster",
    words=_CR2,
    worded=_worded,
    short="least squares, CR2",
    line=lambda spec, unit: "least squares, HC2" if _by_person(spec) else f"least squares, CR2 by {unit}",
    details=lambda spec: (
        "least squares, HC2 with Bell-McCaffrey df"
        if _by_person(spec)
        else f"least squares, CR2 by {spec.cluster} with Satterthwaite df"
    ),
    explained=_explained,
    fit=".ols_cr2:fit_cluster_robust",
    long_rows=True,
    other_effects=True,
    contrasts=True,
    degrees=(SATTERTHWAITE,),
    keys=("cluster",),
    shifts_missing=True,
    weighted=True,
    granted=lambda spec: "clusters are independent, and not too few for the approximate degrees of freedom",
    many=".ols_cr2:analyse_many",
    single_people=True,
    translation=".ols_cr2",
)
