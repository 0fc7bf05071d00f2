"""Sentences on when the analyses were chosen: nothing is claimed that the lock and its history do not show."""

from __future__ import annotations

from cpis_analysis.plan.naming import plural
from cpis_analysis.publish.format import count
from cpis_analysis.publish.sources.source import Cell
from cpis_analysis.publish.sources.sourced import carrying
from cpis_analysis.runs.locked.lock import LOCK
from cpis_analysis.runs.locked.lock_status import LockStatus
from cpis_analysis.words.wording import capitalised, counted, in_words, listed

NAMED_KEYS = 4
"""So many changed keys are named in a sentence; the table has all."""


def headline_sentence(status: LockStatus, outcome: str) -> str:
    """What is known of the choice of an outcome's headline analysis, for whoever compares it with the others.

    Parameters
    ----------
    status : LockStatus
    outcome : str
        Name in the plan.
    """
    if not status.locked_on:
        return (
            "The headline analysis is the first that the plan lists; the plan is not locked, so nothing shows that "
            "it was chosen before the results were seen."
        )
    if outcome in status.headlines:
        return f"The headline analysis is not as it was locked on {status.locked_on}."
    if status.before_results:
        return (
            f"The headline analysis is as it was locked on {status.locked_on}, when no raw file of "
            f"{plural(status.occasion)} and no results were in the folder."
        )
    return (
        f"The headline analysis is as it was locked on {status.locked_on}; {_there(status)} then, and whether "
        "anybody had looked at the outcomes a lock can't know."
    )


def planned_sentences(status: LockStatus, primary: str) -> list[str]:
    """For the key findings: where the primary analysis is not the locked one, or the lock itself has a past.

    Empty where there is nothing to warn of.
    """
    said = []
    keys = status.headlines.get(primary, ())
    if keys:
        more = f" and {counted(_of_lock(len(keys) - NAMED_KEYS, 'others'), 'other')}" if len(keys) > NAMED_KEYS else ""
        named = ", ".join(keys[:NAMED_KEYS]) if more else listed(keys)
        said.append(
            f"The primary analysis differs from the one that was locked on {status.locked_on}: changed since "
            f"{'is' if len(keys) == 1 else 'are'} {named}{more} (see Deviations from the locked plan)."
        )
    data = [item for item in status.deviations if item.kind == "data"]
    if data:
        verb = "was" if len(data) == 1 else "were"
        said.append(
            f"{capitalised(in_words(len(data)))} raw {'file' if len(data) == 1 else 'files'} that {verb} there "
            f"when the plan was locked {verb} changed since."
        )
    return said + _past(status)


def deviation_sentences(status: LockStatus) -> list[str]:
    """The lock, its past, and how much differs from it."""
    if not status.locked_on:
        return _past(status)
    made = f" (the file was written on {status.made_on})" if status.made_on != status.locked_on else ""
    said = [
        f"The plan was locked on {status.locked_on}{made}, "
        + (
            "when no raw file of interviews and no results were in the folder."
            if status.before_results
            else f"when {_there(status)}; whether anybody had looked at the outcomes, the lock can't know."
        )
    ]
    said += [_vouched(status), *_past(status)]
    if not status.raw_known:
        said.append(
            "Whether the raw files that were there are still the same is not known: the key of their checksums "
            "is not with the private files."
        )
    bearing = _of_lock(sum(not item.presentation for item in status.deviations), "bearing")
    total = _of_lock(len(status.deviations), "deviations")
    if not total:
        said.append("Nothing differs from what was locked.")
    else:
        each = (
            "none of it can alter a number"
            if not bearing
            else (
                "it can alter a number"
                if total == bearing == 1
                else f"{count(bearing)} of {count(total)} can alter a number, and the rest is presentation only"
                if bearing < total
                else "all of them can alter a number"
            )
        )
        said.append(
            f"{'One thing differs' if total == 1 else f'{count(total)} things differ'} from what was locked; {each}."
        )
    return said


def _of_lock(number: int, what: str) -> int:
    """A number of things in which the lock and the run differ."""
    return carrying(number, Cell(LOCK, "", what))


def _there(status: LockStatus) -> str:
    """What was in the folder when the plan was locked."""
    files = (
        f"raw files of {plural(status.occasion)} were there already ({', '.join(status.interviews)})"
        if status.interviews
        else ""
    )
    results = "results of an earlier run were there already" if status.estimates else ""
    return " and ".join(filter(None, [files, results]))


def _vouched(status: LockStatus) -> str:
    """Who vouches for the date."""
    history = status.history
    if not history.repository:
        return (
            "No version control with its history was found beside the plan, so nothing but the lock itself vouches "
            "for its date."
        )
    if not history.first:
        return "The lock is not in version control, so nothing but the lock itself vouches for its date."
    if not history.commit:
        return (
            f"Version control has a lock since {history.first_on} (commit {history.first}), but the one in the "
            "folder is another."
        )
    if history.commit == history.first:
        return f"The lock is in version control since {history.first_on} (commit {history.first}), never changed since."
    return (
        f"The lock as it is now is in version control since {history.committed_on} (commit {history.commit}); the "
        f"first one came on {history.first_on} (commit {history.first})."
    )


def _past(status: LockStatus) -> list[str]:
    """What happened to locks: replaced, changed, deleted."""
    history, said = status.history, []
    if status.replaces:
        said.append(
            f"This lock replaces {'an earlier one' if len(status.replaces) == 1 else 'earlier ones'}, dated "
            f"{listed(status.replaces)}."
        )
    if history.first and not status.locked_on:
        said.append(
            f"A lock of the plan came into version control on {history.first_on} (commit {history.first}) and "
            "is not there any more."
        )
    elif history.changes or (history.first and history.uncommitted):
        times = f"changed {_times(history.changes)} after that" if history.changes else ""
        if history.deletions:
            times += f" ({_times(history.deletions)} by deleting it)"
        since = "the lock in the folder differs from the one last committed" if history.uncommitted else ""
        said.append(
            f"The lock came into version control on {history.first_on} and was {times}"
            f"{'; ' if times and since else ''}{since}."
            if times
            else f"{capitalised(since)}."
        )
    return said


def _times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{in_words(number)} times"
