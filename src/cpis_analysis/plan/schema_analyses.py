"""Keys of models, contrasts and populations: what makes an analysis of an outcome."""

from __future__ import annotations

import copy
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    Tag,
    create_model,
    model_serializer,
)

from cpis_analysis.methods import METHODS, methods
from cpis_analysis.methods.handling import ESTIMANDS, HANDLINGS
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.schema_balance import Balance
from cpis_analysis.plan.schema_base import Choice, Name, Part, Points, Text
from cpis_analysis.plan.schema_missing import Imputation, Weighting
from cpis_analysis.study_words import plain

CovariateTerm = Annotated[str, StringConstraints(min_length=1, max_length=200)]

UNION_TAGS = ("mapping", "condition")
"""Names of the two forms of a population's condition; they are no keys of a plan."""


class Contrast(Part):
    """One more thing that a model reports beside its effect."""

    kind: Literal["difference", "joint", "moderator", "by_wave", "average"] = Field(
        description="difference: adjusted difference between the arms, averaged over the people analysed. joint: F "
        "test that all coefficients of some terms are zero. moderator: the test of the interaction with a variable, "
        "and the difference between the arms at each of its levels or values. by_wave: the difference at each wave "
        "(in the change since baseline, where the effect is one of change) and the joint test that it is the same, or "
        "no change differs. average: the same averaged over the waves after baseline. Models of arm by wave with three "
        "waves or more have the last two without being asked."
    )
    terms: list[Text] = Field([], description="joint only: terms of the formula, such as gender or arm:gender.")
    moderator: Name | None = Field(None, description="moderator only: the variable; the formula has arm:variable.")
    at: list[Points] = Field([], description="moderator only: values of a numeric variable.")


class Inference(Part):
    """Settings of the nearly optimal test, for models with df: nearly-optimal."""

    largest_ratio: Points = Field(
        0.6,
        gt=0,
        le=10,
        description="Up to which ratio of a random term's variance to the residual variance the test "
        "holds its size; 0.6 is a share of 0.375 of the variance where there is one term. The larger, the less power.",
    )
    typical_ratio: Points = Field(
        0.33,
        gt=0,
        le=10,
        description="Scale of the half-normal weights on the ratio of a random term's SD to the "
        "residual SD, over which power is averaged; it moves power, never the size.",
    )


def _degrees() -> list[str]:
    """Values of the key df: those of every method that takes it."""
    return list(dict.fromkeys(one.in_plan for method in methods() if "df" in method.keys for one in method.degrees))


def _takers(key: str) -> str:
    """Estimators that take a key, for its documentation."""
    return listed([method.name for method in methods() if key in method.keys])


