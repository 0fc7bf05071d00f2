"""What an estimator says of itself in other programs and as an equation, each part by its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from cpis_analysis.methods import method_of
from cpis_analysis.translate import estimators
from cpis_analysis.translate.notation.translation import ExplainedModel


def part_of(model: ExplainedModel, name: str) -> Callable[..., Any] | None:
    """A function of the module that the model's method names as its translation; None where it has no such part.

    Parameters
    ----------
    model : ExplainedModel
    name : str
        ``r_lines``, ``r_coefficients``, ``r_tests``, ``sas_lines``, ``sas_missing``, ``stata_lines``, ``equation`` or
        ``reported``; what each takes and gives is said where it is called.
    """
    where = method_of(model.spec).translation
    found: Callable[..., Any] | None = getattr(import_module(where, estimators.__name__), name, None) if where else None
    return found


def missing_note(model: ExplainedModel, program: str) -> str:
    """What stands in the place of code that there is not."""
    return f"{model.spec.name}: there is no code for {program} here ({method_of(model.spec).short})"
