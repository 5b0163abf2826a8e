"""`python -m pytx.testing LEDGER`: a payment provider for tests, over HTTP on loopback.

The first line that it prints is its port.
"""

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from pytx.testing.faults import Fault
from pytx.testing.provider import PROFILES, Provider
from pytx.testing.server import Server

_MOST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it; return 2 with a sentence on standard error if it cannot."""
    asked = _parser().parse_args(arguments)
    try:
        server = _server(asked)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"pytx.testing: {error}\n")
        return 2
    with server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        if asked.until_eof:
            threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever(poll_interval=0.05)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytx.testing", description="A payment provider for tests, on loopback."
    )
    parser.add_argument("ledger", help="the file of what moved; it is made by the first payment")
    parser.add_argument("--profile", default="none", help=", ".join(PROFILES))
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND:NTH",
        help="what goes wrong at the nth request, as in reply_lost:1 or slow:2:seconds=0.5",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=0, help="0 takes one that is free")
    parser.add_argument("--until-eof", action="store_true", help="end with standard input")
    return parser


def _server(asked: argparse.Namespace) -> Server:
    if not Path(asked.ledger).parent.is_dir():
        raise ValueError(f"there is no folder {Path(asked.ledger).parent}")
    if not 0 <= asked.port <= _MOST_PORT:
        raise ValueError(f"the port is {asked.port}; it is 0 to {_MOST_PORT}")
    faults = [Fault.parse(text) for text in asked.fault]
    return Server(Provider(asked.ledger, profile=asked.profile, faults=faults), asked.port)


def _end_with_input(server: Server) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
