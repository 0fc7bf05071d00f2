"""The answer to "What stood in the way?" for the first screen."""

from __future__ import annotations

from cpis_analysis.chapters.experience.barriers import named_most, yes_share
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.practitioners.content import theme_name, themes
from cpis_analysis.chapters.practitioners.section import barriers_answer
from cpis_analysis.publish.blocks import Run, Tile
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Scale, Words
from cpis_analysis.publish.chart.pieces import pair
from cpis_analysis.publish.format import capital, count, lower_first, percent
from cpis_analysis.words.wording import listed

_DRAWN = 2
_NAMED = 3


def headline(page: Page) -> Tile | None:
    """Barriers of people drawn, themes of practitioners in words; None where there are neither."""
    answer = barriers_answer(page)
    if not answer:
        return None
    barriers, found = named_most(page), themes(page)
    texts = []
    if len(barriers) > 1:
        texts.append(f"{capital(listed(lower_first(name) for name, _ in barriers[1:_NAMED]))} came next.")
    if found:
        named = listed(
            f"{lower_first(theme_name(page, one.name))} ({count(one.total)}{' mentions' if at == 0 else ''})"
            for at, one in enumerate(found[:_NAMED])
        )
        texts.append(f"Practitioners spoke most of {named}.")
    link = Run("Barriers", target="focus-groups-section")
    drawing, name = _drawn(page)
    return Tile("What stood in the way?", answer, ((Run(" ".join(texts)), Run(" "), link),), drawing, name)


def _drawn(page: Page) -> tuple[Drawing | None, str]:
    """The barriers named most, a pair of marks each."""
    barriers, arms = named_most(page)[:_DRAWN], page.labels.arms()
    if not barriers:
        return None, ""
    scale = Scale(0.0, 100.0, 2.0)
    marks: list[Mark] = []
    said = []
    for at, (name, own) in enumerate(barriers):
        y = 0.9 + 2.1 * at
        shares = [yes_share(own[arm]) if arm in own else None for arm in arms]
        told = [(arm, own[arm]) for arm, share in zip(arms, shares, strict=True) if share is not None]
        texts = [percent(one.counts["yes"], one.n) for _, one in told]
        marks.append(Words(0.0, y, f"{name} {' and '.join(texts)}", "words-soft", "small", "start"))
        marks += pair(scale, shares, y + 0.8)
        each = [f"{page.labels.arm(arm)} {text}" for (arm, _), text in zip(told, texts, strict=True)]
        said.append(f"{name}: {listed(each)}")
    return Drawing(tuple(marks), 4.4), f"{'; '.join(said)}."
