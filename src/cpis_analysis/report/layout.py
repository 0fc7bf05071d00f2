"""What stands where in the documents: the full report with its appendix, and the summary of two pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import yaml

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, DataTable, Document, Facts, Heading, Listing, Paragraph, Picture, Run
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import one_line
from cpis_analysis.report.build import notice_of, printable, render_sections
from cpis_analysis.report.document_reader import Drawing, Folded, read_blocks

__all__ = [
    "RUNNING",
    "ReadSection",
    "all_blocks",
    "drawings_of",
    "front_matter",
    "full_report",
    "plan_listing",
    "read_sections",
    "report_of",
    "without_drawings",
]

RUNNING = "SYNTHETIC DATA: not findings of a real study"
"""Stands at the head of every page of a study whose data are simulated."""

NO_DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"/>'


@dataclass(frozen=True)
class _Blank:
    """A figure of which only the words are wanted."""

    id: str
    alt: str
    title: str
    svg: str = NO_DRAWING


@dataclass(frozen=True)
class ReadSection:
    """A section of the page as blocks, with what the page folds away, and what its sentences were rounded from."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    folded: tuple[Folded, ...]
    noted: Mapping[str, Sequence[Sequence[float]]]


def read_sections(page: Page, content: ReportContent) -> list[ReadSection]:
    """Render and read the sections of the page.

    Parameters
    ----------
    page : Page
        Of the content without drawings.
    content : ReportContent
        With them.
    """
    drawings = drawings_of(content)
    sections = []
    for section in render_sections(page):
        blocks, folded = read_blocks(printable(section["html"]), drawings)
        noted = {text: [list(values) for values in known] for text, known in section["noted"].items()}
        sections.append(ReadSection(section["id"], section["title"], tuple(blocks), tuple(folded), noted))
    return sections


def full_report(content: ReportContent) -> Document:
    """The technical report of a content; see `report_of`."""
    page = Page(without_drawings(content))
    return report_of(read_sections(page, content), page, content)


def report_of(sections: Sequence[ReadSection], page: Page, content: ReportContent) -> Document:
    """The technical report: the sections of the page, then as an appendix what the page folds away.

    The appendix has every folded figure and table, except the details of analyses that are no headline: those are
    in the page and in results/models. It ends with the plan as it was run.
    """
    kept = {f"table-model-{slug(head.spec.name)}" for head in page.headlines}
    main: list[Block] = []
    behind: list[Block] = []
    for section in sections:
        main += [Heading(1, section.title, f"{section.id}-section"), *_below(section.blocks)]
        extra = [block for entry in section.folded for block in _appended(entry, kept)]
        if extra:
            behind += [Heading(2, section.title, f"{section.id}-appendix"), *extra]
    appendix: list[Block] = [Heading(1, "Appendix", "appendix"), *behind]
    appendix += [Heading(2, "The plan as it was run", "plan-appendix"), *plan_listing(content)]
    return replace(front_matter(content), blocks=tuple([*_wide_last(main), *appendix]), contents=True)


def all_blocks(section: ReadSection) -> list[Block]:
    """Everything that the page holds of a section, what it folds away included."""
    blocks: list[Block] = [Heading(1, section.title, f"{section.id}-section"), *section.blocks]
    for entry in section.folded:
        blocks += [Heading(3, entry.summary), *entry.blocks]
    return blocks


def front_matter(content: ReportContent) -> Document:
    """Title, authors and notice without any text."""
    study, report = content.plan.study, content.plan.report
    name = one_line(study.name)
    short = one_line(study.short_name)
    return Document(
        title=name if short in name else f"{name} ({short})",
        subtitle=one_line(report.title),
        authors=tuple(one_line(author) for author in report.authors),
        notice=one_line(notice_of(study)),
        running=RUNNING if study.synthetic else "",
    )


def drawings_of(content: ReportContent) -> dict[str, Drawing]:
    """SVG and alternative text of each figure by id."""
    return {name: (figure.svg, one_line(figure.alt)) for name, figure in content.figures.items()}


def without_drawings(content: ReportContent) -> ReportContent:
    """The content with empty drawings: the documents take figures from their files, so none has to be parsed."""
    figures = {name: _Blank(figure.id, figure.alt, figure.title) for name, figure in content.figures.items()}
    return replace(content, figures=figures)


def plan_listing(content: ReportContent) -> list[Block]:
    """The plan's keys that were set, as text."""
    plan = content.plan.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(plan, sort_keys=False, allow_unicode=True, width=88, default_flow_style=False)
    words = "What the plan sets; every other key has its default, which docs/config.md lists."
    return [Paragraph((Run(words),)), Listing(printable(text).rstrip())]


def _below(blocks: Iterable[Block]) -> list[Block]:
    """Blocks of a section with headings one level down from its title, none skipped."""
    level, shifted = 1, []
    for block in blocks:
        if isinstance(block, Heading):
            level = min(max(block.level, 2), level + 1)
            block = replace(block, level=level)
        shifted.append(block)
    return shifted


def _wide_last(blocks: Iterable[Block]) -> list[Block]:
    """Wide tables at the end of their section, so that the text before them fills its page."""
    placed: list[Block] = []
    waiting: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            placed += waiting
            waiting = []
        (waiting if isinstance(block, DataTable) and block.wide else placed).append(block)
    return placed + waiting


def _appended(entry: Folded, kept: set[str]) -> list[Block]:
    """What the appendix takes from a folded part: exhibits, and the facts that belong to a table it keeps."""
    chosen: list[Block] = []
    blocks: Sequence[Block | None] = [*entry.blocks, None]
    for block, following in zip(entry.blocks, blocks[1:], strict=True):
        if isinstance(block, DataTable):
            wanted = not block.id.startswith("table-model-") or block.id in kept
        elif isinstance(block, Facts):
            wanted = isinstance(following, DataTable) and following.id in kept
            # the plan stands at the end of the appendix
            block = replace(block, pairs=tuple(pair for pair in block.pairs if pair[0] != "Plan"))
        else:
            wanted = True
        if wanted:
            chosen.append(replace(block, small=True) if isinstance(block, Picture) else block)
    return [Heading(3, entry.summary), *chosen] if chosen else []
