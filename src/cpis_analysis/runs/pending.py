"""What a run would redo and why, in terms of analyses: from a dry run of Snakemake and the specifications on disk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.runs.fitted_models import as_specification, recorded_specs
from cpis_analysis.runs.making import AGAIN
from cpis_analysis.runs.plan_changes import as_template, shown_value
from cpis_analysis.runs.snakemake import dry_run

__all__ = ["Job", "PendingAnalysis", "PendingStage", "Work", "pending_work", "read_dry_run", "undone"]

_JOB = re.compile(r"^Job \d+: (?P<message>.+)$")
_REASON = re.compile(r"^Reason: (?P<reason>.+)$")
_WRONG = re.compile(rf"^{re.escape(AGAIN)}(?P<what>.+) \[(?P<job>[^\]]+)\]$")
_FIT = re.compile(r"^Fitting (?P<model>\w+)$")


@dataclass(frozen=True)
class Job:
    """One job of a dry run: its rule's message and the reason, as Snakemake gives them.

    Attributes
    ----------
    message, reason : str
    wrong : tuple of str
        Outputs that are not as they were written, each with what is wrong, as the workflow's memory gives them.
    """

    message: str
    reason: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class PendingAnalysis:
    """One analysis that would be done again.

    Attributes
    ----------
    analysis : str
    why : tuple of str
        Plain sentences.
    changed : bool
        Whether the analysis itself changed; False where it is refitted because it shares a job.
    """

    analysis: str
    why: tuple[str, ...]
    changed: bool


@dataclass(frozen=True)
class PendingStage:
    """One other stage that would be done again, such as the tables."""

    stage: str
    why: str


@dataclass(frozen=True)
class Work:
    """What a run would do.

    Attributes
    ----------
    analyses : tuple of PendingAnalysis
    stages : tuple of PendingStage
    leaving : tuple of str
        Analyses on disk that the plan no longer has.
    """

    analyses: tuple[PendingAnalysis, ...]
    stages: tuple[PendingStage, ...]
    leaving: tuple[str, ...]


def read_dry_run(text: str) -> list[Job]:
    """Jobs of ``snakemake --dry-run``; the overview at the end is not read."""
    jobs: list[Job] = []
    wrong: dict[str, list[str]] = {}
    for line in text.splitlines():
        if found := _JOB.match(line):
            jobs.append(Job(found["message"], ""))
        elif (found := _REASON.match(line)) and jobs and not jobs[-1].reason:
            jobs[-1] = Job(jobs[-1].message, found["reason"])
        elif found := _WRONG.match(line):
            wrong.setdefault(found["job"], []).append(found["what"])
    return [replace(job, wrong=tuple(wrong.get(job.message, ()))) for job in jobs]


def pending_work(jobs: Sequence[Job], specs: Sequence[AnalysisSpec], recorded: Mapping[str, Mapping[str, Any]]) -> Work:
    """Translate jobs into analyses.

    Parameters
    ----------
    jobs : sequence of Job
    specs : sequence of AnalysisSpec
        Analyses of the plan.
    recorded : mapping
        Specifications that were fitted last, by analysis.
    """
    analyses, stages = [], []
    for job in jobs:
        fit = _FIT.match(job.message)
        if fit is None:
            stages.append(PendingStage(job.message, _why(job)))
            continue
        for spec in specs:
            if spec.model == fit["model"]:
                analyses.append(_analysis(spec, job, recorded.get(spec.name)))
    names = {spec.name for spec in specs}
    order = {spec.name: at for at, spec in enumerate(specs)}
    analyses.sort(key=lambda item: order[item.analysis])
    leaving = tuple(sorted(name for name in recorded if name not in names))
    return Work(tuple(analyses), tuple(stages), leaving)


def undone(plan: Plan, path: Path) -> list[str]:
    """What a run would do, one line a stage and one for the analyses; empty where results and plan belong together."""
    work = pending_work(read_dry_run(dry_run(path)), plan.specifications(), recorded_specs(plan.root))
    fits = (
        [f"{len(work.analyses)} analyses, {work.analyses[0].analysis} among them: {work.analyses[0].why[0]}"]
        if work.analyses
        else []
    )
    return fits + [f"{item.stage}: {item.why}" for item in work.stages]


def _analysis(spec: AnalysisSpec, job: Job, recorded: Mapping[str, Any] | None) -> PendingAnalysis:
    if recorded is None:
        return PendingAnalysis(spec.name, ("new: there is no earlier fit",), True)
    earlier = as_specification(dict(recorded))
    before, now = dict(recorded) if earlier is None else asdict(earlier), asdict(spec)
    differs = [name for name in now if now[name] != before.get(name)]
    if differs:
        return PendingAnalysis(
            spec.name,
            tuple(
                as_template(f"{name}: {shown_value(before.get(name))} -> {shown_value(now[name])}", spec.outcome)
                for name in differs
            ),
            True,
        )
    if "params" in job.reason.lower():
        return PendingAnalysis(
            spec.name, ("unchanged; another analysis of its model changed, which are headlines, or the seed",), False
        )
    return PendingAnalysis(spec.name, (_why(job),), True)


def _why(job: Job) -> str:
    """Why a job is done, in the words of a study."""
    if job.wrong:
        return "; ".join(job.wrong)
    text = job.reason.strip()
    lower = text.lower()
    if not text:
        return "asked for"
    parts = []
    if "missing output files" in lower:
        parts.append("not done yet")
    if "params have changed" in lower:
        parts.append("the plan changed")
    updated = re.search(r"updated input files: ([^;]*)", text, re.IGNORECASE)
    if updated:
        parts.append(_files(updated[1]))
    if "input files updated by another job" in lower:
        parts.append("what it is made from is done again")
    if "set of input files has changed" in lower:
        parts.append("it is made from other files than before")
    if "code has changed" in lower:
        parts.append("the workflow's rule changed")
    if "forced execution" in lower:
        parts.append("asked for")
    if "incomplete" in lower:
        parts.append("an earlier run was interrupted")
    return "; ".join(dict.fromkeys(parts)) or text[:200]


def _files(text: str) -> str:
    names = [name.strip() for name in text.split(",")]
    code = sorted({name.split("src/")[-1] for name in names if name.endswith(".py")})
    data = sorted(name for name in names if not name.endswith(".py"))
    parts = []
    if data:
        parts.append(f"changed: {', '.join(data)}")
    if code:
        more = f" and {len(code) - 3} more" if len(code) > 3 else ""
        parts.append(f"code changed: {', '.join(code[:3])}{more}")
    return "; ".join(parts)
