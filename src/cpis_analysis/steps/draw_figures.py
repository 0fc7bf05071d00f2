"""Every figure, as vector graphics, in dots for Word and slides, and with a text that says what it shows.

A figure of an earlier run stays where all that it is drawn from is the same: its numbers, its words, the code and the
libraries. In a plan of a hundred outcomes an edited model redraws what shows it, not all the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cpis_analysis
from cpis_analysis.chapters.pending_figure import FigureOrder
from cpis_analysis.files import sha256
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.provenance import module_sources, versions
from cpis_analysis.publish.forms.pdf import to_png
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.publish.sources.ledger import open_ledger, unmarked
from cpis_analysis.publish.sources.source import Cell
from cpis_analysis.report.exhibits import kept_exhibits, numbers_of, write_exhibits
from cpis_analysis.report.figures import figure_orders
from cpis_analysis.report.moved_cells import cells_shown, follow, followed
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
    kept, ground = kept_exhibits(out), _ground(dictionary)
    keys = [hashlib.sha256(f"{ground} {figure.key}".encode()).hexdigest() for figure in orders]
    stay = sum(key in kept for key in keys)
    print(f"{len(orders)} figures: {len(orders) - stay} to draw, {stay} as they were.", flush=True)
    exhibits = _exhibits(dict(zip(keys, orders, strict=True)), kept, cells_as_written(levels))
    write_exhibits(out, _with_dots(exhibits))


def _with_dots(
    exhibits: Iterable[tuple[dict[str, Any], Figure | None]],
) -> Iterator[tuple[dict[str, Any], dict[str, str | bytes]]]:
    """Entries and files, in order, with drawings in dots; as Typst leaves Python free, the next is drawn meanwhile."""
    waiting: deque[tuple[dict[str, Any], dict[str, str | Future[bytes]]]] = deque()
    with ThreadPoolExecutor(1) as pool:
        for entry, figure in exhibits:
            files: dict[str, str | Future[bytes]] = {}
            if figure is not None:
                files[f"{figure.id}.svg"] = figure.svg
                files[f"{figure.id}.png"] = pool.submit(to_png, figure.marks)
                files[f"{figure.id}.alt.txt"] = unmarked(figure.alt) + "\n"
            waiting.append((entry, files))
            if len(waiting) > _AHEAD:
                yield _done(*waiting.popleft())
        yield from (_done(*one) for one in waiting)


def _done(
    entry: dict[str, Any], files: dict[str, str | Future[bytes]]
) -> tuple[dict[str, Any], dict[str, str | bytes]]:
    return entry, {name: part if isinstance(part, str) else part.result() for name, part in files.items()}


def _exhibits(
    orders: Mapping[str, FigureOrder], kept: Mapping[str, dict[str, Any]], written: Callable[[Cell], Cell]
) -> Iterator[tuple[dict[str, Any], Figure | None]]:
    for key, waiting in orders.items():
        if key in kept:
            yield followed(kept[key], waiting.shown, written), None
            continue
        with open_ledger(written) as ledger:
            figure = waiting.draw()
            numbers = numbers_of(ledger, {"words": [figure.title, figure.alt], "drawn": figure.drawn})
        yield (
            {
                "id": figure.id,
                "title": unmarked(figure.title),
                "key": key,
                "drawn": [unmarked(text) for text in figure.drawn],
                "numbers": numbers,
                "follow": follow(numbers["known"], cells_shown(waiting.shown), written),
            },
            figure,
        )


def _ground(dictionary: Path) -> str:
    """What all figures stand on: code, libraries, and the dictionary's words."""
    source = Path(cpis_analysis.__file__).parents[1]
    code = {
        Path(file).relative_to(source).as_posix(): sha256(file)
        for file in module_sources("cpis_analysis.steps.draw_figures", source)
    }
    # of this package its code counts, not its number
    libraries = {name: version for name, version in versions().items() if name != "cpis-analysis"}
    return json.dumps([code, libraries, sha256(dictionary)], sort_keys=True)


if __name__ == "__main__":
    run_step(main, "spec", "summaries", "models*", "contrasts", "flow", "out")
