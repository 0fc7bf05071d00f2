"""How often tests find a difference that is not there where the clusters are in one arm only.

Therapy groups in one arm, each with people whose outcomes belong together, and single people in the other; no true
difference. `python benchmarks/one_arm_clusters.py [REPLICATES]` prints, for each design, per cent of replicates with
p < 0.05: the model whose groups vary in their own arm alone with residuals by arm (Roberts & Roberts 2005, Clinical
Trials 2:152) by Kenward-Roger and by Satterthwaite, CR2 with each single person as a cluster, and what is refused in
such a plan: a mixed model in which single people vary as groups do, t of the cluster means with one variance, people as
if nobody were in a group.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from scipy import stats

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import cluster_robust, lmer, ols

DESIGNS = {
    "8 groups of 6 v 48, ICC 0.05, spread alike": (8, 6, 48, 0.05, 1.0),
    "8 groups of 6 v 48, ICC 0.15, spread alike": (8, 6, 48, 0.15, 1.0),
    "8 groups of 6 v 48, ICC 0.15, spread twice as large in groups": (8, 6, 48, 0.15, 2.0),
    "5 groups of 10 v 50, ICC 0.10, spread alike": (5, 10, 50, 0.10, 1.0),
    "20 groups of 6 v 120, ICC 0.10, spread alike": (20, 6, 120, 0.10, 1.0),
}
"""Groups, people in each, single people, correlation within a group, and SD of a group's person over a single one's."""


def frame_of(groups: int, size: int, single: int) -> pd.DataFrame:
    """One row a person without an outcome: arm, group (single people each their own) and `in_group`."""
    n = groups * size
    return pd.DataFrame(
        {
            "arm": ["new"] * n + ["usual"] * single,
            "group": [f"G{at // size}" for at in range(n)] + [f"(alone) {at}" for at in range(single)],
            "in_group": [1.0] * n + [0.0] * single,
        }
    )


def p_values(frame: pd.DataFrame) -> dict[str, float]:
    """p of each test of one simulated study."""
    reference = {"arm": "usual"}
    fit = lmer("y ~ arm + (0 + in_group | group)", frame, reference=reference, residual_by="arm")
    alike = lmer("y ~ arm + (1 | group)", frame, reference=reference)
    people = ols("y ~ arm", frame, reference=reference)
    robust = cluster_robust(people, "group", kind="CR2", data=frame)
    means = frame.groupby(["arm", "group"])["y"].mean()
    return {
        "KR, by arm": fit.summary("kenward-roger")["p_value"].iloc[1],
        "Satterthwaite, by arm": fit.summary("satterthwaite")["p_value"].iloc[1],
        "CR2": robust.summary()["p_value"].iloc[1],
        "(1 | group), KR": alike.summary("kenward-roger")["p_value"].iloc[1],
        "t of means": stats.ttest_ind(means["new"], means["usual"]).pvalue,
        "people": people.summary("residual")["p_value"].iloc[1],
    }


def main(replicates: int) -> None:
    """Print a table."""
    for name, (groups, size, single, icc, spread) in DESIGNS.items():
        rng, frame, found, failed = np.random.default_rng(15), frame_of(groups, size, single), [], 0
        n = groups * size
        for _ in range(replicates):
            shift = np.repeat(rng.normal(0, np.sqrt(icc), groups), size)
            grouped = spread * (shift + rng.normal(0, np.sqrt(1 - icc), n))
            try:
                found.append(p_values(frame.assign(y=np.concatenate([grouped, rng.normal(0, 1, single)]))))
            except ModelError:
                failed += 1
        sizes = 100 * (pd.DataFrame(found) < 0.05).mean()
        print(f"{name} ({len(found)} replicates, {failed} without an optimum)")
        print("  " + ", ".join(f"{test} {value:.1f}" for test, value in sizes.items()), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
