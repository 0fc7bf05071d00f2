"""Least squares with CR2 cluster-robust standard errors."""

from __future__ import annotations

from cpis_analysis.methods.degrees import SATTERTHWAITE
from cpis_analysis.methods.method import Method, Settings, Surroundings

__all__ = ["METHOD"]


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    return [
        f"Model: least squares; every person counts once, whatever the size of the {around.unit}.",
        f"Inference: CR2 cluster-robust standard errors by {around.unit} with Satterthwaite degrees of freedom; "
        f"whatever makes people of a {around.unit} alike is allowed for, without modelling it.",
    ]


METHOD = Method(
    name="ols_cr2",
    about="least squares with CR2 cluster-robust standard errors",
    words="least squares with CR2 cluster-robust standard errors",
    short="least squares, CR2",
    line=lambda spec, unit: f"least squares, CR2 by {unit}",
    details=lambda spec: f"least squares, CR2 by {spec.cluster} with Satterthwaite df",
    explained=_explained,
    fit=".ols_cr2:fit_cluster_robust",
    degrees=(SATTERTHWAITE,),
    keys=("cluster",),
    needs=("cluster",),
    shifts_missing=True,
    weighted=True,
    granted=lambda spec: "clusters are independent, and not too few for the approximate degrees of freedom",
    many=".ols_cr2:analyse_many",
    translation=".ols_cr2",
)
