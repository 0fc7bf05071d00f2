"""Steps that start from a process which has loaded the large libraries already.

Starting Python and loading pandas takes longer than most steps have to do. So the main process of a run starts this
module once, before its first job (`start_warm_steps`); it loads libraries and what most steps need of this package.
`step.py`, in place of ``python -m``, hands a step over to it: each gets a process of its own, forked, with the
arguments, the environment, the folder and the streams that it would have had. A step runs the code that lies there when
it starts: where a file of the package is no longer as it was when it was loaded, the step forgets the package and
loads it anew. Where forking does not work (other systems than Linux, a cluster, a container), steps start as they
always did.
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
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

ADDRESS = "CPIS_WARM_STEPS"
"""Variable of the environment with the name of the socket."""
_LIBRARIES = ("numpy", "pandas", "pyarrow.parquet", "pydantic", "scipy.special")
_PACKAGE = str(__package__).partition(".")[0]
_OWN = (f"{_PACKAGE}.report.read_content", f"{_PACKAGE}.chapters.page")
"""Modules of this package that, with what they import, most steps load as well."""
_SHARED = {
    f"{_PACKAGE}.analyses.fitting.run": ("fit_models", "simulate_error_rates", "simulate_cell"),
    f"{_PACKAGE}.operating.simulated_cell": ("simulate_error_rates", "simulate_cell"),
}
"""Modules that only some steps load, with these: loaded where a run has several such jobs."""


def start_warm_steps(environment: Mapping[str, str], steps: Sequence[str]) -> None:
    """Start the process, and let every shell of this process know it; it ends with this one.

    Parameters
    ----------
    environment : mapping
        Variables that steps are given beside those of this process.
    steps : sequence of str
        The step of each job that is to be done.
    """
    if platform.system() != "Linux":
        return
    name = f"cpis-steps-{os.getpid()}-{secrets.token_hex(8)}"
    served = subprocess.Popen(
        [sys.executable, "-m", __name__, name, *shared_modules(steps)],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ[ADDRESS] = name
    atexit.register(_end, served)


def shared_modules(steps: Sequence[str]) -> list[str]:
    """Modules of `_SHARED` that at least two of the jobs load."""
    return [module for module, those in _SHARED.items() if sum(step in those for step in steps) > 1]


def _end(served: subprocess.Popen[bytes]) -> None:
    if served.stdin:
        served.stdin.close()
    served.wait()


def serve(name: str, shared: Sequence[str]) -> None:
    """Run the steps that are handed over until the process that started this one has ended.

    Parameters
    ----------
    name : str
        Of the socket.
    shared : sequence of str
        Modules to be loaded beside those that most steps load.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        # a name in the kernel, so nothing is left in a folder whatever ends this process
        door.bind(f"\0{name}")
        door.listen(64)
        loaded = _load(shared)
        gc.freeze()
        children = 0
        while True:
            ready = select.select([door, sys.stdin], [], [], 1.0 if children else None)[0]
            # waited for, so that their time is counted as that of the run
            while children and os.waitpid(-1, os.WNOHANG)[0]:
                children -= 1
            if sys.stdin in ready:
                break
            if door in ready:
                with door.accept()[0] as asked:
                    if not _is_of_this_user(asked):
                        continue
                    if os.fork() == 0:
                        door.close()
                        _run(asked, loaded)
                    children += 1
    for _ in range(children):
        os.wait()


def _is_of_this_user(asked: socket.socket) -> bool:
    user: int = struct.unpack("3i", asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[1]
    return user == os.getuid()


def _load(shared: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Load what most steps need, and more; gives the state of every source file of the package before."""
    for library in _LIBRARIES:
        import_module(library)
    states = _states()
    try:
        for module in (*_OWN, *shared):
            import_module(module)
    except Exception:
        # a step that needs it says what is wrong with it
        return {}
    return states


def _states() -> dict[str, tuple[int, int]]:
    """Time and size of every source file of the package, by its path."""
    found = {}
    for folder, _, files in os.walk(Path(__file__).parents[1]):
        for name in files:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                found[path] = _state(path)
    return found


def _state(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size


def _forget_changed(states: Mapping[str, tuple[int, int]]) -> None:
    """Take the package out of what is loaded where a file of it is not in the state in which it was loaded."""
    names = [name for name in sys.modules if name.startswith(f"{_PACKAGE}.")] + [_PACKAGE]
    files = [file for name in names if (file := getattr(sys.modules.get(name), "__file__", None))]
    try:
        same = all(states[file] == _state(file) for file in files)
    except (OSError, KeyError):
        same = False
    if not same:
        for name in names:
            sys.modules.pop(name, None)


def _run(asked: socket.socket, loaded: Mapping[str, tuple[int, int]]) -> None:
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
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int) or end.code is None:
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
