"""One synthetic study: raw files, the truth behind them, and the record of dirt."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.synthetic.dirt import soil
from cpis_analysis.synthetic.dirt_kinds import DIRT_COLUMNS
from cpis_analysis.synthetic.parameters import DEFAULT_SEED, SCENARIOS, Design, parameters_of
from cpis_analysis.synthetic.sheets import clean_files, make_sheets
from cpis_analysis.synthetic.truth import clean_types, make_truth


@dataclass(frozen=True, eq=False)
class SyntheticStudy:
    """A generated study.

    Attributes
    ----------
    scenario, seed, messy, design
        What it was made with.
    raw : dict of DataFrame
        File name (``baseline.csv``) to text exactly as written.
    truth : dict of DataFrame
        ``participants``, ``interviews``, ``teams``, ``themes`` in clean values; ``effects`` (true
        difference by outcome) and ``complete`` (every interview of every recruit without gaps).
    dirt : DataFrame
        One row a piece of dirt: file, line (header = 1), participant, variable (empty: the row), kind,
        raw_value, true_value, decidable, clean_value, action, query, rule.
    """

    scenario: str
    seed: int
    messy: bool
    design: Design
    raw: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]
    dirt: pd.DataFrame

    def expected(self) -> dict[str, pd.DataFrame]:
        """The truth as far as correct cleaning can know it.

        Undecidable cells hold their ``clean_value`` (most often missing) in place of the truth; nothing
        else differs from ``truth``.
        """
        frames = {name: self.truth[name].copy() for name in ("participants", "interviews", "teams", "themes")}
        interviews = frames["interviews"].astype(object)
        wave = {"baseline.csv": "0m", "six_months.csv": "6m"}
        for entry in self.dirt[(self.dirt["decidable"] == "no") & (self.dirt["variable"] != "")].itertuples():
            here = (interviews["participant_id"] == entry.participant) & (interviews["wave"] == wave[entry.file])
            interviews.loc[here, entry.variable] = entry.clean_value or None
        frames["interviews"] = clean_types(interviews, self.design)
        return frames


def simulate(
    scenario: str = "null", seed: int = DEFAULT_SEED, messy: bool = True, design: Design | None = None
) -> SyntheticStudy:
    """Generate a study.

    Parameters
    ----------
    scenario : str
        A name in ``SCENARIOS``.
    seed : int
        Same seed, same bytes. Scenarios of one seed share their people and chance, so that they differ by
        what the scenario changes alone.
    messy : bool
        With dirt, or as clean as the truth (unanswered questions are empty cells).
    design : Design, optional
        Other numbers of trusts, teams and recruits.

    Raises
    ------
    PlanError
        For an unknown scenario, or a design that does not fit together.

    Examples
    --------
    >>> study = simulate("null")
    >>> len(study.raw["participants.csv"]) >= 159
    True
    """
    if scenario not in SCENARIOS:
        problem = Problem(
            "unknown scenario", value=scenario, allowed=", ".join(SCENARIOS), hint=did_you_mean(scenario, SCENARIOS)
        )
        raise PlanError("The study can't be simulated.", problem)
    if seed < 0:
        problem = Problem("the seed is negative", value=str(seed), allowed="0 or more")
        raise PlanError("The study can't be simulated.", problem)
    parameters = parameters_of(scenario, design)
    _check(parameters.design)
    truth = make_truth(parameters, seed)
    files = clean_files(truth, parameters.design)
    dirt = pd.DataFrame(columns=list(DIRT_COLUMNS))
    if messy:
        sheets = make_sheets(files)
        dirt = soil(parameters, truth, sheets, seed)
        files = {name: sheet.finished() for name, sheet in sheets.items()}
    raw = {f"{name}.csv": frame for name, frame in files.items()}
    return SyntheticStudy(scenario, seed, messy, parameters.design, raw, truth, dirt)


def _check(design: Design) -> None:
    problems = []
    if not 1 <= design.trusts <= 700:
        problems.append(Problem("number of trusts", value=str(design.trusts), allowed="1 to 700"))
    if not 1 <= design.teams_per_trust <= 50:
        problems.append(Problem("teams in a trust", value=str(design.teams_per_trust), allowed="1 to 50"))
    counts = design.recruits
    teams = design.trusts * design.teams_per_trust
    if not isinstance(counts, int) and len(counts) != teams:
        problems.append(Problem("recruits by team", value=f"{len(counts)} numbers", allowed=f"{teams}, or one"))
    if min([counts] if isinstance(counts, int) else counts) < 1:
        problems.append(Problem("recruits by team", value=str(counts), allowed="at least 1 in each team"))
    if problems:
        raise PlanError("The study can't be simulated.", problems)
