"""How fast the mixed-model engine is, against the peers that are installed beside it.

    python benchmarks/engine.py --rounds 3 --write docs/engine.md
    python benchmarks/engine.py --peers-python OTHER/bin/python      # a Python that has mixedlm
    python benchmarks/engine.py --only cold refit

Every program works on the same simulated data. Rounds are interleaved (each program once a round), each in a fresh
process on one thread; times are CPU seconds (user and system) of the work alone, after one warm-up, and the table
shows medians. R is used where Rscript finds lme4, lmerTest and pbkrtest; statsmodels comes with this project; mixedlm
is looked for in the Python given. What is missing is left out of the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from marked_page import write_between

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}

BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
TASKS = {
    "cold": "cold fit with Kenward-Roger (289 rows, trust + team + participant)",
    "refit": "refit with a new response, each",
    "inference": "refit with Kenward-Roger and Satterthwaite for the arm, each",
    "large": "900,000 rows, three nested levels",
    "insteval": "InstEval, 73,421 rows, three crossed factors",
}

DATA = """
import numpy as np, pandas as pd, sys
rng = np.random.default_rng(20240601)
sizes = rng.multinomial(139, [0.1] * 10) + 2
rows = [(k // 2, k, k % 2, f"p{k}_{i}", w) for k in range(10) for i in range(sizes[k]) for w in (0, 1)]
study = pd.DataFrame(rows, columns=["trust", "team", "arm", "id", "wave"])
drop = rng.permutation(np.flatnonzero(study["wave"] == 1))[: len(study) - 289]
study = study.drop(index=drop).reset_index(drop=True)
person = study["id"].factorize()[0]
study["y"] = (48 + 3 * study["wave"] + 2 * study["arm"] * study["wave"] + 1.3 * rng.normal(size=5)[study["trust"]]
              + rng.normal(size=10)[study["team"]] + 5.7 * rng.normal(size=159)[person] + 4.4 * rng.normal(size=289))
study["trust"] = "T" + study["trust"].astype(str)
study["team"] = "t" + study["team"].astype(str)
study.to_csv(sys.argv[1] + "/study.csv", index=False)
n, per = 900_000, 10
inner = np.repeat(np.arange(n // per), per)
large = pd.DataFrame({"outer": inner // 100, "mid": inner // 10, "inner": inner, "x": rng.normal(size=n)})
large["arm"] = (large["mid"] % 2).astype(float)
large["y"] = (1 + large["x"] / 2 + rng.normal(size=n // per)[inner] + 0.7 * rng.normal(size=9000)[large["mid"]]
              + 0.5 * rng.normal(size=900)[large["outer"]] + rng.normal(size=n))
large.to_csv(sys.argv[1] + "/large.csv", index=False)
"""

ENGINE = """
import json, sys, time, resource
import numpy as np, pandas as pd
from importlib.metadata import version
from cpis_analysis.lmm import lmer, refit, simulate
folder, task = sys.argv[1:3]
clock = time.process_time
formula = "y ~ arm*wave + (1 | trust) + (1 | trust:team) + (1 | trust:team:id)"
if task == "large":
    data, formula = pd.read_csv(folder + "/large.csv"), "y ~ x + arm + (1 | outer) + (1 | mid) + (1 | inner)"
elif task == "insteval":
    data = pd.read_csv(folder + "/insteval.csv")
    data[["s", "d", "dept", "service"]] = data[["s", "d", "dept", "service"]].astype("category")
    formula = "y ~ service + (1 | s) + (1 | d) + (1 | dept)"
else:
    data = pd.read_csv(folder + "/study.csv")
if task == "cold":
    lmer(formula, data).summary()
    start = clock()
    for _ in range(20):
        lmer(formula, data).summary("kenward-roger")
    seconds = (clock() - start) / 20
elif task in ("refit", "inference"):
    fit = lmer(formula, data)
    Y = simulate(fit, 4000, seed=1)
    options = {"contrasts": ["arm"]} if task == "inference" else {}
    refit(fit, Y[:, :300], **options)
    start = clock()
    found = refit(fit, Y, **options)
    seconds = (clock() - start) / 4000
    fit = None
else:
    lmer("y ~ x + arm + (1 | outer)", pd.read_csv(folder + "/large.csv", nrows=2000)) if task == "large" else None
    start = clock()
    fit = lmer(formula, data)
    seconds = clock() - start
extra = {} if task in ("refit", "inference") else {"loglik": lmer(formula, data).log_likelihood}
print(json.dumps({"seconds": seconds, "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, **extra,
                  "version": ", ".join(name + " " + version(name) for name in ("numpy", "scipy", "pandas"))}))
"""

STATSMODELS = """
import json, sys, time, warnings
import pandas as pd
import statsmodels.formula.api as smf
from importlib.metadata import version
warnings.simplefilter("ignore")
folder, task = sys.argv[1:3]
if task not in ("cold", "refit"):
    sys.exit(3)
data = pd.read_csv(folder + "/study.csv")
parts = {"team": "0 + C(team)", "id": "0 + C(id)"}
def fit():
    return smf.mixedlm("y ~ arm*wave", data, groups="trust", re_formula="1", vc_formula=parts).fit()
fit()
start = time.process_time()
for _ in range(2):
    found = fit()
print(json.dumps({"seconds": (time.process_time() - start) / 2, "loglik": float(found.llf),
                  "version": "statsmodels " + version("statsmodels")}))
"""

MIXEDLM = """
import json, sys, time, resource
import pandas as pd, mixedlm
from importlib.metadata import version
folder, task = sys.argv[1:3]
clock = time.process_time
formula = "y ~ arm*wave + (1 | trust) + (1 | team) + (1 | id)"
if task == "inference":
    sys.exit(3)
if task == "large":
    data, formula = pd.read_csv(folder + "/large.csv"), "y ~ x + arm + (1 | outer) + (1 | mid) + (1 | inner)"
elif task == "insteval":
    data, formula = pd.read_csv(folder + "/insteval.csv"), "y ~ service + (1 | s) + (1 | d) + (1 | dept)"
else:
    data = pd.read_csv(folder + "/study.csv")
if task in ("large", "insteval"):
    start = clock()
    fit = mixedlm.lmer(formula, data)
    seconds = clock() - start
else:
    fit = mixedlm.lmer(formula, data)
    start = clock()
    for _ in range(5):
        if task == "cold":
            fit = mixedlm.lmer(formula, data)
        else:
            fit.refit(data["y"].to_numpy() + 0.0)
    seconds = (clock() - start) / 5
print(json.dumps({"seconds": seconds, "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
                  "loglik": float(fit.logLik().value) if hasattr(fit.logLik(), "value") else None,
                  "version": "mixedlm " + version("mixedlm")}))
"""

R = """
arguments <- commandArgs(TRUE); folder <- arguments[1]; task <- arguments[2]
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
clock <- function() sum(proc.time()[1:2])
study <- read.csv(file.path(folder, "study.csv"))
formula <- y ~ arm * wave + (1 | trust) + (1 | team) + (1 | id)
if (task == "insteval") { data(InstEval, package = "lme4"); InstEval$y <- as.numeric(as.character(InstEval$y)) }
if (task == "large") large <- read.csv(file.path(folder, "large.csv"))
contrast <- function(m) { KRmodcomp(m, matrix(c(0, 1, 0, 0), 1)); contest1D(m, c(0, 1, 0, 0)) }
invisible(suppressMessages(lme4::lmer(formula, study)))
start <- clock()
if (task == "cold") {
  for (i in 1:3) { m <- lmerTest::lmer(formula, study); s <- summary(m, ddf = "Kenward-Roger") }; times <- 3
} else if (task == "refit") {
  m <- lme4::lmer(formula, study); y <- simulate(m, 20, seed = 1); start <- clock()
  for (i in 1:20) suppressMessages(refit(m, y[[i]])); times <- 20
} else if (task == "inference") {
  m <- lmerTest::lmer(formula, study); y <- simulate(m, 4, seed = 1); start <- clock()
  for (i in 1:4) { study$y <- y[[i]]; contrast(suppressMessages(lmerTest::lmer(formula, study))) }; times <- 4
} else if (task == "large") {
  m <- lme4::lmer(y ~ x + arm + (1 | outer) + (1 | mid) + (1 | inner), large); times <- 1
} else {
  m <- lme4::lmer(y ~ service + (1 | s) + (1 | d) + (1 | dept), InstEval); times <- 1
}
seconds <- (clock() - start) / times
versions <- paste0(R.version$major, ".", R.version$minor, ", lme4 ", packageVersion("lme4"), ", lmerTest ",
                   packageVersion("lmerTest"), ", pbkrtest ", packageVersion("pbkrtest"))
cat(sprintf('{"seconds": %.6f, "loglik": %.8f, "version": "R %s"}\\n', seconds, as.numeric(logLik(m)), versions))
"""


def run(command: list[str], timeout: float) -> dict | None:
    """One measurement in a fresh process; None where the peer cannot do the task."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **THREADS}, timeout=timeout, check=False
        )
    except (subprocess.TimeoutExpired, FileNotFoundError):
        return None
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        if done.returncode != 3:
            sys.stderr.write(done.stderr[-500:] + "\n")
        return None
    return json.loads(lines[-1])


def machine() -> str:
    """Processor, cores and system in one line."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def seconds_text(value: float) -> str:
    """A time with a unit and three figures."""
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if value < limit:
            return f"{value * factor:.3g} {unit}"
    return f"{value:.3g} s"


def table(results: dict[tuple[str, str], list[dict]], peers: list[str]) -> str:
    """The Markdown table with what it rests on."""
    lines = ["| work | " + " | ".join(peers) + " |", "|---|" + "---:|" * len(peers)]
    for task, text in TASKS.items():
        cells = []
        for peer in peers:
            found = results.get((peer, task), [])
            cells.append(seconds_text(statistics.median(one["seconds"] for one in found)) if found else "-")
        if any(cell != "-" for cell in cells):
            lines.append(f"| {text} | " + " | ".join(cells) + " |")
    memory = [one["gigabytes"] for one in results.get(("this engine", "large"), [])]
    versions = sorted({one["version"] for found in results.values() for one in found})
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    rounds = max(len(found) for found in results.values())
    lines += [
        "",
        f"CPU time on one thread, median of {rounds} interleaved rounds. {machine()}; load average {load} at the end.",
    ]
    if memory:
        lines.append(f"Peak memory of the engine on 900,000 rows (data frame included): {max(memory):.2f} GB.")
    lines.append("Versions: " + "; ".join(versions) + ".")
    best = {}
    for (peer, task), found in results.items():
        if task in ("large", "insteval") and found[0].get("loglik") is not None:
            best.setdefault(task, []).append(f"{peer} {found[0]['loglik']:.6f}")
    lines += [f"REML log-likelihood, {TASKS[task]}: " + ", ".join(values) + "." for task, values in best.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--peers-python", default=sys.executable, help="a Python with mixedlm")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for one measurement")
    parser.add_argument("--write", type=Path, help="page that shows the table between its marks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", DATA, folder], check=True)
        script = Path(folder) / "peer.R"
        script.write_text(R, encoding="utf-8")
        peers = {
            "this engine": [sys.executable, "-c", ENGINE],
            "statsmodels": [sys.executable, "-c", STATSMODELS],
            "mixedlm": [options.peers_python, "-c", MIXEDLM],
        }
        if shutil.which("Rscript"):
            peers["lme4, lmerTest, pbkrtest"] = ["Rscript", str(script)]
            export = f'data(InstEval, package="lme4"); InstEval$y <- as.integer(as.character(InstEval$y)); ' \
                     f'write.csv(InstEval, "{folder}/insteval.csv", row.names=FALSE)'  # fmt: skip
            subprocess.run(["Rscript", "-e", export], check=False, capture_output=True)
        results: dict[tuple[str, str], list[dict]] = {}
        for task in options.only:
            if task == "insteval" and not (Path(folder) / "insteval.csv").exists():
                continue
            for _ in range(options.rounds):
                for peer, command in peers.items():
                    found = run([*command, folder, task], options.timeout)
                    if found is not None:
                        results.setdefault((peer, task), []).append(found)
                        print(f"{task:10s} {peer:26s} {seconds_text(found['seconds'])}", flush=True)
    text = table(results, list(peers))
    print(text)
    if options.write:
        write_between(options.write, BEGIN, END, text.removesuffix("\n"))


if __name__ == "__main__":
    main()
