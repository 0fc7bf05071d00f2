"""The degrees of freedom that a design leaves for the arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cpis_analysis.plan.naming import Noun, plural
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.allocation import Allocation


@dataclass(frozen=True)
class DegreesOfFreedom:
    """Degrees of freedom that one approach has for the effect of the arm.

    Attributes
    ----------
    approach : str
        Such as ``between teams``.
    df : int or None
        None where the approach is impossible.
    valid : bool
        Whether inference by this approach holds in this design.
    explanation : str
    """

    approach: str
    df: int | None
    valid: bool
    explanation: str


def allocated_noun(found: Allocation, design: Design) -> Noun:
    """What was allocated, where it is clusters."""
    return design.noun_of(found.variable) if found.variable else design.team_noun


def degrees_left(
    found: Allocation, pairs: Sequence[tuple[str, Allocation]], n_people: int, design: Design
) -> list[DegreesOfFreedom]:
    """Degrees of freedom of the arm between units of each kind, and why some are none.

    Parameters
    ----------
    found : Allocation
        Of those with follow-up.
    pairs : sequence of (arm, Allocation)
        Each arm and the reference, by themselves.
    n_people : int
        With follow-up.
    design : Design
    """
    people = plural(design.people.noun)
    if not design.levels:
        left, less = n_people - 1 - len(pairs), "two" if len(pairs) == 1 else "the number of arms"
        return [DegreesOfFreedom(f"between {people}", max(left, 0), left > 0, f"{people} at follow-up, less {less}")]
    trust, team = design.trust_noun, allocated_noun(found, design)
    trusts, teams = plural(trust), plural(team)
    if design.one_sided is not None:
        units, own = plural(design.one_sided.cluster), design.one_sided.arms
        over = sum(n for arm, n in found.clusters if arm in own) - len(own)
        how = f"{units} with follow-up, less one{'' if len(own) == 1 else ' for each arm that has them'}; " + (
            f"single {people} add to them what the variances allow"
        )
        return [DegreesOfFreedom(f"between {units}", max(over, 0), over > 0, how)]
    several = len(pairs) > 1
    paired = [
        DegreesOfFreedom(
            f"paired within {trusts}" + (f": '{arm}'" if several else ""),
            one.n_split_trusts - 1 if one.n_split_trusts > 1 else None,
            one.n_split_trusts > 1,
            f"{trusts} with "
            + (f"'{arm}' and '{design.arm.reference}'" if several else "both arms")
            + " at follow-up, less one",
        )
        for arm, one in pairs
    ]
    arms, less = 1 + len(pairs), "two" if len(pairs) == 1 else "the number of arms"
    if found.level == "individual":
        within = n_people - found.n_trusts - len(pairs)
        other = "one" if len(pairs) == 1 else "the number of arms compared with the reference"
        return [
            DegreesOfFreedom(
                f"{people} within {trusts}",
                max(within, 0),
                within > 0,
                f"{people} at follow-up, less {trusts}, less {other}",
            ),
            *paired,
        ]
    if found.level == "trust":
        rows = [
            DegreesOfFreedom(f"between {trusts}", found.n_trusts - arms, True, f"{trusts} with follow-up, less {less}")
        ]
        inner = [plural(level.noun) for level in design.levels[1:]]
        rows += [
            DegreesOfFreedom(
                f"between {name}", None, False, f"{name} of one {trust} share its arm, so they are no replicates"
            )
            for name in inner
        ]
        return rows
    return [
        DegreesOfFreedom(f"between {teams}", found.n_clusters - arms, True, f"{teams} with follow-up, less {less}"),
        *(
            DegreesOfFreedom(
                f"between {plural(level.noun)}",
                None,
                False,
                f"those of one {team} share its arm, so they are no replicates",
            )
            for level in design.levels[design.clusters.index(found.variable) + 1 :]
        ),
        *paired,
        DegreesOfFreedom(f"between {trusts}", None, False, f"the arm is not a property of the {trust}"),
    ]
