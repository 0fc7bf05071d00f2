"""Everything that is known of the plan's history, for the report: the lock, its past, and what differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_design import occasion_of
from cpis_analysis.runs.locked.deviations import Deviation, deviations, headline_deviations, today_of
from cpis_analysis.runs.locked.lock import outcomes_at_lock, read_lock
from cpis_analysis.runs.locked.lock_history import LockHistory
from cpis_analysis.runs.locked.unblinding import Unblinding, read_unblinding, unblinding_of


@dataclass(frozen=True)
class LockStatus:
    """What may be said of when the analyses were chosen.

    Attributes
    ----------
    locked_on : str
        Date that the lock names; empty: there is no lock.
    made_on : str
        Date on which the file was written.
    history : LockHistory
        What version control knows of the lock.
    replaces : tuple of str
        Dates of the locks that this one took the place of.
    interviews : tuple of str
        Raw files of interviews that were there when the plan was locked.
    estimates : bool
        Whether results of an earlier run were there.
    raw_known : bool
        Whether raw files that were there could be compared with the lock.
    deviations : tuple of Deviation
    headlines : mapping of str to tuple of str
        By outcome, the changed keys that bear on its headline analysis.
    unblinding : Unblinding or None
        When the groups of a blinded copy were told; None where they were not.
    unblinding_history : LockHistory
        What version control knows of the record of it.
    occasion : str
        What a person has at a wave: an interview, or a measurement.
    """

    locked_on: str = ""
    made_on: str = ""
    history: LockHistory = field(default_factory=LockHistory)
    replaces: tuple[str, ...] = ()
    interviews: tuple[str, ...] = ()
    estimates: bool = False
    raw_known: bool = True
    deviations: tuple[Deviation, ...] = ()
    headlines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unblinding: Unblinding | None = None
    unblinding_history: LockHistory = field(default_factory=LockHistory)
    occasion: str = "interview"

    @property
    def before_results(self) -> bool:
        """Whether neither interviews nor results were there when the plan was locked."""
        return bool(self.locked_on) and not self.interviews and not self.estimates


def lock_status(
    content: PlanFile, root: Path, history: LockHistory, unblinding_history: LockHistory | None = None
) -> LockStatus:
    """Read and verify the lock beside a plan, and hold the plan of today against it; read the record of unblinding.

    Raises
    ------
    PlanError
        As `read_lock` and `read_unblinding` do.
    """
    lock, record = read_lock(root), read_unblinding(root)
    unblinding = unblinding_of(record, lock) if record else None
    since = unblinding_history or LockHistory()
    if lock is None:
        return LockStatus(
            history=history,
            unblinding=unblinding,
            unblinding_history=since,
            occasion=occasion_of(content.data, content.design),
        )
    today = today_of(lock, root)
    return LockStatus(
        locked_on=lock["locked_on"],
        made_on=lock["made_on"],
        history=history,
        replaces=tuple(str(one["locked_on"]) for one in lock["replaces"]),
        interviews=tuple(outcomes_at_lock(lock)),
        estimates=lock["estimates_at_lock"],
        raw_known=today.raw_known or not any(lock["raw"].values()),
        deviations=tuple(deviations(content, lock, today)),
        headlines=headline_deviations(content, lock),
        unblinding=unblinding,
        unblinding_history=since,
        occasion=occasion_of(content.data, content.design),
    )
