"""Bars to 100% of the answers that groups gave, best first, with what each colour stands for."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.chapters.answer_counts import Answers
from cpis_analysis.publish.blocks import ChartRow, KeyEntry
from cpis_analysis.publish.chart.drawing_marks import Box, Drawing, Mark, Stroke
from cpis_analysis.publish.chart.pieces import row
from cpis_analysis.publish.format import count, lower_first, percent
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import listed

_HALF, _STEP = 0.75, 1.5
"""Half the height of a bar in em, and the distance of stripes in per cent of the width."""


def answer_key(labels: Labels, name: str, codes: Sequence[str], merged: bool) -> tuple[KeyEntry, ...]:
    """What the parts of bars stand for; `merged` where some bar has answers drawn as one."""
    key = tuple(
        KeyEntry(Drawing((Box(0, 100, -0.45, 0.9, _look(place, len(codes))),), 0.9, True), labels.choice(name, code))
        for place, code in enumerate(codes)
    )
    if not merged:
        return key
    sample = Drawing((Box(0, 100, -0.45, 0.9, "same"), *_stripes(0, 100, 0.45, 12.0)), 0.9, True)
    return (
        *key,
        KeyEntry(sample, f"Drawn as one, because fewer than {count(labels.minimum)} {labels.people} gave one of them"),
    )


def answer_bar(labels: Labels, name: str, arm: str, one: Answers) -> ChartRow:
    """The answers of one arm to a question, best first, as parts of a bar; hidden ones are one striped part."""
    marks: list[Mark] = []
    left, place_of_rest = 0.0, -1
    texts: list[str] = []
    hidden = [code for code, n in one.counts.items() if n is None]
    for place, (code, n) in enumerate(one.counts.items()):
        if n is None:
            if place_of_rest >= 0:
                continue
            place_of_rest, n = place, one.rest
            width = 100.0 * float(n) / float(one.n)
            marks += [Box(left, width, -_HALF, 2 * _HALF, "same"), *_stripes(left, left + width, _HALF, _STEP)]
            text = listed((lower_first(labels.choice(name, each)) for each in hidden), "or")
        else:
            width = 100.0 * float(n) / float(one.n)
            marks.append(Box(left, width, -_HALF, 2 * _HALF, _look(place, len(one.counts))))
            text = lower_first(labels.choice(name, code))
        texts.append(f"{percent(n, one.n)} {text}")
        left += width
    return ChartRow(labels.arm(arm), texts[0], row(tuple(marks)), labels.counted_people(one.n), ", ".join(texts[1:]))


def _look(place: int, n: int) -> str:
    return "better" if place == 0 else "worse" if place == n - 1 else "same"


def _stripes(left: float, right: float, half: float, step: float) -> Sequence[Mark]:
    n = int((right - left) / step)
    return [Stroke(left + step * (at + 0.5), left + step * (at + 0.5), -half, half, "stripe") for at in range(n)]
