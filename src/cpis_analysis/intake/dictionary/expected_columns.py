"""Which variable of the dictionary belongs in which file, and under which column name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.schema import Cleaning, Data, Source
from cpis_analysis.plan.schema_design import Design, occasion_of

_LEVELS = ("teams", "themes")


@dataclass(frozen=True)
class Layout:
    """Columns of one file.

    Attributes
    ----------
    required : mapping
        Variable by column that must be there.
    optional : mapping
        Variable by column that may be there.
    """

    required: Mapping[str, Variable]
    optional: Mapping[str, Variable]


def team_keys(design: Design) -> tuple[str, ...]:
    """Variables that together name one of the smallest clusters; none in a study without clusters."""
    return design.clusters


def person_level(dictionary: Dictionary, data: Data, design: Design) -> tuple[str, ...]:
    """Names of the variables that belong to a person: no waves, and not of a team or theme form."""
    other = {form for level in _LEVELS for form in _forms(data, level)}
    keys = {design.participant, design.arm.variable, *design.clusters}
    return tuple(
        variable.name
        for variable in dictionary.values()
        if not variable.waves
        and (variable.form not in other or variable.name in keys)
        and variable.name not in design.team_characteristics
    )


def columns_of(source: Source, dictionary: Dictionary, data: Data, design: Design) -> Layout:
    """Columns that a file must and may have.

    Parameters
    ----------
    source : Source

    Notes
    -----
    A form of the dictionary belongs to a file of teams, themes or participants if
    it is called like the source, like the file (without extension) or like what
    the file holds.
    """
    persons = person_level(dictionary, data, design)
    required: dict[str, Variable] = {}
    if source.kind in ("participants", "wide", "long"):
        # files of people may hold everything about a person
        optional = {variable: dictionary[variable] for variable in persons}
    else:
        optional = {variable: dictionary[variable] for variable in (*team_keys(design), design.arm.variable)}
    if source.kind == "wide":
        required = _columns_by_wave(dictionary, data)
    required |= {
        column: dictionary[variable] for variable, column in source.baseline_columns.items() if variable in dictionary
    }
    wanted = _wanted(source, dictionary, data, design, persons)
    required |= {variable: dictionary[variable] for variable in wanted if variable in dictionary}
    spare = {
        column
        for column, v in required.items()
        if v.name != design.participant and (v.identifier or v.name in data.privacy.age)
    }
    optional |= {column: required.pop(column) for column in spare}
    return Layout(required, {column: v for column, v in optional.items() if column not in required})


def _wanted(
    source: Source, dictionary: Dictionary, data: Data, design: Design, persons: Collection[str]
) -> Iterable[str]:
    """Variables that a file must have, by what it holds."""
    held = {other.holds for other in data.sources.values()}
    keys = [design.participant, *team_keys(design), design.arm.variable]
    match source.kind:
        case "participants":
            return persons if _is_only(data, "participants") else keys
        case "wide":
            return [design.participant] if "participants" in held else persons
        case "long":
            wanted = [design.participant] if held & {"participants", "wide"} else [*persons]
            asked = (variable.name for wave in waves_of(source, design) for variable in dictionary.for_wave(wave))
            return dict.fromkeys([*wanted, *asked])
        case "interviews":
            asked = (variable.name for variable in dictionary.for_wave(source.wave or ""))
            is_log = not held & {"participants", "wide", "long"} and source.wave == design.wave_names[0]
            return dict.fromkeys([design.participant, *asked, *(persons if is_log else ())])
        case _:
            forms = _forms(data, source.kind)
            own = [variable.name for variable in dictionary.values() if variable.form in forms]
            return [*team_keys(design), *own, *design.team_characteristics] if source.kind == "teams" else own


def _columns_by_wave(dictionary: Dictionary, data: Data) -> dict[str, Variable]:
    """Columns of a wide file for what is asked at waves that no other file holds."""
    elsewhere = _waves_elsewhere(data)
    return {
        f"{variable.name}_{wave}": variable
        for variable in dictionary.values()
        for wave in variable.waves
        if wave not in elsewhere
    }


def waves_of(source: Source, design: Design) -> tuple[str, ...]:
    """Waves that a source holds interviews of."""
    if source.kind == "interviews":
        return (source.wave,) if source.wave else ()
    named = {wave for wave in source.waves.values() if wave is not None}
    named |= {design.wave_names[0]} if source.baseline_columns else set()
    return tuple(wave.name for wave in design.waves if not source.waves or wave.name in named)


def _waves_elsewhere(data: Data) -> set[str]:
    """Waves of which other sources than wide ones hold the interviews."""
    return {
        wave
        for source in data.sources.values()
        if source.kind in ("interviews", "long")
        for wave in ([source.wave] if source.kind == "interviews" else source.waves.values())
        if wave
    }


NAMED_IN_VAIN = "of the plan names it, but it is not in the dictionary"


def layout_problems(dictionary: Dictionary, data: Data, design: Design, cleaning: Cleaning) -> list[Problem]:
    """What plan and dictionary say about each other that cannot be true."""
    problems = []
    named = {
        "design.participant": [design.participant],
        "design.arm.variable": [design.arm.variable],
        "design.levels": design.clusters,
        "design.interview_date": [design.interview_date] if design.interview_date else [],
        "design.characteristics": design.characteristics,
        "design.team_characteristics": design.team_characteristics,
        "cleaning.constant": cleaning.constant,
    }
    for place, variables in named.items():
        for variable in variables:
            if variable not in dictionary:
                problems.append(dictionary.absent(variable, place, NAMED_IN_VAIN))
    problems += _wave_problems(dictionary, data, design)
    problems += [
        Problem(
            "baseline_columns of the plan names it, but the first wave has it not",
            source.file,
            variable=name,
            hint="give the variable the first wave in the dictionary (column Waves), or take it out of "
            "baseline_columns",
        )
        for source in data.sources.values()
        for name in source.baseline_columns
        if name not in dictionary or design.wave_names[0] not in dictionary[name].waves
    ]
    for name in cleaning.constant:
        asked = set(dictionary[name].waves) & set(design.wave_names) if name in dictionary else set()
        if name in dictionary and not (design.wave_names[0] in asked and len(asked) > 1):
            both = "both waves" if len(design.waves) == 2 else "the first wave and a later one"
            message = f"of the plan names it, but it is not asked at {both}"
            problems.append(dictionary.unfit(name, message, "cleaning.constant"))
    arm = dictionary.get(design.arm.variable)
    if arm is not None and not arm.is_categorical:
        problems.append(
            dictionary.unfit(
                arm.name,
                "the arm must be a category",
                instead="give it choices in the dictionary, such as 0, Control | 1, New",
            )
        )
    elif arm is not None and design.arm.reference not in arm.choices:
        unfit = dictionary.unfit(arm.name, "the plan's reference arm is not among the arm's codes")
        near = did_you_mean(design.arm.reference, arm.choices)
        problems.append(replace(unfit, value=design.arm.reference, allowed=arm.allowed, hint=near))
    when = dictionary.get(design.interview_date or "")
    if when is not None and (when.type != "date" or not when.waves):
        problems.append(dictionary.unfit(when.name, "this date must be one that is asked at the waves"))
    return problems


def _wave_problems(dictionary: Dictionary, data: Data, design: Design) -> list[Problem]:
    waves = [wave.name for wave in design.waves]
    problems = [
        replace(dictionary.unfit(name, "the wave is not in the plan"), value=wave, allowed=", ".join(waves))
        for name, variable in dictionary.items()
        for wave in variable.waves
        if wave not in waves
    ]
    held: set[str] = set()
    for name, source in data.sources.items():
        named = partial(Problem, file=source.file, allowed=", ".join(waves), key=("data", "sources", name))
        if source.kind == "interviews" and source.wave not in waves:
            problems.append(
                named(f"source '{name}' holds {source.holds} and must say of which wave", value=source.wave)
            )
        for wave in source.waves.values():
            if wave is not None and wave not in waves:
                problems.append(named(f"source '{name}' has an event of a wave that is not in the plan", value=wave))
        if source.kind in ("interviews", "long"):
            held |= set(waves_of(source, design))
    wide = [source.file for source in data.sources.values() if source.kind == "wide"]
    if wide and held >= set(waves):
        many = plural(occasion_of(data, design))
        message = f"is wide, but other sources hold the {many} of all waves; use one or the other"
        problems.append(Problem(message, wide[0], hint="remove one of the two, or say otherwise what it holds"))
    if not wide:
        problems += [
            Problem(
                f"no source holds the {plural(occasion_of(data, design))} of wave '{wave}'",
                dictionary.file,
                hint="add its file to data.sources, or remove the wave from design.waves",
            )
            for wave in waves
            if wave not in held
        ]
    return problems


def _forms(data: Data, holds: str) -> set[str]:
    forms = {holds}
    for name, source in data.sources.items():
        if source.kind == holds:
            forms |= {name, PurePosixPath(source.file).stem}
    return forms


def _is_only(data: Data, holds: str) -> bool:
    """No wide or long file shares the person-level variables with the log."""
    return any(source.kind == holds for source in data.sources.values()) and not any(
        source.kind in ("wide", "long") for source in data.sources.values()
    )
