"""The findings report: one page that needs nothing else."""

from __future__ import annotations

from typing import Any

from cpis_analysis.files import write_text
from cpis_analysis.report.build import build_report
from cpis_analysis.report.read_content import ARGUMENTS, read_content
from cpis_analysis.steps.command import run_step


def main(out: str, **files: Any) -> None:
    write_text(out, build_report(read_content(**files)))


if __name__ == "__main__":
    run_step(main, *ARGUMENTS, "out")
