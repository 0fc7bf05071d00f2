"""Spelling of trusts and teams, against the team list; teams are looked for within their trust."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.intake.values.written_numbers import codes_of_number, is_plain_number, number_code
from cpis_analysis.plan.schema import Cleaning, Design

__all__ = ["Match", "TeamList", "clean_places", "match_name"]

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
    """The known trusts and, by trust, the known teams.

    Parameters
    ----------
    design : Design
    trust, team : Variable
        Their dictionary entries; ``team`` may be None.
    pairs : iterable of (str, str)
        Trust and team of each team in the team list; empty if there is none.
    """

    def __init__(
        self, design: Design, trust: Variable, team: Variable | None, pairs: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.pairs = tuple(dict.fromkeys(pairs))
        trusts = dict.fromkeys(own for own, _ in self.pairs)
        self.trusts: dict[str, str] = dict(trust.choices) or {name: name for name in trusts}
        self._labels = dict(team.choices) if team else {}
        self._design = design

    def teams(self, trust: str) -> dict[str, str]:
        """Labels of the teams of a trust, by name; all teams where there is no team list."""
        if not self.pairs:
            return self._labels
        return {team: self._labels.get(team, team) for own, team in self.pairs if own == trust}


def clean_places(
    stacks: list[Stack], teams: Stack | None, journal: Journal, design: Design, cleaning: Cleaning
) -> TeamList | None:
    """Repair the spelling of trusts and teams.

    Parameters
    ----------
    stacks : list of Stack
        Everything in which trusts and teams stand, without the team list itself.
    teams : Stack or None
        The team list. It is read first: against the dictionary's codes if trusts and
        teams are categories there, otherwise against itself.

    Returns
    -------
    TeamList or None
        None if there is neither a team list nor codes: then only case and spacing are made alike.
    """
    everything = [*([teams] if teams else []), *stacks]
    trust = _variable(everything, design.trust)
    team = _variable(everything, design.team) if design.team else None
    from_codes = TeamList(design, trust, team)
    _Speller(from_codes, journal, design, cleaning).clean([teams] if teams else [])
    known = from_codes
    if teams is not None:
        rows = np.flatnonzero(teams.present())
        listed = teams.text(design.trust)[rows]
        named = teams.text(design.team)[rows] if design.team else listed
        known = TeamList(design, trust, team, [(a, b) for a, b in zip(listed, named, strict=True) if a and b])
    _Speller(known, journal, design, cleaning).clean(stacks)
    return known if known.trusts else None


class _Speller:
    def __init__(self, known: TeamList, journal: Journal, design: Design, cleaning: Cleaning) -> None:
        self.known, self.journal, self.design, self.cleaning = known, journal, design, cleaning

    def clean(self, stacks: list[Stack]) -> None:
        design = self.design
        for variable in filter(None, (design.trust, design.team)):
            having = [stack for stack in stacks if variable in stack]
            if variable == design.team and self.known.pairs:
                for stack in having:
                    self._teams_in_trusts(stack, variable)
                continue
            names = self.known.trusts if variable == design.trust else self.known.teams("")
            noise = design.trust_noun if variable == design.trust else design.team_noun
            if names:
                for stack in having:
                    self._against(stack, variable, np.arange(len(stack)), names, noise, "")
            else:
                self._among_themselves(having, variable)

    def _teams_in_trusts(self, stack: Stack, team: str) -> None:
        trusts = stack.text(self.design.trust) if self.design.trust in stack else np.full(len(stack), "", object)
        for trust in dict.fromkeys(trusts):
            rows = np.flatnonzero(trusts == trust)
            if trust:
                place = f" of {self.design.trust_noun} {trust}"
                names = self.known.teams(trust)
            else:
                place = ""
                names = {team: label for own in self.known.trusts for team, label in self.known.teams(own).items()}
            self._against(stack, team, rows, names, self.design.team_noun, place)

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
        label = self.design.trust_noun if variable == self.design.trust else self.design.team_noun
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
        label = self.design.trust_noun if variable == self.design.trust else self.design.team_noun
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
