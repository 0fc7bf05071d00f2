"""Studies over several waves drawn from a model at its variances and analysed by it, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.model import fit_response
from cpis_analysis.lmm.refits.simulate import simulate
from cpis_analysis.operating.over_time.known_power import difference_rows
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.seeds import generator


def simulate_waves(
    truth: LinearMixedFit,
    arm: str,
    waves: Sequence[str],
    differences: Sequence[str],
    n: int,
    seed: int,
    unit: float = 1.0,
) -> list[ManyTests]:
    """Tests of differences over the waves with Kenward-Roger in n studies without any, in units of `unit`.

    A true difference moves an estimate and nothing else, so power comes from the same studies.
    """
    rows = difference_rows(truth, arm, waves, differences)
    Y = simulate(truth, n, seed=generator(seed, "power over time"), beta=np.zeros(truth.basis.p))
    found = np.full((3, len(rows), n), np.nan)
    singular = np.zeros(n, dtype=bool)
    for j in range(n):
        try:
            one = fit_response(truth, Y[:, j])
            table = one.inference.table(rows, [""] * len(rows), "kenward-roger", 0.95, "keep", "difference")
        except ModelError:
            continue
        found[:, :, j] = table["estimate"] / unit, table["std_error"] / unit, table["df"]
        singular[j] = one.is_singular
    return [ManyTests(found[0, k], found[1, k], found[2, k], singular) for k in range(len(rows))]
