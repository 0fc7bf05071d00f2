"""Kinds of text and number that keys of the plan hold, and what all its parts share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["Months", "Name", "Part", "Points", "RelativePath", "Text", "WaveName"]

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
WaveName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,12}$")]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Points = Annotated[float, Field(ge=-1e12, le=1e12)]
"""A value of an outcome or another variable; what lies beyond is a slip, and overflows when it is computed with."""
Months = Annotated[float, Field(ge=0, le=600)]


class Part(BaseModel):
    """One section: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True, allow_inf_nan=False)
