"""Every figure, as vector graphics with a text that says what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cpis_analysis.intake.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.present.figures import all_figures
from cpis_analysis.present.format import recorded
from cpis_analysis.present.labels import Labels
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.exhibits import printed_numbers, write_exhibits
from cpis_analysis.steps.frames import read_json, read_results, read_summaries


def main(spec: dict[str, Any], summaries: str, models: list[str], flow: str, out: str) -> None:
    content = PlanFile.model_validate(spec)
    labels = Labels(content, read_dictionary(Path.cwd() / content.data.dictionary, content.data.dictionary))
    with recorded() as log:
        figures = all_figures(read_summaries(summaries), read_results(models), read_json(flow), labels)
    write_exhibits(
        out,
        (
            ({"id": figure.id, "title": figure.title, "numbers": printed_numbers(log, figure.alt)},
             {f"{figure.id}.svg": figure.svg, f"{figure.id}.alt.txt": figure.alt + "\n"})
            for figure in figures
        ),
    )
    print(f"{len(figures)} figures.")


if __name__ == "__main__":
    run_step(main, "spec", "summaries", "models*", "flow", "out")
