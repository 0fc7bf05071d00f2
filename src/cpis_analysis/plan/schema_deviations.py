"""Key of the plan that gives reasons for what was changed after the plan was locked."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from cpis_analysis.plan.schema_base import Part, Text

__all__ = ["DeviationReason"]


def _iso_date(text: str) -> str:
    try:
        return Date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("write a date as year, month and day, such as 2018-02-14") from None


class DeviationReason(Part):
    """Why something is not as it was locked. What was changed is found by comparing the plan with its lock."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(
        description="The changed key, such as models.ancova.formula, or one above it, such as models.ancova; or a "
        "file that the lock names, such as data/raw/dictionary.csv."
    )
    reason: Text = Field(description="Why it was changed, for the report.")
    date: Annotated[str, AfterValidator(_iso_date)] | None = Field(
        None, description="When that was decided (YYYY-MM-DD).", json_schema_extra={"format": "date"}
    )
