"""Sentences on when the groups of a blinded analysis were told."""

from __future__ import annotations

from cpis_analysis.runs.locked.lock_status import LockStatus
from cpis_analysis.runs.locked.unblinding import Unblinding


def unblinding_sentences(status: LockStatus) -> list[str]:
    """When, by whom, and what was there then; nothing where no blinded study was unblinded.

    Nothing is claimed that the record and version control do not show.
    """
    told, history = status.unblinding, status.unblinding_history
    if told is None:
        if not history.first:
            return []
        return [
            f"A record of unblinding came into version control on {history.first_on} (commit {history.first}) and is "
            "not there any more."
        ]
    by = f" at the request of {told.by}" if told.by else ""
    said = [
        f"A blinded copy of the study, with the groups under letters in an order drawn by chance, was unblinded on "
        f"{told.unblinded_on}{by}.",
        _analysis(told),
        _lock(told),
    ]
    if told.open_results:
        said.append(
            "Results with the groups under their own names were in the study's folder then; whether whoever analysed "
            "the blinded copy had seen them, the record can't know."
        )
    return [*filter(None, said), _vouched(status)]


def _analysis(told: Unblinding) -> str:
    if not told.finished:
        return "The blinded analysis had not been run to its end by then."
    changed = " and ".join(
        filter(None, ["its plan" if told.plan_changed else "", "its data" if told.data_changed else ""])
    )
    since = f"; {changed} had been changed since the copy was made" if changed else ""
    return (
        f"The blinded analysis had been run to its end by then (plan {told.plan}, estimates {told.estimates}){since}."
    )


def _lock(told: Unblinding) -> str:
    if not told.locked_on:
        return "The plan was not locked when the groups were told."
    if told.other_lock:
        return f"The lock of {told.locked_on} that was there then is not the one that is there now."
    return f"The plan had been locked on {told.locked_on}."


def _vouched(status: LockStatus) -> str:
    history = status.unblinding_history
    if not history.first:
        return "The record of it is not in version control, so nothing but itself vouches for its date."
    if history.uncommitted or history.changes:
        return (
            f"A record of it is in version control since {history.first_on} (commit {history.first}) and was changed "
            "after that."
        )
    return f"The record of it is in version control since {history.first_on} (commit {history.first})."
