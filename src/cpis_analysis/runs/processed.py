"""The analysis data set of a study on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.files import read_parquet

if TYPE_CHECKING:
    import pandas as pd

    from cpis_analysis.intake.privacy.withdrawal import Withdrawal
    from cpis_analysis.study.dataset import AnalysisData

PARTICIPANTS = "data/processed/participants.parquet"
INTERVIEWS = "data/processed/measurements.parquet"
ANSWERS = "data/processed/answers.csv"


def data_is_there(root: Path) -> bool:
    """Whether the data have been cleaned and scored."""
    return (root / PARTICIPANTS).is_file() and (root / INTERVIEWS).is_file()


def last_answers(root: Path, withdrawal: Withdrawal | None = None) -> pd.DataFrame | None:
    """What became of the data manager's answers in the last run, but for people who withdrew since; None where none
    is known."""
    import numpy as np
    import pandas as pd

    from cpis_analysis.intake.queries.correction import ANSWER_FATE_COLUMNS

    path = root / ANSWERS
    if not path.is_file():
        return None
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if not set(ANSWER_FATE_COLUMNS) <= set(frame):
        return None
    if withdrawal is not None:
        texts = zip(frame["participant"], frame["answer"], strict=True)
        theirs = np.array([any(map(withdrawal.concerns, pair)) for pair in texts], dtype=bool)
        frame = frame[~theirs]
    return frame


def read_analysis_data(root: Path) -> AnalysisData:
    """The analysis data set.

    Raises
    ------
    CpisError
        If it has not been made yet; the message says how.
    """
    if not data_is_there(root):
        raise CpisError(
            "The data have not been cleaned yet.",
            Problem("there is no analysis data set", file=PARTICIPANTS, hint="run: cpis run results/design_audit.json"),
        )
    from cpis_analysis.study.dataset import AnalysisData

    return AnalysisData(read_parquet(root / PARTICIPANTS), read_parquet(root / INTERVIEWS))


def read_left_out(root: Path) -> tuple[str, ...]:
    """What cleaning set aside, by rule, in words; nothing where its account is not there."""
    paths = [root / "data" / "processed" / name for name in ("set_aside.csv", "queries.csv")]
    if not all(path.is_file() for path in paths):
        return ()
    import pandas as pd

    from cpis_analysis.intake.account.reconciliation import rows_left_out

    return rows_left_out(*(pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths))
