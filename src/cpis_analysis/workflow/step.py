"""``python step.py MODULE ARGUMENTS``: what ``python -m MODULE ARGUMENTS`` does, by `warm_steps` where it is there.

Started for every step, without site-packages and before anything else, so it loads as little as it can.
"""

import os
import sys


def main(arguments: list[str]) -> int:
    """Exit code of the step."""
    import json
    import socket

    order = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
        try:
            asked.connect("\0" + os.environ["CPIS_WARM_STEPS"])
        except (OSError, KeyError):
            os.execv(sys.executable, [sys.executable, "-m", *arguments])
        text = json.dumps(order).encode()
        sent = socket.send_fds(asked, [text[:4096]], [1, 2])
        asked.sendall(text[sent:])
        asked.shutdown(socket.SHUT_WR)
        ended = asked.recv(1)
    if not ended:
        print("The step was ended from outside.", file=sys.stderr)
    return ended[0] if ended else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
