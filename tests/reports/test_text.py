"""What a person reads on a terminal."""

from __future__ import annotations

import dataclasses
import itertools
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.analysis.judge_run import ending
from paygrade.analysis.summarize import summarize
from paygrade.errors import ExitCode
from paygrade.records.verdict import Change
from paygrade.reports.figures import amount, bounds, counts, interval, p_value, percent, points
from paygrade.reports.text import cell, rows_view, runs_view, sample_view, summary_view
from reports.seen import shown
from store.making import answer, check, errored, header, row, scored

if TYPE_CHECKING:
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunSummary


def summary() -> RunSummary:
    """A run with everything in it: failures, an error, a quarantined sample, money, slices."""
    rows = [
        *(row(f"s{n}", exposure_minor=1050, currency="EUR") for n in range(40)),
        row("old", case_class="quarantined"),
    ]
    outcomes: list[Outcome] = [
        *(scored(f"s{n}", failed=n < 8) for n in range(39)),
        errored("s39"),
        scored("old", failed=True),
    ]
    return summarize(header(samples=42, attempts=42), rows, outcomes)


def test_a_summary_says_the_rate_first_then_where_it_fails() -> None:
    """With its interval, its counts, what is in no rate, and how the run ended."""
    made = summary()
    end = ending(made)
    assert dedent(shown(summary_view(made, end.code, end.reason))) == dedent(
        """\
        refunds · echo  refunds@v1 on dataset refunds@v1
        failure rate 20.5 %   95 % interval 10.8 to 35.5 %   8 of 39 failed, 1 error
        money at risk 84.00 EUR of 409.50 EUR
        attempts with a critical miss 0.0 %   95 % interval 0.0 to 9.0 %
        attempts with a major miss 20.5 %   95 % interval 10.8 to 35.5 %
        attempts with a minor miss 0.0 %   95 % interval 0.0 to 9.0 %
        errors (in no rate): 1 timeout
        quarantined (in no rate): 1 attempt
        not done: 1 of 42 attempts
        INCOMPLETE: 1 of 42 attempts were not done

        check    severity   role     failed   of     rate    95 % interval
        ──────────────────────────────────────────────────────────────────
        equals   major      gating        8   39   20.5 %   10.8 to 35.5 %

        slice       samples   failed   of     rate    95 % interval
        ──────────────────────────────────────────────────────────────
        kind=lost        40        8   39   20.5 %   10.8 to 35.5 %"""
    )


def test_of_nothing_no_rate_is_shown() -> None:
    """Not zero: unknown."""
    made = summarize(header(attempts=1), [row()], [errored()])
    text = shown(summary_view(made, ExitCode.INVALID, "there is no rate"))
    assert "failure rate n/a   95 % interval 0.0 to 100.0 %   0 of 0 failed, 1 error" in text
    assert "INVALID: there is no rate" in text


def test_names_are_data_and_never_markup() -> None:
    """Neither rich's markup nor a terminal's commands do anything."""
    hostile = "[red]x[/red]\x1b[31m\u202e"
    made = summarize(
        header(),
        [row(slices={"kind": (hostile,)})],
        [dataclasses.replace(scored(), checks=(check(hostile),))],
    )
    text = shown(summary_view(made, ExitCode.OK, "complete"))
    assert text.count("[red]x[/red]\ufffd[31m\ufffd") == 2
    assert "\x1b" not in text


def test_a_sample_is_shown_with_what_was_sent_and_said() -> None:
    """Prompt, expectation, every answer and every judgement."""
    judged = (check(result="fail", reason="got 'no', wanted 'yes'"), check("no-pan"))
    outcome = dataclasses.replace(scored(failed=True), checks=judged)
    view = sample_view(
        row(messages=(("system", "Answer."), ("user", "Why?"))),
        [(answer(text="no"), outcome), (None, errored(epoch=2))],
    )
    assert shown(view) == dedent(
        """\
        s1
        case s1 · statistical · kind=lost

        [system]
        Answer.

        [user]
        Why?

        [expected]
        {
          "action": "refund"
        }

        [answer, epoch 1]
        no
        failed
          fail  equals (major, gating) got 'no', wanted 'yes'
          pass  no-pan (major, gating)

        [answer, epoch 2]
        no answer came
        errored: timeout: no answer within 1 s"""
    )


