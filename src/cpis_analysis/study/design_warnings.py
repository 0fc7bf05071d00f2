"""What a reader should be warned of about a design, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import plural, some_of
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.allocation import Allocation
from cpis_analysis.study.design_degrees import allocated_noun


def _few_clusters(everyone: Allocation, analysed: Allocation, design: Design) -> list[str]:
    """Arms that few clusters speak for."""
    trust = design.trust_noun
    if everyone.level == "individual":
        lone = everyone.n_trusts - everyone.n_split_trusts
        if lone <= 0:
            return []
        return [
            f"{lone} of {everyone.n_trusts} {plural(trust)} have {plural(design.people.noun)} of one arm only; they "
            f"say nothing about the arm within a {trust}."
        ]
    unit = allocated_noun(analysed, design)
    more = {2: ", and there is hardly any power"}
    words = {1: "one", 2: "two", 3: "three"}
    return [
        f"The arm '{arm}' has only {words.get(n, n)} {unit if n == 1 else plural(unit)} at follow-up: inference "
        f"fragile{more.get(n, '')}."
        for arm, n in analysed.clusters
        if n < 4
    ]


def _allocation_warnings(everyone: Allocation, analysed: Allocation, design: Design) -> Iterator[str]:
    """What the allocation lets the comparison say, and what losses changed about it."""
    trust, team = design.trust_noun, design.team_noun
    trusts = plural(trust)
    unit = design.team_noun
    if everyone.regime == "B":
        yield (
            f"Some {trusts} have one arm only, so differences between {trusts} can be mistaken for an effect; "
            f"look at the comparison within {trusts} too."
        )
    if everyone.regime == "C" and len(design.levels) > 1:
        yield f"Every {trust} has one arm only: an analysis by {team} that leaves out the {trust} is too optimistic."
    if analysed.level != everyone.level:
        both = "both" if len(everyone.clusters) == 2 else "several"
        yield f"After losses to follow-up no {trust} has {both} arms, so only {trusts} can be compared."
    elif analysed.regime != everyone.regime:
        both = "both" if len(everyone.clusters) == 2 else "all"
        yield f"After losses to follow-up not every {trust} has {both} arms."
    if everyone.mixed:
        yield (
            f"A few {plural(design.people.noun)} are recorded in the other arm than the rest of their {unit} ("
            + some_of(everyone.mixed)
            + "); they were kept as recorded."
        )


def design_warnings(
    everyone: Allocation,
    analysed: Allocation,
    singletons: tuple[str, ...],
    lost: tuple[str, ...],
    reused: tuple[str, ...],
    design: Design,
) -> list[str]:
    """All that a reader should be warned of, as plain sentences.

    Parameters
    ----------
    everyone, analysed : Allocation
        Of those recruited, and of those with follow-up.
    singletons, lost, reused : tuple of str
        As in `design_audit.DesignAudit`.
    design : Design
    """
    team = design.team_noun
    rows = [*_few_clusters(everyone, analysed, design), *_allocation_warnings(everyone, analysed, design)]
    if design.arm.compared:
        others = dict.fromkeys(code for code in design.arm.compared if code != design.arm.reference)
        arms = listed([f"'{code}'" for code in others])
        rows.append(
            f"The plan compares {arms} with '{design.arm.reference}' (design.arm.compared): "
            f"{plural(design.people.noun)} of other arms are counted in the flow and are in no analysis."
        )
    if lost:
        rows.append(f"Nobody was followed up in: {some_of(lost)}. What happened there is unknown.")
    if singletons:
        rows.append(f"Only one {design.people.noun} was followed up in: {some_of(singletons)}.")
    if reused:
        nouns = [level.noun for level in design.levels]
        rows.append(
            f"The {team} labels {some_of(reused)} occur in more than one {nouns[-2]}; a {team} is identified by "
            f"{listed(nouns)} together."
        )
    return rows
