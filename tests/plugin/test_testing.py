"""`paygrade.testing`: suites whose samples, answers and scorers stand in the test."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest

from docs.pages import blocks
from paygrade import Answer, Request, RunnerError, Score, Subject, WorkspaceError
from paygrade.errors import NothingRanError, UsageError
from paygrade.testing import Exposure, Sample, Scorer, Suite, assert_failure_rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kit import Paygrade

EQUALS = {"equals": {"field": "action"}}


def _samples(count: int, *, wrong: int = 0) -> list[Sample]:
    """Samples whose labels are `refund`, but for the last `wrong` ones."""
    return [
        Sample(
            id=f"s{index}",
            input={"index": index},
            expected={"action": "refuse" if index > count - wrong else "refund"},
        )
        for index in range(1, count + 1)
    ]


def refund(request: Request) -> dict[str, object]:
    """Say yes."""
    del request
    return {"action": "refund"}


def _suite(count: int = 3, *, wrong: int = 0) -> Suite:
    return Suite("refunds", samples=_samples(count, wrong=wrong), answer=refund, scorers=[EQUALS])


def _changed(suite: Suite, changes: dict[str, Any]) -> Suite:
    return dataclasses.replace(suite, **changes)


def test_a_suite_runs_and_tells_what_it_missed() -> None:
    """Figures as of any run, with slices and money, and each miss with its reason."""
    late = Sample(
        id="late",
        input={"days": 31},
        expected={"action": "refuse"},
        slices={"kind": "regret", "tag": ["a", "b"]},
        exposure=Exposure(amount_minor=4200, currency="EUR"),
    )
    samples = [*_samples(3), late]
    ran = Suite("refunds", samples=samples, answer=refund, scorers=[EQUALS], epochs=2).run()
    assert (ran.state, ran.overall.scored, ran.overall.failed) == ("complete", 8, 2)
    assert [(each.name, each.value) for each in ran.slices] == [
        ("kind", "regret"),
        ("tag", "a"),
        ("tag", "b"),
    ]
    assert ran.money[0].at_risk_minor == 4200
    reason = "equals(action): action: got 'refund', wanted 'refuse'"
    assert [(each.sample_id, each.epoch, each.reason) for each in ran.misses] == [
        ("late", 1, reason),
        ("late", 2, reason),
    ]


async def _async_refund(request: Request) -> dict[str, Any]:
    await asyncio.sleep(0)
    return refund(request)


class _App:
    """An application under test."""

    def answer(self, request: Request) -> Answer:
        """Answer with all that an answer can hold."""
        return Answer(text='{"action": "refund"}', model=f"mine-{request.epoch}")


@pytest.mark.parametrize(
    "answer",
    [refund, _async_refund, _App().answer, lambda _: '{"action": "refund"}'],
    ids=["function", "async", "method", "lambda"],
)
def test_anything_that_can_be_called_answers(answer: Callable[[Request], Any]) -> None:
    """Plain or async; text, data or an `Answer`."""
    ran = Suite("refunds", samples=_samples(3), answer=answer, scorers=[EQUALS]).run()
    assert (ran.overall.scored, ran.overall.failed) == (3, 0)


def test_text_is_sent_as_text() -> None:
    """A sample's input may be a sentence; the function also sees it as a message."""
    seen: list[tuple[str, object]] = []

    def answer(request: Request) -> str:
        seen.append((request.messages[-1].content, request.input))
        return "ok"

    sample = Sample(id="s", input="Where is it?", expected="ok")
    Suite("talk", samples=[sample], answer=answer, scorers=["equals"]).run()
    assert seen == [("Where is it?", "Where is it?")]


def test_a_function_may_judge() -> None:
    """Plain or async; a bool, a number or a `Score`, with how bad a miss is."""

    def short(subject: Subject) -> bool:
        return len(subject.text) < 5

    async def half(subject: Subject) -> float:
        await asyncio.sleep(0)
        return 0.5 if subject.output == {"action": "refund"} else 0.0

    def told(subject: Subject) -> Score:
        return Score(passed=False, reason=f"about {subject.sample_id}")

    ran = Suite(
        "refunds",
        samples=_samples(1),
        answer=refund,
        scorers=[
            short,
            Scorer(half, threshold=0.4, severity="critical"),
            Scorer(told, id="remark", severity="minor"),
        ],
    ).run()
    found = {each.check: (each.severity, each.role, each.failed) for each in ran.checks}
    assert found == {
        "answered": ("critical", "gating", 0),
        "short": ("major", "gating", 1),
        "half": ("critical", "gating", 0),
        "remark": ("minor", "advisory", 1),
    }


