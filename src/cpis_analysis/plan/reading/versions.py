"""Versions of the plan's layout, and what to change in a plan when the version moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpis_analysis.errors import Problem
from cpis_analysis.plan.reading.yaml_reader import Document

__all__ = ["CURRENT", "MOVES", "version_problems"]

CURRENT = 1
"""The version that this package reads. It moves only when a plan that was valid would no longer be, or would mean
something else; new keys with defaults do not move it."""

MOVES: Mapping[int, tuple[str, ...]] = {}
"""What to change in a plan of a version so that it becomes one of the next, in words; none yet."""


def version_problems(document: Document) -> list[Problem]:
    """What is wrong with the version key, with what to do about it; nothing if it is the current one."""
    content = document.content
    place: dict[str, Any] = {"file": document.file, "line": document.line_of(("version",))}
    if "version" not in content:
        return [Problem("the key version is missing", **place, hint=f"write version: {CURRENT} at the top")]
    found = content["version"]
    if found == CURRENT and not isinstance(found, bool | float):
        return []
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
    steps = [f"from {old} to {old + 1}: {step}" for old in range(max(found, 0), CURRENT) for step in MOVES.get(old, ())]
    if not steps:
        return [Problem("there is no such version", **place, value=str(found), allowed=str(CURRENT))]
    return [
        Problem(f"the plan is of an earlier version; change it {step}", **place, value=str(found))
        for step in (*steps, f"and last, version: {CURRENT}")
    ]
