"""Steps that start from a process which has loaded the large libraries already.

Starting Python and loading pandas takes longer than most steps have to do. So the main process of a run starts this
module once, before its first job (`start_warm_steps`); it loads libraries and what the first step needs.
`step.py`, in place of ``python -m``, hands a step over to it: each gets a process of its own, forked, with the
arguments, the environment, the folder and the streams that it would have had. While a step is at work, this process
loads what the later ones need, so that a module that several steps share is loaded once, and on a processor that has
nothing else to do. A step runs the code that lies there when it starts: where a file of the package is no longer as it
was when it was loaded, the step forgets the package and loads it anew. Where forking does not work (other systems than
Linux, a cluster, a container), steps start as they always did.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import platform
import runpy
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from cpis_analysis.workflow.source_states import State, source_states, state_of

ADDRESS = "CPIS_WARM_STEPS"
"""Variable of the environment with the name of the socket."""
_LIBRARIES = ("numpy", "pandas", "pyarrow.dataset", "pyarrow.parquet", "scipy.special")
_KEPT = {"MALLOC_MMAP_THRESHOLD_": str(2**28), "MALLOC_TRIM_THRESHOLD_": str(2**29), "MALLOC_TOP_PAD_": str(2**26)}
"""For glibc: memory of arrays is kept for the next ones; to give it back and ask again took a tenth of the time."""
_PACKAGE = str(__package__).partition(".")[0]
_LATE = {
    "draw_figures": ("typst",),
    "build_report": ("markdown_it",),
    "build_documents": ("docx", "xlsxwriter", "typst"),
}
"""Libraries that modules of a step load when they are used."""
_ASKING = frozenset(
    f"--{name}" for name in ("dry-run", "dryrun", "touch", "unlock", "lint", "summary", "dag", "rulegraph", "report")
) | {"-n"}
"""Options of Snakemake's with which it carries nothing out."""
_LIKELY = (f"{_PACKAGE}.steps.fit_models",)
"""What is loaded before it is known what will be done, where there is time for it."""
_WHOLE = ("make_tables", "draw_figures", "build_report", "build_documents")
"""Steps that use all of their modules; others choose, by the plan, which of them they load."""


class WarmSteps:
    """The process that steps are forked from, as the main process of a run sees it."""

    def __init__(self, served: subprocess.Popen[bytes]) -> None:
        self._served = served

    def prepare(self, steps: Sequence[Sequence[str]], imports: Mapping[str, Sequence[str]]) -> None:
        """Say once what is to be loaded and what is known already; no step starts before.

        Parameters
        ----------
        steps : sequence of sequence of str
            Modules of the steps that are to be done (`modules_of_step`), step after step, those that can start at
            the same time together: those of the first are loaded before any step starts, the others while steps are
            at work.
        imports : mapping
            Of `provenance.known_imports`: steps ask which files they are made of, too.
        """
        first = list(steps[0])
        later = list(dict.fromkeys(name for modules in steps[1:] for name in modules if name not in first))
        if self._served.stdin:
            # where it has ended, steps start as they always did
            with suppress(BrokenPipeError):
                self._served.stdin.write(json.dumps([first, later, imports]).encode() + b"\n")
                self._served.stdin.flush()

    def give_up(self) -> None:
        """End it at once: nothing is to be done."""
        self._served.kill()
        self.end()

    def end(self) -> None:
        """Let it end, and wait for it."""
        os.environ.pop(ADDRESS, None)
        if self._served.stdin:
            self._served.stdin.close()
        self._served.wait()