def test_an_exception_is_an_error_and_not_a_failure() -> None:
    """Of the answering function as of a scorer."""

    def answer(request: Request) -> dict[str, object]:
        if request.sample_id == "s1":
            raise RunnerError("the gateway is down", kind="unavailable")
        return refund(request)

    def judge(subject: Subject) -> bool:
        return bool(1 / (int(subject.sample_id[1:]) - 2))

    ran = Suite("refunds", samples=_samples(3), answer=answer, scorers=[judge]).run()
    assert (ran.overall.scored, ran.overall.failed, ran.overall.errored) == (1, 0, 2)
    assert [each.reason for each in ran.misses] == [
        "unavailable: the gateway is down",
        "scorer_error: judge: the scorer raised ZeroDivisionError: division by zero",
    ]


def test_the_barrier_stands_here_too() -> None:
    """A card number in an answer is masked before anybody judges it, and `no-pan` is told."""
    seen: list[str] = []

    def judge(subject: Subject) -> bool:
        seen.append(subject.text)
        return True

    ran = Suite(
        "refunds",
        samples=_samples(1),
        answer=lambda _: "paid with 4111111111111111",
        scorers=[judge, {"no-pan": {"role": "invariant"}}],
    ).run()
    assert ran.invariant_failures == 1
    assert "4111111111111111" not in seen[0] + ran.misses[0].reason


def test_a_run_may_be_kept(tmp_path: Path, paygrade: Paygrade) -> None:
    """In the store of a workspace, to be looked at later."""
    (tmp_path / "paygrade.yaml").touch()
    ran = _suite(wrong=1).run(store=tmp_path / ".paygrade")
    shown = paygrade("show", ran.header.run_id, "s3", "-w", tmp_path)
    assert "got 'refund', wanted 'refuse'" in shown.out


def test_without_a_store_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is left alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _suite().run()
    assert list(tmp_path.iterdir()) == []


def test_the_identity_follows_the_source() -> None:
    """Another function is another runner; the same one is the same."""

    def other(request: Request) -> dict[str, object]:
        return refund(request) | {"note": ""}

    first, same = _suite().run().header.identity, _suite().run().header.identity
    changed = dataclasses.replace(_suite(), answer=other).run().header.identity
    assert first == same
    assert changed.differences(first) == ("runner",)


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        (
            {"scorers": [EQUALS, {"equal": {"field": "action"}}]},
            "Suite('refunds').scorers[1]: there is no scorer 'equal' (did you mean 'equals'?)",
        ),
        (
            {"samples": [*_samples(1), *_samples(1)]},
            "Suite('refunds').samples[1] ('s1'): the id 's1' is taken by line 1 (ids are unique)",
        ),
        (
            {"samples": [dataclasses.replace(_samples(1)[0], slices={"a b": "x"})]},
            "Suite('refunds')",
        ),
        ({"epochs": 0}, "Suite('refunds'): 'epochs'"),
        ({"concurrency": 0}, "Suite('refunds'): 'concurrency'"),
        ({"scorers": [lambda: True]}, "Suite('refunds').scorers[0]: <lambda>: "),
    ],
)
def test_a_mistake_is_told_at_its_place(changes: dict[str, Any], mistake: str) -> None:
    """Not in a file that the author never saw."""
    with pytest.raises(WorkspaceError) as raised:
        _changed(_suite(), changes).run()
    assert str(raised.value).startswith(mistake)


def test_what_is_not_json_is_told_at_its_place() -> None:
    """Data is data."""
    for value in (object(), math.nan):
        sample = Sample(id="s", input={"amount": value}, expected=None)
        with pytest.raises(UsageError, match=r"Suite\('refunds'\).samples\[0\] \('s'\): is not"):
            dataclasses.replace(_suite(), samples=[sample]).run()


