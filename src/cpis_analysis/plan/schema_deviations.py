"""Key of the plan that gives reasons for what was changed after the plan was locked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from cpis_analysis.plan.schema_base import IsoDate, Part, Text


class DeviationReason(Part):
    """Why something is not as it was locked. What was changed is found by comparing the plan with its lock."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(
        description="The changed key, such as models.ancova.formula, or one above it, such as models.ancova; or a "
        "file that the lock names, such as data/raw/dictionary.csv."
    )
    reason: Text = Field(description="Why it was changed, for the report.")
    date: IsoDate | None = Field(
        None, description="When that was decided (YYYY-MM-DD).", json_schema_extra={"format": "date"}
    )
