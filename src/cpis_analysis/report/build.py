"""Content -> the findings report and its annex: HTML pages that need nothing else."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cpis_analysis.chapters.chapter import ANNEX, FINDINGS
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.findings.at_a_glance import study_facts
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.schema import Study
from cpis_analysis.publish.blocks import Section
from cpis_analysis.publish.chart.look import look_css
from cpis_analysis.publish.format import one_line
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.page_shapes import Shapes
from cpis_analysis.publish.script import page_script, script_digest
from cpis_analysis.publish.shown import printable
from cpis_analysis.report.links import linked
from cpis_analysis.report.sections import all_sections
from cpis_analysis.report.spelled import Speller
from cpis_analysis.words.abbreviations import abbreviations

DEFAULT_NOTICE = "SYNTHETIC DATA. Every number here comes from simulated data; nothing here is a finding."
TEMPLATES = Path(__file__).parent / "templates"
DOCUMENTS = Path(__file__).parent / "documents"
DOCUMENT_TITLES = {FINDINGS: "", ANNEX: "annex"}
"""What is added to the title of the report."""


def build_pages(content: ReportContent) -> dict[str, str]:
    """Write the findings report and its annex.

    1. Ask every section for its blocks; one that has none does not appear.
    2. Let links between the two documents name the file.
    3. Write them as HTML, and put them into the page, with a table of contents.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    dict of str to str
        HTML by the name of the document: self-contained, with one script that needs nothing else, the same for the
        same content. Everything that comes from the data, the dictionary or the plan is escaped.
    """
    page = Page(content)
    documents = tell_documents(page)
    return {name: _written(name, sections, page) for name, sections in documents.items()}


def tell_documents(page: Page) -> dict[str, list[Section]]:
    """Every section that has something to show, by document, in the order of the report.

    Parameters
    ----------
    page : Page
        Remembers which exhibits have been placed; its sections are told once.
    """
    told: dict[str, list[Section]] = {FINDINGS: [], ANNEX: []}
    for chapter, section in all_sections(page):
        blocks = tuple(section)
        if blocks:
            title = chapter.title_of(page.labels)
            page.shown[chapter.id] = title
            told[chapter.document].append(Section(chapter.id, title, blocks, first=chapter.first))
    told[FINDINGS] = Speller(abbreviations(page.labels)).sections(told[FINDINGS])
    return linked(told)


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
    style = Markup(f"{look_css()}\n{(TEMPLATES / 'style.css').read_text('utf-8')}")
    lines = printable(environment.get_template(shell).render(style=style, **words)).split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def _written(name: str, sections: list[Section], page: Page) -> str:
    shapes = Shapes()
    written = [
        {
            "id": section.id,
            "title": section.title,
            "first": section.first,
            "html": Markup(blocks_html(section.blocks, shapes)),
        }
        for section in sections
    ]
    study, report = page.content.plan.study, page.content.plan.report
    notice = notice_of(study)
    script = page_script(TEMPLATES)
    return whole_page(
        "page.html",
        study=study,
        sections=written,
        title=one_line(report.title) + (f": {DOCUMENT_TITLES[name]}" if DOCUMENT_TITLES[name] else ""),
        facts=study_facts(page) if name == FINDINGS else "",
        other=("annex.html", "Annex") if name == FINDINGS else ("findings.html", "Findings"),
        annex=name == ANNEX,
        authors=[one_line(author.name) for author in report.authors],
        notice=notice,
        lead="synthetic" not in notice.lower(),
        shapes=Markup(shapes.svg()),
        script=Markup(script),
        digest=script_digest(script),
    )
