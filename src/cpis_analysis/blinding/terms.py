"""Words that would tell the groups or the clusters, and where a text holds one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cpis_analysis.blinding.new_names import NewNames
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.schema_design import Design

FEWEST_LETTERS = 4
"""A shorter word stands in too many texts that mean something else."""


@dataclass(frozen=True)
class Terms:
    """Words that may not stand in the blinded study.

    Attributes
    ----------
    words : tuple of str
        Codes and labels of groups and clusters, and what the data manager added.
    unsearched : tuple of str
        Those that mean something else as well (codes of one letter, an answer of another question): no search can tell.
    """

    words: tuple[str, ...]
    unsearched: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self.words:
            return None
        longest_first = sorted(self.words, key=lambda word: (-len(word), word))
        words = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
        # a name of parts, such as control_visits, holds the word; a longer word, such as controlled, does not
        return re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where one of the words begins and ends, as a whole word in capital or small letters."""
        return [match.span() for match in self._pattern.finditer(text)] if self._pattern else []

    def tells(self, *texts: str | None) -> bool:
        """Whether one of the texts holds one of the words."""
        return any(text and self.places(text) for text in texts)


def telling_terms(dictionary: Dictionary, design: Design, names: NewNames, more: Iterable[str] = ()) -> Terms:
    """Codes and labels of groups and clusters, as far as they can be searched for.

    Parameters
    ----------
    dictionary : Dictionary
    design : Design
    names : NewNames
    more : iterable of str
        Words that the data manager knows to tell a group, such as the name of a treatment. They are always searched.
    """
    own = {design.arm.variable, *design.clusters}
    known = [*names.arms, *(label for labels in names.clusters.values() for label in labels)]
    for variable in own & set(dictionary):
        for code, label in dictionary[variable].choices.items():
            known += [code, label]
    elsewhere = {
        text.casefold()
        for variable in dictionary.values()
        if variable.name not in own
        for pair in variable.choices.items()
        for text in pair
    } | {name.casefold() for name in names.shown()}
    words = list(dict.fromkeys(" ".join(word.split()) for word in known))
    general = [word for word in words if sum(map(str.isalpha, word)) < FEWEST_LETTERS or word.casefold() in elsewhere]
    searched = [word for word in words if word not in general]
    added = [" ".join(word.split()) for word in more if word.strip()]
    return Terms(tuple(sorted({*searched, *added})), tuple(sorted({*general} - {*names.shown()})))
