"""Keys of models that say by what people are weighted so that the arms are alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cpis_analysis.methods.balancing import BALANCINGS, TARGETS
from cpis_analysis.plan.schema_base import Choice, Part
from cpis_analysis.plan.schema_missing import VariableTemplate
from cpis_analysis.study_words import plain


class Balance(Part):
    """Weights that make the arms alike in what was known of people before."""

    method: Annotated[str, Choice(lambda: list(BALANCINGS))] = Field(
        description=plain(" ".join(f"{one.name}: {one.about}." for one in BALANCINGS.values()))
    )
    variables: list[VariableTemplate] = Field(
        min_length=1,
        description="Variables in whose means the arms are made alike, shares of each category of categorical ones; "
        "{outcome} stands for the outcome's name. Known before the intervention began.",
    )
    target: Annotated[str, Choice(lambda: list(TARGETS))] | None = Field(
        None,
        description="entropy only: whom the arms are made alike to. "
        + " ".join(f"{name}: {text}." for name, text in TARGETS.items())
        + " Default: everyone.",
    )
