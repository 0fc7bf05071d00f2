"""Items -> scores: one file per instrument, one general rule, one registry."""

from .registry import INSTRUMENTS, Instrument, MinimalDifference, ScoreInfo, Setting
from .scoring import ScoringResult, check_settings, input_files, required_items, score_infos, score_interviews

__all__ = [
    "INSTRUMENTS",
    "Instrument",
    "MinimalDifference",
    "ScoreInfo",
    "ScoringResult",
    "Setting",
    "check_settings",
    "input_files",
    "required_items",
    "score_infos",
    "score_interviews",
]
