"""Least squares with jackknife standard errors over clusters."""

from __future__ import annotations

from cpis_analysis.methods.degrees import CLUSTERS_LESS_ONE, SATTERTHWAITE
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PERSON

_KINDS = {SATTERTHWAITE.name: "V5", CLUSTERS_LESS_ONE.name: "CV3"}


def kind_of(df_method: str) -> str:
    """The jackknife that goes with degrees of freedom: Hansen's V5, or CV3 of MacKinnon, Nielsen and Webb."""
    return _KINDS[df_method]


def _kind(spec: Settings) -> str:
    """Of an analysis, or of a model of the plan, which names degrees of freedom by its key."""
    return kind_of(getattr(spec, "df_method", "") or METHOD.degrees_for(spec.df).name)


_NAMES = {"V5": "Hansen's V5", "CV3": "CV3"}


def _worded(spec: Settings) -> str:
    """With the jackknife by its name, as the two differ in what they add up and in their degrees of freedom."""
    return f"least squares with jackknife standard errors over clusters ({_NAMES[_kind(spec)]})"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    degrees = next(one for one in METHOD.degrees if one.name == spec.df_method)
    return [
        f"Model: least squares; every {PERSON} counts once, whatever the size of the {around.unit}.",
        f"Inference: jackknife standard errors ({kind_of(spec.df_method)}), each {around.unit} left out in turn, and "
        f"Student's t with degrees of freedom: {degrees.words}. They do not get too small where one {around.unit} "
        "alone tells a coefficient.",
    ]


METHOD = Method(
    name="ols_jackknife",
    about="least squares with jackknife standard errors over clusters (df: satterthwaite, Hansen's V5, or clusters-1, "
    "CV3)",
    words="least squares with jackknife standard errors over clusters",
    worded=_worded,
    short="least squares, jackknife",
    line=lambda spec, unit: f"least squares, jackknife {_kind(spec)} by {unit}",
    details=lambda spec: f"least squares, jackknife {kind_of(spec.df_method)} by {spec.cluster}",
    explained=_explained,
    fit=".ols_jackknife:fit_cluster_jackknife",
    degrees=(SATTERTHWAITE, CLUSTERS_LESS_ONE),
    keys=("cluster", "df"),
    outcome_types=("continuous", "bounded_count", "binary"),
    granted=lambda spec: "clusters are independent, and not too few for Student's t",
    translation=".ols_jackknife",
)
