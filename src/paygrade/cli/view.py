"""`paygrade view`."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from paygrade.cli.options import Workspace
from paygrade.cli.output import ending_well, note, say
from paygrade.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


def view(
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes any free one.")
    ] = 0,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    workspace: Workspace = None,
) -> None:
    """Serve the pages of `publish` to this machine alone, as runs go on, with every sample.

    Ends with Ctrl-C. Nobody waits for it, and it waits for nobody.
    """
    with ending_well(workspace):
        from paygrade.cli.serving import Server
        from paygrade.pipeline.view import View

        with contextlib.suppress(KeyboardInterrupt), _stoppable(), View(workspace, note) as shown:
            try:
                server = Server(shown, port)
            except OSError as error:
                problem = f"port {port} cannot be used: {error.strerror or error}"
                raise UsageError(problem, hint="leave --port out and take a free one") from error
            with server, _undisturbed_end():
                say(server.url)
                note("for this machine alone, and whoever is logged in on it; Ctrl-C ends it")
                if open_:
                    import webbrowser

                    webbrowser.open(server.url)
                server.serve_forever()
        note("ended; nothing was written")


_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """End on SIGTERM and SIGHUP as on Ctrl-C, so that nothing temporary stays behind."""
    stops = [each for each in _STOPS if signal.getsignal(each) is not signal.SIG_IGN]  # nohup
    before = {each: signal.signal(each, signal.default_int_handler) for each in stops}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def _undisturbed_end() -> Iterator[None]:
    """Clear up to the end: a terminal that is closed may say so twice."""
    try:
        yield
    finally:
        for each in _STOPS:
            signal.signal(each, signal.SIG_IGN)
