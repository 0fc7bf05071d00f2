"""Kinds of text and number that keys of the plan hold, and what all its parts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from cpis_analysis.methods.method import listed

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
WaveName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,12}$")]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Points = Annotated[float, Field(ge=-1e12, le=1e12)]
"""A value of an outcome or another variable; what lies beyond is a slip, and overflows when it is computed with."""
Months = Annotated[float, Field(ge=0, le=600)]


def _iso_date(text: str) -> str:
    try:
        return Date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("write a date as year, month and day, such as 2018-02-14") from None


IsoDate = Annotated[str, AfterValidator(_iso_date)]


class Part(BaseModel):
    """One section: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Choice:
    """One of the words that a registry knows: as a `Literal`, but asked for when a plan is read.

    Attributes
    ----------
    words : callable
        () -> the words, in the order in which messages and documentation name them.
    """

    words: Callable[[], Sequence[str]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(self.words()), "type": "string"}

    def _checked(self, value: Any) -> str:
        words = list(self.words())
        if isinstance(value, str) and value in words:
            return value
        quoted = [f"'{word}'" for word in words]
        raise PydanticKnownError("literal_error", {"expected": listed(quoted, "or")})
