"""Table shells: the tables that a plan will give, empty, with the methods and the authors' text, before any data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from markupsafe import Markup

from cpis_analysis.chapters.authors.section import background, conduct, declarations, intervention
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.pending_exhibit import at_once
from cpis_analysis.chapters.process.section import methods
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.late import late_functions
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.publish.blocks import Block, DataTable, Document, Heading, Paragraph, said
from cpis_analysis.publish.format import DASH, one_line
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.table import Row, Table
from cpis_analysis.report.build import DOCUMENTS, whole_page
from cpis_analysis.report.every_chapter import CHAPTERS
from cpis_analysis.report.shell_material import shell_material

EMPTY = "xx"
"""Stands where a number will stand."""
NOTICE = (
    "TABLE SHELLS, made from the plan and the dictionary alone. No data were read: xx stands where a number will "
    "stand, and rows are those that the dictionary knows."
)
_LEFT_OUT = ("design", "models", "cleaning")
"""Chapters whose tables have rows that only data can give."""


def shells_document(plan: Plan, dictionary: Dictionary) -> Document:
    """The shells for Word and PDF.

    Parameters
    ----------
    plan : Plan
    dictionary : Dictionary
    """
    study = plan.content.study
    return Document(
        title=one_line(study.name),
        subtitle=f"{one_line(plan.content.report.title)}: table shells",
        authors=tuple(one_line(author.name) for author in plan.content.report.authors),
        notice=NOTICE,
        running="TABLE SHELLS: no data",
        blocks=tuple(_blocks(plan, dictionary)),
        contents=True,
    )


def shells_page(document: Document) -> str:
    """The shells as a web page that needs nothing else."""
    return whole_page(
        "summary-page.html",
        DOCUMENTS,
        title=document.title,
        subtitle=document.subtitle,
        authors=document.authors,
        notice=document.notice,
        running="",
        body=Markup(blocks_html(document.blocks)),
    )


def _blocks(plan: Plan, dictionary: Dictionary) -> Iterator[Block]:
    material = shell_material(plan, dictionary)
    content = ReportContent(
        plan=plan.content,
        dictionary=dictionary,
        results=material.results,
        estimates=material.estimates,
        design_audit={"cells": [], "arms": [], "warnings": [], "level": ""},
    )
    page = Page(content)
    if plan.content.study.description:
        yield Heading(1, "The study", "study")
        yield from said([plan.content.study.description])
    for title, told in (
        ("Background", background),
        ("The intervention", intervention),
        ("How the study is done", conduct),
        ("Methods", methods),
    ):
        blocks = [_emptied(block) for block in told(page)]
        if blocks:
            yield Heading(1, title, title.lower().replace(" ", "-"))
            yield from blocks
    number, title = 0, ""
    owners = [owner for owner in CHAPTERS for _ in owner.tables]
    every = late_functions(CHAPTERS, "tables", "cpis_analysis.chapters")
    for chapter, tables in zip(owners, every, strict=True):
        shown = [] if chapter.id in _LEFT_OUT else list(map(at_once, tables(material)))
        # answers stand under the question of the chapter before
        if shown and chapter.title_of(material.labels) != title:
            title = chapter.title_of(material.labels)
            yield Heading(1, title, f"{chapter.id}-shells-{number}")
        for table in shown:
            number += 1
            yield _shell(table, number)
    blocks = list(declarations(page))
    if blocks:
        yield Heading(1, "Funding, registration and ethics", "declarations")
        yield from blocks


def _shell(table: Table, number: int) -> DataTable:
    groups = tuple(replace(group, rows=tuple(_row(row) for row in group.rows)) for group in table.groups)
    columns = tuple(replace(column, label=column.label.replace(DASH, EMPTY)) for column in table.columns)
    # notes tell of marks and methods; those about numbers that are there have nothing to tell
    return replace(table, groups=groups, columns=columns).block(f"Table {number}")


def _row(row: Row) -> Row:
    """The first cell names the row; a dash anywhere else stands for a number that is not there."""
    return replace(row, cells=(row.cells[0], *(cell.replace(DASH, EMPTY) for cell in row.cells[1:])))


def _emptied(block: Block) -> Block:
    """A paragraph whose numbers are not there yet."""
    if not isinstance(block, Paragraph):
        return block
    line = tuple(replace(run, text=run.text.replace(f" {DASH} ", f" {EMPTY} ")) for run in block.line)
    return replace(block, line=line)
