# What all rules share: the checked plan, and which code a step depends on.
import sys
from functools import partial
from pathlib import Path

SOURCE = Path(workflow.basedir) / "src"
sys.path.insert(0, str(SOURCE))

from cpis_analysis.steps.workflow import Workflow, failure_messages, open_plan

# The interpreter that runs Snakemake also runs the steps, whether or not its environment is activated, and
# the package is the one beside this Snakefile, whatever else is installed. One thread a job: the same bytes
# on any number of cores.
shell.prefix(
    f"export PATH='{Path(sys.executable).parent}':\"$PATH\" PYTHONPATH='{SOURCE}' PYTHONHASHSEED=0 "
    "OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1; "
)

PLAN = open_plan(config.get("plan", "config.yaml"))
FLOW = Workflow(PLAN, SOURCE)

REPORT = "results/report/findings.html"
MANIFEST = "results/manifest.json"
LOGS = "results/logs"


wildcard_constraints:
    model=r"[A-Za-z][A-Za-z0-9_]*",


onsuccess:
    print(f"\nDone. Open {REPORT} in a browser." if Path(REPORT).exists() else "\nDone.")


onerror:
    print(failure_messages(LOGS), file=sys.stderr)
