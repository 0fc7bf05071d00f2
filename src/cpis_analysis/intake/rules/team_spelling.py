"""Spelling of trusts and teams, against the team list; teams are looked for within their trust."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.intake.values.written_numbers import codes_of_number, is_plain_number, number_code
from cpis_analysis.plan.schema import Cleaning
from cpis_analysis.plan.schema_design import Design

_KEPT, _SAME, _CLOSE, _NONE, _SEVERAL = "kept", "same", "close", "none", "several"


@dataclass(frozen=True)
class Match:
    """How a written name relates to the known ones.

    Attributes
    ----------
    name : str
        The known name; empty if it cannot be decided.
    how : {'kept', 'same', 'close', 'none', 'several'}
        Written like that; the same but for case, spaces or the label; alike enough
        to one; alike to none; alike to several.
    score : float
        Likeness of the nearest known name, 0 to 1.
    candidates : tuple of str
        Known names that are alike enough, the nearest first.
    """

    name: str
    how: str
    score: float = 1.0
    candidates: tuple[str, ...] = ()


def match_name(text: str, known: Mapping[str, str], threshold: float, noise: str = "") -> Match:
    """Find the known name that is meant. Numbers are never matched by likeness: 12 and 112 are two teams.

    Parameters
    ----------
    text : str
        As written.
    known : mapping
        Labels by name.
    threshold : float
        Least likeness (`difflib` ratio of the texts without case, spaces, punctuation).
    noise : str
        A word that says nothing ("trust", "team"); it is left out of the comparison, misspelt or not.
    """
    if text in known:
        return Match(text, _KEPT)
    if number_code(text) is not None:
        same = codes_of_number(text, known) or [name for name in known if codes_of_number(text, [known[name]])]
        return Match(same[0], _SAME) if len(same) == 1 else Match("", _SEVERAL if same else _NONE, 0.0)
    written = _core(text, noise, threshold)
    cores = {name: {_core(name, noise), _core(label, noise)} for name, label in known.items()}
    same = [name for name in known if written in cores[name] or folded(text) == folded(known[name])]
    if len(same) == 1:
        return Match(same[0], _SAME)
    scores = {name: max(_likeness(form, written) for form in forms) for name, forms in cores.items()}
    order = sorted(scores, key=lambda name: -scores[name])
    close = tuple(name for name in order if scores[name] >= threshold)
    best = scores[order[0]] if order else 0.0
    if len(close) == 1:
        return Match(close[0], _CLOSE, best, close)
    return Match("", _SEVERAL if close else _NONE, best, close)


class TeamList:
    """The known clusters of each level, by those in which they lie.

    Parameters
    ----------
    levels : sequence of Variable
        Dictionary entries, of the largest clusters first.
    paths : iterable of tuple of str
        A name for each level, of each row of the list of clusters; empty if there is none.
    """

    def __init__(self, levels: Sequence[Variable], paths: Iterable[tuple[str, ...]] = ()) -> None:
        self.paths = tuple(dict.fromkeys(paths))
        self._labels = [dict(level.choices) for level in levels]

    def names(self, outer: tuple[str, ...] = ()) -> dict[str, str]:
        """Labels of the clusters within another, by name; all of the level where there is no list of clusters."""
        labels = self._labels[len(outer)]
        if not self.paths or (not outer and labels):
            return labels
        return self._listed(len(outer), [path for path in self.paths if path[: len(outer)] == outer])

    def anywhere(self, depth: int) -> dict[str, str]:
        """Labels of all clusters of a level in the list of clusters, by name."""
        return self._listed(depth, self.paths)

    def _listed(self, depth: int, paths: Iterable[tuple[str, ...]]) -> dict[str, str]:
        return {path[depth]: self._labels[depth].get(path[depth], path[depth]) for path in paths}


def clean_places(
    stacks: list[Stack], teams: Stack | None, journal: Journal, design: Design, cleaning: Cleaning
) -> TeamList | None:
    """Repair the spelling of the names of clusters.

    Parameters
    ----------
    stacks : list of Stack
        Everything in which clusters stand, without the list of clusters itself.
    teams : Stack or None
        The list of clusters. It is read first: against the dictionary's codes if clusters are categories there,
        otherwise against itself.

    Returns
    -------
    TeamList or None
        None if there is neither a list of clusters nor codes: then only case and spacing are made alike.
    """
    if not design.levels:
        return None
    everything = [*([teams] if teams else []), *stacks]
    levels = [_variable(everything, name) for name in design.clusters]
    from_codes = TeamList(levels)
    _Speller(from_codes, journal, design, cleaning).clean([teams] if teams else [])
    known = from_codes
    if teams is not None:
        rows = np.flatnonzero(teams.present())
        listed = zip(*(teams.text(name)[rows] for name in design.clusters), strict=True)
        known = TeamList(levels, [path for path in listed if all(path)])
    _Speller(known, journal, design, cleaning).clean(stacks)
    return known if known.names() else None


class _Speller:
    def __init__(self, known: TeamList, journal: Journal, design: Design, cleaning: Cleaning) -> None:
        self.known, self.journal, self.design, self.cleaning = known, journal, design, cleaning

    def clean(self, stacks: list[Stack]) -> None:
        for depth, level in enumerate(self.design.levels):
            variable = level.variable
            having = [stack for stack in stacks if variable in stack]
            if depth and self.known.paths:
                for stack in having:
                    self._within_others(stack, depth)
                continue
            names = self.known.names() if not depth else self.known.names(("",) * depth)
            if names:
                for stack in having:
                    self._against(stack, variable, np.arange(len(stack)), names, level.noun, "")
            else:
                self._among_themselves(having, variable)

    def _within_others(self, stack: Stack, depth: int) -> None:
        level, above = self.design.levels[depth], self.design.levels[:depth]
        empty = np.full(len(stack), "", object)
        texts = [stack.text(one.variable) if one.variable in stack else empty for one in above]
        places = list(zip(*texts, strict=True))
        for outer in dict.fromkeys(places):
            rows = np.array([at for at, place in enumerate(places) if place == outer], dtype=np.intp)
            if all(outer):
                place = f" of {above[-1].noun} {outer[-1]}"
                names = self.known.names(outer)
            else:
                place = ""
                names = self.known.anywhere(depth)
            self._against(stack, level.variable, rows, names, level.noun, place)

    def _against(
        self, stack: Stack, variable: str, rows: np.ndarray, names: Mapping[str, str], noise: str, place: str
    ) -> None:
        texts = stack.text(variable)
        for text in dict.fromkeys(texts[rows]):
            match = match_name(text, names, self.cleaning.match_threshold, noise) if text else Match("", _KEPT)
            if match.how == _KEPT:
                continue
            chosen = rows[texts[rows] == text]
            if match.name:
                reason = f"the same as '{match.name}' but for case, spacing or wording"
                if match.how == _CLOSE:
                    among = f" among those{place}" if place else ""
                    reason = f"only '{match.name}' is alike{among} (likeness {match.score:.2f})"
                self.journal.change_stack(stack, chosen, variable, match.name, f"{variable}_spelling", reason)
                continue
            reason, question = self._undecided(text, variable, match, names, place)
            rule = f"unknown_{variable}"
            self.journal.ask_stack(stack, chosen, variable, text, rule, question, SET_MISSING)
            self.journal.change_stack(stack, chosen, variable, "", rule, reason)

    def _undecided(
        self, text: str, variable: str, match: Match, names: Mapping[str, str], place: str
    ) -> tuple[str, str]:
        label = self.design.noun_of(variable)
        if match.how == _SEVERAL:
            reason = f"can be {' or '.join(match.candidates)}"
        else:
            reason = f"is no known {label}{place} ({', '.join(names)})"
        return reason, f"'{text}' {reason}. Which {label} is meant?"

    def _among_themselves(self, stacks: list[Stack], variable: str) -> None:
        """Nothing says which names exist: spellings that differ in case and spacing only become the most frequent."""
        import pandas as pd

        if not stacks:
            return
        if _variable(stacks, variable).is_numeric:
            self._only_numbers(stacks, variable)
        texts = pd.Series(np.concatenate([stack.text(variable) for stack in stacks]), dtype=object)
        counts = texts[texts != ""].value_counts(sort=False)
        usual: dict[str, str] = {}
        for text in sorted(counts.index, key=lambda text: (-counts[text], text)):
            usual.setdefault(folded(text), text)
        for stack in stacks:
            own = stack.text(variable)
            for text in dict.fromkeys(own):
                wanted = usual.get(folded(text), text)
                if wanted != text and folded(text):
                    rows = np.flatnonzero(own == text)
                    reason = f"the same as '{wanted}', which is more frequent, but for case or spacing"
                    self.journal.change_stack(stack, rows, variable, wanted, f"{variable}_spelling", reason)

    def _only_numbers(self, stacks: list[Stack], variable: str) -> None:
        """The dictionary says that the names are numbers: others are asked about, and missing meanwhile."""
        label = self.design.noun_of(variable)
        for stack in stacks:
            own = stack.text(variable)
            for text in dict.fromkeys(own):
                if text and not is_plain_number(text):
                    rows = np.flatnonzero(own == text)
                    reason = "is no number, and the dictionary says that it is one"
                    question = f"'{text}' {reason}. Which {label} is meant?"
                    self.journal.ask_stack(stack, rows, variable, text, f"unknown_{variable}", question, SET_MISSING)
                    self.journal.change_stack(stack, rows, variable, "", f"unknown_{variable}", reason)


def _variable(stacks: list[Stack], name: str) -> Variable:
    return next(stack.variable(name) for stack in stacks if name in stack)


def _core(text: str, noise: str, threshold: float = 1.0) -> str:
    """Folded text without the words that are, or are as good as, the noise word."""
    words = re.findall(r"\w+", text)
    telling = [word for word in words if not noise or _likeness(folded(word), folded(noise)) < threshold]
    return folded("".join(telling)) or folded(text)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
