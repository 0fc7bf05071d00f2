"""How fast generalised linear mixed models are fitted, against the peers that are installed beside them.

    python benchmarks/generalised.py --rounds 3 --write docs/engine.md
    python benchmarks/generalised.py --peers-python OTHER/bin/python      # a Python that has the package glmm

Each program in a fresh process on one thread, in interleaved rounds; CPU milliseconds of the work alone after a
warm-up, the best of many in each round (what else the machine does slows the others), medians over the rounds. R is
used where Rscript finds lme4. What is missing is left out of the table.
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

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}
BEGIN, END = "<!-- generalised speed: begin -->", "<!-- generalised speed: end -->"
TASKS = {
    "study": "logistic model of 127 people, trust + team",
    "refit": "the same, a new response, each of 400",
    "large": "logistic model of 100,000 rows, 1,000 teams",
}

DATA = """
import numpy as np, pandas as pd, sys
rng = np.random.default_rng(20240601)
team = rng.integers(0, 10, 127)
def answers(eta): return rng.binomial(1, 1 / (1 + np.exp(-eta)))
frame = pd.DataFrame({"trust": [f"u{t // 2}" for t in team], "team": [f"t{t}" for t in team], "arm": team % 2,
                      "age": np.round(rng.normal(0, 1, 127), 2)})
eta = 0.2 + 0.4 * frame["arm"] + 0.3 * frame["age"] + rng.normal(0, 0.6, 10)[team]
frame["event"] = answers(eta)
frame.to_csv(sys.argv[1] + "/study.csv", index=False)
pd.DataFrame(answers(np.repeat(eta.to_numpy()[:, None], 400, axis=1))).to_csv(sys.argv[1] + "/more.csv", index=False)
team = np.repeat(np.arange(1000), 100)
large = pd.DataFrame({"team": team, "arm": team % 2, "x": np.round(rng.normal(size=100_000), 3)})
large["event"] = answers(0.1 + 0.2 * large["arm"] + 0.5 * large["x"] + rng.normal(0, 0.7, 1000)[team])
large.to_csv(sys.argv[1] + "/large.csv", index=False)
"""

TIMED = """
import sys, json, time, warnings, pandas as pd
warnings.simplefilter("ignore")
folder = sys.argv[1]
study, large, more = (pd.read_csv(f"{folder}/{name}.csv") for name in ("study", "large", "more"))
large["team"] = "t" + large["team"].astype(str)
def cpu(work, times):
    work()
    spent = []
    for _ in range(times):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return min(spent) * 1e3
"""

PROGRAMS = {
    "this engine": TIMED + """
from cpis_analysis.lmm import glmer, refit_generalised
formula = "event ~ arm + age + (1 | trust/team)"
fit = glmer(formula, study, family="binomial")
Y = more.to_numpy(dtype=float)
print(json.dumps({
    "study": cpu(lambda: glmer(formula, study, family="binomial"), 200),
    "refit": cpu(lambda: refit_generalised(fit, Y), 5) / Y.shape[1],
    "large": cpu(lambda: glmer("event ~ arm + x + (1 | team)", large, family="binomial"), 3),
    "log_likelihood": fit.log_likelihood}))
""",
    "glmm": TIMED + """
import glmm
print(json.dumps({
    "study": cpu(lambda: glmm.fit(study, "event ~ arm + age + (1 | trust/team)", family="binomial"), 200),
    "large": cpu(lambda: glmm.fit(large, "event ~ arm + x + (1 | team)", family="binomial"), 3)}))
""",
}  # fmt: skip

R = """
suppressMessages(library(lme4)); suppressMessages(library(jsonlite))
folder <- commandArgs(TRUE)[1]
study <- read.csv(file.path(folder, "study.csv")); large <- read.csv(file.path(folder, "large.csv"))
large$team <- factor(large$team)
cpu <- function(work, times) { work(); 1e3 * min(replicate(times, { t <- proc.time(); work(); d <- proc.time() - t
  d[["user.self"]] + d[["sys.self"]] })) }
quiet <- function(x) suppressMessages(suppressWarnings(x))
cat(toJSON(list(
  study = cpu(function() quiet(glmer(event ~ arm + age + (1 | trust/team), study, binomial)), 5),
  large = cpu(function() quiet(glmer(event ~ arm + x + (1 | team), large, binomial)), 1),
  log_likelihood = as.numeric(logLik(quiet(glmer(event ~ arm + age + (1 | trust/team), study, binomial))))
), auto_unbox = TRUE, digits = 10))
"""


def run(command: list[str]) -> dict[str, float] | None:
    """Figures of one program; None where it is not there."""
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | THREADS)
    return json.loads(done.stdout) if done.returncode == 0 else None


def table(results: dict[str, list[dict[str, float]]]) -> str:
    """Medians in milliseconds."""
    names = [name for name, rounds in results.items() if rounds]
    lines = ["| work, CPU time | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for task, words in TASKS.items():
        cells = [
            f"{statistics.median(one[task] for one in results[name]):,.1f} ms" if task in results[name][0] else "-"
            for name in names
        ]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    said = [f"{name} {rounds[0]['log_likelihood']:.6f}" for name, rounds in results.items()
            if rounds and "log_likelihood" in rounds[0]]  # fmt: skip
    return "\n".join([*lines, "", f"Log-likelihood of the first: {', '.join(said)}."]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--write", type=Path, help="page that shows the table between its marks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", DATA, folder], check=True)
        script = Path(folder) / "fits.R"
        script.write_text(R, encoding="utf-8")
        commands = {
            "this engine": [sys.executable, "-c", PROGRAMS["this engine"], folder],
            "glmm": [options.peers_python, "-c", PROGRAMS["glmm"], folder],
        }
        if shutil.which("Rscript"):
            commands["lme4"] = ["Rscript", str(script), folder]
        results: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                found = run(command)
                if found:
                    results[name].append(found)
    text = table(results)
    print(text)
    if options.write:
        write_between(options.write, BEGIN, END, text.removesuffix("\n"))


if __name__ == "__main__":
    main()
