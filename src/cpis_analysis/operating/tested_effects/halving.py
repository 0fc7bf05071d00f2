"""The least effect that is found often enough."""

from __future__ import annotations

from collections.abc import Callable


def least_found(power: Callable[[float], float], enough: float, low: float, high: float, halvings: int) -> float:
    """The least effect with this power, by halving, as power rises with the effect.

    Parameters
    ----------
    power : callable
        Effect -> share of studies that find it.
    enough : float
    low, high : float
        An effect with less power than `enough`, and one that has it.
    halvings : int

    Returns
    -------
    float
        An effect that has the power, and is larger than the least by (high - low) / 2**halvings at most.
    """
    for _ in range(halvings):
        middle = (low + high) / 2.0
        low, high = (low, middle) if power(middle) >= enough else (middle, high)
    return high
