"""Keys of models that say how missing values are handled."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from cpis_analysis.plan.schema_base import Part

VariableTemplate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z{][A-Za-z0-9_{}]{0,59}$")]
"""Name of a variable in which {outcome} stands for the outcome's name."""


class Imputation(Part):
    """Multiple imputation of missing values."""

    auxiliary: list[VariableTemplate] = Field(
        [],
        description="Variables that help to predict missing values and are no part of the model, such as other "
        "measures of the same occasion; {outcome} stands for the outcome's name. Baseline variables of the formula "
        "need not be named.",
    )
    ordinal: list[VariableTemplate] = Field(
        [], description="Variables among these and the model's whose codes are in order, as the dictionary lists them."
    )
    completes: Literal["everything", "covariates"] = Field(
        "everything",
        description="covariates: people without the outcome are left out, and what others lack is imputed, with their "
        "outcome among what it is predicted from.",
    )
    items: bool = Field(
        False,
        description="Impute the items of the outcome's scale where somebody answered a part of them, at every wave "
        "of the outcome that the model or auxiliary names, and compute the score from them by the instrument's rule; "
        "nothing is prorated then. Who answered no item has the score itself imputed, as without this key.",
    )
    by_arm: bool = Field(False, description="Impute each arm apart, so that everything may differ between the arms.")
    degrees_of_freedom: Literal["observed", "barnard_rubin"] = Field(
        "observed",
        description="observed: at most those of the same analysis of people whose values are all known, so that few "
        "clusters stay as few as they are; barnard_rubin: their approximation, as in mice, which leaves 2.9 of four "
        "degrees of freedom where nothing is missing.",
    )
    p_value_error: float = Field(
        0.02,
        gt=0,
        le=0.1,
        description="Imputations are added until the Monte Carlo standard error of the p-value is at most this.",
    )
    fewest: int = Field(100, ge=10, le=5000, description="Imputations in any case.")
    most: int = Field(1000, ge=10, le=5000, description="Imputations at most; short of the bound, a warning says so.")


class Weighting(Part):
    """Weights by the inverse of the probability of follow-up."""

    predictors: list[VariableTemplate] = Field(
        min_length=1,
        description="Variables from which the probability of having the outcome is predicted, beside the arm: known "
        "for everybody who is weighted; {outcome} stands for the outcome's name.",
    )
    by_arm: bool = Field(
        True,
        description="Predict the probability in each arm apart, so that people may be lost for other reasons in one "
        "arm than in another; false: every predictor has one slope for all arms.",
    )
