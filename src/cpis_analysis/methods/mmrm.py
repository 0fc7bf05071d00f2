"""Mixed models whose residuals have a covariance of their own: repeated measures (MMRM), arms that differ in spread.

The residuals of a person over the waves have the covariance that `covariance` names, in place of a random effect of the
person; `residual_by` gives each arm its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cpis_analysis.methods.degrees import (
    BETWEEN_WITHIN,
    KENWARD_ROGER,
    NORMAL,
    RESIDUAL,
    SATTERTHWAITE,
    Refused,
)
from cpis_analysis.methods.method import Method, Settings, Surroundings
from cpis_analysis.study_words import A_PERSON, PEOPLE, PERSON

INDEPENDENT = "independent"

_DEGREES = (KENWARD_ROGER, SATTERTHWAITE, BETWEEN_WITHIN, RESIDUAL, NORMAL)
_BY_NAME = {one.name: one for one in _DEGREES}
_WORDS = {
    "unstructured": "an unstructured covariance",
    "ar1": "a first-order autoregressive covariance",
    "heterogeneous-ar1": "a first-order autoregressive correlation and a variance for each wave",
    "compound-symmetry": "a compound-symmetric covariance",
    "toeplitz": "a Toeplitz covariance",
}
_OF_WAVES = re.compile(r"\b(wave|months)\b")


def _residuals(spec: Settings) -> str:
    own = ", for each arm its own" if spec.residual_by else ""
    if spec.covariance == INDEPENDENT:
        return "a residual variance for each arm"
    return f"{_WORDS[spec.covariance]} of {A_PERSON}'s residuals over the waves{own}"


def _explained(spec: Settings, around: Surroundings) -> list[str]:
    random = f", and {around.random}" if around.random else ""
    return [
        f"Model: linear mixed model fitted by REML, with {_residuals(spec)}{random}.",
        *_BY_NAME[spec.df_method].explained(spec, around.counted),
    ]


def _line(spec: Settings, unit: str) -> str:
    own = " by arm" if spec.residual_by else ""
    return f"mixed model, {'residual variance' if spec.covariance == INDEPENDENT else spec.covariance}{own}"


def _details(spec: Settings) -> str:
    return f"{_line(spec, '')}, REML, {_BY_NAME[spec.df_method].on_terminal(spec)}"


def _check(model: Settings) -> Sequence[Refused]:
    if model.covariance == INDEPENDENT:
        if model.residual_by is not None:
            return ()
        hint = "add residual_by: arm, or use the estimator mixed"
        return (
            Refused("covariance", "with one residual variance this is a plain mixed model", INDEPENDENT, hint=hint),
        )
    if _OF_WAVES.search(model.formula):
        return ()
    hint = "write wave in the formula, or covariance: independent with residual_by: arm"
    message = "a covariance over the waves needs one row for each wave, so the formula must hold wave"
    return (Refused("formula", message, model.formula, hint=hint),)


METHOD = Method(
    name="mmrm",
    about=f"REML linear mixed model with a covariance of each {PERSON}'s residuals over the waves (MMRM), or a "
    "residual variance for each arm",
    called="mmrm",
    words="linear mixed model with a covariance of the residuals, fitted by restricted maximum likelihood (REML)",
    worded=lambda spec: f"linear mixed model with {_residuals(spec)}, fitted by restricted maximum likelihood (REML)",
    article="a ",
    short="mixed model with structured residuals",
    line=_line,
    details=_details,
    explained=_explained,
    fit=".mmrm:fit_repeated_measures",
    long_rows=True,
    other_effects=True,
    contrasts=True,
    degrees=_DEGREES,
    keys=("df", "boundary", "covariance", "residual_by"),
    refuses={"cluster": "a mixed model takes its clusters from the formula"},
    check=_check,
    random_part=True,
    random_optional=True,
    weights=lambda spec: "variances",
    granted=lambda spec: (
        f"{'clusters and ' if spec.levels else ''}{PEOPLE} vary normally, "
        + (
            f"{PEOPLE} of each arm with variances of their own"
            if spec.residual_by
            else "with the same variances in both arms"
        )
    ),
    counted=BETWEEN_WITHIN.name,
    single_people=True,
    many=".one_by_one:analyse_many",
    one_by_one=True,
    translation=".mmrm",
)
