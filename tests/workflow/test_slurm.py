"""The simulation on a SLURM of one node gives the bytes of the local run, also after it was killed half way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from project_copy import environment, fresh

pytestmark = [pytest.mark.slow, pytest.mark.slurm, pytest.mark.workflow]

ROOT = Path(__file__).resolve().parents[2]
CELLS = ("0_0_0_observed_normal", "0.05_0.1_0_observed_normal")
GRID = ("operating_characteristics", "--config", f"cells={','.join(CELLS)}", "parts=3", "replicates=300")
CONF = Path("/etc/slurm/slurm.conf")
RESULT = "results/operating_characteristics.csv"


def missing() -> str:
    """Why the test can't run here; empty if it can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "only root can start SLURM"
    programs = [name for name in ("munged", "slurmctld", "slurmd", "sbatch") if not shutil.which(name, path=PATH)]
    if programs:
        return f"not installed: {', '.join(programs)}"
    if CONF.exists():
        return f"{CONF} is there: this machine has a SLURM of its own"
    return "" if find_spec("snakemake_executor_plugin_slurm") else "the extra slurm is not installed"


PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Munge, controller and one node on the loopback interface; what to set so that SLURM's commands find them."""
    why = missing()
    if why:
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("slurm")
    key, at = folder / "munge.key", folder / "munge.socket"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    host = socket.gethostname().split(".")[0]
    # the plugin takes SLURM's variables out of the environment of a job, so that only the usual place is found there
    CONF.parent.mkdir(exist_ok=True)
    CONF.write_text(
        f"""
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={at}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MinJobAge=300
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
""",
        encoding="utf-8",
    )
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    settings = {"PATH": f"{Path(sys.executable).parent}:{PATH}"}
    munged = [
        "munged",
        "--foreground",
        "--force",
        f"--socket={at}",
        f"--key-file={key}",
        f"--log-file={folder}/munge.log",
    ]
    munged += [f"--pid-file={folder}/munge.pid", f"--seed-file={folder}/munge.seed"]
    started = []
    try:
        for command in (munged, ["slurmctld", "-D", "-f", str(CONF)], ["slurmd", "-D", "-f", str(CONF), "-N", host]):
            with (folder / f"{command[0]}.txt").open("wb") as said:
                started.append(
                    subprocess.Popen(command, env=os.environ | settings, stdout=said, stderr=subprocess.STDOUT)
                )
            time.sleep(1)
        for _ in range(60):
            shown = subprocess.run(
                ["sinfo", "-h", "-o", "%T"], env=os.environ | settings, capture_output=True, text=True, check=False
            )
            if "idle" in shown.stdout:
                break
            time.sleep(1)
        else:
            said = "\n".join(path.read_text(errors="replace")[-600:] for path in folder.glob("*.txt"))
            pytest.skip(f"SLURM did not come up here: {shown.stdout}{shown.stderr}\n{said}")
        yield settings
    finally:
        for one in reversed(started):
            one.terminate()
        for one in started:
            one.wait(timeout=30)
        CONF.unlink()


@pytest.fixture
def local(tmp_path):
    """A project whose analysis data set is built."""
    project = fresh(tmp_path / "local", "cpis")
    project.run("data/processed/participants.parquet")
    return project


@pytest.fixture
def queued(local, tmp_path):
    """Its copy with the profile for the cluster, in which the pauses are not those of a busy one."""
    project = local.copy(tmp_path / "queued")
    profile = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text(encoding="utf-8"))
    profile |= {"latency-wait": 10, "slurm-init-seconds-before-status-checks": 5}
    profile["default-resources"]["mem_mb"] = 500
    folder = project.folder / "profiles" / "test"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return project


def done(project) -> list[Path]:
    return sorted(project.folder.glob("data/processed/operating/*/*.json"))


def test_a_grid_through_sbatch_killed_and_resumed_gives_the_bytes_of_the_local_run(cluster, local, queued, tmp_path):
    local.run(*GRID)
    command = [sys.executable, "-m", "snakemake", *GRID, "--profile", "profiles/test", "--quiet", "host"]
    settings = environment() | cluster
    told = tmp_path / "first.txt"
    with told.open("wb") as said:
        first = subprocess.Popen(
            command, cwd=queued.folder, env=settings, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        until = time.monotonic() + 300
        # until Snakemake knows of a job that is done
        while b"Finished jobid" not in told.read_bytes() and first.poll() is None and time.monotonic() < until:
            time.sleep(0.5)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert done(queued), told.read_text()[-4000:]
    assert not (queued.folder / RESULT).exists()
    subprocess.run(["scancel", "--user", "root"], env=settings, check=True)
    subprocess.run(
        [*command[:3], "--unlock", "--cores", "1"], cwd=queued.folder, env=settings, check=True, capture_output=True
    )
    kept = {path: path.stat().st_mtime_ns for path in done(queued)}
    again = subprocess.run(
        command, cwd=queued.folder, env=settings, text=True, capture_output=True, check=False, timeout=600
    )
    assert again.returncode == 0, (again.stdout + again.stderr)[-4000:]
    assert (queued.folder / RESULT).read_bytes() == (local.folder / RESULT).read_bytes()
    # what was whole before it was killed was not done again
    assert any(path.stat().st_mtime_ns == then for path, then in kept.items())
