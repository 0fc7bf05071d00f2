"""What results/error_rates.csv calls what was simulated; apart from the simulation, which reports don't load."""

from cpis_analysis.study_words import PEOPLE

LEAST_SQUARES = "people as if independent"
"""Least squares, as if there were no clusters."""
SCORES, ANSWERS = "normal scores", "answers"
"""What outcomes are drawn as."""


def comparator_words(name: str) -> str:
    """What a comparator is called in a sentence, with marked words; of files the name stays."""
    return f"{PEOPLE} as if independent" if name == LEAST_SQUARES else name
