"""Content -> the findings report, one HTML page that needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.order_of_report import SECTIONS
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.schema import Study
from cpis_analysis.publish.format import one_line, recorded
from cpis_analysis.publish.script import page_script, script_digest

__all__ = ["build_report", "notice_of", "printable", "render_sections", "template_environment"]

DEFAULT_NOTICE = "SYNTHETIC DATA. Every number on this page comes from simulated data; nothing here is a finding."
# control characters are no HTML; those that turn the direction of writing round could disguise a text
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
TEMPLATES = Path(__file__).parent / "templates"
DOCUMENTS = Path(__file__).parent / "documents"


def build_report(content: ReportContent) -> str:
    """Write the findings report.

    1. Ask every section for what it has to show; a section that has nothing does not appear.
    2. Render each with its template, and put them into the page, with a table of contents.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    str
        HTML: self-contained, with one script that needs nothing else, the same for the same content. Everything
        that comes from the data, the dictionary or the plan is escaped.
    """
    environment = template_environment()
    page = Page(content)
    bodies = render_sections(page)
    study, report = content.plan.study, content.plan.report
    notice = notice_of(study)
    script = page_script(TEMPLATES)
    text = environment.get_template("page.html").render(
        study=study,
        report=report,
        sections=bodies,
        style=Markup((TEMPLATES / "style.css").read_text("utf-8")),
        title=one_line(report.title),
        authors=[one_line(name) for name in report.authors],
        notice=notice,
        lead="synthetic" not in notice.lower(),
        shapes=page.shapes.svg(),
        script=Markup(script),
        digest=script_digest(script),
    )
    lines = printable(text).split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def render_sections(page: Page) -> list[dict[str, Any]]:
    """Every section that has something to show, in the order of the report.

    Parameters
    ----------
    page : Page
        Remembers which exhibits have been placed; a page is rendered once.

    Returns
    -------
    list of dict
        ``id``, ``title``, ``html``, and ``noted``: what its sentences were rounded from, see `recorded`.
    """
    environment = template_environment()
    gathered: dict[str, dict[str, Any] | None] = {}
    noted: dict[str, Any] = {}
    for section in SECTIONS:
        with recorded() as noted[section.id]:
            gathered[section.id] = section.gather(page)
        if gathered[section.id] is not None:
            page.shown[section.id] = section.title
    return [
        {
            "id": section.id,
            "title": section.title,
            "noted": noted[section.id],
            "html": Markup(environment.get_template(f"{section.id}.html").render(gathered[section.id] or {})),
        }
        for section in SECTIONS
        if gathered[section.id] is not None
    ]


def notice_of(study: Study) -> str:
    """What stands at the head of the report; every report of synthetic data has a notice."""
    return study.notice or (DEFAULT_NOTICE if study.synthetic else "")


def printable(text: str) -> str:
    """Text without control characters and without those that turn the direction of writing round."""
    return _UNPRINTABLE.sub("", text)


def template_environment() -> Environment:
    """Templates of the page and of the documents; everything is escaped, and a name that is not known is an error."""
    return Environment(
        loader=FileSystemLoader([TEMPLATES, DOCUMENTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
