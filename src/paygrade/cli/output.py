"""Printing: results to stdout, everything else to stderr; errors as sentences with a mend."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import typer

from paygrade.errors import ExitCode, NothingRanError, PaygradeError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from paygrade.errors import Mistake

MOST_MISTAKES = 50


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now, as wide as the terminal; 100 columns elsewhere."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
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
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def end(code: ExitCode, *, quiet: bool = False, why: str = "") -> None:
    """End the command with `code`, and say what it means.

    Raises:
        typer.Exit: always.
    """
    if not quiet or code is not ExitCode.OK:
        reason = f": {why}" if why and code is not ExitCode.OK else ""
        sys.stderr.write(f"paygrade: exit {int(code)} ({code.meaning}){reason}\n")
    raise typer.Exit(int(code))


def say_mistakes(mistakes: tuple[Mistake, ...]) -> None:
    """Every mistake on a line of its own, up to what a screen holds."""
    for mistake in mistakes[:MOST_MISTAKES]:
        sys.stderr.write(f"{mistake}\n")
    more = len(mistakes) - MOST_MISTAKES
    if more > 0:
        sys.stderr.write(f"… and {more} more\n")


@contextlib.contextmanager
def ending_well() -> Iterator[None]:
    """Turn every exception into a sentence and an exit code."""
    try:
        yield
    except WorkspaceError as error:
        say_mistakes(error.mistakes)
        count = len(error.mistakes)
        end(error.exit_code, why=f"{count} {'mistake' if count == 1 else 'mistakes'}, nothing ran")
    except PaygradeError as error:
        sys.stderr.write(f"{error}\n")
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
    except Exception:  # noqa: BLE001 - the last door: it says so and ends with 1
        from paygrade import leaks

        sys.stderr.write(leaks.mask(traceback.format_exc()).text)
        end(ExitCode.INTERNAL, why="please report it, with the lines above")
