"""What result files call the levels of clusters: columns, keys and parts of names, in the study's own words.

In the code the largest clusters are ``trust`` and the smallest ``team``, as in the study that it was written for. A
file that leaves a step has the names of the study's variables in their place (``n_schools``, ``icc_class``), and who
reads it gets the code's names back. For levels called trust and team nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cpis_analysis.plan.naming import noun_of, plural

BESIDE = frozenset(
    "allocated analysed analyses approached arm baseline by_arm code consented count dates differences eligible "
    "experience focus_groups followup group individual losses mean missing n n_group n_mentions n_obs n_participants "
    "not_placed not_recruited observed_means outcome outcomes overall person pooled reason recruited retention "
    "screening sd singled_out spreads stage state theme theme_agreement theme_pairs themes variable wave "
    "withdrawn".split()
)
"""Names that stand beside those of levels in files, so that no level can have them."""

_APART = "cluster_"
"""What stands before a name that something else has."""


@dataclass(frozen=True)
class LevelNames:
    """Names of the levels in files.

    Attributes
    ----------
    columns : mapping of str to str
        Columns and keys: the code's name to that in files.
    frames : mapping of str to str
        Frames of the summaries, all of the smallest clusters.
    values : mapping of str to str
        What a column that names a level holds.
    smallest : str
        Stands in names of figures.
    """

    columns: Mapping[str, str]
    frames: Mapping[str, str]
    values: Mapping[str, str]
    smallest: str


@lru_cache(maxsize=64)
def _of(levels: tuple[str, ...]) -> LevelNames:
    nouns = [noun_of(level).replace(" ", "_") for level in levels]
    words = nouns if len(set(nouns)) == len(nouns) else list(levels)
    # the second of two is missing in a study of one level: its columns stay where they are, and are empty
    words = words or ["place", "subplace"]
    words = [*words, "subcluster"] if len(words) == 1 else words
    variables = [*levels, *words[len(levels) :]]
    while (at := _clashing(_made(variables, words, len(levels)), len(levels))) is not None:
        variables[at], words[at] = _APART + variables[at], _APART + words[at]
    return _made(variables, words, len(levels))


def names_of(levels: Sequence[str]) -> LevelNames:
    """What files call the levels.

    Parameters
    ----------
    levels : sequence of str
        Variables of the levels, the largest clusters first.

    Returns
    -------
    LevelNames
        ``columns`` has the variables for the codes of clusters, and their nouns (``school_id`` is school) elsewhere. A
        study without clusters is one ``place``; where there is one level, that within it is ``subcluster``. A name that
        stands in `BESIDE`, or that another level has, follows ``cluster_``.
    """
    return _of(tuple(levels))


def _made(variables: Sequence[str], words: Sequence[str], n: int) -> LevelNames:
    upper, lower = words[0], words[-1]
    smallest = lower if n > 1 else upper
    many = plural(smallest)
    return LevelNames(
        columns={
            "trust": variables[0],
            "n_trusts": f"n_{plural(upper)}",
            "icc_trust": f"icc_{upper}",
            "by_trust": f"by_{upper}",
            "team": variables[-1],
            "n_teams": f"n_{plural(lower)}",
            "icc_team": f"icc_{lower}",
            "by_team": f"by_{lower}",
        }
        | ({"n_middles": f"n_{plural(words[1])}", "icc_middle": f"icc_{words[1]}"} if n > 2 else {}),
        frames={
            "teams": many,
            "team_list": f"{smallest}_list",
            "team_means": f"{smallest}_means",
            "team_risks": f"{smallest}_risks",
        },
        values={"trust": upper, "team": lower} | ({"middle": words[1]} if n > 2 else {}),
        smallest=smallest,
    )


def _clashing(names: LevelNames, n: int) -> int | None:
    """Place of the level of which a name is taken; None where all are apart."""
    lower = -1
    places = {"trust": 0, "n_trusts": 0, "icc_trust": 0, "by_trust": 0}
    places |= {"middle": 1, "n_middles": 1, "icc_middle": 1}
    places |= dict.fromkeys(names.frames, lower if n > 1 else 0)
    for named in (names.columns, names.frames, names.values):
        taken = set(BESIDE)
        for own, name in named.items():
            # names of waves after the first ones begin so
            if name in taken or name.startswith("wave_"):
                return places.get(own, lower)
            taken.add(name)
    return None
