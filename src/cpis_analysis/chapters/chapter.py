"""What a chapter of the report is, and what its tables and figures are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.words.labels import Labels

FINDINGS, ANNEX = "findings", "annex"
"""Documents by the names of their files: what was found, and what stands behind it."""


@dataclass(frozen=True)
class Chapter:
    """One subject of the report; its parts are named as `late.late_function` takes them, and loaded when used.

    Attributes
    ----------
    id : str
        Begins its anchor.
    title : str
        ``{people}`` stands for what the study calls those who take part.
    section : str
        Function (Page) -> blocks; one that yields none leaves the section out.
    tables : tuple of str
        Functions (Material) -> tables, those that the study has the numbers for.
    figures : tuple of str
        Functions (Material) -> orders of figures, likewise.
    document : str
        The document that it stands in: `FINDINGS` or `ANNEX`.
    first : bool
        It is the first screen; its title is for screen readers and lists of contents.
    without_baseline : str
        The title in a study in which nobody was seen before the intervention, where it is another.
    without_clusters : str
        The title in a study without clusters, where it is another.
    """

    id: str
    title: str
    section: str
    tables: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    document: str = FINDINGS
    first: bool = False
    without_baseline: str = ""
    without_clusters: str = ""

    def title_of(self, labels: Labels) -> str:
        """The title in a study."""
        title = self.title if labels.baseline_wave else self.without_baseline or self.title
        title = title if labels.design.levels else self.without_clusters or title
        return title.replace("{people}", labels.people)


@dataclass(frozen=True)
class Material:
    """What tables and figures are made from.

    Attributes
    ----------
    labels : Labels
    summaries : mapping of str to DataFrame
        After disclosure control.
    results : sequence of AnalysisResult
        All analyses, in any order; of binary outcomes in percentage points.
    estimates : DataFrame
        results/estimates.csv; for tables.
    flow : mapping
        results/flow.json; for figures.
    reconciliation : DataFrame
        Rows in, out and set aside by source file; for tables.
    error_rates : DataFrame
        results/error_rates.csv; for tables.
    changes : sequence of DataFrame
        The audit trail, the queries and what was set aside; for tables.
    """

    labels: Labels
    summaries: Mapping[str, pd.DataFrame]
    results: Sequence[AnalysisResult]
    estimates: pd.DataFrame = field(default_factory=pd.DataFrame)
    flow: Mapping[str, Any] = field(default_factory=dict)
    reconciliation: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: Sequence[pd.DataFrame] = ()
    error_rates: pd.DataFrame = field(default_factory=pd.DataFrame)

    def of_outcomes(self, summary: str) -> dict[str, pd.DataFrame]:
        """Rows of a summary by outcome, in the plan's order; none where the study has no such summary."""
        if summary not in self.summaries:
            return {}
        frame = self.summaries[summary]
        places = frame.groupby("outcome", sort=False).indices
        return {name: frame.take(places[name]) for name in self.labels.outcomes() if name in places}
