"""One run in context, on a terminal and as Markdown."""

from __future__ import annotations

import dataclasses
import io
import re
from textwrap import dedent

import pytest
from rich.console import Console

from paygrade.errors import ExitCode
from paygrade.reports.run_report import next_lines, report_view
from paygrade.reports.run_report_markdown import report_markdown
from reports.rendered import TRICKS, harmless
from reports.seen import shown
from reports.spoil import spoiled
from reports.tellings import moves, told, unscored
from store.making import header

HOSTILE = "[red]x[/red]\x1b[31m\u202e:bug:"


def test_a_report_begins_with_the_rate_and_the_trend() -> None:
    """The interval is drawn and said; each point says what changed before it."""
    text = shown(report_view(told()))
    assert text[: text.index("\n\nsince")] == dedent(
        """\
        refunds · echo
        refunds@v2 on dataset refunds@v1 at commit abababababab
        run 20261123-120000-refunds-echo-000001
        failure rate 30.0 % (95 % interval 18.1 to 45.4 %; 12 of 40 failed, 1 error)
        0 % ··············├────────●───────────┤···· 50 %

        in no rate
          errors: 1 timeout

        trend
          ▂▂█ 3 whole runs, oldest first; the highest is 30.0 %
                                                                                             prompt, then
                   started  failed         of    rate   95 % interval  0 to 50 %             changes
          ──────────────────────────────────────────────────────────────────────────────────────────────────
          2026-11-21 09:00       2         40   5.0 %   1.4 to 16.5 %  ·├●───┤·············  refunds@v1
          2026-11-22 09:00       1         40   2.5 %   0.4 to 12.9 %  ├●───┤··············
                  this run      12  40 +1 err  30.0 %  18.1 to 45.4 %  ·······├───●─────┤··  prompt
                                                                                             refunds@v1 to
                                                                                             refunds@v2"""  # noqa: E501 - as it is shown
    )


def test_flips_are_counted_and_the_first_ten_of_each_way_are_named() -> None:
    """Twelve got worse and one better: eleven rows, and how many are not there."""
    text = shown(report_view(told()))
    part = text[text.index("since the run before") : text.index("against the accepted")]
    assert "since the run before: 12 worse, 1 better" in part
    assert (
        "of 40 samples that can be compared, 12 fail more often, 1 less often, 27 as often" in part
    )
    assert "not compared: 1 edited, 2 in this run alone, 1 without an outcome on one side" in part
    assert re.findall(r"^  (s\d\d) ", part, re.MULTILINE) == [f"s{n:02}" for n in range(10)] + [
        "s30"
    ]
    assert "and 2 more" in part


def test_a_baseline_is_told_with_its_rate_and_the_verdict() -> None:
    """What was accepted when, with interval and n, and what the gate said of this run."""
    text = shown(report_view(told()))
    assert "against the accepted baseline: 0 worse, 0 better" in text
    rate = "failure rate of the baseline 4.0 % (95 % interval 2.0 to 7.7 %; 8 of 200 failed)"
    assert rate in text
    assert "the gate judged it REGRESSED: failures rose (gate g1, 2026-11-23)" in text


def test_a_verdict_on_another_run_of_the_version_is_said_to_be_one() -> None:
    """It is evidence about the same thing, not about this run."""
    judged = told().judged
    assert judged
    other = told(judged=dataclasses.replace(judged, run_id="r9"))
    assert "the gate judged run r9, of the same version, REGRESSED" in shown(report_view(other))


def test_cost_and_time_say_how_many_answers_they_rest_on() -> None:
    """A mean and two quantiles, each with its n."""
    text = shown(report_view(told()))
    assert "cost 250.0000 USD per 1,000 samples (mean of 40 answers)" in text
    assert "latency p50 520 ms, p95 1.90 s (n = 40 answers asked for)" in text


def test_what_the_barrier_found_is_counted_by_kind() -> None:
    """And nothing of it is shown."""
    assert re.search(r"pan +answer +3 +2$", shown(report_view(told())))


def test_the_next_steps_are_commands_on_lines_of_their_own() -> None:
    """So that they can be copied whole, and quoted as a shell wants it."""
    flips = (dataclasses.replace(moves().flips[0], sample_id="it's; rm -rf"),)
    lines = list(next_lines(told(before=moves(flips=flips), judged=None)))
    assert lines == [
        "",
        "next",
        "  see what got worse",
        "    paygrade show 20261123-120000-refunds-echo-000001 'it'\"'\"'s; rm -rf'",
        "  compare with the run before",
        "    paygrade compare r2 20261123-120000-refunds-echo-000001",
        "  judge it",
        "    paygrade gate refunds --runner echo --run 20261123-120000-refunds-echo-000001",
    ]


