"""Items -> scores: one file per instrument, one general rule, one registry."""

from .registry import INSTRUMENTS, Instrument, MinimalDifference, ScoreInfo, Setting
from .scoring import ScoringResult, score_interviews
from .settings import ITEMS_MISSING, check_settings, input_files, required_items, score_columns, score_infos

__all__ = [
    "INSTRUMENTS",
    "ITEMS_MISSING",
    "Instrument",
    "MinimalDifference",
    "ScoreInfo",
    "ScoringResult",
    "Setting",
    "check_settings",
    "input_files",
    "required_items",
    "score_columns",
    "score_infos",
    "score_interviews",
]
