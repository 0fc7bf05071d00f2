"""Versions of the plan's layout, and what to change in a plan when the version moves."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from cpis_analysis.errors import Problem
from cpis_analysis.plan.key_words import in_known_words
from cpis_analysis.plan.reading.yaml_reader import Document, Path_

CURRENT = 2
"""The version that this package reads. It moves only when a plan that was valid would no longer be, or would mean
something else; new keys with defaults do not move it. Version 2 lists the levels of clusters in ``design.levels``."""

_WORDS = ("label", "plural")
_OF_LEVELS = {f"{level}{part}" for level in ("trust", "team") for part in ("", "_label", "_plural")}
"""Keys of version 1 for two levels of clusters, which had these names."""


def version_problems(document: Document) -> list[Problem]:
    """What is wrong with the version, with what to write; nothing if it is the current one.

    Keys of an earlier version are answered with the lines that take their place, whatever the version says.
    """
    content = document.content
    place: dict[str, Any] = {"file": document.file, "line": document.line_of(("version",))}
    moves = list(_moves(document))
    if "version" not in content:
        return [Problem("the key version is missing", **place, hint=f"write version: {CURRENT} at the top"), *moves]
    found = content["version"]
    if found == CURRENT and not isinstance(found, bool | float):
        return moves
    if isinstance(found, bool) or not isinstance(found, int):
        return [Problem("the version is not a whole number", **place, value=str(found), allowed=str(CURRENT))]
    if found > CURRENT:
        return [
            Problem(
                "the plan is written for a later version of this package",
                **place,
                value=str(found),
                allowed=f"up to {CURRENT}",
                hint="update the package, or write the plan for this version",
            )
        ]
    if found < 1:
        return [Problem("there is no such version", **place, value=str(found), allowed=str(CURRENT))]
    return [
        Problem("the plan is of an earlier version", **place, value=str(found), hint=f"write version: {CURRENT}"),
        *moves,
    ]


def of_current_version(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of an earlier version in the layout of today; one of today as it is."""
    made = in_known_words(copy.deepcopy(dict(plan)))
    design = made.get("design")
    if isinstance(design, dict) and not _OF_LEVELS.isdisjoint(design):
        levels = _levels(design)
        made["design"] = {key: value for key, value in design.items() if key not in _OF_LEVELS} | {"levels": levels}
        names = {key: design[key] for key in ("trust", "team") if isinstance(design.get(key), str)}
        for _, part in _clustered(made):
            part["cluster"] = names.get(part["cluster"], part["cluster"])
        made["version"] = CURRENT
    return made


def _moves(document: Document) -> Iterator[Problem]:
    """What takes the place of keys of version 1: the lines themselves."""
    design = document.content.get("design")
    if not isinstance(design, dict):
        return
    old = [key for key in design if key in _OF_LEVELS]
    if not old:
        return
    levels = ", ".join(
        "{" + ", ".join(f"{key}: {_written(value)}" for key, value in level.items()) + "}" for level in _levels(design)
    )
    yield Problem(
        f"clusters are listed under one key, the largest first, in the place of {', '.join(old)}",
        file=document.file,
        line=document.line_of(("design", old[0])),
        hint=f"write levels: [{levels}]",
    )
    for path, part in _clustered(document.content):
        cluster = part["cluster"]
        variable = design.get(cluster)
        if cluster in ("trust", "team") and isinstance(variable, str) and variable != cluster:
            yield Problem(
                f"{'.'.join(map(str, path))}.cluster names a variable of design.levels",
                file=document.file,
                line=document.line_of((*path, "cluster")),
                value=cluster,
                hint=f"write cluster: {variable}",
            )


def _levels(design: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The levels that the keys of version 1 name."""
    found = []
    for level in ("trust", "team"):
        if isinstance(design.get(level), str):
            words = {part: design.get(f"{level}_{part}") for part in _WORDS}
            found.append(
                {"variable": design[level], "label": words["label"] or level}
                | ({"plural": words["plural"]} if words["plural"] else {})
            )
    return found


def _clustered(content: Mapping[str, Any]) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Models that name clusters, and what outcomes override of them, each with its place."""
    places: list[tuple[Path_, Any]] = [(("models", name), part) for name, part in _section(content, "models").items()]
    for name, outcome in _section(content, "outcomes").items():
        if isinstance(outcome, Mapping):
            found = _section(outcome, "overrides").items()
            places += [(("outcomes", name, "overrides", model), part) for model, part in found]
    for path, part in places:
        if isinstance(part, dict) and isinstance(part.get("cluster"), str):
            yield path, part


def _section(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key)
    return found if isinstance(found, Mapping) else {}


def _written(value: Any) -> str:
    """A word as it may stand in a list of YAML: in quotes where it could be read as something else."""
    text = str(value)
    return text if text.replace("_", "").replace(" ", "").isalpha() else "'" + text.replace("'", "''") + "'"
