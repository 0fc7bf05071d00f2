"""Stages before recruitment in the flow diagram: checked to add up, and put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from cpis_analysis.disclosure.counts import OTHER_REASONS, merge_reasons
from cpis_analysis.errors import Problem
from cpis_analysis.plan.naming import MANY
from cpis_analysis.publish.format import count
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.words.labels import Labels

_STAGES = {
    "approached": "{people} approached",
    "eligible": "eligible",
    "consented": "agreed to take part",
    "recruited": "{people} recruited",
}
_LOST = {"eligible": "Not eligible", "consented": "Did not agree to take part", "recruited": "Not recruited"}


def differing(what: str, found: int, wanted: int) -> Iterator[Problem]:
    """That two numbers which should be the same are not."""
    if found != wanted:
        yield Problem(what, value=str(found), allowed=str(wanted))


def screening_problems(flow: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything in the stages before recruitment that does not add up; nothing where the study has none."""
    screening = flow.get("screening")
    if not screening:
        return
    overall = screening["overall"]
    yield from differing(
        "recruited: the stages before recruitment end with another number",
        int(overall["recruited"]),
        int(flow["overall"]["recruited"]),
    )
    for part, word in (("by_trust", "trusts"), ("by_team", "teams")):
        for stage in overall if screening.get(part) else ():
            total = sum(int(counts[stage]) for counts in screening[part].values())
            yield from differing(f"{stage}: the sum over the {word} is not the total", total, int(overall[stage]))
    places = {"all": overall, **screening.get("by_trust", {}), **screening.get("by_team", {})}
    for place, counts in places.items():
        for before, after in pairwise(_in_order(counts)):
            if int(counts[after]) > int(counts[before]):
                message = f"{place}: more {PEOPLE} {after} than {before}"
                yield Problem(message, value=str(counts[after]), allowed=f"at most {counts[before]}")
    reasons = sum(int(row["n"]) for row in screening.get("not_recruited", ()))
    # who was not recruited and gave no reason need not stand there
    if reasons > (lost := int(overall[_in_order(overall)[0]]) - int(overall["recruited"])):
        yield Problem(f"not recruited: more reasons than {PEOPLE}", value=str(reasons), allowed=str(lost))


def screening_boxes(flow: Mapping[str, Any], labels: Labels) -> list[tuple[tuple[str, ...], bool]]:
    """Text of the boxes from the first approach to before recruitment, each with whether it is of people lost.

    Parameters
    ----------
    flow : mapping
        results/flow.json; ``screening`` holds ``overall`` (stages in order), ``by_trust`` and ``not_recruited``.
    labels : Labels

    Returns
    -------
    list of (lines, loss)
        Nothing where the study has no stages before recruitment.
    """
    screening = flow.get("screening")
    if not screening or len(screening["overall"]) < 2:
        return []
    stages = [(stage, screening["overall"][stage]) for stage in _in_order(screening["overall"])]
    boxes: list[tuple[tuple[str, ...], bool]] = []
    losses: list[int] = []
    for (before, n), (after, left) in pairwise(stages):
        first = not boxes
        boxes.append(
            (
                (
                    f"{count(n)} {_STAGES[before].format(people=labels.people)}",
                    *(_by_trust(screening, before, labels) if first else ()),
                ),
                False,
            )
        )
        if int(n) > int(left):
            losses.append(len(boxes))
            boxes.append(((f"{_LOST[after]}: {count(n - left)}",), True))
    reasons = _reasons(screening, labels)
    if losses and reasons:
        lines = reasons if len(losses) == 1 else (f"All reasons: {', '.join(reasons)}",)
        head, _ = boxes[losses[-1]]
        boxes[losses[-1]] = ((*head, *lines), True)
    return boxes


def _in_order(counts: Mapping[str, int]) -> list[str]:
    """Stages from the first on; a file may hold them in any order."""
    return [stage for stage in _STAGES if stage in counts]


def _by_trust(screening: Mapping[str, Any], stage: str, labels: Labels) -> tuple[str, ...]:
    places = screening.get("by_trust", {})
    if not 2 <= len(places) <= MANY:
        return ()
    known = labels.codes(labels.design.trust, places)
    ordered = [name for name in known if name in places]
    named = ", ".join(f"{labels.trust(name)} {count(places[name][stage])}" for name in ordered)
    return (f"By {labels.trust_word}: {named}",)


def _reasons(screening: Mapping[str, Any], labels: Labels) -> tuple[str, ...]:
    rows = [("", "screening", row["reason"], row["n"]) for row in screening.get("not_recruited", ())]
    if not any(reason for _, _, reason, _ in rows):
        return ()
    merged = merge_reasons(pd.DataFrame(rows, columns=["arm", "stage", "reason", "n"], dtype=object), labels.minimum)
    variable = labels.content.data.stages.reason or "reason"
    names = {OTHER_REASONS: "for other reasons", "": "reason not recorded"}
    return tuple(
        f"{count(row.n)} {names.get(row.reason) or labels.choice_within(variable, row.reason)}"
        for row in merged.frames["losses"].itertuples()
    )
