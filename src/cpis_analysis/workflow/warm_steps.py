"""Steps that start from a process which has loaded the large libraries already.

Starting Python and loading pandas takes longer than most steps have to do. So the main process of a run starts this
module once, before its first job (`start_warm_steps`); it loads libraries, nothing of this package, so that a step
still runs the code that lies there when it starts. `step.py`, in place of ``python -m``, hands a step over to it: each
gets a process of its own, forked, with the arguments, the environment, the folder and the streams that it would have
had. Where this does not work (other systems than Linux, a cluster, a container), steps start as they always did.
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
from collections.abc import Mapping
from importlib import import_module
from typing import Any

ADDRESS = "CPIS_WARM_STEPS"
"""Variable of the environment with the name of the socket."""
_LIBRARIES = ("numpy", "pandas", "pyarrow.parquet", "pydantic", "scipy.special")
"""What most steps load."""


def start_warm_steps(environment: Mapping[str, str]) -> None:
    """Start the process, and let every shell of this process know it; it ends with this one.

    Parameters
    ----------
    environment : mapping
        Variables that steps are given beside those of this process.
    """
    if platform.system() != "Linux":
        return
    name = f"cpis-steps-{os.getpid()}-{secrets.token_hex(8)}"
    served = subprocess.Popen(
        [sys.executable, "-m", __name__, name],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ[ADDRESS] = name
    atexit.register(_end, served)


def _end(served: subprocess.Popen[bytes]) -> None:
    if served.stdin:
        served.stdin.close()
    served.wait()


def serve(name: str) -> None:
    """Run the steps that are handed over until the process that started this one has ended."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        # a name in the kernel, so nothing is left in a folder whatever ends this process
        door.bind(f"\0{name}")
        door.listen(64)
        for library in _LIBRARIES:
            import_module(library)
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
                        _run(asked)
                    children += 1
    for _ in range(children):
        os.wait()


def _is_of_this_user(asked: socket.socket) -> bool:
    user: int = struct.unpack("3i", asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[1]
    return user == os.getuid()


def _run(asked: socket.socket) -> None:
    """Become the step that is asked for; does not return."""
    code = 1
    try:
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
    serve(sys.argv[1])