class Model(Part):
    """One model, as an lme4-style formula template."""

    label: Text = Field(description="How tables call the model.")
    formula: Text = Field(
        description="Formula template; {outcome} stands for the outcome's name and {covariates} for the model's list "
        "of covariates. Variables, numbers, + : * - ( ) | /, a short list of transforms, and mean(x | level) and "
        "within(x | level) for means of clusters only."
    )
    estimator: Annotated[str, Choice(lambda: list(METHODS))] = Field(
        "mixed", description=plain(" ".join(f"{method.name}: {method.about}." for method in methods()))
    )
    covariates: Name | None = Field(None, description="The list that {covariates} stands for.")
    effect: Text | None = Field(
        None,
        description="The term that is reported: the arm variable (default), or arm:wave for a difference in change.",
    )
    contrasts: list[Contrast] = Field([], description="What is reported beside the effect, one row each.")
    df: Annotated[str, Choice(_degrees)] = Field(
        "kenward-roger",
        description="Degrees of freedom of a mixed model. nearly-optimal: no degrees of freedom, but "
        "a test that holds its size for all variance ratios of a region (docs/inference.md); one or two random "
        "intercepts, at most 100 clusters. parametric-bootstrap: p-value and interval from responses drawn from the "
        "model without the difference. Kenward-Roger stands beside both. A generalised mixed model has "
        "between-within (its default) and z with maximum likelihood, pseudo-kenward-roger and pseudo-between-within "
        "with restricted pseudo-likelihood (binomial, poisson). gee and cox have clusters-2 (their default: clusters "
        "less the number of arms) and satterthwaite, with the correction kauermann-carroll or, by arm, mancl-derouen.",
    )
    boundary: Literal["keep", "drop"] = Field(
        "keep", description="Whether a variance estimated at zero stays in the Kenward-Roger information."
    )
    cluster: Name | None = Field(
        None, description=f"Variable of a level of clusters, or of the person, by which {_takers('cluster')} works."
    )
    pairs: bool = Field(
        False, description=f"{_takers('pairs')} only: compare the arms within each of the largest clusters (paired t)."
    )
    across: bool = Field(
        False,
        description=f"{_takers('across')} only: clusters exchange their arms between the upper clusters as well, as if "
        "each could have had either, given the covariates. Not where the arm belongs to the upper clusters.",
    )
    weights: Literal["webb", "rademacher"] = Field(
        "webb",
        description=f"{_takers('weights')} only: six-point weights, or signs, of which all are taken where there are "
        "no more than 14 clusters.",
    )
    covariance: Literal["unstructured", "ar1", "heterogeneous-ar1", "compound-symmetry", "toeplitz", "independent"] = (
        Field(
            "unstructured",
            description=f"{_takers('covariance')} only: covariance of a person's residuals over the waves, which count "
            "as equally far apart. independent: none, for models with residual_by.",
        )
    )
    residual_by: Literal["arm"] | None = Field(
        None,
        description=f"{_takers('residual_by')} only. arm: residual variances and covariances of each arm are its own.",
    )
    link: Literal["logit", "identity"] = Field(
        "logit",
        description=f"{_takers('link')} only. logit: logistic model, reported as the difference between the mean "
        "predicted risks of all people analysed in either arm. identity: linear probability model.",
    )
    correlation: Literal["exchangeable", "independence"] = Field(
        "exchangeable", description=f"{_takers('correlation')} only: working correlation of the people of a cluster."
    )
    correction: Literal["mancl-derouen", "kauermann-carroll", "fay-graubard", "morel-bokossa-neerchal"] = Field(
        "mancl-derouen",
        description=f"{_takers('correction')} only: small-sample correction of the covariance; satterthwaite is of "
        "kauermann-carroll, or of mancl-derouen with a variance of each arm's clusters.",
    )
    family: Literal["binomial", "beta_binomial", "ordinal", "poisson", "negative_binomial"] | None = Field(
        None,
        description=f"{_takers('family')} only: distribution of the outcome. Default: binomial for binary, "
        "beta_binomial for bounded counts, ordinal for ordered outcomes, poisson for counts.",
    )
    quadrature: int = Field(
        1,
        ge=1,
        le=100,
        description=f"{_takers('quadrature')} only: points of adaptive Gauss-Hermite quadrature a random effect; 1 is "
        "the Laplace approximation.",
    )
    separation: Literal["refuse", "penalise"] = Field(
        "refuse",
        description=f"{_takers('separation')} only, binomial and poisson: what becomes of odds or rates without a "
        "finite estimate, as with nobody in an arm. penalise: Jeffreys' penalty (Firth's regression with random "
        "effects).",
    )
    population: Name = Field("available", description="Population of the analysis; available: all with the data.")
    level: float = Field(0.95, gt=0.5, lt=1, description="Level of the confidence interval.")
    leave_one_out: bool = Field(
        False, description="Whether the analysis is made again without each cluster in turn, for a table of influence."
    )
    missing: Annotated[str, Choice(lambda: list(HANDLINGS))] = Field(
        "observed",
        description=plain(" ".join(f"{one.name}: {one.told()[0]}." for one in HANDLINGS.values()))
        + " The last two take one row a participant (docs/missing_outcomes.md).",
    )
    imputation: Imputation | None = Field(None, description="multiple_imputation only: its settings.")
    weighting: Weighting | None = Field(None, description="inverse_probability only: what the weights are made of.")
    balance: Balance | None = Field(
        None,
        description=f"{listed([method.name for method in methods() if method.weighted], 'or')} only: weights that make "
        "the arms alike in what was known of people before (docs/confounding.md).",
    )
    estimand: Annotated[str, Choice(lambda: list(ESTIMANDS))] | None = Field(
        None,
        description=plain(" ".join(f"{text[:1].upper()}{text[1:]}." for text in ESTIMANDS.values()))
        + " In words only.",
    )


def _overridable() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, info in Model.model_fields.items():
        if name == "label":
            continue
        changed = copy.copy(info)
        changed.default = None
        fields[name] = (info.annotation, changed)
    return fields


class _Override(Part):
    """Keys of a model that one outcome has otherwise; what is not named stays as the model has it."""

    @model_serializer(mode="wrap")
    def _named_only(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if key in self.model_fields_set}

    def said(self, key: str) -> Any:
        """What is said of a key of `Model`."""
        return getattr(self, key)

    def applied_to(self, model: Model) -> Model:
        """The model with these changes."""
        return model.model_copy(update={key: getattr(self, key) for key in self.model_fields_set})


ModelOverride = create_model("ModelOverride", __base__=_Override, __doc__=_Override.__doc__, **_overridable())


def _form(value: Any) -> str:
    return "condition" if isinstance(value, str) else "mapping"


class Population(Part):
    """A subset of participants."""

    label: Text = Field(description="How tables call the population.")
    where: Annotated[
        Annotated[Text, Tag("condition")] | Annotated[dict[Name, str | list[str]], Field(min_length=1), Tag("mapping")],
        Discriminator(_form),
    ] = Field(
        description="Who belongs to it: a condition on participant-level variables, such as age >= 18 and trust != "
        '"C", or allowed codes by variable.'
    )


class Derived(Part):
    """A yes/no variable defined by a condition on participant-level variables."""

    label: Text = Field(description="How the report calls the variable.")
    where: Text = Field(description="The condition; missing where it can't be told.")
    otherwise: Text | None = Field(
        None,
        description="How charts call those of whom the condition does not hold; those of whom it does have the label.",
    )


class Family(Part):
    """Outcomes whose p-values are adjusted together."""

    outcomes: list[Name] = Field(min_length=1, description="Members; the headline model of each is adjusted.")
    method: Literal["holm", "hochberg", "bonferroni", "romano-wolf", "benjamini-hochberg"] = Field(
        "holm",
        description="Method. romano-wolf permutes the clusters of all members together, whose headline models are "
        "permutations; benjamini-hochberg is labelled exploratory.",
    )

    @property
    def permuted(self) -> bool:
        """Whether its outcomes are permuted together, which needs the data and not only their p-values."""
        return self.method == "romano-wolf"
