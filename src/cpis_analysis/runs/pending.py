"""What a run would redo and why, in terms of analyses: from a dry run of Snakemake and the specifications on disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cpis_analysis import __file__ as package_file
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.runs.fitted_models import recorded_specs
from cpis_analysis.runs.making import AGAIN
from cpis_analysis.runs.pending_fits import FITTING_JOB, reasons_to_fit
from cpis_analysis.runs.snakemake import dry_run

_JOB = re.compile(r"^Job \d+: (?P<message>.+)$")
_REASON = re.compile(r"^Reason: (?P<reason>.+)$")
_WRONG = re.compile(rf"^{re.escape(AGAIN)}(?P<what>.+) \[(?P<job>[^\]]+)\]$")
FITTING = "Fitting the models"
"""What the workflow says of the fitting job."""
_COUNTED = re.compile(r"^([a-z]\w*) +\d+$", re.MULTILINE)
_DATA_JOB = "build_dataset"


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
    """One analysis that would be fitted again, and why, in plain sentences."""

    analysis: str
    why: tuple[str, ...]


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
        Other stages; the fitting of the models among them where it fits nothing, or its files were
        changed.
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


def planned_rules(text: str) -> set[str]:
    """Rules that a dry run counts."""
    return set(_COUNTED.findall(text)) - {"total", "all"}


def pending_work(
    text: str, order: Sequence[str], recorded: Sequence[str], reasons: Callable[[bool], Mapping[str, tuple[str, ...]]]
) -> Work:
    """Translate a dry run into analyses and stages.

    Parameters
    ----------
    text : str
        What Snakemake said.
    order : sequence of str
        Analyses of the plan.
    recorded : sequence of str
        Analyses that were fitted last.
    reasons : callable
        Gives the reasons of the analyses that would be fitted again, told whether the data are made again; asked only
        where the fitting job would run.
    """
    rules, jobs = planned_rules(text), read_dry_run(text)
    found = reasons(_DATA_JOB in rules) if FITTING_JOB in rules else {}
    analyses = tuple(PendingAnalysis(name, found[name]) for name in order if name in found)
    stages = tuple(
        PendingStage(job.message, _why(job)) for job in jobs if job.message != FITTING or job.wrong or not analyses
    )
    return Work(analyses, stages, tuple(sorted(set(recorded) - set(order))))


def work_of_run(plan: Plan, path: Path) -> Work:
    """What a run would do.

    Parameters
    ----------
    plan : Plan
    path : Path
        Its file.
    """
    # Snakemake refuses to run with another package than this one
    source = Path(package_file).parents[1]
    return pending_work(
        dry_run(path),
        [spec.name for spec in plan.specifications()],
        list(recorded_specs(plan.root)),
        lambda data_made_again: reasons_to_fit(plan, source, data_made_again),
    )


def undone(plan: Plan, path: Path) -> list[str]:
    """What a run would do, one line a stage and one for the analyses; empty where results and plan belong together."""
    work = work_of_run(plan, path)
    fits = (
        [f"{len(work.analyses)} analyses, {work.analyses[0].analysis} among them: {work.analyses[0].why[0]}"]
        if work.analyses
        else []
    )
    return fits + [f"{item.stage}: {item.why}" for item in work.stages]


def _why(job: Job) -> str:
    """Why a job is done, in the words of a study."""
    if job.wrong:
        return "; ".join(job.wrong)
    text = job.reason.strip()
    lower = text.lower()
    if not text:
        return "asked for"
    parts = [said for sign, said in _REASONS if sign in lower]
    updated = re.search(r"updated input files: ([^;]*)", text, re.IGNORECASE)
    if updated:
        parts.insert(sum(sign in lower for sign, _ in _REASONS[:2]), _files(updated[1]))
    return "; ".join(dict.fromkeys(parts)) or text[:200]


_REASONS = (
    ("missing output files", "not done yet"),
    ("params have changed", "the plan changed"),
    ("input files updated by another job", "what it is made from is done again"),
    ("set of input files has changed", "it is made from other files than before"),
    ("code has changed", "the workflow's rule changed"),
    ("forced execution", "asked for"),
    ("incomplete", "an earlier run was interrupted"),
)
"""What Snakemake says, and what it means; files that were edited are named after the first two."""


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
