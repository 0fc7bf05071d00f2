"""What the report is made of, gathered in one place so that the page is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.drawn import Drawn
from cpis_analysis.publish.table import Table
from cpis_analysis.runs.locked.lock_status import LockStatus
from cpis_analysis.translate.notation.translation import Variables
from cpis_analysis.words.labels import Dictionary


class DrawnFigure(Drawn, Protocol):
    """What is asked of a figure beside its drawing."""

    @property
    def id(self) -> str: ...

    @property
    def alt(self) -> str: ...

    @property
    def title(self) -> str: ...


@dataclass(frozen=True)
class ReportContent:
    """Everything that the findings report shows. No row-level data.

    Attributes
    ----------
    plan : PlanFile
        The checked plan.
    dictionary : Dictionary
        Labels of variables and codes.
    results : sequence of AnalysisResult
        All analyses, in any order.
    estimates : DataFrame
        results/estimates.csv as read: columns ``analysis``, ``p_adjusted``, ``adjustment``; its order gives the
        line numbers that the report names.
    design_audit : mapping
        results/design_audit.json.
    summaries : mapping of str to DataFrame
        ``baseline``, ``missing``, ``experience``, ``themes`` of the summaries, where there are any. With a column
        ``state`` (after disclosure control) they are shown as they are; without, small counts stay out of the text.
    flow : mapping
        results/flow.json.
    tables : mapping of str to Table
        By id, in the order in which they are to stand.
    figures : mapping of str to Figure
        By id, in order.
    scoring : DataFrame or None
        data/processed/scoring.csv: score, wave, n_rows, n_complete, n_prorated, n_missing, verified, note.
    reconciliation : DataFrame or None
        data/processed/reconciliation.csv: counts of rows in, out and set aside.
    cleaning : mapping of str to int
        Number of changes by rule, queries, rows set aside, and the like; counts only.
    versions : mapping
        Version by name of program.
    inputs : mapping
        SHA-256 by path of each input file; empty for files about people, whose hashes stay with them.
    plan_file, plan_digest : str
        Name of the plan's file, and the digest of its resolved content.
    variables : Variables or None
        Which variables of the data are factors, for the same analyses in other programs; None: no code is shown.
    lock : LockStatus
        What is known of when the analyses were chosen: the lock, its past, and what differs from it.
    tipping : DataFrame or None
        results/tipping.csv as read; without rows where the plan asks for no tipping point.
    error_rates : DataFrame
        results/error_rates.csv as read; without rows where nothing can be simulated.
    estimates_file : str
        Where results/estimates.csv stands, as the page names it.
    """

    plan: PlanFile
    dictionary: Dictionary
    results: Sequence[AnalysisResult]
    estimates: pd.DataFrame
    design_audit: Mapping[str, Any]
    summaries: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    flow: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    figures: Mapping[str, DrawnFigure] = field(default_factory=dict)
    scoring: pd.DataFrame | None = None
    reconciliation: pd.DataFrame | None = None
    cleaning: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    plan_file: str = "config.yaml"
    plan_digest: str = ""
    variables: Variables | None = None
    lock: LockStatus = field(default_factory=LockStatus)
    tipping: pd.DataFrame | None = None
    error_rates: pd.DataFrame = field(default_factory=pd.DataFrame)
    estimates_file: str = "results/estimates.csv"
