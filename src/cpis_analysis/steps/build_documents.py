"""The findings report as Word and PDF, its summary of two pages in three forms, and all tables as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.files import write_bytes, write_json, write_text
from cpis_analysis.publish.blocks import Document, Picture, blocks_in
from cpis_analysis.publish.format import Log, recorded
from cpis_analysis.publish.workbook import sheets_of, to_workbook
from cpis_analysis.publish.written import in_every_form
from cpis_analysis.report.build import Told, tell_sections
from cpis_analysis.report.exhibits import picture_files, read_numbers
from cpis_analysis.report.layout import all_blocks, front_matter, report_of
from cpis_analysis.report.read_content import ARGUMENTS, read_content
from cpis_analysis.report.summary import summary_document, summary_page
from cpis_analysis.report.trace.number_sources import background_of
from cpis_analysis.report.trace.numbers import Values, collect_numbers
from cpis_analysis.report.trace.places import front_places, places_in, places_of_forms
from cpis_analysis.steps.command import run_step
from cpis_analysis.words.labels import Labels


def main(folder: str, **files: Any) -> None:
    content = read_content(**files)
    place = Path(folder)
    page = Page(content)
    sections = list(tell_sections(page))
    with recorded() as said:
        documents = {
            "findings": report_of([told.section for told in sections], page, content),
            "summary": summary_document(content),
        }
    drawn = {f"figure-{name}": file for name, file in picture_files(files["figures"]).items()}
    for name, document in documents.items():
        shown = {picture.id: drawn[picture.id].read_bytes() for picture in blocks_in(document, Picture)}
        for form, written in in_every_form(document, shown):
            write_bytes(place / f"{name}.{form.ending}", written)
    write_text(place / "summary.html", summary_page(content))
    write_bytes(place / "tables.xlsx", to_workbook(_sheets(content), front_matter(content)))
    write_json(place / "numbers.json", _numbers(sections, documents, said, content, page, files))


def _numbers(
    sections: Sequence[Told],
    documents: Mapping[str, Document],
    said: Log,
    content: ReportContent,
    page: Page,
    files: Mapping[str, Any],
) -> dict[str, Any]:
    exhibits = {
        f"{kind}-{name}": values
        for kind in ("table", "figure")
        for name, values in read_numbers(files[f"{kind}s"]).items()
    }
    noted: dict[str, Values] = {f"{told.section.id}-section": told.noted for told in sections}
    noted["summary"] = {text: [list(values) for values in known] for text, known in said.items()}
    shown = [place for told in sections for place in places_in(all_blocks(told.section), f"{told.section.id}-section")]
    places = [
        *front_places(documents["findings"], ("page", "report", "summary")),
        *places_of_forms(shown, places_in(documents["findings"].blocks)),
        *places_in(documents["summary"].blocks, "summary", ("summary",)),
    ]
    return collect_numbers(places, noted, exhibits, background_of(content, page.labels, files))


def _sheets(content: ReportContent) -> list[Any]:
    labels = Labels(content.plan, content.dictionary)
    outcomes = {f"model-{name.replace('_', '-')}-": labels.outcome(name) for name in labels.outcomes()}
    return sheets_of({name: table.block() for name, table in content.tables.items()}, outcomes)


if __name__ == "__main__":
    run_step(main, *ARGUMENTS, "folder")
