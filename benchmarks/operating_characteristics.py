"""How fast a study's design is simulated, against lme4 and pbkrtest on a sample of the same outcomes.

    python benchmarks/operating_characteristics.py [--replicates 10000] [--sample 40] [--write docs/inference.md]

Ten teams in five trusts with 10 to 15 people each, and one covariate. Every outcome is fitted by the mixed model with
trust and team random and tested by Kenward-Roger, as the primary analysis is. R is asked for the first few of the same
outcomes, where it has lme4 and pbkrtest; estimates and p-values must agree.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from marked_page import write_between

from cpis_analysis.lmm import lmer, refit, simulate
from cpis_analysis.seeds import generator

BEGIN, END = "<!-- operating speed: begin -->", "<!-- operating speed: end -->"
SIZES = (10, 15, 12, 13, 14, 11, 12, 13, 14, 13)
SEED = 20180214
R = """
suppressMessages({library(lme4); library(pbkrtest)})
frame <- read.csv("frame.csv"); Y <- as.matrix(read.csv("outcomes.csv"))
frame$team <- factor(frame$team); frame$trust <- factor(frame$trust)
one <- function(y) {
  frame$y <- y
  large <- suppressMessages(lmer(y ~ arm + x + (1 | trust) + (1 | team), frame))
  small <- suppressMessages(lmer(y ~ x + (1 | trust) + (1 | team), frame))
  c(fixef(large)[["arm"]], KRmodcomp(large, small)$test["Ftest", "p.value"])
}
one(Y[, 1])
start <- proc.time()[["user.self"]] + proc.time()[["sys.self"]]
found <- apply(Y, 2, one)
cat(proc.time()[["user.self"]] + proc.time()[["sys.self"]] - start, "\\n")
write.csv(t(found), "found.csv", row.names = FALSE)
cat(R.version$major, ".", R.version$minor, " ", as.character(packageVersion("lme4")), " ",
    as.character(packageVersion("pbkrtest")), "\\n", sep = "")
"""


def design() -> pd.DataFrame:
    """Ten teams in five trusts, each trust with one team of each arm."""
    team = np.repeat(np.arange(10), SIZES)
    x = generator(SEED, "operating speed").normal(size=len(team))
    return pd.DataFrame({"team": team, "trust": team // 2, "arm": (team % 2).astype(float), "x": x})


def by_r(frame: pd.DataFrame, Y: np.ndarray) -> tuple[float, np.ndarray, str] | None:
    """Seconds of processor time, estimates and p-values (B, 2), versions; None where R has not what it takes."""
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(f"{folder}/frame.csv", index=False)
        pd.DataFrame(Y).to_csv(f"{folder}/outcomes.csv", index=False)
        Path(folder, "run.R").write_text(R, encoding="utf-8")
        done = subprocess.run(["Rscript", "run.R"], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        seconds, versions = done.stdout.strip().splitlines()[-2:]
        return float(seconds), pd.read_csv(f"{folder}/found.csv").to_numpy(), versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--write", type=Path, help="Put the numbers between the marks of this file.")
    given = parser.parse_args()
    frame = design()
    fit = lmer("y ~ arm + x + (1 | trust) + (1 | team)", frame.assign(y=np.arange(len(frame)) % 7.0))
    covariances = [np.array([[0.05 if part.group == "trust" else 0.10]]) for part in fit.design.random]
    Y = simulate(fit, given.replicates, seed=SEED, beta=np.zeros(fit.basis.p), covariances=covariances, sigma2=0.85)
    refit(fit, Y[:, :200], contrasts=["arm"], ddf="kenward-roger")
    begun, clock = time.process_time(), time.perf_counter()
    found = refit(fit, Y, contrasts=["arm"], ddf="kenward-roger").contrasts["arm"]["kenward-roger"]
    own, waited = time.process_time() - begun, time.perf_counter() - clock
    lines = [
        f"{given.replicates:,} outcomes with the mixed model and Kenward-Roger: {own:.1f} s of processor time on one "
        f"core ({1e6 * own / given.replicates:.0f} microseconds each), {waited:.1f} s by the clock."
    ]
    if other := by_r(frame, Y[:, : given.sample]):
        seconds, theirs, versions = other
        ours = np.column_stack([found.estimate, found.p_value])[: given.sample]
        apart = np.abs(ours - theirs).max(axis=0)
        lines.append(
            f"lme4 and pbkrtest on the first {given.sample}: {1000 * seconds / given.sample:.0f} ms each, "
            f"{seconds / given.sample / (own / given.replicates):,.0f} times as long; largest difference of an "
            f"estimate {apart[0]:.0e}, of a p-value {apart[1]:.0e} (R, lme4, pbkrtest: {versions})."
        )
    lines.append(f"Measured {date.today()}; Python {platform.python_version()}, NumPy {np.__version__}; seed {SEED}.")
    text = "\n".join(lines)
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
