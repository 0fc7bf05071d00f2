"""Sentences on who took part and who was followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cpis_analysis.plan.naming import is_alone
from cpis_analysis.publish.format import count, percent
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.sources.sourced_columns import column_of, made
from cpis_analysis.words.wording import Wording, capitalised, counted, listed, mid_sentence


def people_counts(arms: Sequence[Mapping[str, Any]], words: Wording) -> dict[str, int]:
    """People recruited and seen at each stage of the study, over all arms of a design audit."""
    return {stage: sum(arm[stage] for arm in arms) for stage in ("recruited", *words.labels.design.stages)}


def in_arm_order(rows: Sequence[Mapping[str, Any]], words: Wording) -> list[Mapping[str, Any]]:
    """Rows of arms, the reference first and the others as the dictionary has them."""
    order = words.labels.arms(row["arm"] for row in rows)
    return sorted(rows, key=lambda row: order.index(str(row["arm"])) if str(row["arm"]) in order else len(order))


def flow_sentence(
    counts: Mapping[str, int],
    clusters: Mapping[str, int | None],
    words: Wording,
    analysed: int | None = None,
    not_placed: int = 0,
) -> str:
    """From recruitment to analysis.

    Parameters
    ----------
    counts : mapping
        ``recruited`` and the stages of the design: people.
    clusters : mapping
        ``trusts`` and ``teams`` (None without teams).
    words : Wording
    analysed : int, optional
        People in the primary analysis.
    not_placed : int
        People whose group or cluster is not known.
    """
    recruited, start, followup = counts["recruited"], counts[words.labels.design.start], counts["followup"]
    places = words.places(clusters["trusts"], clusters.get("teams"), of=True)
    first = f"{counted(recruited, words.person)} {_were(recruited)} recruited{places and f' in {places}'}; "
    if words.has_baseline:
        first += (
            f"{'all' if start == recruited else share(start, recruited)} {_were(start)} {seen(words)} at "
            f"{words.baseline}, and {_of(followup, start)} {_were(followup)} {seen(words)} again at {words.followup}."
        )
    else:
        many = "all" if followup == recruited else share(followup, recruited)
        first += f"{many} {_were(followup)} {seen(words)} at {words.followup}."
    first += _other_waves(counts, words)
    if not_placed:
        places = listed(
            [words.variable(words.labels.design.arm.variable), *(level.noun for level in words.labels.design.levels)],
            "or",
        )
        first += (
            f" {capitalised(counted(not_placed, words.person, words=True))} whose {places} is not known "
            f"{'is' if not_placed == 1 else 'are'} in no analysis."
        )
    if analysed is None:
        return first
    return f"{first} The primary analysis includes {counted(analysed, words.person)}."


def _other_waves(counts: Mapping[str, int], words: Wording) -> str:
    """How many were seen at waves that are neither baseline nor the primary one; empty where there are none."""
    others = [
        f"{_of(counts[stage], counts[words.labels.design.start])} at {mid_sentence(words.labels.wave(wave))}"
        for stage, wave in words.labels.design.stages.items()
        if wave in words.labels.design.other_waves and stage in counts
    ]
    return f" At the other waves it was {listed(others)}." if others else ""


def screening_sentence(screening: Mapping[str, Any] | None, words: Wording) -> str | None:
    """From the first approach to recruitment; None where the study counted none of it.

    Parameters
    ----------
    screening : mapping or None
        ``screening`` of results/flow.json.
    words : Wording
    """
    counts = (screening or {}).get("overall", {})
    verb = {"approached": "approached", "eligible": "found eligible", "consented": "who agreed to take part"}
    first = next((stage for stage in verb if stage in counts), None)
    if first is None:
        return None
    n, recruited = counts[first], counts["recruited"]
    return f"Of {counted(n, words.person)} {verb[first]}, {share(recruited, n)} {_were(recruited)} recruited."


def followup_sentences(
    arms: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]], words: Wording
) -> tuple[str, ...]:
    """Follow-up by arm, and how it varied between clusters.

    Parameters
    ----------
    arms, cells : sequence of mapping
        ``arms`` and ``cells`` of the design audit.
    words : Wording
    """
    start = words.labels.design.start
    known = [arm for arm in in_arm_order(arms, words) if arm[start]]
    if not known:
        return ()
    by_arm = listed(f"{_of(arm['followup'], arm[start])} in the {words.arm(arm['arm'])}" for arm in known)
    sentences = [f"Of those {seen(words)} at {words.baseline}, {by_arm} {_seen_again(words)} at {words.followup}."]
    if not words.has_baseline:
        if all(arm["followup"] == arm["recruited"] for arm in known):
            return ()
        sentences = [f"Of those recruited, {by_arm} were {seen(words)} at {words.followup}."]
    places: dict[tuple[str, str], list[int]] = {}
    level = words.labels.design.one_sided
    # a single person was seen again or was not
    cells = [cell for cell in cells if not is_alone(cell["team"] or cell["trust"])] if level else cells
    for cell in cells:
        pair = places.setdefault((str(cell["trust"]), str(cell["team"])), [0, 0])
        pair[0] += cell["followup"]
        pair[1] += cell[start]
    pairs = [(followup, before) for followup, before in places.values() if before]
    if len(pairs) > 1 and words.labels.design.levels:
        unit = level.cluster if level else words.unit
        held = [cell for cell in cells if places[str(cell["trust"]), str(cell["team"])][1]]
        places_of = made("different", column_of(held, "trust"), column_of(held, "team"))
        low, high = (pick(pairs, key=lambda pair: pair[0] / pair[1]) for pick in (min, max))
        least, most = percent(*low), percent(*high)
        sentences.append(
            f"Follow-up was {least} in every {unit}."
            if unmarked(least) == unmarked(most)
            else f"Follow-up ranged from {least} to {most} over the {counted(places_of, unit)}."
        )
    return tuple(sentences)


def share(part: int, whole: int) -> str:
    """A part of people with its percentage."""
    return f"{count(part)} ({percent(part, whole, 1)})"


def _of(part: int, whole: int) -> str:
    return f"{count(part)} of {count(whole)} ({percent(part, whole, 1)})"


def _were(value: int) -> str:
    return "was" if value == 1 else "were"


def seen(words: Wording) -> str:
    """What was done with people at an interview, as the study says it."""
    return words.labels.met


def _seen_again(words: Wording) -> str:
    return f"were {seen(words)} again"
