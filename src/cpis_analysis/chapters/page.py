"""What all sections of the report share: words, results in the plan's order, exhibits by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.content import DrawnFigure, ReportContent, SetTable
from cpis_analysis.chapters.models.sentences import inference_words, rows_words
from cpis_analysis.chapters.moderators.content import labelled
from cpis_analysis.chapters.moderators.sentences import joint_sentence
from cpis_analysis.chapters.plan_keys import plan_keys, set_keys
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.publish.format import capital, is_missing, lower_first, one_line
from cpis_analysis.publish.svg import inline_svg
from cpis_analysis.publish.svg_shapes import Shapes
from cpis_analysis.translate.explain import explain
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.methods import ADJUSTMENTS, estimator_words
from cpis_analysis.words.order_of_analyses import arm_differences, by_outcome
from cpis_analysis.words.wording import Wording

__all__ = ["MARK", "Page"]

MARK = UNVERIFIED


_IN_PARENTHESES = re.compile(r"\([^()<>]* to [^()<>]*\)(?=</td>)")


@dataclass
class Page:
    """The content with everything that follows from it; remembers which exhibits have been placed."""

    content: ReportContent
    placed: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    shapes: Shapes = field(default_factory=Shapes)

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
        """Analyses of each outcome that estimate the difference between the arms, headline first."""
        found = {outcome: arm_differences(rows) for outcome, rows in self.every.items()}
        return {outcome: rows for outcome, rows in found.items() if rows}

    @property
    def primary(self) -> list[AnalysisResult]:
        """Analyses of the primary outcome."""
        return next((rows for name, rows in self.results.items() if self._role(name) == "primary"), [])

    @property
    def secondary(self) -> list[AnalysisResult]:
        """Headline analysis of each secondary outcome."""
        return [rows[0] for name, rows in self.results.items() if self._role(name) != "primary"]

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
            str(row["outcome"]): (float(row["p_adjusted"]), str(row.get("adjustment")))
            for row in frame.to_dict("records")
            if not is_missing(row["p_adjusted"])
        }

    @cached_property
    def clusters(self) -> dict[str, int | None]:
        """Number of trusts and teams with people recruited."""
        cells = self.content.design_audit["cells"]
        teams = {(cell["trust"], cell["team"]) for cell in cells} if self.labels.design.team else None
        return {"trusts": len({cell["trust"] for cell in cells}), "teams": len(teams) if teams else None}

    @cached_property
    def unverified(self) -> dict[str, str]:
        """Note on each score whose rule has not been verified."""
        frame = self.content.scoring
        if frame is None or frame.empty:
            return {}
        rows = frame[frame["verified"].astype(str).str.lower() != "true"]
        return {
            str(row["score"]): "" if is_missing(row["note"]) else str(row["note"]) for row in rows.to_dict("records")
        }

    def mark(self, outcome: str) -> str:
        """The mark of an unverified score, or nothing."""
        return f" {MARK}" if outcome in self.unverified else ""

    def tables(self, *names: str, folded: bool = False) -> list[dict[str, Any]]:
        """Tables whose id is one of the names or begins with one and a hyphen: number and HTML.

        What stands folded away is numbered apart (Table A1), so that the numbers in sight have no gaps.
        """
        return [self._table(self.content.tables[key], folded) for key in self._chosen(self.content.tables, names)]

    def figures(self, *names: str, folded: bool = False) -> list[dict[str, Any]]:
        """Figures chosen as tables are: number, SVG, title, alternative text."""
        return [self._figure(self.content.figures[key], folded) for key in self._chosen(self.content.figures, names)]

    def rest(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Tables and figures that no section has asked for."""
        tables = [name for name in self.content.tables if f"table:{name}" not in self.placed]
        figures = [name for name in self.content.figures if f"figure:{name}" not in self.placed]
        return self.tables(*tables), self.figures(*figures)

    def how_made(self, result: AnalysisResult, *, programs: bool = False) -> dict[str, Any]:
        """What stands behind "How this was made" of one result.

        Parameters
        ----------
        result : AnalysisResult
        programs : bool
            With the same analysis in R, SAS and Stata.
        """
        spec, e = result.spec, result.estimate
        return {
            "name": spec.name,
            "model": self.labels.model(spec.model),
            "formula": spec.formula,
            "estimator": estimator_words(spec),
            "inference": inference_words(result),
            "joint": [joint_sentence(one, self.words) for one in result.contrasts if one.measure == "joint test"],
            "population": self.labels.population(spec.population),
            "rows": rows_words(result, self.words),
            "estimand": self.estimand(result),
            "messages": labelled([*e.warnings, *result.messages], result, self.labels),
            "source": self._source(spec.name),
            "link": self._link(),
            "plan_file": self.content.plan_file,
            "plan": plan_keys(self._set_keys, spec),
            "inputs": sorted(self.content.inputs.items()),
            "programs": self._programs(spec) if programs else [],
            "command": f"cpis explain {spec.name}",
        }

    def estimand(self, result: AnalysisResult) -> list[tuple[str, str]]:
        """What a result estimates: attribute and phrase."""
        # those analysed are not those whom the estimand is about, so the words for "all with the data" do not serve
        spec = result.spec
        population = None if spec.population == "available" else lower_first(self.labels.population(spec.population))
        own = {spec.baseline: f"its value at {self.words.baseline}", spec.trust: self.labels.trust_word}
        own |= {spec.team: self.labels.team_word} if spec.team else {}
        parts = estimand_of(spec, lambda name: own.get(name) or self._word(name), population)
        return [(capital(name), one_line(text)) for name, text in asdict(parts).items()]

    def adjustment_name(self, method: str) -> str:
        """A method of adjustment in words."""
        return ADJUSTMENTS.get(method, method)

    def _word(self, name: str) -> str:
        """Label of a variable, wave or code, as it stands within a sentence."""
        design = self.labels.design
        if name in {wave.name for wave in design.waves}:
            return lower_first(self.labels.wave(name))
        if name in self.labels.codes(design.arm.variable):
            return self.labels.arm_within(name)
        return lower_first(self.labels.variable(name))

    @cached_property
    def _set_keys(self) -> dict[str, Any]:
        return set_keys(self.content.plan)

    def _programs(self, spec: AnalysisSpec) -> list[tuple[str, str]]:
        """The same analysis in other programs: name and code."""
        if self.content.variables is None:
            return []
        explained = explain(spec, self.content.plan, self.content.variables)
        return [("R", explained.r), ("SAS", explained.sas), ("Stata", explained.stata)]

    def _link(self) -> str:
        """The way from the page to the file of the estimates; empty if it does not lie where runs put it."""
        found = re.fullmatch(r"results/([\w.-]+)", self.content.estimates_file)
        return f"../{found[1]}" if found else ""

    def _role(self, outcome: str) -> str:
        return self.content.plan.outcomes[outcome].role

    def _source(self, analysis: str) -> str:
        names = [str(name) for name in self.content.estimates["analysis"]] if len(self.content.estimates) else []
        # the first line of the file is its header
        line = f", line {names.index(analysis) + 2}" if analysis in names else ""
        return f"{self.content.estimates_file}{line} (analysis {analysis})"

    def _chosen(self, exhibits: Iterable[str], names: tuple[str, ...]) -> list[str]:
        kind = "table" if exhibits is self.content.tables else "figure"
        chosen = [
            key
            for name in names
            for key in exhibits
            if (key == name or key.startswith(f"{name}-")) and f"{kind}:{key}" not in self.placed
        ]
        self.placed.update(f"{kind}:{key}" for key in chosen)
        return list(dict.fromkeys(chosen))

    def _number(self, kind: str, folded: bool) -> str:
        series = f"{kind} A" if folded else f"{kind} "
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return f"{series}{self.numbers[series]}"

    def _table(self, table: SetTable, folded: bool) -> dict[str, Any]:
        # an interval in parentheses stays on one line
        html = _IN_PARENTHESES.sub(r'<span class="whole">\g<0></span>', table.to_html())
        number = self._number("Table", folded)
        opening = f'<span class="exhibit">{number}.</span> '
        return {"number": number, "html": Markup(re.sub(r"<caption>", lambda found: found[0] + opening, html, count=1))}

    def _figure(self, figure: DrawnFigure, folded: bool) -> dict[str, Any]:
        return {
            "id": f"figure-{figure.id}",
            "number": self._number("Figure", folded),
            "svg": inline_svg(figure.svg, f"figure-{figure.id}", figure.title, figure.alt, self.shapes),
            "title": figure.title,
            "alt": figure.alt,
        }
