"""Permutation of clusters at levels that allow for clusters of different spread."""

from __future__ import annotations

from cpis_analysis.methods.degrees import Degrees
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PEOPLE

_P = "the smallest of 0.01, 0.02, 0.05, 0.1 and 0.2 at which the test rejects, 1 where it rejects at none"

ADJUSTED = Degrees(
    name="adjusted permutation",
    words="permutation of clusters at adjusted levels",
    explanation=f"adjusted permutation: p is {_P}; the interval holds the values that it does not reject",
    resampled=True,
    tabled=f"p is {_P}",
    unmoved="adjusted permutation gives no interval that moves with the estimate alone",
    note=lambda spec: (
        "p-value (the smallest of 0.01, 0.02, 0.05, 0.1 and 0.2 at which the test rejects, else 1) and interval by "
        "permutation of clusters at adjusted levels (Hagemann)"
    ),
)


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    return [
        f"Model: a comparison of cluster means, less the slopes of covariates among {PEOPLE}. Each cluster "
        "counts once.",
        "Inference: adjusted permutation (Hagemann 2023). The difference is compared with that of every other "
        "allocation of as many clusters, and rejected only where so few are larger that clusters of unlike spread, "
        "within an arm and between the arms, seldom give it: levels are tabulated, so p is one of them, or 1. A test "
        "at 5% needs six clusters in either arm, at 10% five. The interval holds the values that are not rejected.",
    ]


METHOD = Method(
    name="adjusted_permutation",
    about="comparison of cluster means by permutation at adjusted levels (Hagemann 2023), which allow for clusters "
    "that differ in spread",
    words="adjusted permutation test of cluster means",
    article="an ",
    short="adjusted permutation of clusters",
    explained=_explained,
    fit=".adjusted_permutation:permute_adjusted",
    degrees=(ADJUSTED,),
    outcome_types=("continuous", "bounded_count", "binary", "ordinal"),
    weights=lambda spec: "allocated",
    averages_over_people=lambda spec: True,
    of_cluster=lambda fixed: "permuted",
    granted=lambda spec: (
        "given the covariates the means of clusters are independent, whichever {trust} they belong to, and normal "
        "about that of their arm; clusters may differ in spread"
    ),
    translation=".adjusted_permutation",
)
