"""Numbers that the report computes from cells of files, each with the expression that gives it.

A sentence that prints a new kind of derived number needs a rule here: without one numbers.json calls the number
unknown, and a test fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.equivalence import equivalence_of
from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.models.effect_quantiles import effect_quantiles
from cpis_analysis.intake.account.audit_trail import CONFIRMED
from cpis_analysis.plan.outcome_scale import RISK
from cpis_analysis.report.trace.derived import derived_cell
from cpis_analysis.report.trace.sources import Cell
from cpis_analysis.study.balance import NOTABLE
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import arm_differences, headline_results
from cpis_analysis.words.scales import one_scale

__all__ = ["derived_cells"]

_POINTS = {"estimate", "se", "std_error", "ci_low", "ci_high", "std_dev", "variance"}
"""Columns of binary outcomes and of differences in answers that are printed in percentage points."""
_SHARES = "differences"
_POWER = 0.8
_HEADER = 2
"""Line of the first row of a CSV file."""

Rows = Mapping[str, Any]


def derived_cells(
    cells: Iterable[Cell],
    content: ReportContent,
    labels: Labels,
    files: Mapping[str, Any],
    models: Mapping[str, Sequence[Rows]],
) -> list[Cell]:
    """Everything that sentences, tables and figures compute.

    Parameters
    ----------
    cells : iterable of Cell
        Of all files.
    content : ReportContent
    labels : Labels
    files : mapping
        Paths by the name of the step's argument.
    models : mapping
        Content of the files of the models by path.
    """
    binary = {name for name, part in content.plan.outcomes.items() if part.type == "binary"}
    where = {str(record["spec"]["name"]): path for path, records in models.items() for record in records}
    made = list(_percentage_points(cells, binary))
    for result in content.results:
        at = _Analysis(result, where[result.spec.name], labels, result.spec.outcome in binary, files["estimates"])
        made += [*at.widths(), *at.residuals(), *at.effects()]
    if content.tipping is not None:
        made += _tipping(content, labels, files["tipping"], where)
    made += _headlines(content, labels, files["estimates"])
    made += _panels(content, labels, files["estimates"])
    made += _characteristics(content, files["summaries"])
    made += _themes(content, labels, files["summaries"])
    made += _cleaning(files)
    return made


def _percentage_points(cells: Iterable[Cell], binary: set[str]) -> Iterator[Cell]:
    for cell in cells:
        leaf = cell.column.rpartition(".")[2]
        shares = _SHARES in cell.owners or binary.intersection(cell.owners)
        if leaf in _POINTS and shares and "standardised" not in cell.column:
            per = RISK.per**2 if leaf == "variance" else RISK.per
            yield derived_cell(f"{per:.0f} * x", {"x": cell}, cell.labels, cell.owners)


class _Analysis:
    """What is computed from one analysis."""

    def __init__(self, result: AnalysisResult, file: str, labels: Labels, points: bool, estimates: str) -> None:
        self.result, self.file, self.points, self.estimates = result, file, points, estimates
        self.owners = (result.spec.name, result.spec.outcome)
        self.labels = (
            labels.outcome(result.spec.outcome).lower(),
            labels.outcome_short(result.spec.outcome).lower(),
            labels.model(result.spec.model).lower(),
        )

    def widths(self) -> Iterator[Cell]:
        """How wide the interval is, and which difference the design would have detected."""
        e, sd = self.result.estimate, self.result.standardised.get("sd")
        if not all(math.isfinite(value) for value in (e.se, e.ci_low, e.ci_high)):
            return
        parts = {
            "low": self._cell("estimate.ci_low", e.ci_low),
            "high": self._cell("estimate.ci_high", e.ci_high),
        }
        deviation = {"sd": self._cell("standardised.sd", sd)} if sd else {}
        times = "100 * " if self.points else ""
        if self.result.scale.is_ratio:
            yield from self._ratios()
        if sd:
            yield self._made(f"{times}(high - low) / sd", parts | deviation, "standard deviations")
        level = {"level": self._cell("spec.level", self.result.spec.level)}
        finite = math.isfinite(e.df)
        freedom = {"df": self._cell("estimate.df", e.df)} if finite else {}
        ends = [
            f"t_quantile({share}, df)" if finite else f"normal_quantile({share})"
            for share in ("1 - (1 - level) / 2", repr(_POWER))
        ]
        parts = level | freedom | {"se": self._cell("estimate.se", e.se)}
        if e.df > 0:
            size = f"({' + '.join(ends)}) * se"
            yield self._made(f"exp({size})" if self.result.scale.is_ratio else f"{times}{size}", parts, "detected")
            if sd:
                yield self._made(f"{times}({' + '.join(ends)}) * se / sd", parts | deviation, "detected")

    def _ratios(self) -> Iterator[Cell]:
        """Ends of the interval of both one-sided tests, and the smallest margin, as ratios."""
        e = self.result.estimate
        tested = equivalence_of(self.result, e)
        row = f"analysis = {e.analysis}"
        for column, value in (
            ("tost_ci_low", tested.ci_low),
            ("tost_ci_high", tested.ci_high),
            ("smallest_margin", tested.smallest_margin),
        ):
            yield self._made("exp(x)", {"x": Cell(self.estimates, row, column, value)}, "ratio")

    def residuals(self) -> Iterator[Cell]:
        """Quantiles within and outside their envelope, bins and how wide they are."""
        found = self.result.diagnostics.get("residual_quantiles")
        if found:
            names = ("observed", "low", "high")
            parts = {name: self._cell(f"diagnostics.residual_quantiles.{name}", math.nan) for name in names}
            values = {name: found[name] for name in names}
            for expression in ("within(observed, low, high)", "length(observed) - within(observed, low, high)"):
                yield self._made(expression, parts, "quantiles", values)
            yield self._made("length(observed)", {"observed": parts["observed"]}, "quantiles", values)
        bins = self.result.diagnostics.get("residual_by_fitted")
        if isinstance(bins, list):
            path = "diagnostics.residual_by_fitted"
            yield self._made("length(bins)", {"bins": self._cell(path, math.nan)}, "bins", {"bins": bins})
            for place, row in enumerate(bins):
                yield self._made(
                    "high - low",
                    {
                        "high": self._cell(f"{path}[{place}].q90", float(row["q90"])),
                        "low": self._cell(f"{path}[{place}].q10", float(row["q10"])),
                    },
                    "bins",
                )

    def effects(self) -> Iterator[Cell]:
        """Predicted effects of clusters, and those within the envelope of normal effects."""
        for one in effect_quantiles(self.result):
            path = f"diagnostics.random_effects[group = {one.group}].mode"
            parts = {"modes": self._cell(path, math.nan)}
            yield self._made("length(modes)", parts, "predicted", {"modes": one.observed})
            held = sum(low <= seen <= high for seen, low, high in zip(one.observed, one.low, one.high, strict=True))
            if held < len(one.observed):
                yield self._made(
                    f"length(modes) - {len(one.observed) - held}", parts, "predicted", {"modes": one.observed}
                )

    def _cell(self, column: str, value: float) -> Cell:
        return Cell(self.file, self.result.spec.name, column, value)

    def _made(
        self, expression: str, parts: Mapping[str, Cell], word: str, values: Mapping[str, Any] | None = None
    ) -> Cell:
        return derived_cell(expression, parts, (*self.labels, word), self.owners, values)


def _tipping(content: ReportContent, labels: Labels, file: str, where: Mapping[str, str]) -> Iterator[Cell]:
    """Shifts at which a limit is reached, in standard deviations."""
    deviations = {result.spec.name: result.standardised.get("sd") for result in content.results}
    for line, row in enumerate(content.tipping.to_dict("records"), start=_HEADER):
        name, sd = str(row["analysis"]), deviations.get(str(row["analysis"]))
        if not sd or row["scenario"] == "grid":
            continue
        deviation = Cell(where[name], name, "standardised.sd", sd)
        for column in ("delta_reference", "delta_other"):
            parts = {"delta": Cell(file, str(line), column, float(row[column])), "sd": deviation}
            words = (labels.outcome(str(row["outcome"])).lower(), "standard deviations")
            yield derived_cell("delta / sd", parts, words, (name, str(row["outcome"])))


def _headlines(content: ReportContent, labels: Labels, file: str) -> Iterator[Cell]:
    """How many headline analyses there are, and in how many a variance is zero."""
    heads = headline_results(content.results, labels)
    if heads:
        every = _listed(file, heads, "singular")
        words = ("headline analys",)
        yield derived_cell("length(singular)", {"singular": every}, words, values={"singular": heads})
        others = [r for r in heads if content.plan.outcomes[r.spec.outcome].role != "primary"]
        for chosen in (others, [r for r in others if r.spec.outcome in _adjusted(content)]):
            if chosen:
                yield derived_cell(
                    "different(analyses)",
                    {"analyses": _listed(file, chosen, "analysis")},
                    ("secondary outcomes", "comparisons", "method over"),
                    values={"analyses": [result.spec.name for result in chosen]},
                )
                yield from _intervals(file, chosen, ("secondary", "intervals"))
        zero = [result for result in heads if result.estimate.singular]
        if zero:
            yield derived_cell(
                "sum(singular)",
                {"singular": every},
                words,
                values={"singular": [float(bool(r.estimate.singular)) for r in heads]},
            )


def _adjusted(content: ReportContent) -> set[str]:
    """Outcomes whose p-values are adjusted for their number."""
    frame = content.estimates
    return set() if "p_adjusted" not in frame else set(frame.loc[frame["p_adjusted"].notna(), "outcome"])


def _intervals(file: str, chosen: Sequence[AnalysisResult], words: tuple[str, ...], *owners: str) -> Iterator[Cell]:
    """How many intervals hold zero, and how many do not."""
    ends = {"low": "ci_low", "high": "ci_high"}
    parts = {name: _listed(file, chosen, column) for name, column in ends.items()}
    values = {name: [getattr(result.estimate, column) for result in chosen] for name, column in ends.items()}
    for expression in ("excluding(0, low, high)", "length(low) - excluding(0, low, high)"):
        yield derived_cell(expression, parts, words, owners, values)


def _panels(content: ReportContent, labels: Labels, file: str) -> Iterator[Cell]:
    """How many analyses an outcome has, how many exclude zero, and at which place the headline stands."""
    heads = {result.spec.outcome: result for result in headline_results(content.results, labels)}
    for outcome in content.plan.outcomes:
        every = [result for result in content.results if result.spec.outcome == outcome]
        named = (labels.outcome(outcome).lower(), labels.outcome_short(outcome).lower())
        same = arm_differences(every)
        estimated, elsewhere = one_scale(arm_differences(every, estimated=True), labels)
        for chosen in (every, same, estimated, elsewhere, [r for r in same if r is not heads.get(outcome)]):
            if chosen:
                yield _count(file, chosen, (*named, "analyses"), outcome)
        yield from _curve(file, estimated, heads.get(outcome), (*named, "analyses", "intervals"), outcome)


def _count(file: str, chosen: Sequence[AnalysisResult], words: tuple[str, ...], outcome: str) -> Cell:
    return derived_cell(
        "different(analyses)",
        {"analyses": _listed(file, chosen, "analysis")},
        words,
        (outcome,),
        {"analyses": [result.spec.name for result in chosen]},
    )


def _curve(
    file: str, chosen: Sequence[AnalysisResult], head: AnalysisResult | None, words: tuple[str, ...], outcome: str
) -> Iterator[Cell]:
    yield from _intervals(file, chosen, words, outcome)
    estimates = _listed(file, chosen, "estimate")
    values = {"estimates": [result.estimate.estimate for result in chosen]}
    for expression in ("below(0, estimates)", "above(0, estimates)"):
        yield derived_cell(expression, {"estimates": estimates}, words, (outcome,), values)
    if head in chosen:
        own = Cell(file, f"analysis = {head.spec.name}", "estimate", head.estimate.estimate)
        yield derived_cell("1 + below(own, estimates)", {"own": own, "estimates": estimates}, words, (outcome,), values)


def _listed(file: str, chosen: Sequence[AnalysisResult], column: str) -> Cell:
    return Cell(file, "analysis in " + ", ".join(result.spec.name for result in chosen), column, math.nan)


def _characteristics(content: ReportContent, file: str) -> Iterator[Cell]:
    """In how many characteristics the groups are compared, and in how many of them they differ notably."""
    frame = content.summaries.get("baseline")
    if frame is None or frame.empty:
        return
    known = frame.dropna(subset=["smd"])
    hidden = frame[frame["smd_hidden"].astype(bool)] if "smd_hidden" in frame else frame.iloc[:0]
    for row, rows in (
        ("smd", known),
        (f"abs(smd) > {NOTABLE}", known[known["smd"].abs() > NOTABLE]),
        ("smd_hidden", hidden),
    ):
        if len(rows):
            yield derived_cell(
                "different(variable)",
                {"variable": Cell(file, f"baseline where {row}", "variable", math.nan)},
                ("characteristics",),
                ("baseline",),
                {"variable": list(rows["variable"])},
            )


def _themes(content: ReportContent, labels: Labels, file: str) -> Iterator[Cell]:
    """How often a theme was mentioned: in all, by arm and by trust."""
    frame = content.summaries.get("themes")
    if frame is None or frame.empty:
        return
    for theme, own in frame.groupby("theme", sort=True):
        parts = [("", own)]
        parts += [(f"; {by} = {code}", part) for by in ("arm", "trust") for code, part in own.groupby(by, sort=True)]
        for where, part in parts:
            mentions = Cell(file, f"themes where theme = {theme}{where}", "n_mentions", math.nan)
            yield derived_cell(
                "sum(mentions)",
                {"mentions": mentions},
                ("mention", labels.choice("theme", theme).lower()),
                ("themes",),
                {"mentions": [float(n) for n in part["n_mentions"]]},
            )


def _cleaning(files: Mapping[str, Any]) -> Iterator[Cell]:
    """How often each rule of cleaning applied, by source and in all."""
    for name in ("audit", "queries"):
        frame = pd.read_csv(files[name], dtype=str, keep_default_na=False)
        counted = frame[frame["rule"] != CONFIRMED]
        where = f"rule is not {CONFIRMED}" if len(counted) < len(frame) else ""
        whole = Cell(files[name], where, "rule", math.nan)
        yield derived_cell(
            "length(rows)",
            {"rows": whole},
            ("changes" if name == "audit" else name,),
            (name,),
            {"rows": list(counted.index)},
        )
        for rule in sorted(frame["rule"].unique()):
            for source in (None, *sorted(frame["source"].unique())):
                chosen = frame["rule"] == rule
                chosen = chosen if source is None else chosen & (frame["source"] == source)
                where = f"rule = {rule}" + ("" if source is None else f"; source = {source}")
                words = (rule.replace("_", " ").lower(), *(() if source is None else (source.lower(),)))
                yield derived_cell(
                    "length(rows)",
                    {"rows": Cell(files[name], where, "rule", math.nan)},
                    words,
                    (name,),
                    {"rows": list(frame.index[chosen])},
                )
