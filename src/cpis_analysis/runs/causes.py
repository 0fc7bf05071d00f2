"""Why a result may differ from that of another run: plan, files, libraries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpis_analysis.runs.plan_changes import PlanChange, as_template, is_presentation, shown_value, touches
from cpis_analysis.runs.record import Run


@dataclass(frozen=True)
class Cause:
    """Why an analysis may have moved.

    Attributes
    ----------
    kind : str
        ``plan``, ``data``, ``version``, ``code`` or ``unknown``.
    text : str
    line_before, line_after : int or None
        Lines of the plans.
    key, before, after : str
        A changed value of the plan; empty for other causes.
    """

    kind: str
    text: str
    line_before: int | None = None
    line_after: int | None = None
    key: str = ""
    before: str = ""
    after: str = ""


def causes_of(analysis: str, before: Run, after: Run, changes: list[PlanChange]) -> list[Cause]:
    """What the plan says differently of one analysis."""
    old, new = before.specs.get(analysis), after.specs.get(analysis)
    spec = new or old
    if spec is None:
        outcome, _, model = analysis.partition(".")
        spec = {"outcome": outcome, "model": model, "population": "", "name": analysis}
    found = [
        cause_in_plan(change, before, after)
        for change in changes
        if touches(change, spec) or (old is not None and touches(change, old))
    ]
    if found or (old is None and new is None):
        return found
    # the plans are not known any more, but the specifications are
    if new is None:
        return [Cause("plan", "the plan no longer has the analysis")]
    if old is None:
        return [Cause("plan", "the plan has the analysis since")]
    return [
        Cause(
            "plan",
            as_template(f"{name}: {shown_value(old.get(name))} -> {shown_value(new.get(name))}", spec["outcome"]),
        )
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def causes_unknown(before: Run, after: Run) -> list[Cause]:
    """What is left where neither the plan nor anything else that is known differs."""
    if not before.complete or not after.complete:
        return [Cause("unknown", "plan, data and versions of one of the runs are not known")]
    if before.plan is None or after.plan is None:
        return [Cause("unknown", "the plan of one of the runs is not known, and data and versions are the same")]
    return [
        Cause(
            "code",
            "plan, raw data and versions are the same: the code of the package has changed, or a file "
            "was edited by hand",
        )
    ]


def cause_in_plan(change: PlanChange, before: Run, after: Run) -> Cause:
    """A change of the plan with its lines in both."""
    verb = {"added": "added", "removed": "removed"}.get(change.kind)
    text = (
        f"{change.key} {verb}"
        if verb
        else (f"{change.key}: {shown_value(change.before)} -> {shown_value(change.after)}")
    )
    only = " (presentation only)" if is_presentation(change) else ""
    values = ("", "", "") if verb else (change.key + only, shown_value(change.before), shown_value(change.after))
    return Cause(
        "plan",
        text + only,
        None if change.kind == "added" else before.line_of(change.path),
        None if change.kind == "removed" else after.line_of(change.path),
        *values,
    )


def causes_in_files(kind: str, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Cause]:
    """Files by their checksums: new, gone or changed; one without a checksum is not judged."""
    if not before or not after:
        return
    for name in sorted({*before, *after}):
        unknown = name in before and name in after and None in (before[name], after[name])
        if not unknown and before.get(name) != after.get(name):
            verb = "new" if name not in before else "gone" if name not in after else "changed"
            yield Cause(kind, f"{name} {verb}")


def causes_in_versions(before: Mapping[str, str], after: Mapping[str, str]) -> list[Cause]:
    """Libraries and Python of another version."""
    if not before or not after:
        return []
    return [
        Cause("version", f"{name}: {before.get(name, 'absent')} -> {after.get(name, 'absent')}")
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