def test_of_nothing_no_rate_is_shown() -> None:
    """Not zero: unknown, in words, in the bars and in what to do next."""
    text = shown(report_view(unscored()))
    assert "failure rate n/a (95 % interval 0.0 to 100.0 %; 0 of 0 failed, 1 error)" in text
    assert "INVALID: there is no rate" in text
    assert " 0.0 %" not in text
    assert "●" not in text
    assert "    paygrade doctor" in list(next_lines(unscored()))


def test_a_first_run_has_no_trend_and_says_so() -> None:
    """One point is no line."""
    first = told(trend=told().trend[-1:], before=None, before_id="")
    text = shown(report_view(first))
    assert "there is no whole run of this suite and runner before this one" in text
    assert "since the run before" not in text


def test_a_run_of_some_samples_is_no_point_of_the_trend() -> None:
    """Its rate is that of a chosen handful."""
    some = told(whole=False, trend=told().trend[:-1])
    text = shown(report_view(some))
    assert "2 whole runs" in text
    assert "this run is no point of it: it is not of all samples" in text


@pytest.mark.parametrize("width", [60, 80, 140])
def test_no_figure_is_lost_however_wide_the_terminal_is(width: int) -> None:
    """No line is too long; where a bar has no room, the figures that it draws stay."""
    text = shown(report_view(told()), width)
    assert max(map(len, text.splitlines())) <= width
    words = " ".join(text.split())
    for figure in ("30.0 %", "18.1 to 45.4 %", "5.0 %", "1.4 to 16.5 %", "kind=lost", "equals"):
        assert figure in words
    assert ("├●───┤" in text) is (width == 140)


def test_a_terminal_without_unicode_gets_ascii_as_wide() -> None:
    """Bars, rules and signs of ours; the layout is the same."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(file=stream, width=100, highlight=False, color_system=None).print(report_view(told()))
    stream.flush()
    text = stream.buffer.getvalue().decode("ascii")
    assert "0 % ..............[--------o-----------].... 50 %" in text
    assert "  ..# 3 whole runs" in text
    lines = [len(line.rstrip()) for line in text.splitlines()]
    assert lines == [len(line) for line in shown(report_view(told())).splitlines()]


def test_names_are_data_on_a_terminal() -> None:
    """Neither markup nor a terminal's commands do anything, in what follows neither."""
    hostile = spoiled(told(), HOSTILE)
    text = shown(report_view(hostile), 140) + "\n".join(next_lines(hostile))
    assert "[red]x[/red]\ufffd[31m\ufffd:bug:" in text
    assert not set(text) & {"\x1b", "\u202e"}


@pytest.mark.parametrize("text", TRICKS)
def test_names_are_data_in_markdown(text: str) -> None:
    """No mention, no link, no row or list of somebody else's."""
    harmless(report_markdown(spoiled(told(), text)))


def test_markdown_says_the_same() -> None:
    """Headings, tables, bars as code, and the commands at the end."""
    made = report_markdown(told())
    assert made.startswith(
        "### `refunds` · `echo`\n\n"
        "Prompt `refunds@v2`, dataset `refunds@v1`, run `20261123-120000-refunds-echo-000001` "
        "at commit abababababab.\n\n"
        "**failure rate 30.0 % (95 % interval 18.1 to 45.4 %; 12 of 40 failed, 1 error)**\n\n"
        "0 % `··············├────────●───────────┤····` 50 %\n"
    )
    row = "| `equals` | major | gating | 12 | 40 | 30.0 % | 18.1 to 45.4 % | "
    assert f"{row}`·······├───●─────┤··` |" in made
    assert "- see what got worse: `paygrade show 20261123-120000-refunds-echo-000001 s00`" in made


def test_a_dirty_commit_is_said_to_be_one() -> None:
    """What ran is not what the commit holds."""
    made = header(commit="ab" * 20, dirty=True)
    report = told(summary=dataclasses.replace(told().summary, header=made))
    assert "at commit abababababab, not clean" in shown(report_view(report))


def test_an_incomplete_run_says_what_is_missing_and_how_to_go_on() -> None:
    """First of all."""
    partly = dataclasses.replace(told().summary, state="incomplete", planned=50, done=41)
    report = told(
        summary=partly,
        code=ExitCode.INCOMPLETE,
        reason="9 of 50 attempts were not done",
        trend=told().trend[:-1],
    )
    text = shown(report_view(report))
    assert "INCOMPLETE: 9 of 50 attempts were not done" in text
    assert "not done: 9 of 50 attempts" in text
    assert "this run is no point of it: it is not complete" in text
    assert list(next_lines(report))[2:4] == [
        "  finish it",
        "    paygrade resume 20261123-120000-refunds-echo-000001",
    ]
