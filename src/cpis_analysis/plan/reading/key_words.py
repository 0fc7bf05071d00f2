"""Keys of the plan that have two words: either is read, and the document knows which one messages say.

It is the one that the plan has, and of a key that a plan lacks the one that fits its levels.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    said = _words_said(document)
    return Document(in_known_words(document.content), document.file, lines, document.problems, said), problems


def _words_said(document: Document) -> dict[tuple[str, str], str]:
    words = {}
    for name, of in OTHER_WORDS.items():
        for known, other in of.items():
            written = (name, other) in document.lines
            if written or not ((name, known) in document.lines or is_at_home(document.content)):
                words[name, known] = other
    return words
