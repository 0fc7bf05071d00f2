"""One analysis of the plan, resolved: all that a fit depends on, and nothing else.

Labels, colours and report options are not part of a specification, so that
changing them refits nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from cpis_analysis.errors import PlanError

__all__ = ["AnalysisSpec", "specs_from_json", "specs_to_json"]


@dataclass(frozen=True)
class AnalysisSpec:
    """What is fitted to which rows, and which contrast is reported.

    Attributes
    ----------
    name : str
        ``outcome.model``.
    outcome, model, estimator : str
    rows : str
        ``wide`` (one row a participant) or ``long`` (one row an interview).
    formula : str
        lme4-style, with the outcome's name filled in.
    effect : str
        Term whose coefficient for the non-reference arm is reported.
    df_method, boundary : str
        Inference of mixed models.
    cluster : str or None
        ``trust`` or ``team``, for estimators that work by cluster.
    pairs : bool
        Compare within trusts (paired).
    population : str
    where : tuple of (variable, codes)
        Participant-level condition of the population; empty for ``available``.
    level : float
        Confidence level.
    arm, reference, trust, team, participant : str
        Variables of the design (team may be None) and the reference arm.
    baseline_wave, followup_wave : str
    baseline : str or None
        Wide variable with the outcome at baseline, whose SD standardises; None if
        the outcome is not measured at baseline (then the follow-up SD is used).
    followup : str
        Wide variable with the outcome at follow-up.
    """

    name: str
    outcome: str
    model: str
    estimator: str
    rows: str
    formula: str
    effect: str
    df_method: str
    boundary: str
    cluster: str | None
    pairs: bool
    population: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    level: float
    arm: str
    reference: str
    trust: str
    team: str | None
    participant: str
    baseline_wave: str
    followup_wave: str
    baseline: str | None
    followup: str


def specs_to_json(specs: Iterable[AnalysisSpec]) -> str:
    """Canonical JSON: the same specifications give the same text, whatever the order in the plan."""
    ordered = sorted((asdict(spec) for spec in specs), key=lambda record: record["name"])
    return json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def specs_from_json(text: str) -> list[AnalysisSpec]:
    """Inverse of `specs_to_json`."""
    try:
        records = json.loads(text)
        return [_spec(record) for record in records]
    except (ValueError, TypeError, KeyError) as error:
        raise PlanError(f"The analysis specification can't be read: {error}") from None


def _spec(record: dict[str, Any]) -> AnalysisSpec:
    where = tuple((variable, tuple(codes)) for variable, codes in record["where"])
    names = {field.name for field in fields(AnalysisSpec)}
    return AnalysisSpec(**{**{k: v for k, v in record.items() if k in names}, "where": where})