def start_warm_steps(environment: Mapping[str, str]) -> WarmSteps | None:
    """Start the process, and let every shell of this process know it; it ends with this one.

    Parameters
    ----------
    environment : mapping
        Variables that steps are given beside those of this process.

    Returns
    -------
    WarmSteps or None
        None where steps can't be forked.
    """
    if platform.system() != "Linux":
        return None
    name = f"cpis-steps-{os.getpid()}-{secrets.token_hex(8)}"
    warm = WarmSteps(
        subprocess.Popen(
            [sys.executable, "-m", __name__, name],
            env={**os.environ, **environment, **_KEPT},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    )
    os.environ[ADDRESS] = name
    atexit.register(warm.end)
    return warm


def start_for_edited_plan(
    plan: Path, page: Path, environment: Mapping[str, str], told: Sequence[str]
) -> WarmSteps | None:
    """Start the process before the plan is read, where it was edited after the page was written.

    Parameters
    ----------
    plan, page : Path
    environment : mapping
        As for `start_warm_steps`.
    told : sequence of str
        The command line, of which one that only asks starts nothing.
    """
    try:
        edited = plan.stat().st_mtime_ns > page.stat().st_mtime_ns
    except OSError:
        return None
    return start_warm_steps(environment) if edited and _ASKING.isdisjoint(told) else None


def modules_of_step(step: str, files: Iterable[str]) -> list[str]:
    """Modules that a step will load.

    Parameters
    ----------
    step : str
        Name of its module.
    files : iterable of str
        The source files that it is made of, in a folder of this package's name.
    """
    paths = (Path(file).with_suffix("").parts for file in files)
    named = [".".join(parts[len(parts) - parts[::-1].index(_PACKAGE) - 1 :]) for parts in paths]
    own = sorted(name.removesuffix(".__init__") for name in named) if step in _WHOLE else []
    return list(dict.fromkeys([f"{_PACKAGE}.steps.{step}", *own, *_LATE.get(step, ())]))


def serve(name: str) -> None:
    """Run the steps that are handed over until the process that started this one has ended.

    Parameters
    ----------
    name : str
        Of the socket.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        # a name in the kernel, so nothing is left in a folder whatever ends this process
        door.bind(f"\0{name}")
        door.listen(64)
        for library in _LIBRARIES:
            import_module(library)
        package = Path(__file__).parents[1]
        loaded = source_states(package)
        # as long as an edited plan is being read: most edits are followed by a fit
        if not select.select([sys.stdin], [], [], 0.0)[0]:
            _load(_LIKELY)
        first, later, imports = _told()
        # the main process starts this one before it loads anything else
        import_module(f"{_PACKAGE}.provenance").know_imports(package.parent, imports)
        _load(first)
        gc.freeze()
        for _ in range(_hand_out(door, loaded, later)):
            os.wait()


def _hand_out(door: socket.socket, loaded: Mapping[str, State], later: deque[str]) -> int:
    """Fork a step for each order, and load what is left while steps are at work; gives how many have not ended."""
    children = 0
    while True:
        waits = None if not children else 0.0 if later else 1.0
        ready = select.select([door, sys.stdin], [], [], waits)[0]
        # waited for, so that their time is counted as that of the run
        while children and os.waitpid(-1, os.WNOHANG)[0]:
            children -= 1
        if sys.stdin in ready:
            return children
        if door in ready:
            with door.accept()[0] as asked:
                if not _is_of_this_user(asked):
                    continue
                if os.fork() == 0:
                    door.close()
                    _run(asked, loaded)
                children += 1
        elif later and children:
            _load([later.popleft()])
            if not later:
                gc.freeze()


def _is_of_this_user(asked: socket.socket) -> bool:
    user: int = struct.unpack("3i", asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[1]
    return user == os.getuid()


def _told() -> tuple[list[str], deque[str], dict[str, list[str]]]:
    """Modules to be loaded at once and later, and imports, as the main process says; none where it ends."""
    parts = [b""]
    while not parts[-1].endswith(b"\n") and (part := os.read(sys.stdin.fileno(), 65536)):
        parts.append(part)
    text = b"".join(parts)
    first, later, imports = json.loads(text) if text else ([], [], {})
    return first, deque(later), imports


def _load(modules: Iterable[str]) -> None:
    for module in modules:
        # a step that needs it says what is wrong with it
        with suppress(Exception):
            import_module(module)


def _forget_changed(states: Mapping[str, State]) -> None:
    """Take the package out of what is loaded where a file of it is not in the state in which it was loaded."""
    names = [name for name in sys.modules if name.startswith(f"{_PACKAGE}.")] + [_PACKAGE]
    files = [file for name in names if (file := getattr(sys.modules.get(name), "__file__", None))]
    try:
        same = all(states[file] == state_of(file) for file in files)
    except (OSError, KeyError):
        same = False
    if not same:
        for name in names:
            sys.modules.pop(name, None)


def _run(asked: socket.socket, loaded: Mapping[str, State]) -> None:
    """Become the step that is asked for; does not return."""
    code = 1
    try:
        _forget_changed(loaded)
        order = _read(asked)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        code = _ended(order["arguments"])
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                code = code or 1
        # where the run was interrupted nobody waits for it any more
        with suppress(OSError):
            asked.sendall(bytes([code & 0xFF]))
        os._exit(code & 0xFF)


def _read(asked: socket.socket) -> dict[str, Any]:
    """The order, with its streams in the places of this process's own."""
    text, streams, _, _ = socket.recv_fds(asked, 65536, 2)
    for place, stream in enumerate([os.open(os.devnull, os.O_RDONLY), *streams]):
        os.dup2(stream, place)
        os.close(stream)
    parts = [text]
    while parts[-1]:
        parts.append(asked.recv(65536))
    order: dict[str, Any] = json.loads(b"".join(parts))
    return order


def _ended(arguments: list[str]) -> int:
    """Exit code of ``python -m`` with these arguments."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = arguments
    # loaded as a module before, it is run as a program now
    sys.modules.pop(arguments[0], None)
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int) or end.code is None:
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
