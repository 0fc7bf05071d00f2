"""The test that the allocation of the arm asks for: of cluster means, or of people with CR2."""

from __future__ import annotations

from cpis_analysis.methods.degrees import BETWEEN_WITHIN, SATTERTHWAITE
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import PEOPLE, PERSON


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    if not spec.levels:
        return [
            "Model: chosen by how the arm was allocated, before any outcome is looked at. It was given to "
            f"{PEOPLE} one by one: least squares, every {PERSON} counting once.",
            f"Inference: HC2 standard errors, which allow for {PEOPLE} whose outcomes vary unequally, "
            "with Bell and McCaffrey's (Satterthwaite) degrees of freedom.",
        ]
    return [
        "Model: chosen by how the arm was allocated, before any outcome is looked at. Where it varies within "
        f"{around.trusts}, a two-stage t-test of cluster means, each counting once; where it belongs to "
        f"{around.trusts}, least squares with every {PERSON} counting once.",
        "Inference: Student's t on clusters less two degrees of freedom in the first case, CR2 cluster-robust "
        f"standard errors by {around.trusts} with Satterthwaite degrees of freedom in the second.",
    ]


METHOD = Method(
    name="by_design",
    about="two-stage t-test of cluster means where the arm varies within the largest clusters, least squares with "
    f"CR2 by these where it belongs to them, and by {PERSON} where there are none",
    words="test chosen by the allocation of the arm (of cluster means where it varies within the upper clusters, else "
    "least squares with CR2)",
    article="a ",
    short="test by allocation",
    explained=_explained,
    fit=".by_design:fit_by_design",
    degrees=(BETWEEN_WITHIN, SATTERTHWAITE),
    by_design=True,
    weights=lambda spec: "design",
    averages_over_people=lambda spec: True,
    granted=lambda spec: "cluster means vary normally, or clusters are independent and not too few",
    many=".by_design:analyse_many",
    translation=".by_design",
)
