"""Linear mixed models by restricted maximum likelihood."""

from __future__ import annotations

from cpis_analysis.methods.degrees import BETWEEN_WITHIN, KENWARD_ROGER, NORMAL, RESIDUAL, SATTERTHWAITE
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.methods.parametric_bootstrap import PARAMETRIC_BOOTSTRAP
from cpis_analysis.study_words import PEOPLE

_DEGREES = (KENWARD_ROGER, SATTERTHWAITE, BETWEEN_WITHIN, RESIDUAL, NORMAL, NEARLY_OPTIMAL, PARAMETRIC_BOOTSTRAP)
_BY_NAME = {one.name: one for one in _DEGREES}


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    return [
        f"Model: linear mixed model fitted by REML, with {around.random}.",
        *_BY_NAME[spec.df_method].explained(spec, around.counted),
    ]


def _details(spec: Settings) -> str:
    return f"linear mixed model, REML, {_BY_NAME[spec.df_method].on_terminal(spec)}"


METHOD = Method(
    name="mixed",
    about="REML linear mixed model",
    called="a mixed model",
    words="linear mixed model fitted by restricted maximum likelihood (REML)",
    article="a ",
    short="mixed model",
    details=_details,
    explained=_explained,
    fit=".mixed:fit_mixed_model",
    long_rows=True,
    other_effects=True,
    contrasts=True,
    degrees=_DEGREES,
    keys=("df", "boundary"),
    refuses={"cluster": "a mixed model takes its clusters from the formula"},
    random_part=True,
    shifts_missing=True,
    weights=lambda spec: "variances",
    granted=lambda spec: f"clusters and {PEOPLE} vary normally, with the same variances in both arms",
    counted=BETWEEN_WITHIN.name,
    second_opinion=True,
    many=".mixed:analyse_many",
    single_people=True,
    translation=".mixed",
)
