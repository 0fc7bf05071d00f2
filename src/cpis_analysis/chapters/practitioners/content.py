"""Themes of focus groups as sections read them: mentions by arm and place, which arms were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.naming import natural_order
from cpis_analysis.publish.format import capital, is_missing, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.source import Cell, Listing
from cpis_analysis.publish.sources.sourced import source_of
from cpis_analysis.publish.sources.sourced_columns import made, rows_of
from cpis_analysis.words.plan_sources import SUMMARIES


@dataclass(frozen=True)
class Theme:
    """One theme.

    Attributes
    ----------
    name : str
        Its code.
    total : int
        Mentions.
    by_arm : dict
        Arm -> mentions; arms that were not asked are not there.
    by_place : dict
        (outer cluster, arm) -> mentions, likewise.
    """

    name: str
    total: Any
    by_arm: dict[str, Any]
    by_place: dict[tuple[str, str], Any]


def themes(page: Page) -> list[Theme]:
    """Themes with any mention, the most mentioned first."""
    return page.once(_themes)


def _themes(page: Page) -> list[Theme]:
    frame = page.summary("themes")
    if frame.empty:
        return []
    source = frame.attrs.get("source")
    frame = frame.assign(
        **{name: frame[name].map(lambda value: "" if is_missing(value) else str(value)) for name in ("trust", "arm")}
    )
    frame.attrs["source"] = source
    found = []
    for name, own in frame.groupby("theme", sort=True):
        arms = page.labels.arms(arm for arm in own["arm"] if arm)
        by_arm = {arm: _sum(own[own["arm"] == arm], f"theme = {name}; arm = {arm}") for arm in arms}
        by_place = {(str(row["trust"]), str(row["arm"])): row["n_mentions"] for row in rows_of(own)}
        found.append(Theme(str(name), _sum(own, f"theme = {name}"), by_arm, by_place))
    return sorted((one for one in found if one.total > 0), key=lambda one: (-int(one.total), one.name))


def theme_name(page: Page, name: str) -> str:
    """Label of a theme; its code in readable form where the dictionary has none."""
    label = page.labels.choice("theme", name)
    if label != name:
        return label
    return quoted(capital(one_line(name.replace("_", " "))), SUMMARIES, "themes", "theme")


def places(found: Sequence[Theme]) -> list[tuple[str, str]]:
    """(outer cluster, arm) of all mentions, by cluster."""
    every = {place for one in found for place in one.by_place}
    return sorted(every, key=lambda place: (natural_order(place[0]), place[1]))


def facts(page: Page) -> dict[str, Any]:
    """Numbers of groups, people and coders, as far as they are known."""
    frame = page.summary("focus_groups")
    return {str(row["what"]): row["value"] for row in rows_of(frame)} if len(frame) else {}


def _sum(own: pd.DataFrame, where: str) -> Any:
    """Mentions of some rows, with where they stand."""
    source = source_of(own["n_mentions"].iloc[0]) if len(own) else None
    if not isinstance(source, Cell):
        return own["n_mentions"].sum()
    cell = replace(source, row=f"{source.row.partition(':')[0]} where {where}")
    return made("sum", Listing((cell,), tuple(own["n_mentions"]), described=True))
