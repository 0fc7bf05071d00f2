"""Sentences on a tipping-point analysis: who lacks the outcome, and how far they would have to differ.

Rules, each of which has a test:

- where the interval includes zero, the question is which shifts would make it exclude zero, and in which direction;
  where it excludes zero, which shifts would make it include zero;
- a shift is judged against the minimal important difference, or the standard deviation where there is none, and never
  called likely or unlikely: the data cannot show it;
- shifts longer than the scale are said to be more than the scale allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.tipping import Shifted, Tipping
from cpis_analysis.chapters.result.direction import includes_zero as includes_zero_of
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.result.sentences import level
from cpis_analysis.chapters.tipping.content import beyond_scale, decimals_needed, includes_zero
from cpis_analysis.publish.format import count, number
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import Wording, capitalised, counted, listed

_ALONE = ("other", "reference")
_SMALL, _LARGE = {"sd": 0.5, "important": 1.0}, {"sd": 1.0, "important": 2.0}
"""Below the first a shift is called small against its yardstick, above the second large."""


def tipping_paragraphs(analyses: Sequence[Tipping], words: Wording) -> tuple[tuple[str, ...], ...]:
    """What the tipping-point analyses of one outcome found: who was shifted, what changes, how much that is.

    Parameters
    ----------
    analyses : sequence of Tipping
        Of one outcome; the first is told in full.
    words : Wording
    """
    if not analyses:
        return ()
    first, *others = analyses
    paragraphs = (
        (_who(first, words), _question(first)),
        tuple(_zero(first, words)),
        tuple(_important(first, words)),
        (*_judged(first, words), *(_other(one, words) for one in others)),
        tuple(_by_other_ways(first, words)),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def nothing_to_shift_sentence(result: AnalysisResult, words: Wording) -> str | None:
    """What is said where the plan asks for a tipping point and nobody lacks the outcome alone."""
    shift = result.missing_shift
    if shift is None or shift.n_completed_reference + shift.n_completed_other:
        return None
    return (
        f"A tipping-point analysis of {words.outcome(result.spec.outcome).within} was planned and has nothing to "
        "shift: nobody lacks the outcome alone."
    )


def _question(found: Tipping) -> str:
    text = (
        "A tipping-point analysis shifts their outcomes up or down from that expectation, group by group, until "
        "the conclusion changes; "
    )
    if not found.imputed:
        return f"{text}the interval takes as given who has no outcome."
    return (
        f"{text}they are drawn {count(found.imputations)} times and shifted, and the analyses of the completed data "
        "are pooled (delta-adjusted imputation), so that the interval widens with the shift."
    )


def _who(found: Tipping, words: Wording) -> str:
    shift = found.shift
    arm, reference = (words.arm(code) for code in found.result.estimate.contrast.arms)
    analysed = counted(found.result.estimate.n_participants or 0, words.person)
    lack = "lacks" if found.n_completed == 1 else "lack"
    text = (
        f"Besides the {analysed} analysed, {count(found.n_completed)} "
        f"{lack} only the outcome ({count(shift.n_completed_reference)} in the {reference} and "
        f"{count(shift.n_completed_other)} in the {arm}), and the model says what to expect of them if outcomes are "
        "missing at random"
    )
    if shift.n_left_out:
        text += (
            f"; {count(shift.n_left_out)} more {'lacks' if shift.n_left_out == 1 else 'lack'} another variable of "
            f"the model and {'is' if shift.n_left_out == 1 else 'are'} left out"
        )
    return text + "."


def _zero(found: Tipping, words: Wording) -> list[str]:
    """Where the interval begins to exclude zero, or to include it."""
    e = found.unshifted
    arm, reference = (words.arm(code) for code in found.result.estimate.contrast.arms)
    if not includes_zero(found):
        bound = "ci_low" if e.ci_low > 0 else "ci_high"
        ways = _ways(found, bound, 0.0, words)
        if not ways:
            return [f"The interval excludes zero, and {_no_shift(found)} would make it include zero."]
        return [f"The interval excludes zero. It would include zero if the missing outcomes were {ways}."]
    sentences = ["The interval includes zero."]
    for bound, higher in (("ci_low", arm), ("ci_high", reference)):
        ways = _ways(found, bound, 0.0, words)
        sentences.append(
            f"It would exclude zero, with the higher mean in the {higher}, if the missing outcomes were {ways}."
            if ways
            else f"{capitalised(_no_shift(found))} would make it exclude zero with the higher mean in the {higher}."
        )
    return sentences


def _no_shift(found: Tipping) -> str:
    return "no shift of up to five standard deviations" if found.imputed else "no shift that the scale allows"


def _by_other_ways(found: Tipping, words: Wording) -> Iterator[str]:
    """The quick solution beside the imputation, and the missing outcomes of the other arm as in the reference arm."""
    if not found.imputed:
        return
    e = found.result.estimate
    bounds = ("ci_low", "ci_high") if includes_zero_of(found.result) else ("ci_low" if e.ci_low > 0 else "ci_high",)
    solved = [
        point for bound in bounds for name in (*_ALONE, "opposite") if (point := found.point(name, bound)) is not None
    ]
    if solved:
        least = min(solved, key=lambda point: abs(point.delta))
        yield (
            "A quick solution that takes the standard error as given finds the first such shift at "
            f"{_amount(least, found, words)}{' in opposite directions' if least.scenario == 'opposite' else ''}."
        )
    arm, reference = (words.arm(code) for code in e.contrast.arms)
    outcome, _, decimals = result_words(found.result, words)
    for one in found.like_reference():
        how = "jump to reference" if one.scenario == "jump_to_reference" else "copy reference"
        yield (
            f"With the missing outcomes of the {arm} drawn as in the {reference} ({how}) the difference is "
            f"{shown_number(one.estimate, outcome.scale, decimals)} ({level(found.result)} CI "
            f"{interval_cell(one.ci_low, one.ci_high, outcome.scale, decimals)})."
        )


def _important(found: Tipping, words: Wording) -> list[str]:
    """Where the interval begins to include or to exclude the minimal important difference."""
    if not found.important:
        return []
    e, outcome = found.unshifted, words.outcome(found.result.spec.outcome)
    sentences = []
    for threshold, higher in zip((found.important, -found.important), found.result.estimate.contrast.arms, strict=True):
        outer = e.ci_low > threshold if threshold > 0 else e.ci_high < threshold
        bound = ("ci_low" if threshold > 0 else "ci_high") if outer else ("ci_high" if threshold > 0 else "ci_low")
        ways = _ways(found, bound, threshold, words, _ALONE)
        if not ways:
            continue
        inside = e.ci_low <= threshold <= e.ci_high
        size = outcome.amount(number(found.important, decimals_needed([found.important])))
        sentences.append(
            f"The minimal important difference ({size}) in the direction of the {words.arm(higher)} lies "
            f"{'inside' if inside else 'outside'} the interval; it would lie {'outside' if inside else 'inside'} if "
            f"the missing outcomes were {ways}."
        )
    return sentences


def _judged(found: Tipping, words: Wording) -> list[str]:
    """The smallest shift against the yardsticks of the outcome."""
    nearest, sd = _nearest(found, words), found.result.standardised.get("sd")
    yardstick = found.important or sd
    if nearest is None or not yardstick:
        return []
    size = abs(nearest.delta)
    against = [f"{number(size / sd, 1)} standard deviations of the outcome"] if sd else []
    if found.important:
        against.append(f"{number(size / found.important, 1)} times the minimal important difference")
    text = (
        f"The smallest shift that would change whether the interval includes zero, {_amount(nearest, found, words)}"
        f"{' in opposite directions' if nearest.scenario == 'opposite' else ''}, is {listed(against)}"
    )
    kind = "important" if found.important else "sd"
    ratio = size / yardstick
    if ratio < _SMALL[kind]:
        return [
            f"{text}: so small a departure is enough that the conclusion rests on what is assumed about {words.people} "
            "without the outcome."
        ]
    if ratio <= _LARGE[kind]:
        return [
            f"{text}. Whether {words.people} without the outcome differed by so much from those otherwise alike is a "
            "matter of judgement; the data cannot show it."
        ]
    return [
        f"{text}: {words.people} without the outcome would have had to differ by that much, on average, from those "
        "otherwise alike. The data cannot show whether they did."
    ]


def _other(found: Tipping, words: Wording) -> str:
    label = words.labels.model(found.result.spec.model)
    state = f"In the analysis “{label}” the interval {'includes' if includes_zero(found) else 'excludes'} zero"
    nearest = _nearest(found, words)
    if nearest is None:
        return f"{state}, and {_no_shift(found)} would change this."
    how = "in opposite directions" if nearest.scenario == "opposite" else "of one group alone"
    return f"{state}, and the smallest shift that would change this is {_amount(nearest, found, words)} {how}."


def _nearest(found: Tipping, words: Wording) -> Shifted | None:
    """The smallest shift, of one arm alone or of both in opposite directions, at which a limit is zero."""
    e = found.unshifted
    bounds = ("ci_low", "ci_high") if includes_zero(found) else ("ci_low" if e.ci_low > 0 else "ci_high",)
    known = [
        point
        for bound in bounds
        for name in (*_ALONE, "opposite")
        if (point := _reachable(found, name, bound, 0.0, words)) is not None
    ]
    return min(known, key=lambda point: abs(point.delta), default=None)


def _amount(point: Shifted, found: Tipping, words: Wording) -> str:
    return words.outcome(found.result.spec.outcome).amount(number(abs(point.delta), _decimals(found, words)))


def _ways(
    found: Tipping, bound: str, threshold: float, words: Wording, scenarios: Sequence[str] = (*_ALONE, "opposite")
) -> str:
    """How the missing outcomes would have to lie, scenario by scenario; empty if no scenario gets there."""
    arm, reference = (words.arm(code) for code in found.result.estimate.contrast.arms)
    parts: list[str] = []
    for name in scenarios:
        point = _reachable(found, name, bound, threshold, words)
        if point is None:
            continue
        side, other_side = ("higher", "lower") if point.delta > 0 else ("lower", "higher")
        than = "" if parts else " than expected"
        where = (
            f"in the {arm if name == 'other' else reference} alone"
            if name in _ALONE
            else (f"in the {arm} and as much {other_side} in the {reference}")
        )
        parts.append(f"{_amount(point, found, words)} {side}{than} {where}")
    return listed(parts, "or")


def _reachable(found: Tipping, name: str, bound: str, threshold: float, words: Wording) -> Shifted | None:
    point, shift = found.reached(name, bound, threshold), found.shift
    if name == "opposite" and not (shift.n_completed_reference and shift.n_completed_other):
        return None  # one arm alone, told already
    if point is None or beyond_scale(point.delta, found.result.spec.outcome, words.labels):
        return None
    return point


def _decimals(found: Tipping, words: Wording) -> int:
    return words.labels.digits(found.result.spec.outcome, found.result.standardised.get("sd")).level
