"""Who is lost in simulated trials."""

from __future__ import annotations

import numpy as np

__all__ = ["chances"]


def chances(slope: np.ndarray, share: float) -> np.ndarray:
    """Logistic chances with these slopes and the wanted mean."""
    if not share:
        return np.zeros(slope.shape)
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.mean(1 / (1 + np.exp(-middle - slope))) < share else (low, middle)
    return np.asarray(1 / (1 + np.exp(-low - slope)))
