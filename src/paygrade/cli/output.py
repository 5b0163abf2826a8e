"""Printing: results to stdout, everything else to stderr; errors as sentences with a mend."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any, TextIO

import typer

from paygrade.errors import ExitCode, NothingRanError, PaygradeError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from paygrade.errors import Mistake

MOST_MISTAKES = 50

_results: list[TextIO] = []
"""Where results go while users' code runs, innermost last."""


@contextlib.contextmanager
def results_apart() -> Iterator[None]:
    """Keep standard output for results: what users' code prints goes to standard error.

    Also what it prints through a child or the descriptor itself, where there is one.
    """
    original = sys.stdout
    with contextlib.ExitStack() as stack:
        try:
            descriptor = original.fileno()
        except (OSError, ValueError):  # not a real stream, as in tests
            results: TextIO = original
        else:
            original.flush()
            saved = os.dup(descriptor)
            stack.callback(os.close, saved)
            encoding = original.encoding or "utf-8"
            results = stack.enter_context(
                os.fdopen(os.dup(saved), "w", encoding=encoding, errors="replace")
            )
            stack.callback(os.dup2, saved, descriptor)
            os.dup2(sys.stderr.fileno(), descriptor)
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        _results.append(results)
        stack.callback(_results.pop)
        stack.callback(results.flush)
        yield


def _result_stream() -> TextIO:
    return _results[-1] if _results else sys.stdout


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now, as wide as the terminal; 100 columns elsewhere."""
    from rich.console import Console

    stream = sys.stderr if stderr else _result_stream()
    width = None if stream.isatty() or "COLUMNS" in os.environ else 100
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, markup=False)


def say(text: str | RenderableType) -> None:
    """Part of the result."""
    console().print(text, soft_wrap=isinstance(text, str))


def note(text: str | RenderableType) -> None:
    """Something beside the result. A sentence is not folded: paths and hashes stay whole."""
    console(stderr=True).print(text, soft_wrap=isinstance(text, str))


def say_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """The result as one JSON value."""
    _result_stream().write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def end(code: ExitCode, *, quiet: bool = False, why: str = "") -> None:
    """End the command with `code`, and say what it means.

    Raises:
        typer.Exit: always.
    """
    from paygrade.reports.plain import one_line

    if not quiet or code is not ExitCode.OK:
        reason = f": {one_line(why)}" if why and code is not ExitCode.OK else ""
        sys.stderr.write(f"paygrade: exit {int(code)} ({code.meaning}){reason}\n")
    raise typer.Exit(int(code))


def say_mistakes(mistakes: tuple[Mistake, ...]) -> None:
    """Every mistake on a line of its own, up to what a screen holds."""
    for mistake in mistakes[:MOST_MISTAKES]:
        _complain(str(mistake))
    more = len(mistakes) - MOST_MISTAKES
    if more > 0:
        sys.stderr.write(f"… and {more} more\n")


def _complain(text: str) -> None:
    """A sentence about a user's file may hold what stands in it."""
    from paygrade import leaks

    sys.stderr.write(f"{leaks.mask(text).text}\n")


@contextlib.contextmanager
def ending_well() -> Iterator[None]:
    """Turn every exception into a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal of another encoding is no mistake
            stream.reconfigure(errors="replace")
    try:
        yield
        sys.stdout.flush()
    except WorkspaceError as error:
        say_mistakes(error.mistakes)
        count = len(error.mistakes)
        end(error.exit_code, why=f"{count} {'mistake' if count == 1 else 'mistakes'}, nothing ran")
    except PaygradeError as error:
        _complain(str(error))
        why = "nothing ran" if isinstance(error, NothingRanError) else ""
        end(error.exit_code, why=why)
    except KeyboardInterrupt:
        end(ExitCode.INCOMPLETE, why="interrupted")
    except BrokenPipeError:
        # whoever read the output has gone: nothing is left to say, and Python must not say it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(int(ExitCode.INTERNAL)) from None
    except (typer.Exit, SystemExit):
        raise
    except OSError as error:
        _complain(f"the output cannot be written: {error.strerror or error}")
        end(ExitCode.MISTAKE)
    except Exception:  # noqa: BLE001 - the last door: it says so and ends with 1
        from paygrade import leaks

        sys.stderr.write(leaks.mask(traceback.format_exc()).text)
        end(ExitCode.INTERNAL, why="please report it, with the lines above")
