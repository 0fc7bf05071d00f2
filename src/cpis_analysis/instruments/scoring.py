"""Score the clean interviews: one column a score, and a report of what could be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpis_analysis.study_words import INTERVIEWS

from ..errors import DataError, Problem, did_you_mean
from .carry import wave_order
from .instrument import ScoreInfo
from .scale import Scored
from .settings import ITEMS_MISSING, ScorePlan, resolve, score_infos

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("participant_id", "wave")
REPORT_COLUMNS = (
    "instrument",
    "score",
    "wave",
    "n_rows",
    "asked",
    "n_complete",
    "n_prorated",
    "n_missing",
    "verified",
    "note",
)


@dataclass(frozen=True)
class ScoringResult:
    """Scored interviews.

    Attributes
    ----------
    interviews : DataFrame
        The interviews with, for each score, its column and ``<score>_items_missing``.
    report : DataFrame
        One row a score and wave: instrument, score, wave, n_rows, asked (any item answered at this wave),
        n_complete, n_prorated, n_missing (these three add up to n_rows), verified, note.
    infos : dict of str to ScoreInfo
        Description of each score column.
    """

    interviews: pd.DataFrame
    report: pd.DataFrame
    infos: dict[str, ScoreInfo]


def score_interviews(
    interviews: pd.DataFrame, settings: Mapping[str, Any], waves: Sequence[str] | None = None, folder: str | Path = "."
) -> ScoringResult:
    """Score every interview.

    Parameters
    ----------
    interviews : DataFrame
        Long and clean: participant_id, wave, items. An item not asked at a wave is missing there.
    settings : mapping
        Score name -> {"instrument": ..., other settings}; see ``check_settings``.
    waves : sequence of str, optional
        Time order of the waves; by default that of the categories, or of the numbers in the names.
    folder : str or Path
        Where a value-set file named in the settings lies, usually the folder of the plan.

    Returns
    -------
    ScoringResult

    Raises
    ------
    PlanError
        If the settings cannot be used.
    DataError
        If columns are absent from the data, an answer is not a number or out of range, or a score would
        overwrite another variable; all problems are listed.
    """
    import pandas as pd

    plans = resolve(settings)
    problems = _column_problems(interviews, plans)
    if problems:
        raise DataError(f"The {INTERVIEWS} cannot be scored.", problems)
    order = wave_order(interviews["wave"], waves)
    ordered = interviews.assign(
        wave=pd.Categorical(interviews["wave"].astype(object).map(str, na_action="ignore"), order, ordered=True)
    )
    scored: dict[str, Scored] = {}
    found: dict[Problem, None] = {}  # the same item may serve two scores: each problem once, in order
    for plan in plans:
        try:
            scored |= plan.instrument.score(ordered, plan.name, _located(plan.values, folder))
        except DataError as error:
            found.update(dict.fromkeys(error.problems or [Problem(error.summary, variable=plan.name)]))
    if found:
        raise DataError(f"The {INTERVIEWS} cannot be scored.", found)
    return ScoringResult(
        _with_scores(interviews, scored), _report(ordered, plans, scored, order), score_infos(settings)
    )


def _located(values: Mapping[str, Any], folder: str | Path) -> dict[str, Any]:
    file = values.get("value_set_file")
    return {**values, "value_set_file": str(Path(folder) / file)} if file else dict(values)


def _column_problems(interviews: pd.DataFrame, plans: Sequence[ScorePlan]) -> list[Problem]:
    present = [str(column) for column in interviews.columns]
    known = set(present)
    problems = [
        Problem(
            "column is missing",
            variable=key,
            hint="add its items to the dictionary and the files, or take the score out of the plan",
        )
        for key in KEYS
        if key not in known
    ]
    for plan in plans:
        wanted = plan.instrument.required(plan.values)
        absent = [item for item in wanted if item not in known]
        if absent:
            which = "none of the items is" if len(absent) == len(wanted) else "these items are not"
            problems.append(
                Problem(
                    f"{plan.instrument.label}: {which} in the data: {', '.join(absent)}",
                    variable=plan.name,
                    hint=did_you_mean(absent[0], present)
                    or "add the items to the dictionary and the files, or take the score out of the plan",
                )
            )
        for info in plan.infos:
            for column in (info.name, f"{info.name}{ITEMS_MISSING}"):
                if column in known and column not in wanted:
                    problems.append(
                        Problem(f"the data already have a column {column}", variable=plan.name, hint="rename the score")
                    )
    return problems


def _with_scores(interviews: pd.DataFrame, scored: Mapping[str, Scored]) -> pd.DataFrame:
    import pandas as pd

    columns = {}
    for name, result in scored.items():
        columns[name] = result.score
        columns[f"{name}{ITEMS_MISSING}"] = result.items_missing.astype("int64")
    added = pd.DataFrame(columns, index=interviews.index)
    kept = interviews.drop(columns=[name for name in columns if name in interviews.columns])
    return pd.concat([kept, added], axis=1)


def _report(
    interviews: pd.DataFrame, plans: Sequence[ScorePlan], scored: Mapping[str, Scored], order: Sequence[str]
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rows = []
    for plan in plans:
        # not every column required says that the instrument was asked: weights, age and sex do not
        items = plan.values.get("items") or [plan.values["item"]]
        answered = interviews[list(items)].notna().any(axis=1).to_numpy()
        for info in plan.infos:
            result = scored[info.name]
            known = ~np.isnan(result.score)
            for wave in order:
                here = (interviews["wave"] == wave).to_numpy()
                rows.append(
                    (
                        plan.instrument.name,
                        info.name,
                        wave,
                        int(here.sum()),
                        bool((answered & here).any()),
                        int((here & known & ~result.prorated).sum()),
                        int((here & known & result.prorated).sum()),
                        int((here & ~known).sum()),
                        info.verified,
                        info.note,
                    )
                )
    return pd.DataFrame(rows, columns=list(REPORT_COLUMNS))
