"""Options that are one of a few words."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.errors import ModelError, Problem, did_you_mean


def one_of(value: str, name: str, allowed: Sequence[str]) -> None:
    """Refuse a word that is not among the allowed ones.

    Raises
    ------
    ModelError
    """
    if value not in allowed:
        hint = did_you_mean(str(value), allowed)
        raise ModelError("Unknown option.", Problem(name, value=str(value), allowed=", ".join(allowed), hint=hint))