def test_characters_that_yaml_refuses_are_fine() -> None:
    """A suite in Python is not read as YAML by anybody who has to care."""
    value = "a\u2028b\x7f\x85\ufeff\U0001f600\u00e9"
    ran = dataclasses.replace(
        _suite(1), answer=lambda _: value, scorers=[{"contains": {"value": value}}]
    ).run()
    assert ran.overall.failed == 0


@pytest.mark.parametrize("name", ["../x", "", "a/b", "x" * 81])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError, match="no name for a suite"):
        dataclasses.replace(_suite(), name=name).run()


@pytest.mark.parametrize("part", ["samples", "scorers"])
def test_nothing_to_run_is_an_error(part: str) -> None:
    """No rate of nothing."""
    with pytest.raises(NothingRanError, match=f"has no {part}"):
        _changed(_suite(), {part: []}).run()


def test_inside_of_an_event_loop_it_says_what_to_do() -> None:
    """Two loops cannot nest."""

    async def call() -> None:
        _suite().run()

    with pytest.raises(UsageError, match=r"asyncio.to_thread\(suite.run\)"):
        asyncio.run(call())


def test_a_rate_is_shown_by_the_whole_interval() -> None:
    """Thirty-five samples without a failure show 10 %, ten do not; the message says how many do."""
    assert_failure_rate(_suite(35).run(), at_most=0.1)
    with pytest.raises(AssertionError) as raised:
        assert_failure_rate(_suite(10).run(), at_most=0.1)
    assert str(raised.value) == (
        "failure rate 0.0 %, 95 % interval 0.0 to 27.8 %, 0 of 10 failed: that it is at most "
        "10.0 % is not shown (about 35 samples of their own would show it at this rate)"
    )


def test_a_rate_that_is_higher_lists_what_was_missed() -> None:
    """The first few samples, with their reasons."""
    with pytest.raises(AssertionError) as raised:
        assert_failure_rate(_suite(10, wrong=7).run(), at_most=0.1)
    first, *rest = str(raised.value).splitlines()
    assert first.endswith("7 of 10 failed: that is more than 10.0 %")
    assert rest[0] == "  s4, epoch 1: equals(action): action: got 'refund', wanted 'refuse'"
    assert (len(rest), rest[-1]) == (6, "  … and 2 more")


def _fails(_: Request) -> str:
    raise RunnerError("down", kind="unavailable")


def _sometimes(request: Request) -> dict[str, object]:
    if request.input["index"] <= 5:
        raise RunnerError("down", kind="unavailable")
    return refund(request)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": _fails}, "no attempt could be scored (60 unavailable): there is no rate"),
        ({"answer": _sometimes}, "5 of 60 attempts errored, more than 5.0 %"),
        (
            {
                "samples": [
                    dataclasses.replace(each, must_pass=True) for each in _samples(60, wrong=1)
                ]
            },
            "an invariant failed 1 time",
        ),
    ],
)
def test_a_rate_of_little_is_no_pass(changes: dict[str, Any], reason: str) -> None:
    """Nothing scored, too many errors, an invariant: whatever the figure says."""
    with pytest.raises(AssertionError) as raised:
        assert_failure_rate(_changed(_suite(60), changes).run(), at_most=0.5)
    assert str(raised.value).startswith(reason)


@pytest.mark.parametrize(
    "limit", [{"at_most": 0}, {"at_most": 1.5}, {"at_most": 0.1, "max_error_rate": 1}]
)
def test_a_limit_that_cannot_be_kept_is_refused(limit: dict[str, float]) -> None:
    """No number of samples shows a rate of zero."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        assert_failure_rate(_suite().run(), **limit)


@pytest.mark.parametrize(
    ("page", "word"), [("reference/python.md", '"greetings"'), ("how-to/pytest.md", "test_refunds")]
)
def test_the_examples_of_the_pages_run(
    page: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they stand."""
    [block] = [each for each in blocks(page) if word in each.text and "Suite(" in each.text]
    names: dict[str, Any] = {}
    exec(compile(block.text, block.place, "exec"), names)  # noqa: S102 - the page's own example
    if "test_refunds" in names:
        names["test_refunds"]()
    else:
        assert capsys.readouterr().out == "0 1\n"
