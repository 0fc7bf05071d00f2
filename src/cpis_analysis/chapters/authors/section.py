"""Sections of the authors' own text: nothing of it is made here, and what is not given does not appear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.schema_texts import Texts
from cpis_analysis.publish.blocks import Block, Facts, Heading, Paragraph, Run
from cpis_analysis.publish.markdown import markdown_blocks, markdown_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.words.plan_sources import PLAN_FILE

_BACKGROUND = {"background": "", "objectives": "Objectives"}
_INTERVENTION = {
    "name": "Name",
    "why": "Why",
    "materials": "Materials",
    "procedures": "Procedures",
    "providers": "Who provided it",
    "delivery": "How",
    "places": "Where",
    "amount": "When and how much",
    "tailoring": "Tailoring",
    "modifications": "Changes during the study",
    "fidelity": "How fidelity was to be kept",
}
_CONDUCT = {
    "participants": "Who could take part",
    "sites": "Choice of sites",
    "context": "Context",
    "allocation": "How the groups were formed",
    "blinding": "Blinding",
    "sample_size": "Sample size",
    "data_collection": "How data were collected",
    "economics": "Costs",
    "harms": "Harms",
}
_INTERPRETATION = {
    "interpretation": "",
    "other_evidence": "Beside other evidence",
    "generalisability": "To whom the findings apply",
    "implications": "What follows",
}
_DECLARATIONS = {
    "funding": "Funding",
    "registration": "Registration and protocol",
    "ethics": "Ethics",
    "interests": "Competing interests",
    "data_access": "Access to data, code and materials",
    "acknowledgements": "Acknowledgements",
}
SECTIONS = {
    **dict.fromkeys(_BACKGROUND, "background"),
    **dict.fromkeys(("intervention", "usual_practice"), "intervention"),
    **dict.fromkeys(_CONDUCT, "conduct"),
    **dict.fromkeys(_INTERPRETATION, "interpretation"),
    **dict.fromkeys(_DECLARATIONS, "declarations"),
    "abstract_background": "key-findings",
    "so_what": "key-findings",
}
"""The section that shows a text, by its key."""


def told(texts: Texts, key: str) -> bool:
    """Whether the authors have written something under a key, such as ``background`` or ``intervention.why``."""
    first, _, second = key.partition(".")
    found: Any = getattr(texts, first)
    if second:
        found = getattr(found, second)
    elif first == "intervention":
        found = [text for text in found.model_dump().values() if text]
    return bool(found)


def slot(page: Page, key: str, level: int = 3) -> list[Block]:
    """The authors' text under a key as blocks; none where there is none."""
    text = getattr(page.content.plan.report.texts, key)
    return markdown_blocks(text, level, _marking(key)) if text else []


def background(page: Page) -> Iterator[Block]:
    """Why the study was done."""
    yield from _slots(page, _BACKGROUND)


def intervention(page: Page) -> Iterator[Block]:
    """The intervention, item by item of TIDieR, and what the other group received."""
    items = page.content.plan.report.texts.intervention
    facts = tuple(
        (title, markdown_line(text, _marking(f"intervention.{key}")))
        for key, title in _INTERVENTION.items()
        if (text := getattr(items, key))
    )
    if facts:
        yield Facts(facts)
        missing = [title.lower() for key, title in _INTERVENTION.items() if not getattr(items, key)]
        items_of = "Items of TIDieR (Template for Intervention Description and Replication)"
        rest = f"; without a text: {', '.join(missing)}" if missing else ""
        yield Paragraph((Run(f"{items_of}{rest}."),), "note")
    yield from _slots(page, {"usual_practice": "Usual practice"})


def conduct(page: Page) -> Iterator[Block]:
    """Who could take part, and how the study was done."""
    yield from _slots(page, _CONDUCT)


def interpretation(page: Page) -> Iterator[Block]:
    """What the authors make of the findings."""
    yield from _slots(page, _INTERPRETATION)


def declarations(page: Page) -> Iterator[Block]:
    """Who paid and approved, where the study is registered, and what others may do with the results."""
    for key, title in _DECLARATIONS.items():
        blocks = slot(page, key)
        match blocks:
            case [Paragraph(line, "body")]:
                # a heading would take more room than what is declared
                yield Paragraph((_lead(title), *line))
            case [_, *_]:
                yield Heading(2, title)
                yield from blocks
    licence = page.content.plan.report.licence
    if licence:
        name = quoted(licence.name, PLAN_FILE, "", "report.licence.name")
        url = quoted(licence.url, PLAN_FILE, "", "report.licence.url")
        yield Paragraph((_lead("Licence"), Run(f"{name} ("), Run(url, file=licence.url), Run(")")))


def _lead(title: str) -> Run:
    return Run(f"{title}. ", "strong")


def _slots(page: Page, titles: dict[str, str]) -> Iterator[Block]:
    for key, title in titles.items():
        blocks = slot(page, key, 3 if title else 2)
        if blocks and title:
            yield Heading(2, title)
        yield from blocks


def _marking(key: str) -> Callable[[str], str]:
    """Marks behind the numbers of a text, which stands in the plan."""
    return lambda text: quoted(text, PLAN_FILE, "", f"report.texts.{key}")
