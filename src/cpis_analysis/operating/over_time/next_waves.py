"""Another study over several waves: what options say of it, and for the rest what a model over time has found."""

from __future__ import annotations

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.lmm.fits.at_variances import at_variances
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.operating.next_study import NextStudy, observed_sizes
from cpis_analysis.operating.over_time.asked import Asked
from cpis_analysis.operating.over_time.estimated_truth import EstimatedTruth
from cpis_analysis.operating.over_time.wave_study import ClusterLevel, WaveStudy, correlations, pattern_of_loss
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE


def everything_said(asked: Asked, levels: int) -> bool:
    """Whether nothing about covariances and sizes is left to the data."""
    needed = [asked.autocorrelation, asked.waves, asked.people]
    if levels:
        needed += [asked.cv, asked.icc_upper, asked.cluster_autocorrelation]
    if levels > 1:
        needed.append(asked.icc_lower)
    return None not in needed


def asked_study(template: AnalysisSpec, asked: Asked, truth: EstimatedTruth | None) -> WaveStudy:
    """Another study: what options say, and for the rest what the model has found."""
    levels = len(template.levels)
    missing = _missing(asked, truth, levels)
    if missing:
        raise PlanError("Another study over time can't be told.", missing)
    found: tuple[ClusterLevel, ...] = truth.levels if truth is not None else ()
    given = (asked.icc_upper, asked.icc_lower)[:levels]
    shares = [found[place].variance if share is None else share for place, share in enumerate(given)]
    clusters = []
    for place, share in enumerate(shares):
        own = asked.cluster_autocorrelation
        if own is None:
            stays = found[place].stays / found[place].variance if found[place].variance > 0.0 else 0.0
            own = stays if found[place].own is not None else 1.0
        clusters.append(ClusterLevel.of(share, own))
    if truth is not None and asked.autocorrelation is None:
        residual = truth.residual * (1.0 - sum(shares)) / truth.residual[-1, -1]
    else:
        waves = asked.waves if asked.waves is not None else len(truth.waves) if truth is not None else 0
        residual = correlations(waves, asked.autocorrelation or 0.0, asked.decay) * (1.0 - sum(shares))
    lost = asked.loss or (truth.lost if truth is not None and len(truth.lost) == len(residual) else ())
    size, spread = _sizes(template, truth, asked)
    each = (asked.lower or 2) if levels > 1 else 2 if asked.arm == "within" and levels else 1
    halves = each if levels == 1 else 1
    study = NextStudy(asked.upper or 1, each, size / halves, spread, asked.arm, 0.0)
    if levels:
        study.check()
    return WaveStudy(study, residual, tuple(clusters), pattern_of_loss(tuple(lost), len(residual)))


def _missing(asked: Asked, truth: EstimatedTruth | None, levels: int) -> list[Problem]:
    """What neither an option nor a model says."""
    unknown = []
    if truth is None:
        needed = {"--waves": asked.waves, "--autocorrelation": asked.autocorrelation, "--people": asked.people}
        if levels:
            needed |= {"--icc-upper": asked.icc_upper, "--cluster-autocorrelation": asked.cluster_autocorrelation}
        if levels > 1:
            needed["--icc-lower"] = asked.icc_lower
        unknown = [name for name, value in needed.items() if value is None]
    elif asked.autocorrelation is None and asked.waves not in (None, len(truth.waves)):
        unknown = ["--autocorrelation"]
    if levels and asked.upper is None:
        unknown.append("--upper")
    hint = "give them, or run the workflow with a model over time" if truth is None else "give it"
    problems = [Problem("not known: " + ", ".join(unknown), hint=hint)] if unknown else []
    if asked.waves is not None and asked.waves < 2:
        problems.append(Problem("--waves", value=str(asked.waves), allowed="two or more"))
    if not levels and asked.people is not None and asked.people < 4:
        problems.append(Problem(f"{PEOPLE} of the study", value=f"{asked.people:g}", allowed="four or more"))
    if asked.decay and asked.autocorrelation is None:
        problems.append(Problem("--decay says how the correlation of --autocorrelation falls", hint="give that, too"))
    return problems


def _sizes(template: AnalysisSpec, truth: EstimatedTruth | None, asked: Asked) -> tuple[float, float]:
    """Mean and coefficient of variation of people in the (lower) clusters at the start."""
    if truth is None or not template.levels:
        people = asked.people if asked.people is not None else float(truth.people if truth is not None else 0)
        return people, asked.cv or 0.0
    mean, spread = observed_sizes(truth.sizes)
    return asked.people if asked.people is not None else mean, spread if asked.cv is None else asked.cv


def model_at(
    study: WaveStudy, template: AnalysisSpec, truth: EstimatedTruth | None
) -> tuple[LinearMixedFit, tuple[str, ...], float]:
    """The model of another study at its truth, its waves and the unit of its differences."""
    frame = study.people(template)
    fit = at_variances(
        study.formula(template),
        frame,
        study.variances,
        study.residual,
        covariance="unstructured" if truth is None else truth.covariance,
        within=template.participant,
        occasion="wave",
        reference={template.arm: template.reference},
    )
    return fit, tuple(sorted(frame["wave"].unique())), 1.0
