"""Findings and annex as Word and PDF, the summary of two pages in three forms, and all tables as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cpis_analysis.chapters.chapter import ANNEX, FINDINGS
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.findings.at_a_glance import study_facts
from cpis_analysis.chapters.page import Page
from cpis_analysis.files import write_bytes, write_records, write_text
from cpis_analysis.publish.blocks import Document, Picture, Section, blocks_in
from cpis_analysis.publish.forms.written import being_written
from cpis_analysis.publish.sources.ledger import open_ledger
from cpis_analysis.publish.workbook import sheets_of, to_workbook
from cpis_analysis.report.build import tell_documents
from cpis_analysis.report.exhibits import picture_files
from cpis_analysis.report.layout import all_blocks, front_matter, on_paper
from cpis_analysis.report.read_content import ARGUMENTS, read_content
from cpis_analysis.report.summary import summary_document, summary_page
from cpis_analysis.report.trace.numbers import collect_numbers
from cpis_analysis.report.trace.places import Place, front_places, places_in, places_of_forms
from cpis_analysis.report.trace.quoted_texts import quoted_texts
from cpis_analysis.runs.stored_levels import cells_as_written
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.words.labels import Labels

_FORMS = {FINDINGS: ("page", "report"), ANNEX: ("annex page", "annex")}
"""What numbers.json calls the page of a document, and its Word and PDF."""


@quick_texts
def main(folder: str, **files: Any) -> None:
    place = Path(folder)
    levels = [level["variable"] for level in files["spec"]["design"]["levels"]]
    with ExitStack() as at_work:
        with open_ledger(cells_as_written(levels)) as ledger:
            content = read_content(**files)
            page = Page(content)
            sections = tell_documents(page)
            documents = on_paper(sections, page) | {"summary": summary_document(content)}
            written = at_work.enter_context(being_written(_with_pictures(documents, files["figures"])))
            quotes = quoted_texts(content, page.labels, files)
            numbers = collect_numbers(_places(sections, documents, page), ledger, quotes, content.plan_file)
        workbook = to_workbook(_sheets(content), front_matter(content))
        for name, form, document in written:
            write_bytes(place / f"{name}.{form.ending}", document)
    write_text(place / "summary.html", summary_page(documents["summary"]))
    write_bytes(place / "tables.xlsx", workbook)
    write_records(place / "numbers.json", numbers)


def _with_pictures(documents: Mapping[str, Document], figures: str) -> dict[str, tuple[Document, dict[str, bytes]]]:
    files = {f"figure-{name}": file for name, file in picture_files(figures).items()}
    return {
        name: (document, {picture.id: files[picture.id].read_bytes() for picture in blocks_in(document, Picture)})
        for name, document in documents.items()
    }


def _places(
    sections: Mapping[str, Sequence[Section]], documents: Mapping[str, Document], page: Page
) -> Iterator[Place]:
    yield Place("front", "", "", "", study_facts(page), forms=(_FORMS[FINDINGS][0],))
    for name, forms in _FORMS.items():
        shown = [place for section in sections[name] for place in places_in(all_blocks(section))]
        yield from front_places(documents[name], (*forms, "summary") if name == FINDINGS else forms)
        yield from places_of_forms(shown, places_in(documents[name].blocks), forms)
    yield from places_in(documents["summary"].blocks, ("summary",))


def _sheets(content: ReportContent) -> list[Any]:
    labels = Labels(content.plan, content.dictionary)
    outcomes = {f"model-{name.replace('_', '-')}-": labels.outcome(name) for name in labels.outcomes()}
    return sheets_of({name: table.block() for name, table in content.tables.items()}, outcomes)


if __name__ == "__main__":
    run_step(main, *ARGUMENTS, "folder")
