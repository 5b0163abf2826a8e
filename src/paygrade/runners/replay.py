"""`provider: replay`: recorded answers from a JSON Lines file of `id`, `text` and `epoch`.

A line without `epoch` answers every epoch. A sample that was not recorded is an error of the
infrastructure (`not_recorded`), never a wrong answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paygrade.errors import RunnerError, UsageError
from paygrade.records.answer import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.answer import Request
    from paygrade.records.plan import RunnerProfile

_KEYS = {"id", "text", "epoch", "model"}


class ReplayRunner:
    """Answers from memory."""

    def __init__(self, answers: dict[tuple[str, int | None], Answer]) -> None:
        """Take the answers by sample id and epoch (`None`: any epoch)."""
        self._answers = answers

    @classmethod
    def load(cls, profile: RunnerProfile) -> ReplayRunner:
        """Read the profile's `answers` file, whole.

        Raises:
            UsageError: it cannot be read, a line is not a recorded answer, or one is there twice.
        """
        file = profile.folder / str(profile.options["answers"])
        answers: dict[tuple[str, int | None], Answer] = {}
        try:
            with file.open(encoding="utf-8-sig") as stream:
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        key, answer = _recorded(line, file, number)
                        if key in answers:
                            raise UsageError(f"{file}:{number}: {key[0]!r} is recorded twice")
                        answers[key] = answer
        except UnicodeDecodeError as error:
            raise UsageError(f"{file}: is not UTF-8", hint="save it as UTF-8") from error
        except OSError as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror or error}") from error
        return cls(answers)

    async def answer(self, request: Request) -> Answer:
        """The recorded answer of this epoch, else the one recorded for all epochs."""
        for key in ((request.sample_id, request.epoch), (request.sample_id, None)):
            if key in self._answers:
                return self._answers[key]
        raise RunnerError(
            f"no answer is recorded for {request.sample_id!r}, epoch {request.epoch}",
            kind="not_recorded",
        )

    async def close(self) -> None:
        """Nothing to let go of."""


def _recorded(line: str, file: Path, number: int) -> tuple[tuple[str, int | None], Answer]:
    hint = 'one object a line: {"id": "…", "text": "…", "epoch": 1}'
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}:{number}: is not JSON: {error}", hint=hint) from error
    if not isinstance(data, dict) or set(data) - _KEYS:
        raise UsageError(f"{file}:{number}: is not a recorded answer", hint=hint)
    sample_id, text, epoch = data.get("id"), data.get("text"), data.get("epoch")
    if not isinstance(sample_id, str) or not isinstance(text, str):
        raise UsageError(f"{file}:{number}: 'id' and 'text' must both be text", hint=hint)
    if epoch is not None and (isinstance(epoch, bool) or not isinstance(epoch, int)):
        raise UsageError(f"{file}:{number}: 'epoch' is not a whole number", hint=hint)
    model = data.get("model", "")
    if not isinstance(model, str):
        raise UsageError(f"{file}:{number}: 'model' is not text", hint=hint)
    return (sample_id, epoch), Answer(text=text, model=model)
