"""The two-stage t-test of cluster means."""

from __future__ import annotations

from cpis_analysis.methods.degrees import BETWEEN_WITHIN
from cpis_analysis.methods.method import Method, Settings, Surroundings


def _test(spec: Settings) -> str:
    return f"{'paired ' if spec.pairs else ''}t-test of cluster means"


def _line(spec: Settings, unit: str) -> str:
    return f"{'paired ' if spec.pairs else ''}t-test of {unit} means"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    paired = (
        f"The {around.trusts} are compared each with itself (paired t-test)."
        if spec.pairs
        else "Student's t-test of the cluster means, clusters less two degrees of freedom."
    )
    beside = f" and the {around.trusts}" if spec.pairs else ""
    return [
        f"Model: the slopes of covariates come from least squares on everybody with the arm{beside} beside them; what "
        f"varies within a {around.unit} is taken out, then every {around.unit} gives one mean, and counts once, "
        "whatever its size.",
        f"Inference: {paired} A covariate that is constant within {around.units} takes a degree of freedom. No "
        "variance has to be estimated by a model.",
    ]


METHOD = Method(
    name="cluster_summary",
    about="two-stage t-test of cluster means",
    words="two-stage t-test of cluster means",
    article="a ",
    short="t-test of cluster means",
    line=_line,
    test=_test,
    explained=_explained,
    fit=".cluster_summary:compare_cluster_means",
    long_rows=True,
    other_effects=True,
    degrees=(BETWEEN_WITHIN,),
    keys=("cluster", "pairs"),
    weights=lambda spec: "clusters",
    averages_over_people=lambda spec: True,
    of_cluster=lambda fixed: "one mean each",
    granted=lambda spec: (
        "the differences within {trusts} vary normally"
        if spec.pairs
        else "cluster means vary normally, with the same variance in both arms"
    ),
    many=".cluster_summary:analyse_many",
    translation=".cluster_summary",
)
