"""What stands where in the documents for Word and print: the findings, and the annex that stands behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import yaml

from cpis_analysis.chapters.chapter import ANNEX, FINDINGS
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import (
    Block,
    DataTable,
    Document,
    Explorer,
    Facts,
    Folded,
    Heading,
    Listing,
    OnScreen,
    Paragraph,
    Picture,
    Run,
    Section,
    Tiles,
    Verdict,
)
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import one_line
from cpis_analysis.publish.forms.table_widths import is_wide
from cpis_analysis.publish.shown import printable
from cpis_analysis.report.build import notice_of, tell_documents
from cpis_analysis.report.key_numbers import key_numbers

RUNNING = "SYNTHETIC DATA: not findings of a real study"
"""Stands at the head of every page of a study whose data are simulated."""
BLINDED = "BLINDED: groups under letters drawn by chance"
"""Stands at the head of every page of a blinded copy of a study."""


def full_report(content: ReportContent) -> dict[str, Document]:
    """Findings and annex of a content; see `on_paper`."""
    page = Page(content)
    return on_paper(tell_documents(page), page)


def on_paper(documents: Mapping[str, Sequence[Section]], page: Page) -> dict[str, Document]:
    """The documents: what stands open on the page, and in the annex also what either page folds away.

    The annex has every folded figure and table, except the details of analyses that are no headline: those are in
    the page and in results/models. It ends with the plan as it was run.
    """
    details = {f"table-model-{slug(result.spec.name)}" for result in page.content.results}
    kept = {f"table-model-{slug(head.spec.name)}" for head in page.headlines}
    behind: list[Block] = []
    for section in (*documents[FINDINGS], *documents[ANNEX]):
        extra = [block for entry in _folded(section.blocks) for block in _appended(entry, kept, details - kept)]
        if extra:
            behind += [Heading(2, section.title, f"{section.id}-folded"), *extra]
    findings = [block for section in documents[FINDINGS] for block in _opened(section)]
    annex = [block for section in documents[ANNEX] for block in _opened(section)]
    if behind:
        annex += [Heading(1, "What the pages fold away", "folded"), *behind]
    annex += [Heading(1, "The plan as it was run", "plan-appendix"), *plan_listing(page.content)]
    front = front_matter(page.content)
    return {
        FINDINGS: replace(front, blocks=tuple(findings)),
        ANNEX: replace(front, subtitle=f"{front.subtitle}: annex", blocks=tuple(_wide_last(annex)), contents=True),
    }


def all_blocks(section: Section) -> list[Block]:
    """Everything that the page holds of a section, what it folds away included."""
    blocks: list[Block] = [Heading(1, section.title, f"{section.id}-section"), *_shown(section.blocks)]
    for entry in _folded(section.blocks):
        blocks += [Heading(3, _named(entry)), *_shown(entry.blocks)]
    return blocks


def front_matter(content: ReportContent) -> Document:
    """Title, authors and notice without any text."""
    study, report = content.plan.study, content.plan.report
    name = one_line(study.name)
    short = one_line(study.short_name)
    return Document(
        title=name if short in name else f"{name} ({short})",
        subtitle=one_line(report.title),
        authors=tuple(one_line(author.name) for author in report.authors),
        notice=one_line(notice_of(study)),
        running="; ".join([BLINDED] * study.blinded + [RUNNING] * study.synthetic),
        properties=key_numbers(content),
    )


def plan_listing(content: ReportContent) -> list[Block]:
    """The plan's keys that were set, as text."""
    plan = content.plan.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(plan, sort_keys=False, allow_unicode=True, width=88, default_flow_style=False)
    words = "What the plan sets; every other key has its default, which docs/config.md lists."
    return [Paragraph((Run(words),)), Listing(printable(text).rstrip())]


def _opened(section: Section) -> Iterator[Block]:
    """A section on paper, below its title; the first screen needs none, for its answers are headings."""
    if not (section.first and isinstance(section.blocks[0], Verdict)):
        yield Heading(1, section.title, f"{section.id}-section")
    for block in _shown(section.blocks):
        match block:
            case Verdict():
                yield from _answer(block)
            case Tiles():
                for tile in block.tiles:
                    yield Paragraph((Run(tile.question),), "question")
                    yield Heading(2, tile.answer)
                    yield from (Paragraph(line) for line in tile.text)
                    if tile.slot:
                        yield Paragraph((Run(tile.slot),), "slot")
            case _:
                yield block


def _answer(verdict: Verdict) -> Iterator[Block]:
    yield Paragraph((Run(verdict.question),), "question")
    yield Heading(1, verdict.answer)
    if verdict.lede:
        yield Paragraph(verdict.lede, "lede")
    if verdict.picture:
        yield verdict.picture
    yield from (Paragraph(line) for line in verdict.later)
    if verdict.caution:
        yield Paragraph(verdict.caution)


def _shown(blocks: Iterable[Block]) -> Iterator[Block]:
    """What stands open."""
    for block in blocks:
        if isinstance(block, Explorer):
            yield block.table
        elif not isinstance(block, Folded | OnScreen):
            yield block


def _folded(blocks: Iterable[Block]) -> Iterator[Folded]:
    return (block for block in blocks if isinstance(block, Folded))


def _named(entry: Folded) -> str:
    return f"{entry.summary}{entry.of}"


def _wide_last(blocks: Iterable[Block]) -> list[Block]:
    """Wide tables at the end of their section, so that the text before them fills its page."""
    placed: list[Block] = []
    waiting: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            placed += waiting
            waiting = []
        (waiting if isinstance(block, DataTable) and is_wide(block) else placed).append(block)
    return placed + waiting


def _appended(entry: Folded, kept: set[str], left_out: set[str]) -> list[Block]:
    """What the annex takes from a folded part: exhibits but those left out, and the facts of a table that is kept."""
    chosen: list[Block] = []
    blocks = list(_shown(entry.blocks))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(block, DataTable):
            wanted = block.id not in left_out
        elif isinstance(block, Facts):
            wanted = isinstance(following, DataTable) and following.id in kept
            # the plan stands at the end of the annex
            block = replace(block, pairs=tuple(pair for pair in block.pairs if pair[0] != "Plan"))
        else:
            wanted = True
        if wanted:
            chosen.append(replace(block, small=True) if isinstance(block, Picture) else block)
    return [Heading(3, _named(entry)), *chosen] if chosen else []
