"""The findings report and its annex: two pages that need nothing else."""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.chapter import ANNEX, FINDINGS
from cpis_analysis.files import write_text
from cpis_analysis.report.build import build_pages
from cpis_analysis.report.read_content import ARGUMENTS, read_content
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts


@quick_texts
def main(out: str, annex: str, **files: Any) -> None:
    pages = build_pages(read_content(**files))
    write_text(out, pages[FINDINGS])
    write_text(annex, pages[ANNEX])


if __name__ == "__main__":
    run_step(main, *ARGUMENTS, "out", "annex")
