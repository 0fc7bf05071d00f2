"""Permutation of clusters under the allocations that the design allows."""

from __future__ import annotations

from cpis_analysis.methods.degrees import Degrees
from cpis_analysis.methods.method import Method, Settings, Surroundings

PERMUTED = Degrees(
    name="permutation",
    words="permutation of clusters",
    explanation="permutation: p is the share of the allocations that the design allows whose statistic is as large; "
    "the interval holds the values that it does not reject",
    resampled=True,
    unmoved="a permutation test has no interval that moves with the estimate alone",
    note=lambda spec: "p-value and interval by permutation of clusters, both stages made again for every allocation",
)


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    trusts, within = around.trusts, ""
    if spec.across:
        where = (
            f"All clusters exchange their arms, whichever {trusts} they belong to: given the covariates, every one "
            "could have had either arm."
        )
    elif len(spec.levels) > 2:
        where = "The clusters that have the arm exchange it within those of the next level above; the largest do where "
        where += "it belongs to them."
        within = "; where the arm varies within larger clusters, the arms of each are compared"
    else:
        where = f"Where the arm varies within {trusts}, the clusters of each exchange their arms; where it belongs to "
        where += f"{trusts}, these do."
        within = f"; where the arm varies within {trusts}, the arms of each are compared"
    return [
        f"Model: a two-stage comparison of cluster means, both stages made again for every allocation{within}. The "
        "statistic is studentised, by a standard error that lets clusters of the arms differ in spread.",
        f"Inference: {where} The p-value is the share of allocations whose statistic is as large as the one observed, "
        "and can be no smaller than the number of allocations lets it; the interval holds the values that are not "
        "rejected. Exact if every allocation was as likely: a fact of a randomised study, an assumption of any other.",
    ]


METHOD = Method(
    name="permutation",
    about="two-stage comparison of cluster means by permutation of the clusters' arms (within the upper clusters where "
    "the arm varies there)",
    words="permutation test of cluster means",
    article="a ",
    short="permutation of clusters",
    details=lambda spec: "permutation of clusters" + (", also between the upper ones" if spec.across else ""),
    explained=_explained,
    fit=".permutation:permute_clusters",
    degrees=(PERMUTED,),
    keys=("across",),
    weights=lambda spec: "allocated",
    averages_over_people=lambda spec: True,
    of_cluster=lambda fixed: "permuted",
    granted=lambda spec: (
        "given the covariates every cluster could as well have had either arm, whichever {trust} it belongs to"
        if spec.across
        else "given the covariates every allocation that the design allows was as likely"
    ),
    exchanges=True,
    many=".permutation:analyse_many",
    translation=".permutation",
)
