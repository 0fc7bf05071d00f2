"""Sign changes of estimates that clusters with both arms give each for itself."""

from __future__ import annotations

from cpis_analysis.methods.degrees import Degrees
from cpis_analysis.methods.method import Method, Settings, Surroundings

SIGNS = Degrees(
    name="sign changes",
    words="sign changes",
    explanation="sign changes: p is the share of all changes of the clusters' signs whose statistic is as large; the "
    "interval holds the values that it does not reject",
    resampled=True,
    unmoved="sign changes give no interval that moves with the estimate alone",
    note=lambda spec: "p-value and interval by sign changes of the clusters' own estimates (Canay, Romano & Shaikh)",
)


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    return [
        f"Model: least squares within each {around.unit} that has both arms, with covariate slopes of its own; the "
        f"estimate is the mean over {around.units}, each counting once.",
        f"Inference: sign changes (Canay, Romano & Shaikh 2017). If the arms do not differ, the estimate of each "
        f"{around.unit} is as likely above zero as below, so every change of signs is as good as what was observed; "
        "the p-value is the share of them whose statistic is as large, and the interval holds the values that are not "
        f"rejected. {around.units.capitalize()} may differ in size, spread and effect.",
    ]


METHOD = Method(
    name="sign_changes",
    about="mean of the clusters' own estimates, tested by sign changes (Canay, Romano & Shaikh 2017); for clusters "
    "within which the arm varies",
    words="difference within each cluster, tested by sign changes",
    article="a ",
    short="sign changes",
    line=lambda spec, unit: f"sign changes by {unit}",
    explained=_explained,
    fit=".sign_changes:change_signs",
    many=".sign_changes:analyse_many",
    degrees=(SIGNS,),
    keys=("cluster",),
    outcome_types=("continuous", "bounded_count", "binary", "ordinal"),
    weights=lambda spec: "clusters",
    averages_over_people=lambda spec: True,
    of_cluster=lambda fixed: "one estimate each",
    granted=lambda spec: "the estimate of each cluster is as likely above the true difference as below it",
    translation=".sign_changes",
)
