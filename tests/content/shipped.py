"""A shipped suite, bound and built as a run would, and what it says of one answer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING

from kit import REPOSITORY
from paygrade import scorers
from paygrade.leaks import find, mask
from paygrade.pipeline.wiring import today
from paygrade.records.check import Subject
from paygrade.workspace.bind import bind_suite
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paygrade.records.check import Check
    from paygrade.records.json_value import Json
    from paygrade.records.sample import Sample


class Shipped:
    """One suite of this repository."""

    def __init__(self, name: str) -> None:
        """Bind the suite `name` and build its checks."""
        bound = bind_suite(find_layout(REPOSITORY), name, scorers.CATALOGUE, today())
        self.samples = bound.dataset.samples
        self._own = bound.suite.checks
        self._bench = scorers.build(
            bound.checks, folder=bound.suite.folder, output_schema=bound.prompt.output_schema
        )

    def failing(self, sample: Sample, answer: str) -> list[Check]:
        """The checks that `answer` fails, masked first as an engine would; none may be an error."""
        text = mask(answer).text
        reading = scorers.read_output(text)
        subject = Subject(
            sample_id=sample.id,
            input=sample.input,
            expected=sample.expected,
            text=text,
            output=reading.value,
            output_error=reading.error,
            output_repair=reading.repair,
            findings=tuple(find(answer)),
        )
        checks = asyncio.run(self._bench.judge((*self._own, *sample.checks), subject))
        assert all(each.result != "error" for each in checks), sample.id
        return [each for each in checks if each.result == "fail"]

    def fails(self, sample: Sample, answer: str) -> list[str]:
        """The ids of those that count."""
        return [each.id for each in self.failing(sample, answer) if each.role != "advisory"]

    def hold(
        self, mutants: Callable[[Json], Iterable[tuple[str, object]]], *, step: int, least: int
    ) -> None:
        """At least 99 in 100 of the answers that are off in one field fail.

        Args:
            mutants: Of a label: each changed answer, with what was done to it.
            step: Every so many samples are tried, from the first.
            least: More mutants than this are made of a sample, on average.
        """
        samples = self.samples[::step]
        passed: Counter[str] = Counter()
        tried = 0
        for sample in samples:
            for name, answer in mutants(sample.expected):
                tried += 1
                if not self.fails(sample, json.dumps(answer, ensure_ascii=False)):
                    passed[name] += 1
        assert tried > least * len(samples)
        assert passed.total() <= tried / 100, passed
