"""Reporting checklists, filled as far as the report answers them; the rest is marked for the authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.checklist_items import CONSORT, STARI, TREND, Item

__all__ = ["checklists", "checklists_for"]


def checklists(page: Page) -> dict[str, Any]:
    """What the section on reporting guidelines shows; it names the sections gathered before it."""
    titles = page.shown
    by_cluster = page.content.design_audit["level"] != "individual"
    chosen = checklists_for(randomised=page.labels.content.study.randomised, by_cluster=by_cluster)
    return {
        "lists": [
            {
                "id": f"checklist-{name.split()[0].lower()}",
                "name": name,
                "why": why,
                "rows": [_row(item, titles) for item in items],
            }
            for name, why, items in chosen
        ]
    }


def checklists_for(*, randomised: bool, by_cluster: bool) -> list[tuple[str, str, tuple[Item, ...]]]:
    """Name, reason and items of the guidelines that fit a design."""
    consort = tuple(item for item in CONSORT if by_cluster or not item.clusters)
    if randomised:
        name = "CONSORT, cluster extension" if by_cluster else "CONSORT"
        chosen = [(name, "For randomised trials.", consort)]
    else:
        chosen = [("TREND", "For evaluations without random allocation.", TREND)]
        if by_cluster:
            chosen.append(
                (
                    "CONSORT items on clusters",
                    "The study was not randomised; these items on clusters are borrowed.",
                    tuple(item for item in consort if item.number in _BORROWED),
                )
            )
    if by_cluster:
        chosen.append(("StaRI", "For studies of implementation in services.", STARI))
    return chosen


_BORROWED = {"3", "7a", "12a", "13", "15", "16", "17a"}


def _row(item: Item, titles: Mapping[str, str]) -> dict[str, Any]:
    known = [{"id": name, "title": titles[name]} for name in item.sections if name in titles]
    return {
        "number": item.number,
        "topic": item.topic,
        "asked": item.asked,
        "sections": known,
        "authors": item.authors or ("" if known else "Not part of this report."),
    }
