"""Seeds that derive from names, so that order and parallelism change nothing."""

from __future__ import annotations

import hashlib

import numpy as np


def seed_sequence(master: int, *names: str) -> np.random.SeedSequence:
    """Seed sequence of a named piece of work.

    Parameters
    ----------
    master : int
        The seed of the study (``study.seed`` in the plan).
    *names : str
        What the numbers are for, from the general to the particular.

    Notes
    -----
    Entropy is the master seed followed by the SHA-256 words of the names joined
    by the unit separator, which can't occur in a name.
    """
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    words = [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4)]
    return np.random.SeedSequence([master, *words])


def generator(master: int, *names: str) -> np.random.Generator:
    """PCG64 generator of a named piece of work; see `seed_sequence`."""
    return np.random.Generator(np.random.PCG64(seed_sequence(master, *names)))
