"""The shape of a settled study in the names that its plan uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpis_analysis.new_study.names import Names
from cpis_analysis.new_study.proposals import varies_within
from cpis_analysis.new_study.raw_files import RawFile
from cpis_analysis.new_study.settled import OutcomeOf, Settled
from cpis_analysis.plan.naming import noun_of
from cpis_analysis.study.allocation import level_of_one_arm

FEW_SITES = 5
"""Clusters in which both arms stand, below which they are fixed effects: so few say nothing of a variance."""
_MADE_OF = {"binary": "event", "time_to_event": "event", "ordinal": "order"}
"""Kinds of outcomes that are made of a variable, so that they need a name of their own."""


@dataclass(frozen=True)
class Variable:
    """A variable of the dictionary.

    Attributes
    ----------
    name : str
    columns : mapping of str to str
        Column by wave as written; the key is empty for what belongs to the person.
    waves : tuple of str
        Names of waves at which it is asked.
    """

    name: str
    columns: Mapping[str, str]
    waves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """What decides which models a study gets.

    Attributes
    ----------
    person, arm : str
    levels : tuple of str
        All levels of clusters, the largest first.
    random, fixed : tuple of str
        Those that are random effects, and those too few for it.
    called : mapping of str to str
        What one cluster of a level is called.
    some_arms : str
        Level whose clusters some arms only have; empty where all have. It is neither random nor fixed.
    allocated : str
        Level whose clusters were allocated; empty where people were.
    variables : mapping of str to Variable
        By column, or by title of an outcome.
    outcomes : tuple of (str, OutcomeOf)
        By the name that the plan gives them.
    adjusted : tuple of str
    """

    person: str
    arm: str
    levels: tuple[str, ...]
    random: tuple[str, ...]
    fixed: tuple[str, ...]
    called: Mapping[str, str]
    some_arms: str
    allocated: str
    variables: Mapping[str, Variable]
    outcomes: tuple[tuple[str, OutcomeOf], ...]
    adjusted: tuple[str, ...]


def shape_of(study: Settled) -> Shape:
    """Names of variables, and at which level the arm varies."""
    waves = {wave.written: wave.name for wave in study.waves}
    names = Names(f"has_{name}" for name in waves.values())
    variables: dict[str, Variable] = {}
    person = names.of(study.person) if study.person else names.made("person")
    roles = [study.person, study.arm, *study.clusters]
    for column in [*roles, *study.characteristics, *study.adjusted]:
        if column:
            variables[column] = Variable(names.of(column, _place(study, column)), {"": column})
    outcomes = []
    for one in study.outcomes:
        name = names.of(one.title, _place(study, one.title))
        variables[one.title] = Variable(name, one.columns, tuple(waves[written] for written in one.columns))
        if one.beside:
            beside = tuple(waves[written] for written in one.beside.columns)
            called = names.of(one.beside.title, _place(study, one.beside.title))
            variables[one.beside.title] = Variable(called, one.beside.columns, beside)
        outcomes.append((names.made(f"{name}_{_MADE_OF[one.kind]}") if one.kind in _MADE_OF else name, one))
    used = {column for variable in variables.values() for column in variable.columns.values()}
    for file in study.files:
        for title in file.names:
            if title not in (*used, *study.ignored, study.wave_column):
                variables[title] = _unused(study, file, title, names.of(title, _place(study, title)))
                used.add(title)
    allocated = _allocated(study)
    everywhere = study.clusters[:-1] if study.arms_with_clusters else study.clusters
    few = [name for name in everywhere if len(study.files[0][name].counts) < FEW_SITES]
    fixed = tuple(name for name in few if not allocated or study.clusters.index(name) < study.clusters.index(allocated))
    return Shape(
        person=person,
        arm=variables[study.arm].name,
        levels=tuple(variables[name].name for name in study.clusters),
        random=tuple(variables[name].name for name in everywhere if name not in fixed),
        fixed=tuple(variables[name].name for name in fixed),
        called={variables[name].name: nouns_of(study, name, variables[name].name)[0] for name in study.clusters},
        some_arms=variables[study.clusters[-1]].name if study.arms_with_clusters else "",
        allocated=variables[allocated].name if allocated else "",
        variables=variables,
        outcomes=tuple(outcomes),
        adjusted=tuple(variables[name].name for name in study.adjusted),
    )


def nouns_of(study: Settled, column: str, name: str) -> tuple[str, str]:
    """What a cluster is called, and several, where that was said: ``class``, ``Klasse/Klassen``; else its name."""
    one, _, many = study.nouns.get(column, noun_of(name)).partition("/")
    return one.strip(), many.strip()


def _unused(study: Settled, file: RawFile, column: str, name: str) -> Variable:
    """A column without a role: of the person, or asked at the waves at which it changes or has a file of its own."""
    waves = {wave.written: wave.name for wave in study.waves}
    if study.row == "person-and-wave":
        if varies_within(file[column], file[study.person]):
            return Variable(name, dict.fromkeys(waves, column), tuple(waves.values()))
    if len(study.files) > 1:
        held = [one.wave for one in study.files if column in one]
        return Variable(name, dict.fromkeys(held, column), tuple(waves[one] for one in held))
    return Variable(name, {"": column})


def _place(study: Settled, column: str) -> int:
    return next((file.names.index(column) for file in study.files if column in file), 0)


def _allocated(study: Settled) -> str:
    """The level whose clusters are all, or nearly all, of one arm: the largest such; empty where people vary."""
    file = study.files[0]
    everywhere = study.clusters[:-1] if study.arms_with_clusters else study.clusters
    clusters = zip(*(file[name].coded() for name in everywhere), strict=True) if everywhere else ()
    found = level_of_one_arm(list(zip(file[study.arm].coded(), clusters, strict=False)), len(everywhere))
    return everywhere[found[0]] if found else ""
