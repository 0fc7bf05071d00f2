"""A result in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.methods import method_of
from cpis_analysis.methods.method import listed

if TYPE_CHECKING:
    from cpis_analysis.analyses.estimate import AnalysisResult
    from cpis_analysis.plan.reading.load import Plan

MARK = "EXPLORATORY: not in the plan, and never part of the results. Do not report it as planned."


def show_result(terminal: Terminal, plan: Plan, result: AnalysisResult, exploratory: bool) -> None:
    """A fit as a statistician reads it: fixed part, random part, contrast, diagnostics. No rows of data."""
    from cpis_analysis.plan.naming import counted_noun, plural

    person = plan.content.design.people.noun
    spec, estimate = result.spec, result.estimate
    terminal.heading(spec.name)
    if exploratory:
        terminal.line(f"  {MARK}", style="bold red")
    if plan.content.study.synthetic:
        terminal.line("  SYNTHETIC DATA", style="bold")
    terminal.line(f"  {spec.formula}")
    if not result.estimable:
        for message in result.messages:
            terminal.paragraph(f"  {message}")
        return
    counts = [f"{estimate.n_obs} rows", f"{estimate.n_participants} {plural(person)}"]
    design = plan.content.design
    clusters = zip(estimate.clusters(len(design.levels)), design.levels, strict=True)
    counts += [f"{n} {counted_noun(n, one.noun)}" for n, one in reversed(list(clusters)) if n is not None]
    terminal.line(f"  {method_of(spec).in_detail(spec)}; {', '.join(counts)}")
    _contrast(terminal, result)
    _fixed(terminal, result)
    _random(terminal, plan, result)
    _means(terminal, result)
    _tipping(terminal, plan, result)
    _diagnostics(terminal, result)
    if result.messages:
        terminal.heading("Notes")
        for message in result.messages:
            terminal.paragraph(f"- {message}")


def _contrast(terminal: Terminal, result: AnalysisResult) -> None:
    from cpis_analysis.publish.format import degrees, level_words, p_value

    spec, e = result.spec, result.estimate
    about = str(e.contrast) if spec.arm in spec.effect else f"coefficient of {spec.effect}"
    terminal.heading(f"Contrast: {about}")
    further = getattr(result, "contrasts", ())
    rows = [
        [name, one.estimate, one.se, one.df, one.statistic, one.p_value, one.ci_low, one.ci_high]
        for name, one in [(about, e), *((str(one.contrast), one) for one in further if one.num_df is None)]
    ]
    _inference(terminal, rows, level_words(spec.level))
    for one in further:
        if one.num_df is not None:
            terminal.line(
                f"  {one.contrast}: F({degrees(one.num_df)}, {degrees(one.df)}) = {_n(one.statistic, 2)}, "
                f"p = {p_value(one.p_value)}"
            )
    if not result.scale.natural:
        terminal.paragraph(
            f"  the estimate is a difference {result.scale.phrase}; margins, important differences and "
            "standard deviations in points do not apply to it"
        )
    if result.scale.is_ratio:
        ratio, low, high = (result.scale.shown(value) for value in (e.estimate, e.ci_low, e.ci_high))
        terminal.line(f"  {result.scale.effect(spec.effect)} {_n(ratio)} ({_n(low)} to {_n(high)})")
    standardised = result.standardised
    if standardised.get("estimate") is not None and spec.arm in spec.effect:
        terminal.line(
            f"  standardised {_n(standardised['estimate'])} ({_n(standardised['ci_low'])} to "
            f"{_n(standardised['ci_high'])}), by the {standardised['sd_source']} SD of "
            f"{_n(standardised['sd'])}"
        )


def _fixed(terminal: Terminal, result: AnalysisResult) -> None:
    from cpis_analysis.publish.format import level_words

    terminal.heading("Fixed part")
    _inference(
        terminal,
        [
            [
                row["term"],
                *(row[key] for key in ("estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high")),
            ]
            for row in result.coefficients
        ],
        level_words(result.spec.level),
    )


def _inference(terminal: Terminal, rows: Sequence[Sequence[Any]], level: str) -> None:
    from cpis_analysis.publish.format import degrees, p_value

    terminal.table(
        ["", "estimate", "SE", "df", "t", "p", f"{level} CI", ""],
        [
            [row[0], _n(row[1]), _n(row[2]), degrees(row[3]), _n(row[4], 2), p_value(row[5]), _n(row[6]), _n(row[7])]
            for row in rows
        ],
    )


def _random(terminal: Terminal, plan: Plan, result: AnalysisResult) -> None:
    if not result.variance_components:
        return
    e = result.estimate
    terminal.heading("Random part")
    # where arms or waves have residual variances of their own there is no one total
    single = sum(row["group"] == "Residual" for row in result.variance_components) == 1
    total = sum(row["variance"] for row in result.variance_components) if single else 0.0
    terminal.table(
        ["group", "effect", "variance", "SD", "share"],
        [
            [
                row["group"],
                row["name"] or " ".join(row[key] for key in ("arm", "wave") if row.get(key)),
                _n(row["variance"]),
                _n(row["std_dev"]),
                _n(row["variance"] / total) if total else "-",
            ]
            for row in result.variance_components
        ],
        left=2,
    )
    nouns = plan.content.design.shared_nouns
    known = [(noun, value) for noun, value in zip(nouns, e.correlations(len(nouns)), strict=True) if value is not None]
    icc = [f"{noun} {_n(value)}" for noun, value in known]
    if icc:
        above = listed([f"the {noun}'s" for noun, _ in known[:-1]])
        people = plan.content.design.people.noun.many
        parts = "part" if len(known) == 2 else "parts"
        shared = f"; two {people} of one {known[-1][0]} share {above} {parts} too" if above else ""
        terminal.line(f"  ICC: {', '.join(icc)} (residual{shared})")
    if e.reml_loglik is not None:
        terminal.line(f"  REML log-likelihood {_n(e.reml_loglik, 4)}" + ("; singular fit" if e.singular else ""))


def _means(terminal: Terminal, result: AnalysisResult) -> None:
    from cpis_analysis.publish.format import degrees

    if not result.adjusted_means:
        return
    terminal.heading("Adjusted means")
    waves = any(row.get("wave") for row in result.adjusted_means)
    terminal.table(
        ["arm", *(["wave"] if waves else []), "mean", "SE", "df", "low", "high"],
        [
            [
                row["arm"],
                *([row["wave"]] if waves else []),
                _n(row["estimate"], 2),
                _n(row["std_error"], 2),
                degrees(row["df"]),
                _n(row["ci_low"], 2),
                _n(row["ci_high"], 2),
            ]
            for row in result.adjusted_means
        ],
        left=1 + waves,
    )


def _tipping(terminal: Terminal, plan: Plan, result: AnalysisResult) -> None:
    """Where shifts of the missing outcomes take an end of the interval to a threshold."""
    from cpis_analysis.analyses.tipping import SCENARIOS, find_tipping

    outcome = plan.content.outcomes.get(result.spec.outcome)
    if result.missing_shift is None or outcome is None or outcome.tipping_point is None:
        return
    found = find_tipping(result, outcome.tipping_point.deltas, outcome.minimal_important_difference)
    terminal.heading("Tipping point")
    shift, reference = result.missing_shift, result.spec.reference
    other = result.estimate.contrast.arm
    terminal.line(
        f"  without the outcome alone: {shift.n_completed_reference} "
        f"{plan.content.design.people.noun.many} of {reference}, "
        f"{shift.n_completed_other} of {other}; {shift.n_left_out} more lack another variable"
    )
    if found is None:
        return
    terminal.line(
        f"  the difference moves by {_n(shift.per_point_reference)} ({reference}) and "
        f"{_n(shift.per_point_other)} ({other}) for each point of shift"
    )
    names = {
        "other": f"{other} alone",
        "reference": f"{reference} alone",
        "alike": "both alike",
        "opposite": f"{other}, opposite in {reference}",
    }
    ends = {"ci_low": "lower limit", "ci_high": "upper limit"}
    pairs = dict.fromkeys((point.bound, point.threshold or 0.0) for point in found.points)
    rows = []
    ways = [("solved", found.point), *([("imputed", found.reached)] if found.imputed else [])]
    for how, point_of in ways:
        for bound, threshold in pairs:
            points = [point_of(name, bound, threshold) for name in SCENARIOS]
            shown = [_n(point.delta if point else None, 2) for point in points]
            rows.append([f"{ends[bound]} = {threshold:g}", how, *shown])
    terminal.table(["at a shift of", "", *(names[name] for name in SCENARIOS)], rows, left=2)
    for one in found.like_reference():
        terminal.line(f"  {one.scenario.replace('_', ' ')}: {_n(one.estimate)} ({_n(one.ci_low)} to {_n(one.ci_high)})")


def _diagnostics(terminal: Terminal, result: AnalysisResult) -> None:
    found = result.diagnostics
    if not found:
        return
    quantiles = found["residual_quantiles"]
    outside = sum(
        not low <= value <= high
        for value, low, high in zip(quantiles["observed"], quantiles["low"], quantiles["high"], strict=True)
    )
    terminal.heading("Diagnostics")
    rows = []
    for probability in (0.05, 0.25, 0.5, 0.75, 0.95):
        if probability in quantiles["probability"]:
            at = quantiles["probability"].index(probability)
            rows.append(
                [
                    f"{probability:.0%}",
                    _n(quantiles["theoretical"][at], 2),
                    _n(quantiles["observed"][at], 2),
                    _n(quantiles["low"][at], 2),
                    _n(quantiles["high"][at], 2),
                ]
            )
    simulated = found.get("simulated", {})
    terminal.table(["residuals", "uniform" if simulated else "normal", "observed", "envelope", ""], rows)
    terminal.line(f"  {outside} of {len(quantiles['observed'])} residual quantiles lie outside the simulated envelope")
    names = {"distance": "Kolmogorov-Smirnov distance", "dispersion": "variance, observed over simulated",
             "zeros": "zeros, observed over simulated"}  # fmt: skip
    for name, words in names.items():
        if name in simulated:
            terminal.line(f"  {words}: {_n(simulated[name], 2)} (simulated p = {_n(simulated[name + '_p'])})")
    for group in dict.fromkeys(row["group"] for row in found.get("random_effects", [])):
        modes = sorted((row for row in found["random_effects"] if row["group"] == group), key=lambda row: row["mode"])
        if modes[0]["mode"] != modes[-1]["mode"]:
            terminal.line(
                f"  {group}: predicted effects from {_n(modes[0]['mode'], 2)} ({modes[0]['label']}) to "
                f"{_n(modes[-1]['mode'], 2)} ({modes[-1]['label']})"
            )


def _n(value: float | None, decimals: int = 3) -> str:
    from cpis_analysis.publish.format import number

    return number(value, decimals)
