"""The participant flow from recruitment to the analyses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cpis_analysis.errors import OUR_FAULT, RUN_AGAIN, DataError, Problem
from cpis_analysis.plan.naming import together
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study_words import PARTICIPANT, PEOPLE


def complete_flow(
    flow: Mapping[str, Any],
    groups: Mapping[str, Sequence[Mapping[str, Any]]],
    primary: str,
    design: Design,
    cells: Sequence[Mapping[str, Any]] = (),
    imputed: bool = False,
) -> dict[str, Any]:
    """Add the numbers analysed to the flow of the fieldwork.

    Parameters
    ----------
    flow : mapping
        ``overall``, ``by_arm``, ``by_team`` with recruited and the stages of the design, and ``losses``, of the clean
        data.
    groups : mapping of analysis name to what each arm contributed
        arm, n_participants, n_obs; nothing where the numbers are not given, because they would tell how few people
        gave an answer.
    primary : str
        The analysis whose numbers are ``analysed`` in the flow.
    design : Design
    cells : sequence of mapping
        What each cluster contributed to the primary analysis: trust, team, arm, n_participants; nothing where its
        population is made of an answer.

    imputed : bool
        Whether the primary analysis imputes what people lack, so that it holds people who were not followed up.

    Returns
    -------
    dict
        `flow` with ``analysed`` at each place where it is given, and ``analyses``: by name, people analysed overall
        (None where not given) and by_arm.

    Raises
    ------
    DataError
        If there is no primary analysis, a number grows along the flow, or an analysis holds a group that nobody was
        recruited to. An analysis of all interviews may hold people who were not followed up, so it is held against
        the number recruited.

    Notes
    -----
    No analysis but the primary is counted by team. What the teams had in each of several populations, beside what they
    had in all, would count the answers that make the populations, and the answers that are missing.
    """
    if primary not in groups:
        raise DataError(
            f"The {PARTICIPANT} flow can't be completed.",
            Problem("the primary analysis has no result", value=primary, hint=RUN_AGAIN),
        )
    analyses = {name: {"by_arm": _people(counts, lambda cell: str(cell["arm"]))} for name, counts in groups.items()}
    problems: list[Problem] = []
    for name, counts in analyses.items():
        before = "followup" if name == primary and not imputed and _one_row_each(groups[name]) else "recruited"
        problems += _too_many(name, flow, counts, before)
    main = analyses[primary]
    if cells:
        before = "followup" if _one_row_each(groups[primary]) else "recruited"
        places = {
            "by_team": _people(cells, lambda cell: _team(cell, design)),
            "by_trust": _people(cells, lambda cell: together(str(cell["trust"]))),
        }
        main = main | places
        problems += _too_many(primary, flow, places, before)
    result: dict[str, Any] = {
        "overall": flow["overall"] | ({"analysed": sum(main["by_arm"].values())} if main["by_arm"] else {}),
        **{
            part: {
                group: counts | ({"analysed": main[part].get(group, 0)} if main.get(part) else {})
                for group, counts in flow[part].items()
            }
            for part in _groupings(flow)
        },
    }
    every = [("overall", result["overall"])]
    every += [(group, counts) for part in _groupings(flow) for group, counts in result[part].items()]
    for place, counts in every:
        # a person may be away at one wave and back at the next, but nobody is seen who was not seen at baseline
        start = design.start
        for earlier, later in [("recruited", start), *((start, stage) for stage in design.stages if stage != start)]:
            if counts[later] > counts[earlier]:
                found = f"{counts[later]} {PEOPLE} {later}, but {counts[earlier]} {earlier}"
                problems.append(
                    Problem(
                        found,
                        variable=place,
                        hint=OUR_FAULT,
                    )
                )
    if problems:
        raise DataError(f"The {PARTICIPANT} flow does not add up.", problems)
    more = {part: flow[part] for part in ("screening", "not_placed", "withdrawn") if part in flow}
    numbers = {
        name: {"overall": sum(counts["by_arm"].values()) if counts["by_arm"] else None, **counts}
        for name, counts in analyses.items()
    }
    return {**result, "losses": list(flow.get("losses", ())), **more, "analyses": numbers}


def _groupings(flow: Mapping[str, Any]) -> list[str]:
    return [part for part in ("by_arm", "by_team", "by_trust") if part in flow]


def _people(cells: Sequence[Mapping[str, Any]], place: Callable[[Mapping[str, Any]], str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for cell in cells:
        counts[place(cell)] = counts.get(place(cell), 0) + cell["n_participants"]
    return counts


def _team(cell: Mapping[str, Any], design: Design) -> str:
    return together(f"{cell['trust']} / {cell['team']}" if len(design.levels) > 1 else str(cell["trust"]))


def _one_row_each(cells: Sequence[Mapping[str, Any]]) -> bool:
    return all(cell["n_obs"] == cell["n_participants"] for cell in cells)


def _too_many(name: str, flow: Mapping[str, Any], counts: Mapping[str, Any], before: str) -> list[Problem]:
    pairs = []
    for part in _groupings(flow):
        pairs += [(group, n, flow[part].get(group, {}).get(before, 0)) for group, n in counts.get(part, {}).items()]
    return [
        Problem(
            f"{n} {PEOPLE} analysed, but {available} {before}",
            variable=place,
            value=name,
            hint=OUR_FAULT,
        )
        for place, n, available in pairs
        if n > available
    ]
