"""What becomes of missing values: how an analysis handles them, and what it then takes for granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cpis_analysis.methods.degrees import Settings
from cpis_analysis.study_words import PEOPLE


@dataclass(frozen=True)
class Handling:
    """One handling of missing values.

    Attributes
    ----------
    name : str
        Value of the key ``missing``.
    about : str
        What it is; no full stop.
    short : str
        In a list of choices.
    assumes : callable
        settings -> what the analysis takes for granted about those without a value; no full stop.
    loss : str
        What happens with people who lack a value, for the estimand; empty where the rows of the model say it.
    elsewhere : str
        What code in other programs leaves to be done; empty for nothing.
    """

    name: str
    about: str
    short: str
    assumes: Callable[[Settings], str]
    loss: str = ""
    elsewhere: str = ""

    def told(self, clustered: bool = True) -> tuple[str, str]:
        """`about` and `elsewhere`, with effects of clusters where there are clusters."""
        models = "models with effects of clusters" if clustered else "regression models"
        drawn = ", effects of clusters drawn" if clustered else ""
        return self.about.format(models=models), self.elsewhere.format(drawn=drawn)


def _observed(spec: Settings) -> str:
    if spec.rows == "long":
        return "loss may depend on the measurements that were made and on the model's variables (missing at random)"
    return "those without a value are like those with it who are alike in the model's variables (missing at random)"


def _imputed(spec: Settings) -> str:
    more = " and in the auxiliary variables" if spec.imputation and spec.imputation.auxiliary else ""
    return _imputed_values(spec, more) + (
        f"; missing items of a scale of which others are answered are like those known of {PEOPLE} alike in these "
        "and in the sum of the other items"
        if items_imputed(spec)
        else ""
    )


def _imputed_values(spec: Settings, more: str) -> str:
    if spec.imputation and spec.imputation.covariates_only:
        return (
            f"missing covariates are like those known of {PEOPLE} alike in the model's variables, their outcome among "
            f"them{more}; {PEOPLE} without the outcome are left out, as like those with it (missing at random)"
        )
    return (
        f"missing values are like those known of {PEOPLE} alike in the model's variables{more}"
        f"{', within clusters' if spec.levels else ''} (missing at random)"
    )


def _weighted(spec: Settings) -> str:
    if spec.predictors_by_arm:
        return (
            "those lost are like those kept of their arm who had the same chance of being kept, given what the weights "
            "are made of, and the model of that chance, one for each arm, is right (missing at random)"
        )
    return (
        "those lost are like those kept who had the same chance of being kept, given what the weights are made of, and "
        "the model of that chance is right (missing at random)"
    )


OBSERVED = Handling(
    "observed",
    "rows that have every variable of the model are analysed, and nothing is filled in",
    "as observed",
    _observed,
)
IMPUTED = Handling(
    "multiple_imputation",
    "missing values are drawn many times from {models}, every completed data set is analysed, "
    "and Rubin's rules put the results together",
    "multiple imputation",
    _imputed,
    loss="missing values are imputed, many times over",
    elsewhere="missing values are imputed first (multiple imputation by chained equations{drawn}): "
    "the code fits one completed data set",
)
WEIGHTED = Handling(
    "inverse_probability",
    f"those with the outcome are weighted by the inverse of the chance that {PEOPLE} like them have it",
    "inverse-probability weights",
    _weighted,
    loss="those kept stand for those lost who had the same chance of being kept",
    elsewhere="rows are weighted by the inverse probability of follow-up first: the code has no weights. The model of "
    "follow-up is logistic with Jeffreys' prior (logistf in R, firthlogit in Stata, the option FIRTH of PROC LOGISTIC)",
)
HANDLINGS = {one.name: one for one in (OBSERVED, IMPUTED, WEIGHTED)}

ESTIMANDS = {
    "treatment_policy": f"treatment policy: outcomes count as they were, whatever support {PEOPLE} had or stopped "
    "having",
    "hypothetical": "hypothetical: outcomes as they would have been had nobody stopped taking part",
}
"""Value of the key ``estimand`` -> how what happens after baseline is dealt with (ICH E9(R1))."""


def follow_up_model(spec: Settings) -> str:
    """What the weights of an analysis are made of; empty for no weights."""
    if not spec.predictors:
        return ""
    apart = spec.predictors_by_arm
    return (
        f"{', '.join(spec.predictors if apart else (spec.arm, *spec.predictors))}{', each arm apart' if apart else ''}"
    )


def handling_of(spec: Settings) -> Handling:
    """How an analysis handles missing values."""
    return HANDLINGS[spec.missing]


def items_imputed(spec: Settings) -> bool:
    """Whether items are imputed, and the scores computed from them."""
    return bool(spec.imputation and spec.imputation.scores)


def short_handling(spec: Settings) -> str:
    """How an analysis handles missing values, in a list of choices."""
    return handling_of(spec).short + (", items too" if items_imputed(spec) else "")
