"""The picture of the answer: the interval of the difference on the outcome's scale, and what is agreed to matter."""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.result.sentences import level
from cpis_analysis.chapters.verdict.sizes import Sizes
from cpis_analysis.chapters.verdict.state import Answer, Judgement
from cpis_analysis.publish.blocks import Chart, KeyEntry
from cpis_analysis.publish.chart.drawing_marks import Box, Drawing, Mark, Scale, Stroke, Words
from cpis_analysis.publish.chart.interval_ends import interval_ends, zero_line
from cpis_analysis.publish.chart.paired_names import Named, paired_names
from cpis_analysis.publish.chart.pieces import axis, band, ends_height, interval
from cpis_analysis.publish.format import is_missing, number
from cpis_analysis.words.wording import Wording, capitalised

_BAND, _BAR, _AXIS = (2.9, 5.2), 4.6, 8.1
"""Em from the top: the shaded band and its height, the bar of the interval, the axis."""


def verdict_picture(judged: Judgement, words: Wording, number_of: str = "") -> Chart | None:
    """Draw a judgement; None where there is no estimate.

    The scale runs from end to end where its ends and the adjusted means are known: the line is the reference group's
    average, and the interval of the difference is drawn from it. Elsewhere the axis is one of differences.
    """
    if judged.answer is Answer.UNUSABLE:
        return None
    sizes = Sizes(judged, words)
    e = judged.result.estimate
    means, ends = sizes.means(), sizes.ends()
    if means and ends:
        marks, name = _on_the_scale(judged, sizes, words, means, ends)
        what = f"{_measure(judged, words, sizes, ends)}, adjusted averages at {words.followup}"
    else:
        marks, name = _of_differences(judged, sizes)
        contrast = f"{judged.direction.arm} against {judged.direction.reference}"
        what = f"{_measure(judged, words, sizes, None)} at {words.followup}: {contrast}"
    wide = "anything from " if e.ci_low <= 0 <= e.ci_high else ""
    title = f"The data fit {wide}{sizes.short(e.ci_low)} to {sizes.short(e.ci_high)}"
    return Chart(
        "figure-verdict",
        number_of,
        title,
        what,
        name,
        Drawing(tuple(marks), 11.2 + ends_height(_end_words(judged, words))),
        tuple(_key(judged, sizes)),
    )


def _half_width(judged: Judgement) -> tuple[Any, str]:
    """Half the width of the band on the printed scale, and what it is: agreed, or a guide; 0 for none."""
    scale = judged.outcome.scale
    if judged.outcome.important is not None:
        return scale.in_units(judged.outcome.important), "agreed"
    sd = judged.result.standardised.get("sd")
    if is_missing(sd) or not scale.natural or scale.unit == "risk":
        return 0.0, ""
    return sd / 2, "guide"


def _measure(judged: Judgement, words: Wording, sizes: Sizes, ends: tuple[Any, Any] | None) -> str:
    mark = words.labels.mark(judged.outcome.name)
    what = capitalised(sizes.phrase) if sizes.phrase else judged.outcome.label
    of = f" ({judged.outcome.short})" if sizes.phrase else ""
    reach = "" if ends is None or sizes.binary else f", {sizes.whole(ends[0])} to {sizes.whole(ends[1])}"
    return f"{what}{of}{mark}{reach}"


def _end_words(judged: Judgement, words: Wording) -> tuple[str, str]:
    part = words.labels.content.outcomes[judged.outcome.name]
    return part.low_means or "", part.high_means or ""


def _on_the_scale(
    judged: Judgement, sizes: Sizes, words: Wording, means: dict[str, Any], ends: tuple[Any, Any]
) -> tuple[list[Mark], str]:
    e, units = judged.result.estimate, judged.outcome.scale.in_units
    arm, reference = e.contrast.arms
    start, own = float(means[reference]), float(means[arm])
    scale = Scale(float(ends[0]), float(ends[1]))
    low, high = start + float(units(e.ci_low)), start + float(units(e.ci_high))
    half, _ = _half_width(judged)
    marks: list[Mark] = []
    if half:
        marks += band(scale, start - float(half), start + float(half), _BAND[0], _BAND[1])
    x, y = scale.at(start), scale.at(own)
    names, tops = paired_names(
        Named(x, words.labels.arm(reference), sizes.mean(means[reference])),
        Named(y, words.labels.arm(arm), sizes.mean(means[arm])),
    )
    limits, below = _limits(sizes, scale, low, high, x, e)
    marks += [*names, *zero_line(x, tops[0], _BAR, below, _AXIS)]
    marks += interval(scale, own, low, high, _BAR, wide=True)
    marks.append(Stroke(y, y, tops[1], _BAR - 0.5, "interval", 0.125))
    marks += limits
    marks += axis(scale, sizes.whole, _end_words(judged, words), _AXIS)
    name = (
        f"{words.labels.arm(reference)} {sizes.mean(means[reference])}, {words.labels.arm(arm)} "
        f"{sizes.mean(means[arm])}; the interval of the difference runs from {sizes.short(e.ci_low)} to "
        f"{sizes.short(e.ci_high)}."
    )
    return marks, name


def _of_differences(judged: Judgement, sizes: Sizes) -> tuple[list[Mark], str]:
    e = judged.result.estimate
    half, _ = _half_width(judged)
    outcome = judged.outcome
    low, high, own = (float(outcome.scale.in_units(value)) for value in (e.ci_low, e.ci_high, e.estimate))
    scale = Scale.symmetric(low, high, float(half) * 1.1)
    marks: list[Mark] = []
    if half:
        marks += band(scale, -float(half), float(half), _BAND[0], _BAND[1])
    zero = scale.at(0)
    limits, below = _limits(sizes, scale, low, high, zero, e)
    marks += zero_line(zero, 1.4, _BAR, below, _AXIS)
    marks.append(Words(zero, 1.0, "No difference", "words-soft", "small", "middle"))
    marks += interval(scale, own, low, high, _BAR, wide=True)
    marks += limits
    marks += axis(scale, lambda value: number(outcome.scale.at_tick(value), sizes.decimals), ("", ""), _AXIS)
    name = (
        f"The interval of the difference runs from {sizes.short(e.ci_low)} to {sizes.short(e.ci_high)}; "
        f"the estimate is {sizes.short(e.estimate)}."
    )
    return marks, name


def _limits(
    sizes: Sizes, scale: Scale, low: float, high: float, zero: float, e: Any
) -> tuple[tuple[Words, ...], float]:
    return interval_ends(sizes.short(e.ci_low), sizes.short(e.ci_high), scale.at(low), scale.at(high), zero, _BAR)


def _key(judged: Judgement, sizes: Sizes) -> list[KeyEntry]:
    from_to = Drawing(interval(Scale(0, 2, 0), 1, 0, 2), 0.9, True)
    entries = [KeyEntry(from_to, f"Difference and its {level(judged.result)} confidence interval")]
    half, kind = _half_width(judged)
    sample = Drawing((Box(0, 100, None, 0, "band"),), 0.9, True)
    if judged.outcome.important is not None:
        size = sizes.amount(judged.outcome.important)
        entries.append(KeyEntry(sample, f"Less than {size} apart, the agreed important difference"))
    elif kind == "guide":
        text = number(half, sizes.decimals)
        entries.append(
            KeyEntry(
                sample, f"Less than {text} apart: half a standard deviation, a guide. No size that matters is agreed"
            )
        )
    return entries
