"""Keys of the plan that have two words: either is read, and messages have the one that the plan has.

Of a key that a plan lacks they have the word that fits its levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cpis_analysis.errors import Problem
from cpis_analysis.plan.key_words import OTHER_WORDS, in_known_words, is_at_home
from cpis_analysis.plan.reading.yaml_reader import Document


def with_known_words(document: Document) -> tuple[Document, list[Problem]]:
    """A plan as read with the words that the program knows; a problem for each key that stands there twice."""
    problems, lines = [], dict(document.lines)
    for name, words in OTHER_WORDS.items():
        section = document.content.get(name)
        for known, other in words.items() if isinstance(section, Mapping) else ():
            if other in section and known in section:
                problems.append(
                    Problem(
                        f"{name}.{other} and {name}.{known} are the same key",
                        file=document.file,
                        line=document.line_of((name, other)),
                        hint="leave one of them out",
                    )
                )
            elif other in section:
                moved = {path: line for path, line in lines.items() if path[:2] == (name, other)}
                lines |= {(name, known, *path[2:]): line for path, line in moved.items()}
    return Document(in_known_words(document.content), document.file, lines, document.problems), problems


def said_as_written(problems: Iterable[Problem], document: Document) -> list[Problem]:
    """Problems with the words of the plan.

    Parameters
    ----------
    problems : iterable of Problem
    document : Document
        Of `with_known_words`, which has a line for the word that the plan has.
    """
    words = {}
    for name, of in OTHER_WORDS.items():
        for known, other in of.items():
            written = (name, other) in document.lines
            if written or not ((name, known) in document.lines or is_at_home(document.content)):
                words[name, known] = other
    return [_said(problem, words) for problem in problems]


def _said(problem: Problem, words: Mapping[tuple[str, str], str]) -> Problem:
    """A problem whose keys have other words: after the name of their section, or alone where the keys are listed.

    A variable may have the name of a key, and keeps it.
    """
    changed: dict[str, Any] = {}
    for name in ("message", "allowed", "hint", "variable"):
        text = getattr(problem, name)
        for (section, known), other in words.items() if isinstance(text, str) else ():
            listed = name in ("allowed", "hint") and problem.message.startswith(f"unknown key {section}.")
            text = re.sub(rf"\b{section}\.{known}\b", f"{section}.{other}", text)
            text = re.sub(rf"\b{known}\b", other, text) if listed else text
        changed[name] = text
    return replace(problem, **changed)
