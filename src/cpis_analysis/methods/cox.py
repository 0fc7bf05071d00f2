"""Cox's proportional hazards for the time to an event, with a cluster-robust standard error."""

from __future__ import annotations

from cpis_analysis.methods.degrees import CLUSTERS_LESS_ARMS, CLUSTERS_LESS_TWO, SATTERTHWAITE
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PEOPLE


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    robust = f"robust to whatever makes {PEOPLE} of a {around.unit} alike"
    if spec.df_method == SATTERTHWAITE.name:
        how = (
            f"standard error of Lin and Wei with the small-sample correction of Kauermann and Carroll, {robust}, and t "
            "on degrees of freedom by Satterthwaite"
        )
    else:
        how = f"standard error of Lin and Wei, {robust}, and t on clusters less the number of arms"
    return [
        f"Model: Cox's proportional hazards, tied times as Efron does; the time is {spec.exposure}.",
        f"Inference: {how}.",
    ]


METHOD = Method(
    name="cox",
    about="Cox's proportional hazards for the time to an event: hazard ratio with a cluster-robust standard error and "
    "t on clusters less the number of arms, or corrected for few clusters with Satterthwaite's degrees of freedom",
    words="Cox's proportional hazards with cluster-robust standard errors",
    short="proportional hazards",
    line=lambda spec, unit: f"proportional hazards, robust by {unit}",
    details=lambda spec: f"Cox's proportional hazards, Efron's ties, robust by {spec.cluster}",
    explained=_explained,
    fit=".cox:fit_proportional_hazards",
    degrees=(CLUSTERS_LESS_TWO, CLUSTERS_LESS_ARMS, SATTERTHWAITE),
    keys=("df", "cluster"),
    outcome_types=("time_to_event",),
    families={"time_to_event": ("hazards",)},
    scales={"hazards": "hazard"},
    single_people=True,
    translation=".cox",
)
