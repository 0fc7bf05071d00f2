"""What Snakemake does not remember: what each output was made from, and whether it is still as it was written.

Every job of a run is held against its record (`runs.making`) before Snakemake decides what to do. Where they differ,
the job gets a reason to run in Snakemake's own terms, so a dry run, `cpis plan` and a run say the same, with
``.snakemake`` or without.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpis_analysis.errors import CpisError, FileError
from cpis_analysis.provenance import known_imports
from cpis_analysis.runs.making import (
    AGAIN,
    INTERRUPTED,
    Difference,
    Making,
    begin,
    compare,
    exhibit_files,
    is_known,
    read_making,
    settle,
    text_digest,
    write_making,
)
from cpis_analysis.workflow.kept_digests import KeptDigests
from cpis_analysis.workflow.rule_parameters import Workflow
from cpis_analysis.workflow.run_folder import make_sure_of_room, take_folder
from cpis_analysis.workflow.warm_steps import WarmSteps, modules_of_step, start_warm_steps


def remember(
    workflow: Any,
    flow: Workflow,
    environment: Mapping[str, str],
    plan: str,
    warm: WarmSteps | None = None,
) -> None:
    """Give a workflow a memory that lies with its outputs; to be called once.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
    flow : Workflow
        Tells of which source files a step is made; they count as inputs of its jobs.
    environment : mapping
        What steps are given beside the environment of this process.
    plan : str
        Digest of the plan.
    warm : WarmSteps, optional
        The process that steps are forked from, where it runs already.

    Notes
    -----
    Snakemake offers no place for this, so the workflow's own methods are wrapped. In the processes that a cluster
    starts for single jobs nothing is wrapped: the main process keeps the records.
    """
    if not workflow.is_main_process:
        return
    prepare = workflow._prepare_dag

    def prepared(*arguments: Any, **options: Any) -> None:
        root, works = Path.cwd(), not (options.get("lock_warn_only") or options.get("nolock"))
        if works:
            make_sure_of_room(root)
        if workflow.local_exec and workflow.scheduling_settings is not None:
            # a clock that counts jobs per second would keep a run from ending for a second after its last job
            workflow.scheduling_settings.max_jobs_per_timespan = None
        prepare(*arguments, **options)
        after_kill = works and any((Path(workflow.persistence.path) / "locks").glob("*.lock"))
        if works:
            workflow.folder_claim = take_folder(root, workflow.persistence, {rule.name for rule in workflow.rules})
        memory = Memory(workflow, root, flow.code, environment, after_kill)
        if memory.really_runs:
            atexit.register(memory.digests.keep)
            atexit.register(flow.keep)
        if warm is not None and not memory.carries_out_here:
            warm.give_up()
        else:
            memory.warm = warm
        # with another plan something has to be done, whatever it is
        if not is_known(root, plan):
            memory.start_warm_steps()
        memory.attach(workflow.dag, workflow.persistence)

    workflow._prepare_dag = prepared


class Memory:
    """The records of a study, for one call of Snakemake.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
    root : Path
        The study's folder.
    code : callable
        Name of a rule -> source files that its step is made of.
    environment
        As for `remember`.
    after_kill : bool
        Whether the run before was killed: there are moments at which an output is new and its record is not yet, or
        the other way round, so that nobody can tell an interruption from an edit.
    """

    def __init__(
        self,
        workflow: Any,
        root: Path,
        code: Callable[[str], list[str]],
        environment: Mapping[str, str],
        after_kill: bool = False,
    ) -> None:
        self.environment = environment
        self.warm: WarmSteps | None = None
        self.warmed = False
        self.workflow = workflow
        self.root = root
        self.code = code
        self.after_kill = after_kill
        self.digests = KeptDigests(root)
        self.begun: dict[Any, Making] = {}
        self.judged = False

    def attach(self, dag: Any, persistence: Any) -> None:
        """Take part in what Snakemake decides and does."""
        update, finish = dag.update_needrun, dag.finish
        started, ended = persistence.started, persistence.finished

        async def update_needrun(*arguments: Any, **options: Any) -> Any:
            if not self.judged:
                self.judged = True
                self.judge(dag)
            found = await update(*arguments, **options)
            # they load while Snakemake prepares the first job
            self.warm_up()
            return found

        async def finished(job: Any, *arguments: Any, **options: Any) -> Any:
            with _plainly():
                for one in _single(job):
                    self.end(one)
            return await finish(job, *arguments, **options)

        def starting(job: Any, *arguments: Any, **options: Any) -> Any:
            with _plainly():
                for one in _single(job):
                    self.begin(one)
                return started(job, *arguments, **options)

        async def over(job: Any, *arguments: Any, **options: Any) -> Any:
            with _plainly():
                # after a failure, too, when the earlier outputs are back in their places
                if self.really_runs:
                    settle(self.root, _name(job))
                with _each_file_read_once(self.workflow.iocache):
                    return await ended(job, *arguments, **options)

        # parameters are texts: Snakemake need not load pandas to see that they are no data frames
        persistence._serialize_param_pandas = persistence._serialize_param_builtin
        dag.update_needrun, dag.finish = update_needrun, finished
        persistence.started, persistence.finished = starting, over

    def judge(self, dag: Any) -> None:
        """Give every job that differs from its record a reason to run, and name the outputs that were changed."""
        lines = []
        for job in sorted(dag.jobs, key=_name):
            if not job.output or not all((self.root / name).is_file() for name in job.output):
                continue
            found = compare(read_making(self.root, _name(job)), self.making(job), self.digests)
            if self.after_kill:
                found = replace(found, outputs=dict.fromkeys(found.outputs, INTERRUPTED))
            _give_reason(dag.reason(job), found)
            lines += [f"{AGAIN}{names}: {why} [{_title(job)}]" for why, names in _by_reason(found).items()]
        if lines:
            print("\n".join(["", *lines, ""]), file=sys.stderr, flush=True)

    def start_warm_steps(self) -> None:
        """Start the process that steps are forked from, where steps are carried out here."""
        if self.warm is None and self.carries_out_here:
            self.warm = start_warm_steps(self.environment)

    @property
    def carries_out_here(self) -> bool:
        """Whether steps run on this machine, and really."""
        return self.workflow.executor_plugin is not None and self.really_runs and bool(self.workflow.local_exec)

    def warm_up(self) -> None:
        """Tell that process what to load, once it is known what is to be done; a single step starts as fast without."""
        if self.warmed:
            return
        self.warmed = True
        jobs = set(self.workflow.dag.needrun_jobs())
        if len(jobs) > (0 if self.warm else 1):
            self.start_warm_steps()
            if self.warm is not None:
                levels = self.workflow.dag.toposorted()
                steps = (sorted({job.rule.name for job in jobs.intersection(level)}) for level in levels)
                self.warm.prepare([found for names in steps if (found := self.modules(names))], known_imports())
        elif self.warm is not None:
            self.warm.give_up()

    def modules(self, steps: Iterable[str]) -> list[str]:
        """What some steps load."""
        return [name for step in steps if (files := self.code(step)) for name in modules_of_step(step, files)]

    def making(self, job: Any) -> Making:
        """What a job would be made from now; outputs are named, not read."""
        params = {str(name): text_digest(str(value)) for name, value in job.params.items()}
        inputs = self.digests.of([*map(str, job.input), *self.code(job.rule.name)])
        return Making(_name(job), text_digest(str(job.rule.shellcmd)), params, inputs, dict.fromkeys(job.output, ""))

    def begin(self, job: Any) -> None:
        """A job starts: note what it is made from, before it reads anything."""
        self.warm_up()
        if self.really_runs and job.output:
            begin(self.root, _name(job))
            self.begun[job] = self.making(job)

    def end(self, job: Any) -> None:
        """A job has ended well: keep its record."""
        making = self.begun.pop(job, None)
        if making is not None:
            outputs = self.digests.of(exhibit_files(self.root, map(str, job.output)))
            write_making(self.root, Making(making.job, making.command, making.params, making.inputs, outputs))

    @property
    def really_runs(self) -> bool:
        """Neither a dry run nor `--touch`, which must not make old outputs pass for new ones."""
        return not (self.workflow.dryrun or self.workflow.touch)


@contextmanager
def _plainly() -> Iterator[None]:
    """What the disk refuses to take, in the words of Snakemake's own errors, which have no traceback."""
    from snakemake.exceptions import WorkflowError

    try:
        yield
    except (CpisError, OSError) as error:
        plain = FileError.of(error, error.filename or Path.cwd()) if isinstance(error, OSError) else error
        raise WorkflowError(f"{plain}\nThe run stopped. Files of earlier runs are as they were.") from None


