"""What all sections of the report share: words, results in the plan's order, exhibits by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import FINDINGS
from cpis_analysis.chapters.content import DrawnFigure, ReportContent
from cpis_analysis.chapters.plan_keys import set_keys
from cpis_analysis.plan.naming import is_alone
from cpis_analysis.publish.blocks import DataTable, Picture
from cpis_analysis.publish.format import is_missing, own_line
from cpis_analysis.publish.sources.sourced_columns import column_of, made, rows_of
from cpis_analysis.publish.table import Table
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.methods import ADJUSTMENTS
from cpis_analysis.words.order_of_analyses import arm_differences, by_outcome
from cpis_analysis.words.wording import Wording

MARK = UNVERIFIED
T = TypeVar("T")


@dataclass
class Page:
    """The content with everything that follows from it; remembers which exhibits have been placed.

    Attributes
    ----------
    content : ReportContent
    placed : set of str
        Exhibits that stand somewhere.
    numbers : dict
        Last number of each series of exhibits.
    shown : dict of str to str
        Titles of the sections told so far, by id.
    document : str
        The one whose sections are being told: the exhibits of the annex are numbered apart (Table A1).
    known : dict
        What several sections ask for; see `once`.
    """

    content: ReportContent
    placed: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    document: str = FINDINGS
    known: dict[Callable[[Page], Any], Any] = field(default_factory=dict)

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.content.plan, self.content.dictionary)

    @cached_property
    def words(self) -> Wording:
        return Wording(self.labels)

    @cached_property
    def every(self) -> dict[str, list[AnalysisResult]]:
        """All analyses of each outcome, each once: primary outcome first, in the plan's order of models."""
        return by_outcome(self.content.results, self.labels)

    @cached_property
    def results(self) -> dict[str, list[AnalysisResult]]:
        """Analyses of each outcome that estimate the difference between the arms, headline first; no controls."""
        return {outcome: rows for outcome, rows in self._compared.items() if not self.labels.is_control(outcome)}

    @cached_property
    def controls(self) -> dict[str, list[AnalysisResult]]:
        """The same of negative controls, which are no findings."""
        return {outcome: rows for outcome, rows in self._compared.items() if self.labels.is_control(outcome)}

    @cached_property
    def _compared(self) -> dict[str, list[AnalysisResult]]:
        found = {outcome: arm_differences(rows) for outcome, rows in self.every.items()}
        return {outcome: rows for outcome, rows in found.items() if rows}

    @property
    def primary(self) -> list[AnalysisResult]:
        """Analyses of the primary outcome."""
        return next((rows for name, rows in self.results.items() if self._role(name) == "primary"), [])

    @property
    def secondary(self) -> list[AnalysisResult]:
        """Headline analysis of each secondary outcome."""
        return [rows[0] for name, rows in self.results.items() if self._role(name) == "secondary"]

    @property
    def exploratory(self) -> list[AnalysisResult]:
        """Headline analysis of each exploratory outcome."""
        return [rows[0] for name, rows in self.results.items() if self._role(name) == "exploratory"]

    @property
    def headlines(self) -> list[AnalysisResult]:
        """Headline analysis of every outcome."""
        return [rows[0] for rows in self.results.values()]

    @cached_property
    def adjusted(self) -> dict[str, tuple[float, str]]:
        """Adjusted p-value and method by outcome."""
        frame = self.content.estimates
        if "p_adjusted" not in frame:
            return {}
        return {
            str(row["outcome"]): (row["p_adjusted"], str(row.get("adjustment")))
            for row in rows_of(frame)
            if not is_missing(row["p_adjusted"])
        }

    @cached_property
    def clusters(self) -> dict[str, int | None]:
        """Number of trusts and teams with people recruited; single people where some arms only have them are none."""
        cells = self.content.design_audit["cells"]
        if self.labels.design.one_sided is not None:
            cells = [cell for cell in cells if not is_alone(cell["team"] or cell["trust"])]
        trust, team = (column_of(cells, name) for name in ("trust", "team"))
        return {
            "trusts": made("different", trust) if self.labels.design.levels else None,
            "teams": made("different", trust, team) if cells and self.labels.design.team else None,
        }

    @cached_property
    def set_keys(self) -> dict[str, Any]:
        """Keys that the plan sets."""
        return set_keys(self.content.plan)

    @cached_property
    def lines(self) -> dict[str, int]:
        """Line of the file of the estimates in which an analysis has its first row; the first line is its header."""
        names = self.content.estimates["analysis"] if len(self.content.estimates) else []
        return {str(name): place for place, name in reversed(list(enumerate(names, start=2)))}

    @cached_property
    def unverified(self) -> dict[str, str]:
        """Note on each score whose rule has not been verified."""
        frame = self.content.scoring
        if frame is None or frame.empty:
            return {}
        rows = frame[frame["verified"].astype(str).str.lower() != "true"]
        return {str(row["score"]): "" if is_missing(row["note"]) else str(row["note"]) for row in rows_of(rows)}

    def once(self, found: Callable[[Page], T]) -> T:
        """What a function finds in the content, and prints nothing of: found once, for all sections that ask for it."""
        if found not in self.known:
            self.known[found] = found(self)
        answer: T = self.known[found]
        return answer

    def mark(self, outcome: str) -> str:
        """The mark of an unverified score, or nothing."""
        return f" {MARK}" if outcome in self.unverified else ""

    def summary(self, name: str) -> pd.DataFrame:
        """A summary; without rows where the study has none."""
        return self.content.summaries.get(name, pd.DataFrame())

    def tables(self, *names: str, folded: bool = False) -> list[DataTable]:
        """Tables whose id is one of the names or begins with one and a hyphen, numbered.

        What stands folded away is numbered apart (Table A1), so that the numbers in sight have no gaps.
        """
        return [self._table(self.content.tables[key], folded) for key in self._chosen("table", names)]

    def figures(self, *names: str, folded: bool = False) -> list[Picture]:
        """Figures chosen as tables are."""
        return [self._figure(self.content.figures[key], folded) for key in self._chosen("figure", names)]

    def set_aside(self, *names: str) -> None:
        """Leave figures out of the report that draw what a chart of it shows; they stay in results/figures."""
        self._chosen("figure", names)

    def rest(self) -> tuple[list[DataTable], list[Picture]]:
        """Tables and figures that no section has asked for."""
        tables = [name for name in self.content.tables if f"table:{name}" not in self.placed]
        figures = [name for name in self.content.figures if f"figure:{name}" not in self.placed]
        return self.tables(*tables), self.figures(*figures)

    def chart_number(self, *, folded: bool = False) -> str:
        """The number of the next chart, which counts among the figures."""
        return self._number("Figure", folded)

    def chart_note(self, *sentences: str) -> str:
        """The note of a chart; of synthetic data it says so first, so that a copied figure keeps it."""
        return " ".join(filter(None, ("Synthetic data." if self.labels.synthetic else "", *sentences)))

    def adjustment_name(self, method: str) -> str:
        """A method of adjustment in words."""
        return ADJUSTMENTS.get(method, method)

    def _role(self, outcome: str) -> str:
        return self.content.plan.outcomes[outcome].role

    def _chosen(self, kind: str, names: tuple[str, ...]) -> list[str]:
        named = self._named[kind]
        chosen = [key for name in names for key in named.get(name, ()) if f"{kind}:{key}" not in self.placed]
        self.placed.update(f"{kind}:{key}" for key in chosen)
        return list(dict.fromkeys(chosen))

    @cached_property
    def _named(self) -> dict[str, dict[str, list[str]]]:
        """Exhibits by what can ask for them: their ids, and what stands before each hyphen of these."""
        found: dict[str, dict[str, list[str]]] = {"table": {}, "figure": {}}
        for kind, exhibits in (("table", self.content.tables), ("figure", self.content.figures)):
            for key in exhibits:
                ends = [at for at, letter in enumerate(key) if letter == "-"]
                for name in (*(key[:at] for at in ends), key):
                    found[kind].setdefault(name, []).append(key)
        return found

    def _number(self, kind: str, folded: bool) -> str:
        series = f"{kind} A" if folded or self.document != FINDINGS else f"{kind} "
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return f"{series}{self.numbers[series]}"

    def _table(self, table: Table, folded: bool) -> DataTable:
        return table.block(self._number("Table", folded))

    def _figure(self, figure: DrawnFigure, folded: bool) -> Picture:
        number = self._number("Figure", folded)
        return Picture(f"figure-{figure.id}", number, own_line(figure.title), own_line(figure.alt), figure)
