"""Every figure, as vector graphics, in dots for Word and slides, and with a text that says what it shows.

A figure of an earlier run stays where all that it is drawn from is the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cpis_analysis.files import json_line
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.forms.pdf import to_png
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.publish.sources.ledger import Ledger, unmarked
from cpis_analysis.report.exhibits import IN_PAGE, Entry, Files, numbers_of, write_exhibits
from cpis_analysis.report.figures import figure_orders
from cpis_analysis.report.keeping import Keeping, Made
from cpis_analysis.report.printed import read_printed_flow, read_printed_results, read_printed_summaries
from cpis_analysis.runs.stored_levels import cells_as_written
from cpis_analysis.steps.command import run_step
from cpis_analysis.words.labels import Labels

_AHEAD = 4
"""Figures that may be drawn before one of them is there in dots."""


def main(spec: dict[str, Any], summaries: str, models: list[str], contrasts: str, flow: str, out: str) -> None:
    content = PlanFile.model_validate(spec)
    levels = content.design.clusters
    dictionary = Path.cwd() / content.data.dictionary
    labels = Labels(content, read_dictionary(dictionary, content.data.dictionary))
    orders = list(
        figure_orders(
            read_printed_summaries(summaries, levels),
            read_printed_results(models, contrasts),
            read_printed_flow(flow, levels),
            labels,
        )
    )
    keeping = Keeping(out, "cpis_analysis.steps.draw_figures", dictionary, cells_as_written(levels))
    stay = sum(map(keeping.stays, orders))
    print(f"{len(orders)} figures: {len(orders) - stay} to draw, {stay} as they were.", flush=True)
    write_exhibits(out, with_dots(keeping.exhibits(orders, figure_entry)))


def figure_entry(figure: Figure, ledger: Ledger) -> tuple[Entry, dict[str, Any]]:
    """What the index says of a figure, and its numbers."""
    lines = [text for text, _ in figure.lines]
    entry = {
        "id": figure.id,
        "title": unmarked(figure.title),
        "size": figure.size,
        "lines": list(map(unmarked, lines)),
        "scales": [scale for _, scale in figure.lines],
    }
    return entry, numbers_of(ledger, {"words": [figure.title, figure.alt], "lines": lines})


def with_dots(made: Iterable[Made[Figure]]) -> Iterator[tuple[Entry, Files]]:
    """Entries and files, in order, with drawings in dots; as Typst leaves Python free, the next is drawn meanwhile."""
    waiting: deque[tuple[Entry, dict[str, str | bytes | Future[bytes]]]] = deque()
    with ThreadPoolExecutor(1) as pool:
        for one in made:
            files: dict[str, str | bytes | Future[bytes]] = {**one.numbers}
            if (figure := one.exhibit) is not None:
                files[f"{figure.id}.svg"] = figure.svg
                files[f"{figure.id}{IN_PAGE}"] = json_line(vars(figure.in_page)) + "\n"
                files[f"{figure.id}.png"] = pool.submit(to_png, figure.marks)
                files[f"{figure.id}.alt.txt"] = unmarked(figure.alt) + "\n"
            waiting.append((one.entry, files))
            if len(waiting) > _AHEAD:
                yield _done(*waiting.popleft())
        yield from (_done(*one) for one in waiting)


def _done(entry: Entry, files: dict[str, str | bytes | Future[bytes]]) -> tuple[Entry, Files]:
    return entry, {name: part.result() if isinstance(part, Future) else part for name, part in files.items()}


if __name__ == "__main__":
    run_step(main, "spec", "summaries", "models*", "contrasts", "flow", "out")
