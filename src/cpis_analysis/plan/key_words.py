"""Keys of the plan that have two words: those of a study of trusts, teams and interviews, and those of any other.

The program knows the first; a plan may have either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OTHER_WORDS = {
    "design": {"team_characteristics": "cluster_characteristics", "interview_date": "measured_on"},
    "report": {"experience_by_trust": "experience_by_cluster"},
}
"""By section: the word that the program knows, and the other."""

_HOME = {"trust", "team"}


def in_known_words(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan with the words that the program knows."""
    return _worded(plan, {name: {b: a for a, b in words.items()} for name, words in OTHER_WORDS.items()})


def in_words_of(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan with the words that fit its levels, from one with the words that the program knows."""
    return dict(plan) if is_at_home(plan) else _worded(plan, OTHER_WORDS)


def is_at_home(plan: Mapping[str, Any]) -> bool:
    """Whether the levels are called as in the study of trusts and teams."""
    design = plan.get("design")
    levels = design.get("levels") if isinstance(design, Mapping) else None
    named = [level.get("variable") for level in levels or () if isinstance(level, Mapping)]
    return not _HOME.isdisjoint(map(str, named))


def _worded(plan: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    made = dict(plan)
    for name, of in words.items():
        section = made.get(name)
        if isinstance(section, Mapping) and not set(of).isdisjoint(section):
            # a key that stands there twice is a problem of its own
            made[name] = {of.get(key, key): value for key, value in section.items()} | {
                key: value for key, value in section.items() if key in of.values()
            }
    return made
