"""What results/error_rates.csv calls what was simulated; apart from the simulation, which reports don't load."""

LEAST_SQUARES = "people as if independent"
"""Least squares, as if there were no clusters."""
SCORES, ANSWERS = "normal scores", "answers"
"""What outcomes are drawn as."""
