"""The study's own words: how a sentence calls the groups, clusters, waves and outcomes.

Nothing here knows a study; every word comes from the plan and the dictionary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import Noun, counted_noun, plural
from cpis_analysis.plan.outcome_scale import POINTS, RISK, Scale, judged_on
from cpis_analysis.publish.capitals import mid_sentence
from cpis_analysis.publish.format import count, one_line
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.words.labels import Labels

__all__ = [
    "PERCENTAGE_POINT",
    "OutcomeWords",
    "Wording",
    "capitalised",
    "counted",
    "in_words",
    "listed",
    "mid_sentence",
    "plural",
]

PERCENTAGE_POINT = "percentage point"
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class OutcomeWords:
    """How an outcome is called and judged.

    Attributes
    ----------
    name, label, short : str
        Variable, full label, and label for lists.
    unit : str
        ``point`` for a score of an instrument, ``percentage point`` for a binary outcome; empty for a measured
        quantity, whose label names its unit.
    sign : int
        1 where a higher value is better, -1 where it is worse.
    important : float or None
        Minimal important difference of the plan.
    important_source : str or None
    scale : Scale
        On which differences are spoken of; numbers beside the outcome's own scale have no unit.
    people : str
        Whose outcome it is, in the plural.
    """

    name: str
    label: str
    short: str
    unit: str
    sign: int
    important: float | None = None
    important_source: str | None = None
    scale: Scale = POINTS
    people: str = "people"

    @property
    def within(self) -> str:
        """The label inside a sentence."""
        return mid_sentence(self.label)

    @property
    def mean(self) -> str:
        """The label as the subject of a sentence about its mean: "mean mood", "the mean of days in hospital".

        Of a binary outcome it is the share of people: "the share of people with support received".
        """
        if self.scale.of_model:
            return f"the {self.scale.mean} of {self.within}"
        if self.scale.is_ratio:
            return f"the geometric mean of {self.within}{' plus one' if self.scale.link == 'log1p' else ''}"
        if self.unit == PERCENTAGE_POINT:
            return f"the share of {self.people} with {self.within}"
        if self.within.lower().startswith("mean "):
            return self.within
        return f"mean {self.within}" if self.unit else f"the mean of {self.within}"

    @property
    def was(self) -> str:
        """The verb of `mean`: odds are many."""
        return "were" if self.scale.mean_is_many else "was"

    def amount(self, text: str) -> str:
        """A formatted number with its unit: "1 point", "0.43 points"."""
        return f"{text} {self.unit}{'' if unmarked(text) == '1' else 's'}" if self.unit else text


@dataclass(frozen=True)
class Wording:
    """Words for sentences, from the labels of plan and dictionary."""

    labels: Labels

    @property
    def randomised(self) -> bool:
        return self.labels.content.study.randomised

    @property
    def person(self) -> Noun:
        """What one of those who take part is called."""
        return self.labels.person

    @property
    def people(self) -> str:
        """And several of them."""
        return self.labels.people

    @property
    def trust(self) -> str:
        """What an outer cluster is called, in the singular."""
        return self.labels.trust_word

    @property
    def trusts(self) -> str:
        return plural(self.trust)

    @property
    def team(self) -> str | None:
        """What an inner cluster is called; None in a design without them."""
        return self.labels.team_word if self.labels.design.team else None

    @property
    def teams(self) -> str | None:
        return plural(self.team) if self.team else None

    @property
    def has_baseline(self) -> bool:
        """Whether people were seen before the intervention."""
        return self.labels.baseline_wave is not None

    @property
    def unit(self) -> str:
        """What a smallest cluster is called; in a study without clusters a person."""
        return self.labels.team_word if self.labels.design.levels else self.person

    def places(self, trusts: int | None, teams: int | None, *, words: bool = False, of: bool = False) -> str:
        """ "10 teams in 5 trusts", with ``of`` "10 teams of 5 trusts", "4 clinics"; nothing without clusters.

        Where some arms only have clusters, single people stand beside them: "12 groups and single people", with ``of``
        "12 groups or as single people", as after "in".
        """
        if not self.labels.design.levels or not trusts:
            return ""
        nouns: list[Any] = [self.trust, self.team]
        one_sided = self.labels.design.one_sided
        if one_sided is not None:
            nouns[self.labels.design.levels[-1] is one_sided and self.team is not None] = one_sided.cluster
        outer = counted(trusts, nouns[0], words=words)
        inner = f"{counted(teams, nouns[1], words=words)} {'of' if of else 'in'} " if teams and nouns[1] else ""
        alone = plural(self.labels.single_person) if one_sided is not None else ""
        return f"{inner}{outer}" + (f" {'or as' if of else 'and'} {alone}" if alone else "")

    @property
    def baseline(self) -> str:
        """The first wave inside a sentence: baseline, where the study has one."""
        return mid_sentence(self.labels.wave(self.labels.first_wave))

    @property
    def followup(self) -> str:
        """The primary wave inside a sentence."""
        return mid_sentence(self.labels.wave(self.labels.followup_wave))

    def wave(self, code: str) -> str:
        """A wave inside a sentence."""
        return mid_sentence(self.labels.wave(code))

    def arm(self, code: str) -> str:
        """A group inside a sentence, without its article: "control group", and of Group A "A group"."""
        label = self.labels.arm_within(code)
        lettered = re.fullmatch(r"(group|arm) ([A-Z])", label, flags=re.I)
        if lettered:
            return f"{lettered[2]} {lettered[1].lower()}"
        if re.match(r"(after|before|during|in|no|not|on|with|without)\b", label, flags=re.I):
            label = f"“{label}”"
        return label if re.search(r"\b(group|arm)s?”?$", label, flags=re.I) else f"{label} group"

    def variable(self, name: str) -> str:
        """A variable inside a sentence."""
        return mid_sentence(self.labels.variable(name))

    def outcome(self, name: str) -> OutcomeWords:
        """How an outcome is called and judged."""
        content = self.labels.content
        part = content.outcomes[name]
        source = part.minimal_important_difference_source
        return OutcomeWords(
            name=name,
            label=self.labels.outcome(name),
            short=self.labels.outcome_short(name),
            unit=PERCENTAGE_POINT
            if part.is_event
            else "point"
            if name in content.scoring or part.type == "ordinal"
            else "",
            sign=1 if part.higher_is == "better" else -1,
            important=part.minimal_important_difference,
            important_source=one_line(source) if source else None,
            scale=RISK if part.is_event else POINTS,
            people=self.people,
        )

    def outcome_of(self, result: AnalysisResult) -> OutcomeWords:
        """How the outcome of an analysis is called and judged on the scale of the analysis."""
        plain, scale = self.outcome(result.spec.outcome), result.scale
        if scale.natural:
            return plain
        found = judged_on(self.labels.content.outcomes[result.spec.outcome], scale)
        label = plain.label if scale.is_ratio else f"the {scale.of_value} of {plain.within}"
        source = one_line(found.important_source) if found.important_source else None
        return replace(plain, label=label, unit="", important=found.important, important_source=source, scale=scale)

    def cluster(self, group: str) -> str:
        """A grouping factor of a formula in words: ``trust:team:wave`` -> "team by wave"."""
        design, parts = self.labels.design, group.split(":")
        levels = {design.participant: str(self.person)} | {name: design.noun_of(name) for name in design.clusters}
        order = [design.participant, *reversed(design.clusters)]
        inner = next((name for name in order if name in parts), None)
        rest = [part if part == "wave" else self.variable(part) for part in parts if part not in levels]
        return " by ".join([*([levels[inner]] if inner else []), *rest])


def capitalised(text: str) -> str:
    """The same text with a capital first letter, also within quotation marks; the rest is left as it is."""
    at = 1 if text[:1] == "“" else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def in_words(value: int) -> str:
    """0 to 10 in words ("no", "one", ...), other numbers in digits."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else count(value)


def counted(value: int, noun: str, *, words: bool = False) -> str:
    """ "1 team", "10 teams", "159 people"; with ``words`` "one team"."""
    return f"{in_words(value) if words else count(value)} {counted_noun(value, noun)}"
