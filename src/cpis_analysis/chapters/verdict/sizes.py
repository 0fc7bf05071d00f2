"""Sizes of differences in plain words: "0.9 more kinds of help", "1.4 points higher", "4 in 100 more"."""

from __future__ import annotations

import re
from typing import Any

from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.result.sentences_ratios import DECIMALS
from cpis_analysis.chapters.verdict.state import Judgement
from cpis_analysis.publish.format import is_missing, is_nothing, number
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.sourced import is_sourced, setting
from cpis_analysis.words.plan_sources import PLAN_FILE
from cpis_analysis.words.scales import outcome_digits, shown_number
from cpis_analysis.words.wording import PERCENTAGE_POINT, Wording, capitalised

OF_A_HUNDRED = "in 100"
"""How differences and shares of people are said in plain words."""


_FEW_STEPS = 5


def short_outcome(text: str) -> str:
    """A label without what stands in brackets at its end."""
    return re.sub(r"\s*\([^()]*\)$", "", text)


class Sizes:
    """How numbers of one judgement are said: one decimal less than in tables.

    Parameters
    ----------
    judged : Judgement
    words : Wording
    """

    def __init__(self, judged: Judgement, words: Wording) -> None:
        self.judged, self.words = judged, words
        self.result, self.outcome, self.scale = judged.result, judged.outcome, judged.outcome.scale
        _, _, decimals = result_words(judged.result, words)
        self.decimals = DECIMALS if self.scale.is_ratio else max(decimals - 1, 0)
        e = judged.result.estimate
        width = abs(self.scale.in_units(e.ci_high) - self.scale.in_units(e.ci_low))
        if not self.scale.is_ratio and width < _FEW_STEPS * 10.0**-self.decimals:
            # one decimal less would make both ends of a narrow interval the same
            self.decimals = decimals
        self.name = judged.result.spec.outcome
        part = words.labels.content.outcomes[self.name]
        natural = self.scale.natural and not self.binary
        self.phrase = part.phrase.strip() if part.phrase and natural else ""

    @property
    def binary(self) -> bool:
        return self.outcome.unit == PERCENTAGE_POINT

    @property
    def counted(self) -> bool:
        """Whether differences are of more and fewer rather than higher and lower."""
        return bool(self.phrase) or self.binary

    def plain(self, value: float) -> str:
        """A difference as a number, with its sign."""
        return shown_number(value, self.scale, self.decimals)

    def side(self, value: float) -> str:
        """ "more", "fewer", "higher" or "lower"."""
        pairs = ("more", "fewer") if self.counted else ("higher", "lower")
        return pairs[value < 0]

    def short(self, value: float) -> str:
        """ "3.5 more", "1.8 lower", "22 fewer in 100"; a ratio as it is."""
        if self.scale.is_ratio:
            return f"{self.plain(value)} times"
        text = self.plain(abs(value))
        if is_nothing(text):
            return "no difference"
        return f"{text} {self.side(value)}{f' {OF_A_HUNDRED}' if self.binary else ''}"

    def amount(self, value: float) -> str:
        """A size in either direction with its unit: "4 points"."""
        text = self.plain(abs(value))
        if self.scale.is_ratio:
            return f"a ratio of {text}"
        shown = re.sub(r"\.0+$", "", text) if is_nothing(text.rpartition(".")[2]) else text
        return self.outcome.amount(shown)

    def ends(self) -> tuple[Any, Any] | None:
        """Ends of the outcome's scale with their sources; None where one is unknown."""
        low, high = self.words.labels.scale(self.name)
        if low is None or high is None or not self.scale.natural:
            return None
        part = self.words.labels.content.outcomes[self.name]
        where = PLAN_FILE if part.high is not None else "src/cpis_analysis/instruments"
        low, high = (
            value if is_sourced(value) else setting(value, where, f"outcomes.{self.name}.{side}")
            for side, value in (("low", low), ("high", high))
        )
        return low, high

    def whole(self, value: float) -> str:
        """An end of the scale."""
        return number(value, 0 if float(value).is_integer() else self.decimals)

    def means(self) -> dict[str, Any]:
        """Adjusted mean of each arm at follow-up in the units that are printed; empty where the model gives none."""
        waves = (None, self.words.labels.followup_wave)
        found = {str(row["arm"]): row["estimate"] for row in self.result.adjusted_means if row["wave"] in waves}
        arms = self.result.estimate.contrast.arms
        if not self.scale.natural or any(is_missing(found.get(arm)) for arm in arms):
            return {}
        return {arm: self.scale.in_units(found[arm]) for arm in arms}

    def mean(self, value: float) -> str:
        """A mean as it stands in a sentence."""
        if self.binary:
            return f"{number(value, 0)}%"
        return number(value, outcome_digits(self.name, self.words.labels, None, self.result).level)

    def lede(self) -> str:
        """The size in one sentence, on the instrument's own range."""
        if self.scale.name == "hazard":
            # the time until it happens runs through all waves
            return f"{capitalised(self._size())}."
        return f"{capitalised(f'at {self.words.followup}')}, {self._size()}."

    def _size(self) -> str:
        e, text = self.result.estimate, self.plain(abs(self.result.estimate.estimate))
        arm, reference = self.judged.direction.arm, self.judged.direction.reference
        people = self.words.people
        if self.scale.is_ratio:
            return (
                f"{self.outcome.mean} {self.outcome.was} {self.plain(e.estimate)} times as high in the {arm} as in "
                f"the {reference}"
            )
        if self.binary:
            return self._risks(text)
        ends = self.ends()
        if self.phrase:
            of = f" (of {self.whole(ends[1])})" if ends else ""
            phrase = quoted(self.phrase, PLAN_FILE, "", f"outcomes.{self.name}.phrase") + of
            if is_nothing(text):
                return f"{people} in both groups had as many {phrase}"
            return f"{people} in the {arm} had {text} {self.side(e.estimate)} {phrase} than {people} in the {reference}"
        if is_nothing(text):
            return f"{self.outcome.mean} was the same in both groups, to the precision shown"
        if not self.outcome.unit:
            return f"{self.outcome.mean} was {text} {_higher(e.estimate)} in the {arm} than in the {reference}"
        range_of = f", on a scale from {self.whole(ends[0])} to {self.whole(ends[1])}" if ends else ""
        size = f"{self.outcome.amount(text)} {_higher(e.estimate)}"
        return f"{people} in the {arm} scored {size} than {people} in the {reference}{range_of}"

    def _risks(self, text: str) -> str:
        e, means = self.result.estimate, self.means()
        if means:
            shares = [f"{self.mean(means[one])} in the {self.words.arm(one)}" for one in e.contrast.arms]
            return f"{self.outcome.mean} was {shares[0]} and {shares[1]}, after adjustment"
        arm, reference = self.judged.direction.arm, self.judged.direction.reference
        size = f"{text} percentage points {_higher(e.estimate)}"
        return f"{self.outcome.mean} was {size} in the {arm} than in the {reference}"


def _higher(value: float) -> str:
    return "higher" if value > 0 else "lower"
