"""Which answer an interval gives. Neither the p-value nor the number of analyses that agree has a say.

What matters is what the plan says: without an agreed important difference no answer says that a size matters. Where the
two main methods disagree on whether the interval includes zero, the question is not settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.equivalence.content import Tested, equivalence_test
from cpis_analysis.chapters.result.direction import Direction, includes_zero, result_words, usable
from cpis_analysis.chapters.two_methods.content import Anchors
from cpis_analysis.words.wording import OutcomeWords, Wording


class Answer(Enum):
    """What the interval says."""

    UNUSABLE = "no estimate"
    UNSETTLED = "one of the two main methods excludes zero"
    IMPORTANT = "beyond the important difference"
    OPEN = "excludes zero, includes the important difference"
    SMALL = "excludes zero, stays short of the important difference"
    CLEAR = "excludes zero; no important difference agreed"
    ALIKE = "inside the margins of the plan"
    EITHER_WAY = "includes zero and an important difference on both sides"
    ONE_WAY = "includes zero and an important difference on one side"
    WITHIN = "includes zero, inside the important difference; no margins planned"
    UNCLEAR = "includes zero; no important difference agreed"

    @property
    def excludes_zero(self) -> bool:
        return self in (Answer.IMPORTANT, Answer.OPEN, Answer.SMALL, Answer.CLEAR)


@dataclass(frozen=True)
class Judgement:
    """An answer with what it rests on.

    Attributes
    ----------
    answer : Answer
    result : AnalysisResult
    outcome : OutcomeWords
    direction : Direction
        On the scale on which positive numbers are better.
    tested : Tested or None
        Against the margins of the plan.
    other : AnalysisResult or None
        The second main method.
    """

    answer: Answer
    result: AnalysisResult
    outcome: OutcomeWords
    direction: Direction
    tested: Tested | None = None
    other: AnalysisResult | None = None

    @property
    def better(self) -> bool:
        """Whether the compared group did better."""
        return self.direction.estimate > 0


def judgement(result: AnalysisResult, words: Wording, anchors: Anchors | None = None) -> Judgement:
    """Judge the headline result of an outcome.

    Parameters
    ----------
    result : AnalysisResult
    words : Wording
    anchors : Anchors, optional
        The two main methods of the outcome.
    """
    outcome, direction, _ = result_words(result, words)
    if not usable(result):
        return Judgement(Answer.UNUSABLE, result, outcome, direction)
    parted = anchors is not None and includes_zero(anchors.mixed) != includes_zero(anchors.robust)
    tested = equivalence_test(result, words.labels)
    found = (
        Answer.UNSETTLED
        if parted
        else answer_to(direction.low, direction.high, outcome.important, bool(tested and tested.declared))
    )
    return Judgement(found, result, outcome, direction, tested, anchors.robust if anchors else None)


def answer_to(low: float, high: float, important: float | None, declared: bool = False) -> Answer:
    """The answer of an interval.

    Parameters
    ----------
    low, high : float
        Ends of the interval of the difference; a limit that touches zero includes it.
    important : float or None
        Smallest difference that is agreed to matter, above zero.
    declared : bool
        The groups are declared equivalent within margins of the plan.
    """
    if low <= 0 <= high:
        return _including(low, high, important, declared)
    near, far = sorted((abs(low), abs(high)))
    if declared or (important is not None and far < important):
        return Answer.SMALL
    if important is None:
        return Answer.CLEAR
    return Answer.IMPORTANT if near >= important else Answer.OPEN


def _including(low: float, high: float, important: float | None, declared: bool) -> Answer:
    if declared:
        return Answer.ALIKE
    if important is None:
        return Answer.UNCLEAR
    reached = (low <= -important) + (high >= important)
    return (Answer.WITHIN, Answer.ONE_WAY, Answer.EITHER_WAY)[reached]
