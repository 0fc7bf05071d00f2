"""A copy of the project, run with the real Snakemake."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.pending import pending_work, planned_rules
from cpis_analysis.runs.pending_fits import reasons_to_fit

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "workflow", "profiles", "src", "config.yaml")
STUDIES = {
    "cpis": ".",
    "periodontal": "examples/periodontal",
    "awards": "examples/awards",
    "beat_the_blues": "examples/beat_the_blues",
    "one_wave": "tests/material/studies/one_wave",
    "three_waves": "tests/material/studies/three_waves",
}
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".snakemake", "results", "processed")


@dataclass(frozen=True)
class Run:
    """One call of Snakemake: its exit code and what it printed."""

    code: int
    text: str

    @property
    def jobs(self) -> set[str]:
        """Rules that ran or would run."""
        return planned_rules(self.text)


class Project:
    """A folder with a copy of the project.

    Parameters
    ----------
    folder : Path
    study : str
        Folder of the study, relative to the project.
    """

    def __init__(self, folder: Path, study: str = ".") -> None:
        self.folder = folder
        self.study = folder / study

    def snakemake(self, *arguments: str, cores: int = 2) -> Run:
        """Run Snakemake; what it would say to a user is in ``text``."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", "Snakefile", "--cores", str(cores)]
        if self.study != self.folder:
            command += ["--directory", str(self.study.relative_to(self.folder))]
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=environment(),
            check=False,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return Run(done.returncode, done.stdout)

    def planned(self, *arguments: str) -> set[str]:
        """Jobs that a run would do, and ``fit NAME`` for each analysis that the fitting job would fit."""
        run = self.snakemake(*arguments, "--dry-run", "--quiet", "host")
        assert run.code == 0, run.text
        plan = load_plan(self.study / "config.yaml")
        work = pending_work(
            run.text,
            [spec.name for spec in plan.specifications()],
            [],
            lambda data_made_again: reasons_to_fit(plan, (self.folder / "src").resolve(), data_made_again),
        )
        return run.jobs | {f"fit {item.analysis}" for item in work.analyses}

    def run(self, *arguments: str, cores: int = 2) -> Run:
        """Run to the end; a failure shows what Snakemake said."""
        run = self.snakemake(*arguments, "--quiet", "host", cores=cores)
        assert run.code == 0, run.text[-6000:]
        return run

    def fitted(self) -> set[str]:
        """``fit NAME`` for each analysis that the last fitting job fitted, by its log."""
        said = (self.study / "data" / "processed" / "logs" / "fit_models.log").read_text(encoding="utf-8")
        return {f"fit {name}" for name in re.findall(r"^(\S+): fitted$", said, flags=re.MULTILINE)}

    def fits(self, *models: str) -> set[str]:
        """The fitting job, and ``fit NAME`` for each analysis by some models."""
        specs = load_plan(self.study / "config.yaml").specifications()
        return {"fit_models"} | {f"fit {spec.name}" for spec in specs if spec.model in models}

    @contextmanager
    def edited(self, name: str, *pairs: tuple[str, str]):
        """A file of the project with texts replaced; it is as before afterwards."""
        path = self.folder / name
        original = path.read_bytes()
        text = original.decode("utf-8")
        for old, new in pairs:
            assert old in text, f"{name} does not hold {old!r}"
            text = text.replace(old, new, 1)
        try:
            path.write_text(text, encoding="utf-8", newline="")
            yield
        finally:
            path.write_bytes(original)

    def hashes(self) -> dict[str, str]:
        """SHA-256 of every output by relative path, without logs."""
        return {
            path.relative_to(self.study).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in ("results", "data/processed")
            for path in sorted((self.study / folder).rglob("*"))
            if path.is_file() and "logs" not in path.relative_to(self.study).parts
        }

    def copy(self, folder: Path) -> Project:
        """The project with its results and Snakemake's memory, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder, self.study.relative_to(self.folder).as_posix())


def environment() -> dict[str, str]:
    """The environment of an ordinary user: no settings of pytest or of a calling Snakemake."""
    dropped = ("PYTEST", "SNAKEMAKE", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "COV_", "XDG_CONFIG")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def fresh(folder: Path, study: str, root: Path = ROOT) -> Project:
    """A copy of the project as it would be cloned: no results, no memory."""
    folder.mkdir(parents=True)
    for name in PARTS:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, folder / name)
    where = STUDIES[study]
    if where == ".":
        shutil.copytree(root / "data" / "raw", folder / "data" / "raw")
    else:
        shutil.copytree(root / where, folder / where, ignore=LEFT_OUT)
    return Project(folder, where)
