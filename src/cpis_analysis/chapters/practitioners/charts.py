"""Mentions of each theme by group, and by site as a heat map."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.practitioners.content import Theme, places, theme_name, themes
from cpis_analysis.publish.blocks import ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.chart.drawing_marks import Box, Drawing, Mark, Scale, Words
from cpis_analysis.publish.chart.pieces import arm_mark, axis, gridlines, pair, row
from cpis_analysis.publish.format import count, lower_first
from cpis_analysis.words.wording import capitalised, listed, plural

_SHADES = 4
_MOST_SITES = 16
_NOTE = "Mentions are not people: what one person repeats counts each time. They show what was talked about."


def themes_chart(page: Page) -> RowChart | None:
    """A mark an arm for each theme; None where there are no themes."""
    found, labels = themes(page), page.labels
    if not found:
        return None
    arms = labels.arms({arm for one in found for arm in one.by_arm})
    top = max(float(n) for one in found for n in one.by_arm.values())
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**6) if top / size <= 5.5)
    scale = Scale(0.0, float(step * (int(top // step) + 1)), 4.0)
    rows = []
    for one in found:
        shown = [one.by_arm.get(arm) for arm in arms]
        only = [labels.arm(arm) for arm in one.by_arm]
        note = f"{listed(only)} only" if len(only) < len(arms) else ""
        text = " and ".join("not applicable" if n is None else count(n) for n in shown)
        rows.append(ChartRow(theme_name(page, one.name), text, row(gridlines(scale, None), pair(scale, shown)), note))
    partly = any(len(one.by_arm) < len(arms) for one in found)
    return RowChart(
        "figure-themes",
        page.chart_number(),
        _title(page, found, arms),
        f"Coded mentions in focus groups of practitioners, by group of {plural(page.labels.team_word)}",
        tuple(rows),
        Drawing(axis(scale, count), 1.8),
        ("", "Mentions", listed([labels.arm(arms[0]), *map(labels.arm_within, arms[1:])])),
        tuple(KeyEntry(Drawing((arm_mark(50, 0, at),), 0.9, True), labels.arm(arm)) for at, arm in enumerate(arms)),
        page.chart_note(_NOTE, "Not applicable: not asked about there." if partly else ""),
    )


def _title(page: Page, found: Sequence[Theme], arms: Sequence[str]) -> str:
    names = [lower_first(theme_name(page, one.name)) for one in found[:2]]
    tops = set()
    for arm in arms:
        own = sorted((one for one in found if arm in one.by_arm), key=lambda one: -float(one.by_arm[arm]))
        tops.add(frozenset(one.name for one in own[:2]))
    alike = tops == {frozenset(one.name for one in found[:2])} and len(arms) > 1
    where = (" in both groups" if len(arms) == 2 else " in all groups") if alike else ""
    return f"Practitioners{where} spoke most of {listed(names)}"


def sites_chart(page: Page) -> RowChart | None:
    """Mentions of each theme by outer cluster and arm, the more the darker; None with one site, or with too many."""
    found = themes(page)
    sites = places(found)
    labels = page.labels
    arms = labels.arms({arm for _, arm in sites})
    if not 1 < len(sites) <= _MOST_SITES:
        return None
    ordered = [site for arm in arms for site in sites if site[1] == arm]
    top = max(float(n) for one in found for n in one.by_place.values())
    width = 100.0 / len(ordered)
    rows = []
    for one in found:
        marks: list[Mark] = []
        for at, site in enumerate(ordered):
            n = one.by_place.get(site)
            if n is None:
                continue
            shade = 0 if n == 0 else 1 + min(_SHADES - 1, int(_SHADES * float(n) / (top + 1e-9)))
            marks.append(Box(at * width + 0.2, width - 0.4, -0.8, 1.6, f"heat-{shade}"))
            marks.append(Words((at + 0.5) * width, 0.33, count(n), "words", "small", "middle"))
        rows.append(ChartRow(theme_name(page, one.name), count(one.total), row(tuple(marks), height=1.8)))
    heads: list[Mark] = []
    for at, (trust, arm) in enumerate(ordered):
        heads.append(Words((at + 0.5) * width, 1.0, _short(page, trust), "words-soft", "small", "middle", scale=True))
        if at == 0 or ordered[at - 1][1] != arm:
            n_sites = sum(1 for site in ordered if site[1] == arm)
            middle = (at + n_sites / 2) * width
            heads.append(Words(middle, 2.3, labels.arm(arm), "words-soft", "small", "middle", scale=True))
    return RowChart(
        "figure-sites",
        page.chart_number(folded=True),
        f"Mentions of each theme in each {page.words.trust}",
        f"Number of mentions by {page.words.trust} and group; the more, the darker; empty where it was not asked about",
        tuple(rows),
        Drawing(tuple(heads), 2.6),
        ("", f"{capitalised(plural(page.words.trust))} of each group", "All"),
        note=page.chart_note(_NOTE),
        shares=(29.0, 61.0, 10.0),
    )


def _short(page: Page, trust: str) -> str:
    """Label of an outer cluster without what it is, where little space is left."""
    label, word = page.labels.trust(trust), page.words.trust
    return label[len(word) :].strip() if label.lower().startswith(f"{word.lower()} ") else label
