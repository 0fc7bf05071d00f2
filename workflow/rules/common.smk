# What all rules share: the checked plan, and a memory that knows which code a step depends on.
import atexit
import gc
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from shutil import disk_usage

STARTED = time.time()
# What is loaded stays to the end: to look for circles among it, last of all at the end, took a tenth of a run.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
atexit.register(gc.freeze)
# The package beside this workflow; where the workflow is a module of another one, the installed package.
BESIDE = [folder / "src" for folder in (Path(workflow.basedir), Path(workflow.basedir).parent)]
SOURCE = next((path for path in BESIDE if (path / "cpis_analysis").is_dir()), None) or (
    Path(find_spec("cpis_analysis").origin).parents[1]
)
sys.path.insert(0, str(SOURCE))
# On a full disk Python leaves compiled modules cut off, and every later run would stumble over them.
sys.dont_write_bytecode = sys.dont_write_bytecode or disk_usage(SOURCE).free < 2**20

# The interpreter that runs Snakemake also runs the steps, whether or not its environment is activated (but for steps
# in the container, which have their own), and the package is the one beside this Snakefile, whatever else is
# installed. One thread a job: the same bytes on any number of cores.
ENVIRONMENT = {"PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": "0"}
ENVIRONMENT |= dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"], "1")
if sys.dont_write_bytecode:
    ENVIRONMENT["PYTHONDONTWRITEBYTECODE"] = "1"

PLAN_FILE = Path(config.get("plan", "config.yaml"))
REPORT = "results/report/findings.html"

from cpis_analysis.workflow.warm_steps import ADDRESS, start_for_edited_plan

# before anything else is loaded: both take as long
WARM = start_for_edited_plan(PLAN_FILE, Path(REPORT), ENVIRONMENT, sys.argv) if workflow.is_main_process else None

from cpis_analysis.workflow.messages import failure_messages, leave_failures_to_messages, notes_of_run, success_message

leave_failures_to_messages()

from cpis_analysis.workflow.memory import remember
from cpis_analysis.workflow.rule_parameters import Workflow, open_plan


# Made by `make container`, and used only if asked for: --software-deployment-method apptainer
container: config.get("container", "cpis-analysis.sif")


# Where a process with the libraries is there (cpis_analysis/workflow/warm_steps.py), steps are forked from it.
HAND_OVER = quote(str(SOURCE / "cpis_analysis" / "workflow" / "step.py"))
shell.prefix(
    f'if [ -z "${{{{APPTAINER_CONTAINER:-}}}}" ]; then export PATH={quote(str(Path(sys.executable).parent))}:"$PATH"; '
    f'if [ -n "${{{{{ADDRESS}:-}}}}" ]; then python() {{{{ case "$*" in "-m cpis_analysis.steps."*) shift; '
    f'command python -IS {HAND_OVER} "$@";; *) command python "$@";; esac; }}}}; fi; fi; '
    + f"export {' '.join(f'{name}={quote(value)}' for name, value in ENVIRONMENT.items())}; "
)

PLAN = open_plan(str(PLAN_FILE))
# Code is named relative to the working directory, so that a moved or copied project is not done again.
FLOW = Workflow(PLAN, Path(os.path.relpath(SOURCE)))
# The code of a step is no input that Snakemake knows of, or it would look at two thousand files more at each start.
remember(workflow, FLOW, ENVIRONMENT, PLAN.digest(), WARM)

ANNEX = "results/report/annex.html"
DOCUMENTS = FLOW.documents()
MODELS = FLOW.model_files()
ESTIMATES = "results/estimates.csv"
MANIFEST = "results/manifest.json"
PRIVATE_MANIFEST = "data/processed/manifest.json"
CRATE = "results/ro-crate-metadata.json"
# with the private files: a message may name a participant
LOGS = "data/processed/logs"


onsuccess:
    for line in notes_of_run(LOGS, STARTED):
        print(f"\n{FLOW.words(line)}")
    print(success_message(REPORT, ESTIMATES))


onerror:
    print(failure_messages(LOGS, STARTED, FLOW.words), file=sys.stderr)
