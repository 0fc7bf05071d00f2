"""The plan's scoring settings: checked without data, and what scores and columns they entail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import PlanError, Problem, did_you_mean
from .instrument import Instrument, ScoreInfo
from .registry import INSTRUMENTS

ITEMS_MISSING = "_items_missing"
"""What the column with the number of items that a score lacks ends in."""

COLUMN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class ScorePlan:
    """One entry of the settings with every default filled in.

    Attributes
    ----------
    name : str
        Name of the score; further scores of the instrument append to it (``rguk_domestic``).
    instrument : Instrument
        How it is scored.
    values : mapping
        Every setting.
    infos : tuple of ScoreInfo
        Score columns, with the mark lifted where the plan says who confirmed the rule.
    """

    name: str
    instrument: Instrument
    values: Mapping[str, Any]
    infos: tuple[ScoreInfo, ...]


def check_settings(settings: Mapping[str, Any]) -> list[Problem]:
    """List everything that is wrong with the settings, without data.

    Parameters
    ----------
    settings : mapping
        Score name -> {"instrument": ..., other settings}. ``instrument`` may be left out where the score is
        named like an instrument; an empty entry takes all defaults.

    Returns
    -------
    list of Problem
        ``variable`` is the dotted path within the settings, such as ``rguk.max_missing``.
    """
    return _read(settings)[1]


def resolve(settings: Mapping[str, Any]) -> tuple[ScorePlan, ...]:
    """Fill in the defaults.

    Raises
    ------
    PlanError
        If ``check_settings`` finds a problem; all are listed.
    """
    plans, problems = _read(settings)
    if problems:
        raise PlanError("The scoring settings cannot be used.", problems)
    return tuple(plans)


def score_infos(settings: Mapping[str, Any]) -> dict[str, ScoreInfo]:
    """Describe every score column the settings give, in their order."""
    return {info.name: info for plan in resolve(settings) for info in plan.infos}


def score_columns(settings: Mapping[str, Any]) -> dict[str, str]:
    """Name, for each column that the settings give, the entry that gives it: scores, and how many items each lacks."""
    return {
        column: name
        for name, entry in settings.items()
        for score in score_infos({name: entry})
        for column in (score, f"{score}{ITEMS_MISSING}")
    }


def required_items(settings: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name, for each entry of the settings, the columns that the interviews must have."""
    return {plan.name: plan.instrument.required(plan.values) for plan in resolve(settings)}


def input_files(settings: Mapping[str, Any]) -> dict[str, str]:
    """Name the files that scoring reads besides the data (value sets), for each entry that reads one."""
    read = {plan.name: plan.values.get("value_set_file") for plan in resolve(settings)}
    return {name: path for name, path in read.items() if path}


def _read(settings: Mapping[str, Any]) -> tuple[list[ScorePlan], list[Problem]]:
    if not isinstance(settings, Mapping):
        return [], [
            Problem(
                "scores must be a mapping of score names to settings",
                value=str(settings),
                hint="write names of scores, each with its settings",
            )
        ]
    plans: list[ScorePlan] = []
    problems: list[Problem] = []
    for name, entry in settings.items():
        plan, found = _read_one(str(name), entry)
        problems += found
        if plan:
            plans.append(plan)
    owner: dict[str, str] = {}
    for plan in plans:
        for info in plan.infos:
            other = owner.setdefault(info.name, plan.name)
            if other != plan.name:
                message = f"would give the column {info.name}, which {other} gives already"
                problems.append(Problem(message, variable=plan.name, hint="rename one of the two scores"))
    return plans, problems


def _read_one(name: str, entry: Any) -> tuple[ScorePlan | None, list[Problem]]:
    problems: list[Problem] = []
    if not COLUMN_NAME.fullmatch(name):
        allowed = "letters, digits and _, starting with a letter"
        problems.append(Problem("not a usable score name", variable=name, value=name, allowed=allowed))
    if entry is None:
        entry = {}
    if not isinstance(entry, Mapping):
        problems.append(
            Problem(
                "settings must be a mapping",
                variable=name,
                value=str(entry),
                hint="write its settings as keys and values: docs/instruments.md",
            )
        )
        return None, problems
    instrument = _instrument(name, entry, problems)
    if instrument is None:
        return None, problems
    values, faults = _values(name, instrument, entry)
    problems += faults
    if values is None:
        return None, problems
    contradictions = instrument.check(values)
    mend = "correct the settings of the score in the plan: docs/instruments.md"
    problems += [Problem(message, variable=f"{name}.{key}", hint=mend) for key, message in contradictions]
    if contradictions:
        return None, problems
    return ScorePlan(name, instrument, values, _infos(name, instrument, values)), problems


def _values(name: str, instrument: Instrument, entry: Mapping[Any, Any]) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Settings with the instrument's defaults; None where one is not allowed or is lacking."""
    problems: list[Problem] = []
    accepted, values, sound = instrument.accepted, instrument.defaults, True
    for key, value in entry.items():
        setting = accepted.get(str(key))
        where = f"{name}.{key}"
        if setting is None:
            message, allowed = f"{instrument.name} has no such setting", ", ".join(accepted)
            problems.append(Problem(message, variable=where, allowed=allowed, hint=did_you_mean(key, accepted)))
        elif not setting.accepts(value):
            sound = False
            hint = did_you_mean(value, setting.choices) if setting.kind == "choice" else None
            problems.append(
                Problem("value is not allowed", variable=where, value=str(value), allowed=setting.allowed, hint=hint)
            )
        elif value is not None:
            values[setting.name] = value
    for setting in instrument.settings:
        if setting.required and entry.get(setting.name) is None and setting.name not in entry:
            sound = False
            problems.append(Problem("setting is needed", variable=f"{name}.{setting.name}", allowed=setting.allowed))
    return values if sound else None, problems


def _instrument(name: str, entry: Mapping[str, Any], problems: list[Problem]) -> Instrument | None:
    chosen = entry.get("instrument", name)
    if isinstance(chosen, str) and chosen in INSTRUMENTS:
        return INSTRUMENTS[chosen]
    problems.append(
        Problem(
            "no such instrument" if "instrument" in entry else "no instrument of this name; state instrument",
            variable=f"{name}.instrument",
            value=str(chosen),
            allowed=", ".join(INSTRUMENTS),
            hint=did_you_mean(str(chosen), INSTRUMENTS),
        )
    )
    return None


def _infos(name: str, instrument: Instrument, values: Mapping[str, Any]) -> tuple[ScoreInfo, ...]:
    infos = instrument.describe(name, values)
    confirmed = values["confirmed"]
    if not confirmed:
        return infos
    return tuple(
        replace(info, verified=True, note=f"Confirmed for this study: {confirmed}. Without that: {info.note}".strip())
        for info in infos
    )
