"""Two runs side by side: which estimates moved, by how much of a standard error, and what caused it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cpis_analysis.plan.outcome_scale import important_of, scale_of_formula
from cpis_analysis.runs.causes import (
    Cause,
    cause_in_plan,
    causes_in_files,
    causes_in_versions,
    causes_of,
    causes_unknown,
)
from cpis_analysis.runs.conclusions import changed_conclusions, conclusions
from cpis_analysis.runs.plan_changes import PlanChange, plan_changes
from cpis_analysis.runs.record import Run
from cpis_analysis.runs.result_cells import FileChange, changed_files

NAMES = ("analysis", "outcome", "model", "contrast", "formula", "estimand")
"""Columns that say which row it is and how it was asked for; all others are compared."""
NEGLIGIBLE = 1e-9
"""Differences below this share of the number (of the standard error, for estimates) are rounding of sums."""


@dataclass(frozen=True)
class AnalysisChange:
    """One row of the comparison.

    Attributes
    ----------
    analysis, contrast : str
    status : str
        ``same``, ``moved`` (the estimate differs), ``scale`` (it is on another scale, so that nothing can be
        subtracted), ``inference`` (estimate as before, but another number of the row,
        or the conclusion, differs), ``entered`` or ``left``.
    before, after : dict or None
        Rows of estimates.csv.
    shift : float or None
        After less before.
    in_se : float or None
        The shift in standard errors of the earlier run.
    differs : tuple of str
        Columns that differ.
    concluded : mapping of str to (str, str)
        Changed conclusions by question, before and after (`conclusions.conclusions`).
    causes : tuple of Cause
    scales : (str, str)
        On which scale the estimates are, before and after.
    """

    analysis: str
    contrast: str
    status: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    shift: float | None = None
    in_se: float | None = None
    differs: tuple[str, ...] = ()
    concluded: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    scales: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two runs.

    Attributes
    ----------
    before, after : Run
    analyses : tuple of AnalysisChange
        In the later run's order; what has left comes last.
    causes : tuple of Cause
        Changes of plan, data, versions and code, whether or not a number moved.
    remarks : tuple of str
        What could not be compared.
    files : tuple of FileChange
        Result files beside estimates.csv that differ.
    """

    before: Run
    after: Run
    analyses: tuple[AnalysisChange, ...]
    causes: tuple[Cause, ...]
    remarks: tuple[str, ...]
    files: tuple[FileChange, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether any number of the results differs."""
        return bool(self.of("moved", "scale", "inference", "entered", "left") or self.files)

    @property
    def concluded(self) -> list[AnalysisChange]:
        """Analyses of which another conclusion is drawn now, headlines first."""
        heads = {
            f"{name}.{part['models'][0]}"
            for run in (self.before, self.after)
            for name, part in (run.plan or {}).get("outcomes", {}).items()
            if part.get("models")
        }
        return sorted(
            (change for change in self.analyses if change.concluded), key=lambda change: change.analysis not in heads
        )

    def several(self, analysis: str) -> bool:
        """Whether an analysis has more than one row, so that its name does not tell them apart."""
        return sum(change.analysis == analysis for change in self.analyses) > 1

    def of(self, *statuses: str) -> list[AnalysisChange]:
        """Analyses with one of these statuses."""
        return [change for change in self.analyses if change.status in statuses]


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare two runs.

    1. Rows are matched by analysis and contrast.
    2. Changes of the plan are assigned to the analyses that their keys can touch; changes of raw files, versions and
       code to every analysis that moved.
    """
    changes = plan_changes(before.plan, after.plan) if before.plan is not None and after.plan is not None else []
    world = [
        *causes_in_files("data", before.manifest.get("inputs", {}), after.manifest.get("inputs", {})),
        *causes_in_versions(before.manifest.get("versions", {}), after.manifest.get("versions", {})),
        *causes_in_files("code", before.manifest.get("code", {}), after.manifest.get("code", {})),
    ]
    rows = []
    for key in [*after.estimates, *(key for key in before.estimates if key not in after.estimates)]:
        rows.append(_compare(key, before, after, changes, world))
    plan_causes = [cause_in_plan(change, before, after) for change in changes]
    return Comparison(
        before,
        after,
        tuple(rows),
        (*plan_causes, *world),
        tuple(_remarks(before, after)),
        tuple(changed_files(before.files, after.files) if before.files and after.files else ()),
    )


def _compare(
    key: tuple[str, str], before: Run, after: Run, changes: list[PlanChange], world: list[Cause]
) -> AnalysisChange:
    analysis, contrast = key
    old, new = before.estimates.get(key), after.estimates.get(key)
    if old is None or new is None:
        status = "entered" if old is None else "left"
        causes = causes_of(analysis, before, after, changes) or causes_unknown(before, after)
        return AnalysisChange(analysis, contrast, status, old, new, causes=tuple(causes))
    # a column that only one version of the software writes says nothing about the results
    differs = tuple(name for name in old if name in new and name not in NAMES and _differs(name, old, new))
    concluded = changed_conclusions(_concluded(before, key), _concluded(after, key))
    if not differs and not concluded:
        return AnalysisChange(analysis, contrast, "same", old, new, 0.0, 0.0)
    scales = (_scale(before, key), _scale(after, key))
    # points can't be subtracted from logarithms
    known = old["estimate"] is not None and new["estimate"] is not None and scales[0] == scales[1]
    shift = new["estimate"] - old["estimate"] if known else None
    in_se = shift / old["se"] if shift is not None and old["se"] else None
    causes = [*causes_of(analysis, before, after, changes), *world] or causes_unknown(before, after)
    status = "scale" if scales[0] != scales[1] else "moved" if "estimate" in differs else "inference"
    return AnalysisChange(analysis, contrast, status, old, new, shift, in_se, differs, concluded, tuple(causes), scales)


def _scale(run: Run, key: tuple[str, str]) -> str:
    """On which scale a run has a row; a run of before the column has it in its formula."""
    row, spec = run.estimates[key], run.specs.get(key[0], {})
    binary = spec.get("outcome_type") == "binary" or str(row.get("measure") or "").startswith("risk")
    return str(row.get("scale") or scale_of_formula(str(row.get("formula") or spec.get("formula") or ""), binary).name)


def _concluded(run: Run, key: tuple[str, str]) -> dict[str, str]:
    """What a run concludes of a row, by its own plan."""
    row, spec = run.estimates[key], run.specs.get(key[0], {})
    outcome = (run.plan or {}).get("outcomes", {}).get(key[0].partition(".")[0], {})
    return conclusions(row, spec.get("level"), important_of(outcome, _scale(run, key)))


def _differs(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    a, b = old.get(name), new.get(name)
    if a == b:
        return False
    if not isinstance(a, float) or not isinstance(b, float):
        return True
    if math.isinf(a) or math.isinf(b):
        return True
    scale = old.get("se") if name in ("estimate", "ci_low", "ci_high") else max(abs(a), abs(b))
    return abs(a - b) > NEGLIGIBLE * (scale or 1.0)


def _remarks(before: Run, after: Run) -> Iterator[str]:
    columns = [set(next(iter(run.estimates.values()), ())) for run in (before, after)]
    only = sorted(columns[0] ^ columns[1]) if all(columns) else []
    if only:
        yield f"Only one of the runs has these columns, which were not compared: {', '.join(only)}."
    if bool(before.files) != bool(after.files):
        yield "Tables, flow and tipping points of one of the runs are not there and were not compared."
    for run in (before, after):
        if not run.complete:
            yield (
                f"The manifest of {run.name} is not that of its estimates: a run made some of the files only, "
                "or they were edited. Plan, data and versions behind them are not known; cpis run completes "
                "them."
            )
            continue
        if not run.manifest:
            yield f"{run.name} has no manifest: its data and versions are not known."
        unknown = [name for name, digest in run.manifest.get("inputs", {}).items() if digest is None]
        if unknown:
            yield (
                f"The checksums of the raw data of {run.name} are not here, as they stay with the private "
                "files: whether the data changed can't be told."
            )
        if run.plan is None:
            yield (
                f"The plan of {run.name} is not known any more: config.yaml has been edited since. "
                "`cpis archive` keeps it with the run."
            )
