"""Printing: results to stdout, everything else to stderr; errors as sentences with a mend."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import traceback
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import typer

from paygrade.errors import ExitCode, NothingRanError, PaygradeError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType

    from paygrade.errors import Mistake
    from paygrade.leaks import Barrier
    from paygrade.pipeline.outlet import Outlet

MOST_MISTAKES = 50
T = TypeVar("T")

_workspaces: list[Path] = []
"""Where the command works, the last one last; what it prints is masked as it is wanted there."""


def barrier() -> Barrier:
    """What stands before everything that is printed: the workspace's own, as far as it is known."""
    from paygrade.leaks import Barrier

    return _barrier_at(_workspaces[-1]) if _workspaces else Barrier()


@lru_cache(maxsize=1)
def _barrier_at(workspace: Path) -> Barrier:
    from paygrade.leaks import Barrier
    from paygrade.pipeline.wiring import layout_at

    try:
        return layout_at(workspace).barrier
    except PaygradeError:  # said by whoever reads the workspace
        return Barrier()


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
    return Console(
        file=stream, width=width, highlight=False, soft_wrap=False, markup=False, emoji=False
    )


def say(text: str | RenderableType, *, fold: bool = True) -> None:
    """Part of the result. A sentence is not folded, nor is anything else without `fold`."""
    _print(console(), text, fold=fold)


def note(text: str | RenderableType) -> None:
    """Something beside the result. A sentence is not folded: paths and hashes stay whole."""
    _print(console(stderr=True), text)


def cleaned(record: T) -> T:
    """A record, or a tuple of records, as it may be drawn: what is to be masked in it is masked."""
    from paygrade.pipeline.outlet import Outlet

    return Outlet(barrier()).record("the answer", record)


def write(file: Path, record: T, drawn: Callable[[T], str], *, shown: Path) -> None:
    """Write a record into a file, drawn as text; masked before it is drawn, and again after.

    Raises:
        OSError: it cannot be written.
    """
    from paygrade.pipeline.outlet import Outlet

    outlet = Outlet(barrier())
    text = drawn(outlet.record(file.name, record))
    file.write_text(outlet.text(file.name, text), encoding="utf-8")
    note(f"wrote {shown}")
    note_masked(outlet)


def note_masked(outlet: Outlet) -> None:
    """What was masked on the way out, in one line, if anything was."""
    if outlet.note:
        note(outlet.note)


def _print(console: Console, text: str | RenderableType, *, fold: bool = True) -> None:
    """What is drawn and leaks is printed without its colours: they stand between its letters.

    It is looked at on a line as long as it takes: what is folded or cut is not seen to leak.
    """
    from paygrade.reports.plain import plain

    if isinstance(text, str):
        console.print(_no_command(plain(barrier().mask(text).text)), soft_wrap=True)
        return
    folded, console.width = console.width, _ENDLESS
    whole = _drawn(console, text)
    console.width = folded
    masked = barrier().mask(whole).text
    if masked != whole:
        console.print(_no_command(masked), soft_wrap=True, end="")
    elif _in_workflow() and _no_command(shown := _drawn(console, text, fold=fold)) != shown:
        console.print(_no_command(shown), soft_wrap=True, end="")
    else:
        console.print(text, soft_wrap=not fold)


def _drawn(console: Console, drawing: RenderableType, *, fold: bool = True) -> str:
    """What it would print, without its colours and without the spaces that fill a line."""
    with console.capture() as drawn:
        console.print(drawing, soft_wrap=not fold)
    return _FILLED.sub("", _COLOUR.sub("", drawn.get()))


def _no_command(text: str) -> str:
    """A line that GitHub Actions would obey is kept from being one: words of a model are no order.

    Our own commands are written past this, by whoever means them.
    """
    return _WORKFLOW_COMMAND.sub("\\1\u200b\\2", text) if _in_workflow() else text


def _in_workflow() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


_WORKFLOW_COMMAND = re.compile(r"^(\s*)(::|##\[)", re.MULTILINE)
_ENDLESS = 10_000
"""Columns."""
_FILLED = re.compile(" +$", re.MULTILINE)

_COLOUR = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def say_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """The result as one JSON value, in which no character is one that a terminal obeys."""
    from paygrade.reports.plain import escaped

    plain = json.loads(json.dumps(value, ensure_ascii=False, default=str))
    masked, _ = barrier().mask_value(plain)
    _result_stream().write(escaped(json.dumps(masked, ensure_ascii=False)) + "\n")


def end(code: ExitCode, *, quiet: bool = False, why: str = "") -> None:
    """End the command with `code`, and say what it means.

    Raises:
        typer.Exit: always.
    """
    from paygrade.reports.plain import one_line

    if not quiet or code is not ExitCode.OK:
        said = one_line(barrier().mask(why).text)
        reason = f": {said}" if why and code is not ExitCode.OK else ""
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
    from paygrade.reports.plain import plain

    sys.stderr.write(f"{plain(barrier().mask(text).text)}\n")


@contextlib.contextmanager
def ending_well(workspace: Path | None = None) -> Iterator[None]:
    """Turn every exception into a sentence and an exit code; mask as `workspace` wants it."""
    with contextlib.suppress(FileNotFoundError):  # the current folder was deleted
        _workspaces.append((workspace or Path()).absolute())  # before users' code can change it
    _barrier_at.cache_clear()
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
        sys.stderr.write(barrier().mask(traceback.format_exc()).text)
        end(ExitCode.INTERNAL, why="please report it, with the lines above")
