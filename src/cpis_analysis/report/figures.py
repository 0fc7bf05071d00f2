"""Every figure that a study has the numbers for, in the order of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder
from cpis_analysis.late import late_functions
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.report.every_chapter import CHAPTERS
from cpis_analysis.words.labels import Labels


def all_figures(
    summaries: Mapping[str, pd.DataFrame], results: Sequence[AnalysisResult], flow: Mapping[str, Any], labels: Labels
) -> list[Figure]:
    """Draw every figure; arguments and errors are those of `figure_orders` and of the figures."""
    return [figure.make() for figure in figure_orders(summaries, results, flow, labels)]


def figure_orders(
    summaries: Mapping[str, pd.DataFrame], results: Sequence[AnalysisResult], flow: Mapping[str, Any], labels: Labels
) -> Iterator[FigureOrder]:
    """Order every figure; one whose numbers the study does not have is left out.

    Parameters
    ----------
    summaries : mapping
        Frames of `protection.protect_summaries`.
    results : sequence of AnalysisResult
        All analyses, in any order.
    flow : mapping
        results/flow.json.
    labels : Labels
    """
    material = Material(labels, summaries, results, flow=flow)
    for figures in late_functions(CHAPTERS, "figures", "cpis_analysis.chapters"):
        yield from figures(material)