@contextmanager
def _each_file_read_once(known: Any) -> Iterator[None]:
    """While Snakemake notes the check sums of all inputs, it notes them for every output of a job."""
    before, known.active = known.active, True
    known.clear()
    try:
        yield
    finally:
        known.clear()
        known.active = before


def _name(job: Any) -> str:
    return ".".join([job.rule.name, *(str(value) for _, value in sorted(job.wildcards_dict.items()))])


def _title(job: Any) -> str:
    """The rule's message; `job.message` knows its words only when jobs have numbers, which is later."""
    return str(job.rule.message or job.rule.name).format(wildcards=job.wildcards)


def _single(job: Any) -> list[Any]:
    return list(job) if job.is_group() else [job]


def _give_reason(reason: Any, found: Difference) -> None:
    if found.outputs:
        reason.forced = True
        return
    reason.updated_input.update(found.inputs)
    reason.params_changed = reason.params_changed or found.params
    reason.input_changed = reason.input_changed or found.sources
    reason.code_changed = reason.code_changed or found.command


def _by_reason(found: Difference, limit: int = 3) -> dict[str, str]:
    """Files by what is wrong with them."""
    reasons: dict[str, list[str]] = {}
    for name, why in found.outputs.items():
        reasons.setdefault(why, []).append(name)
    return {
        why: ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
        for why, names in reasons.items()
    }
