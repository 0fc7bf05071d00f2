"""Content -> the findings report, one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.schema import Study
from cpis_analysis.publish.blocks import Section
from cpis_analysis.publish.format import one_line
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.script import page_script, script_digest
from cpis_analysis.publish.shown import printable
from cpis_analysis.publish.svg_shapes import Shapes
from cpis_analysis.report.sections import all_sections

__all__ = ["TEMPLATES", "build_report", "notice_of", "tell_sections", "whole_page"]

DEFAULT_NOTICE = "SYNTHETIC DATA. Every number on this page comes from simulated data; nothing here is a finding."
TEMPLATES = Path(__file__).parent / "templates"
DOCUMENTS = Path(__file__).parent / "documents"


def build_report(content: ReportContent) -> str:
    """Write the findings report.

    1. Ask every section for its blocks; one that has none does not appear.
    2. Write them as HTML, and put them into the page, with a table of contents.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    str
        HTML: self-contained, with one script that needs nothing else, the same for the same content. Everything
        that comes from the data, the dictionary or the plan is escaped.
    """
    shapes = Shapes()
    sections = [
        {"id": section.id, "title": section.title, "html": Markup(blocks_html(section.blocks, shapes))}
        for section in tell_sections(Page(content))
    ]
    study, report = content.plan.study, content.plan.report
    notice = notice_of(study)
    script = page_script(TEMPLATES)
    return whole_page(
        "page.html",
        study=study,
        report=report,
        sections=sections,
        title=one_line(report.title),
        authors=[one_line(author.name) for author in report.authors],
        notice=notice,
        lead="synthetic" not in notice.lower(),
        shapes=shapes.svg(),
        script=Markup(script),
        digest=script_digest(script),
    )


def tell_sections(page: Page) -> Iterator[Section]:
    """Every section that has something to show, in the order of the report.

    Parameters
    ----------
    page : Page
        Remembers which exhibits have been placed; its sections are told once.
    """
    for chapter, told in all_sections(page):
        blocks = tuple(told)
        if blocks:
            page.shown[chapter.id] = chapter.title
            yield Section(chapter.id, chapter.title, blocks)


def notice_of(study: Study) -> str:
    """What stands at the head of the report; every report of synthetic data has a notice."""
    return study.notice or (DEFAULT_NOTICE if study.synthetic else "")


def whole_page(shell: str, folder: Path = TEMPLATES, **words: object) -> str:
    """A page from its shell, which holds no content; everything but what is marked as HTML is escaped.

    Parameters
    ----------
    shell : str
        Name of its template.
    folder : Path
        Where it lies.
    **words
        What stands in it; a name that the shell asks for and is not given is an error.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup((TEMPLATES / "style.css").read_text("utf-8"))
    lines = printable(environment.get_template(shell).render(style=style, **words)).split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"
