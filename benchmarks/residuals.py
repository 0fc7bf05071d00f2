"""How fast models with residual covariances within the person are, beside nlme where Rscript finds it.

    python benchmarks/residuals.py --rounds 3 --write docs/engine.md

An unstructured covariance over four waves (a tenth of the visits missing) with random effects of teams, cold: formula,
fit and Kenward-Roger; nlme has no Kenward-Roger and fits alone, and ended the larger one without convergence after two
minutes. Every round runs in a fresh process on one thread;
times are CPU seconds of the work, medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from marked_page import write_between

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
BEGIN, END = "<!-- residuals speed: begin -->", "<!-- residuals speed: end -->"
SIZES = {"small": (10, 15), "large": (300, 30)}
TASKS = {
    "small": "unstructured over 4 waves, 150 people in 10 teams",
    "large": "unstructured over 4 waves, 9,000 people in 300 teams",
}

DATA = """
import numpy as np, pandas as pd, sys
teams, per, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(20240601)
n, waves = teams * per, np.arange(4)
S = 0.6 ** np.abs(waves[:, None] - waves) * np.outer(1 + 0.2 * waves, 1 + 0.2 * waves)
team = np.repeat(np.arange(teams), per)
y = rng.multivariate_normal(np.zeros(4), S, n) + 0.4 * rng.normal(size=teams)[team][:, None]
y += 0.2 * (team % 2)[:, None] * waves
frame = pd.DataFrame({"pid": np.repeat(np.arange(n), 4), "wave": np.tile(waves, n), "team": np.repeat(team, 4)})
frame["arm"] = np.where(frame["team"] % 2, "new", "old")
frame["x"], frame["y"] = np.repeat(rng.normal(size=n), 4), y.ravel()
frame[rng.random(len(frame)) > 0.1].to_csv(path, index=False)
"""

ENGINE = """
import json, sys, time
import pandas as pd
from cpis_analysis.lmm import lmer
frame = pd.read_csv(sys.argv[1])
for _ in range(2):
    start = time.process_time()
    fit = lmer("y ~ arm * factor(wave) + x + (1 | team)", frame, residual="unstructured", within="pid", occasion="wave")
    fit.summary("kenward-roger")
    seconds = time.process_time() - start
print(json.dumps({"seconds": seconds, "log_likelihood": fit.log_likelihood}))
"""

NLME = """
suppressMessages(library(nlme))
frame <- read.csv(commandArgs(TRUE)[1])
frame$occasion <- frame$wave + 1
start <- proc.time()
fit <- lme(y ~ arm * factor(wave) + x, frame, random = ~ 1 | team, correlation = corSymm(form = ~ occasion | team/pid),
           weights = varIdent(form = ~ 1 | wave))
seconds <- sum((proc.time() - start)[c("user.self", "sys.self")])
cat(sprintf('{"seconds": %.6f, "log_likelihood": %.9f}', seconds, c(logLik(fit))))
"""


def run(command: list[str]) -> dict[str, float]:
    """Run a program that prints one JSON object."""
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | THREADS)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure(rounds: int, folder: str, with_r: bool) -> dict[tuple[str, str], dict[str, float]]:
    """Median CPU seconds and the log-likelihood of each task and program."""
    script = Path(folder, "nlme.R")
    script.write_text(NLME)
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for name, (teams, per) in SIZES.items():
        path = str(Path(folder, f"{name}.csv"))
        subprocess.run([sys.executable, "-c", DATA, str(teams), str(per), path], check=True)
        for _ in range(rounds):
            found.setdefault((name, "engine"), []).append(run([sys.executable, "-c", ENGINE, path]))
            if with_r and name == "small":
                found.setdefault((name, "nlme"), []).append(run(["Rscript", str(script), path]))
    return {
        key: {
            "seconds": statistics.median(one["seconds"] for one in several),
            "log_likelihood": several[0]["log_likelihood"],
        }
        for key, several in found.items()
    }


def table(found: dict[tuple[str, str], dict[str, float]]) -> str:
    """The times as a table, and what each program reached."""
    lines = ["| work, CPU time | this engine, with Kenward-Roger | nlme, fit alone |", "|---|---:|---:|"]
    remarks = []
    for name, label in TASKS.items():
        times = [found.get((name, program)) for program in ("engine", "nlme")]
        lines.append(
            f"| {label} | " + " | ".join("-" if one is None else _time(one["seconds"]) for one in times) + " |"
        )
        reached = [f"{one['log_likelihood']:.6f}" for one in times if one is not None]
        remarks.append(f"REML log-likelihood, {label}: {', '.join(reached)}.")
    return "\n".join([*lines, "", *remarks])


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def main() -> None:
    """Measure, print, and write into a page between its marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = table(measure(options.rounds, folder, shutil.which("Rscript") is not None))
    print(text)
    if options.write:
        write_between(options.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
