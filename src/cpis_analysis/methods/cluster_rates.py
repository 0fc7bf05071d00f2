"""The two-stage t-test of the logarithms of cluster rates, for counts."""

from __future__ import annotations

from cpis_analysis.methods.degrees import BETWEEN_WITHIN
from cpis_analysis.methods.method import Method, Settings, Surroundings


def _line(spec: Settings, unit: str) -> str:
    return f"{'paired ' if spec.pairs else ''}t-test of {unit} log rates"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    paired = (
        f"The {around.trusts} are compared each with itself (paired t-test)."
        if spec.pairs
        else f"Student's t-test of the logarithms, {around.units} less two degrees of freedom."
    )
    of = f", over {spec.exposure}" if spec.exposure else ""
    beside = f" and the {around.trusts}" if spec.pairs else ""
    return [
        f"Model: the slopes of covariates come from a log-linear model of everybody's counts{of} with the arm{beside} "
        f"beside them; every {around.unit} gives the logarithm of the count that it had over the one that covariates "
        "alone would give, and counts once, whatever its size.",
        f"Inference: {paired} A covariate that is constant within {around.units} takes a degree of freedom. How much "
        f"counts vary beyond chance need not be known: the {around.units} show it.",
    ]


METHOD = Method(
    name="cluster_rates",
    about="two-stage t-test of log cluster rates, for counts; a rate ratio",
    words="two-stage t-test of the logarithms of cluster rates",
    article="a ",
    short="t-test of log cluster rates",
    line=_line,
    test=lambda spec: f"{'paired ' if spec.pairs else ''}t-test of log cluster rates",
    explained=_explained,
    fit=".cluster_rates:compare_cluster_rates",
    degrees=(BETWEEN_WITHIN,),
    keys=("cluster", "pairs"),
    outcome_types=("count",),
    scales={"": "cluster_rate"},
    takes_exposure=True,
    weights=lambda spec: "clusters",
    of_cluster=lambda fixed: "one rate each",
    granted=lambda spec: (
        "the differences of log rates within {trusts} vary normally"
        if spec.pairs
        else "log rates of clusters vary normally, with the same variance in both arms"
    ),
    many=".cluster_rates:analyse_many",
    translation=".cluster_rates",
)
