"""Reporting checklists, filled as far as the report answers them; the rest is marked for the authors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cpis_analysis.chapters.authors.section import SECTIONS, told
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.checklist_items import CONSORT, STARI, TREND, Item
from cpis_analysis.plan.schema_report import Implementation
from cpis_analysis.publish.blocks import Block, Heading, Line, Run, said
from cpis_analysis.publish.data_table import plain_table

_INTRODUCTION = (
    "The items are in the words of this project and do not replace the guidelines. Where an item names a section, the "
    "report answers it there; what is marked for the authors has to be written by a person, under the key of the plan "
    "that is named."
)


def checklists(page: Page) -> Iterator[Block]:
    """The section on reporting guidelines; it names the sections gathered before it."""
    by_cluster = page.content.design_audit["level"] != "individual"
    yield from said([_INTRODUCTION])
    plan = page.labels.content
    told_of = plan.report.implementation != Implementation()
    for name, why, items in checklists_for(
        randomised=plan.study.randomised, by_cluster=by_cluster, implementation=told_of
    ):
        yield Heading(2, name)
        yield from said([why])
        table = plain_table(
            f"{name}: where the report answers",
            [(head, "left") for head in ("Item", "Topic", "What is asked", "Where")],
            [(item.number, item.topic, item.asked, _where(item, page)) for item in items],
            id=f"table-checklist-{name.split()[0].lower()}",
            widths=(7, 17, 34, 42),
            fixed=True,
        )
        yield replace(table, phone="list", numbered=True)


def checklists_for(
    *, randomised: bool, by_cluster: bool, implementation: bool = False
) -> list[tuple[str, str, tuple[Item, ...]]]:
    """Name, reason and items of the guidelines that fit a design; StaRI where the plan tells of an implementation."""
    consort = CONSORT if by_cluster else tuple(replace(item, asked=item.alone or item.asked) for item in CONSORT)
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
    if implementation:
        chosen.append(("StaRI", "For studies of implementation in services.", STARI))
    return chosen


_BORROWED = {"3", "7a", "12a", "13", "15", "16", "17a"}


def _where(item: Item, page: Page) -> Line:
    """Sections that answer an item, with those that hold the authors' text, and what is left to them."""
    texts = page.content.plan.report.texts
    given = [name for name in item.texts if told(texts, name)]
    missing = [name for name in item.texts if name not in given]
    homes = [SECTIONS[name.partition(".")[0]] for name in given]
    known = [name for name in dict.fromkeys([*item.sections, *homes]) if name in page.shown]
    runs: list[Run] = []
    for place, name in enumerate(known, start=1):
        runs += [Run(page.shown[name], target=f"{name}-section"), Run("." if place == len(known) else "; ")]
    if (given and not missing) or (item.computed and len(page.summary(item.computed))):
        return tuple(runs)
    authors = item.authors or ("" if known else "Not part of this report.")
    if authors:
        runs += [*([Run(" ")] if runs else []), Run("For the authors:", "strong"), Run(f" {authors}")]
    if authors and missing:
        runs += [Run(" No text yet: "), Run(", ".join(f"report.texts.{name}" for name in missing), "code"), Run(".")]
    return tuple(runs)