@pytest.mark.parametrize(
    "command", ["\x1b]0;title\x07", "\x9b31m", "\x1b[2J", "a\rb", "\u2066", "\x00", "\x08"]
)
def test_an_answer_cannot_command_the_terminal(command: str) -> None:
    """Whatever a model writes is shown and not obeyed; tabs and line ends stay."""
    outcome = dataclasses.replace(scored(), checks=(check(reason=command),))
    made = row(command, messages=(("user", command),), expected=command)
    text = shown(sample_view(made, [(answer(text=f"{command}\tok\r\nok"), outcome)]))
    assert not set(command) & set(text) & set("\x1b\x9b\r\x07\x00\x08\u2066")
    assert "ok\nok" in text
    assert cell(command) != command


def test_rows_show_what_the_store_answers() -> None:
    """Floats short, NULL said, numbers to the right."""
    view: Any = rows_view(["name", "n", "x"], [("a[b]", 12, 0.123456789), ("b", None, 2.0)], 100)
    assert shown(view) == dedent(
        """\
        name      n          x
        ──────────────────────
        a[b]     12   0.123457
        b      NULL          2"""
    )


def test_no_rows_are_a_table_without_rows() -> None:
    """Nothing found is no error."""
    assert "name" in shown(rows_view(["name"], [], 80))


def test_runs_are_listed_with_their_rates() -> None:
    """One line a run; an unknown rate is n/a."""
    columns = ["run_id", "prompt", "state", "failed", "scored", "errored", "failure_rate"]
    columns += ["low", "high"]
    rows: list[tuple[Any, ...]] = [("r1", "p@v1", "complete", 1234, 5000, 0, 0.2468, 0.2351, 0.259)]
    rows.append(("r2", "p@v2", "incomplete", 0, 0, 3, None, 0.0, 1.0))
    assert shown(runs_view(columns, rows)) == dedent(
        """\
        run   failed      of   errors     rate    95 % interval
        ────────────────────────────────────────────────────────────────────
        r1     1,234   5,000        0   24.7 %   23.5 to 25.9 %
        r2         0       0        3      n/a   0.0 to 100.0 %   incomplete"""
    )


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "n/a"), (0, "0.0 %"), (1, "100.0 %"), (0.125, "12.5 %"), (0.0005, "0.1 %"),
     (0.0004, "<0.1 %"), (1e-9, "<0.1 %"), (0.9996, ">99.9 %"), (0.999, "99.9 %")],
)  # fmt: skip
def test_a_rare_failure_is_never_shown_as_none(share: float | None, text: str) -> None:
    """Nor a rare success: 0 and 100 % mean none and all."""
    assert percent(share) == text


def test_figures_are_written_alike() -> None:
    """Thousands are grouped, one error is not two."""
    rate = summarize(header(), [], []).overall
    many = dataclasses.replace(rate, scored=5000, failed=1234, errored=1)
    assert counts(many) == "1,234 of 5,000 failed, 1 error"
    assert interval(0.0, 1.0) == "0.0 to 100.0 %"
    words = [counts(dataclasses.replace(rate, errored=n)) for n in itertools.islice((0, 2), 2)]
    assert words == ["0 of 0 failed", "0 of 0 failed, 2 errors"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.0 points"), (0.023, "+2.3 points"), (-0.023, "-2.3 points"), (0.0002, "+0.02 points"),
     (-0.0002, "-0.02 points"), (1e-6, "+<0.001 points"), (0.4, "+40.0 points")],
)  # fmt: skip
def test_a_small_rise_is_never_shown_as_none(share: float, text: str) -> None:
    """Zero points mean no change at all."""
    assert points(share) == text


def test_bounds_are_written_in_points() -> None:
    """Without a sign where they are not below zero."""
    assert bounds(Change(rise=0.023, low=0.004, high=0.041)) == "(0.4 to 4.1)"
    assert bounds(Change(rise=0.0, low=-0.0002, high=0.0)) == "(0.0 to 0.0)"


@pytest.mark.parametrize(
    ("p", "text"),
    [(None, "-"), (1.0, "1.0000"), (0.03124, "0.0312"), (0.0001, "0.0001"), (3.14e-7, "3.1e-07"),
     (1e-12, "1.0e-12"), (9e-13, "<1e-12"), (0.0, "<1e-12")],
)  # fmt: skip
def test_a_tiny_p_value_is_only_said_to_be_tiny(p: float | None, text: str) -> None:
    """Below 1e-12 the digits would claim more than arithmetic gives."""
    assert p_value(p) == text


def test_amounts_are_whole_minor_units() -> None:
    """Rounded half-even; a currency that is none is named as it stands."""
    assert amount(1234.5, "EUR") == "12.34 EUR"
    assert amount(-50, "JPY") == "-50 JPY"
    assert amount(12.0, "XXX?") == "12 minor units of XXX?"
