"""What a person reads of agents: of one run, and of several side by side."""

from __future__ import annotations

import dataclasses
import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from analysis.effect_checks import (
    BUDGET,
    FALSE_DONE,
    INVARIANTS,
    LOST,
    ONCE,
    POLICY,
    attempt,
    declared,
    doubled,
    judged,
    no_answer,
    once,
)
from paygrade.analysis.effects import beside
from paygrade.analysis.summarize import summarize
from paygrade.errors import ExitCode
from paygrade.records.effects import Share
from paygrade.reports.as_json import compared_json, summary_json
from paygrade.reports.effect_figures import told
from paygrade.reports.gate_markdown import compare_markdown
from paygrade.reports.gate_text import compare_view
from paygrade.reports.markdown import markdown
from paygrade.reports.run_report import report_view
from paygrade.reports.run_report_markdown import report_markdown
from paygrade.reports.text import beside_view, summary_view
from reports.acceptances import compared
from reports.seen import shown
from reports.tellings import told as telling
from store.making import header, row, scored

if TYPE_CHECKING:
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunSummary

KINDS = ("none", "stale_read", "rate_limited")


def a_run(runner: str, *, clumsy: bool, guard: str = "", samples: int = 60) -> RunSummary:
    """An agent that pays twice, in dollars and yen, where it reads old figures; or it does not."""
    rows = [row(f"s{n}", slices={"fault": (KINDS[n % 3],)}) for n in range(samples)]
    outcomes = []
    for n in range(samples):
        bad = clumsy and n % 3 == 1 and n < 20
        outcomes.append(
            attempt(
                f"s{n}",
                doubled(4200, "JPY" if n == 1 else "USD") if bad else once(),
                judged(LOST, wanted=1, lost=0),
                judged(FALSE_DONE, claims=1, false=0),
                judged(POLICY, fails=True, P10=1, P6=2) if bad else judged(POLICY),
                judged(INVARIANTS),
                judged(BUDGET, fails=bad, calls=7 if bad else 4, extra=3 if bad else 0),
            )
        )
    head = header(runner=runner, samples=samples, attempts=samples, checks=declared(ONCE))
    return summarize(head, rows, outcomes, guards=[guard] if guard else [])


def side_by_side() -> tuple[RunSummary, RunSummary]:
    """The same agent without a guard and with one."""
    return (
        a_run("clumsy", clumsy=True, guard="none"),
        a_run("guarded", clumsy=False, guard="pytx"),
    )


def test_a_report_tells_the_agents_figures_of_its_run() -> None:
    """On a terminal and as Markdown, with n and interval, as the run itself is shown."""
    report = telling(summary=a_run("clumsy", clumsy=True, guard="none"))
    row = r"duplicate money.* 7 of 60, 11\.7 % \(5\.8 to 22\.2 %\)"
    for text in (shown(report_view(report)), report_markdown(report)):
        assert "effects, guard none" in text
        assert re.search(row, text)


def test_a_run_says_what_its_agent_did_to_money() -> None:
    """Each figure with n and interval, a zero with its bound, amounts by currency."""
    made = a_run("clumsy", clumsy=True, guard="none")
    text = dedent(shown(summary_view(made, ExitCode.OK, "complete")))
    section = text[text.index("effects, guard none") : text.index("\n\ncheck")]
    assert section == dedent(
        """\
        effects, guard none
          attempts with the 95 % interval; amounts and times are of all attempts together
          figure                                            attempts
          ──────────────────────────────────────────────────────────
          duplicate money            7 of 60, 11.7 % (5.8 to 22.2 %)
          duplicate money, JPY                              4200 JPY
          duplicate money, USD                            252.00 USD
          lost money                          0 of 60, at most 4.9 %
          false done                          0 of 60, at most 4.9 %
          a policy broken            7 of 60, 11.7 % (5.8 to 22.2 %)
          P6                                  14 times in 7 attempts
          P10                                  7 times in 7 attempts
          an invariant broken                 0 of 60, at most 4.9 %
          calls over budget          7 of 60, 11.7 % (5.8 to 22.2 %)
          extra calls                                      21 of 261
          recovered: rate_limited          20 of 20, at least 86.1 %
          recovered: stale_read    13 of 20, 65.0 % (43.3 to 81.9 %)"""
    )


def test_of_three_runners_each_interval_has_its_own_line() -> None:
    """So that they fit; the guards stand in the first row."""
    three = (a_run("careful", clumsy=False, guard="none"), *side_by_side())
    text = dedent(shown(beside_view("refund_agent", beside(three))))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[7:11] == [
        "guard none none pytx",
        "duplicate money 0 of 60 7 of 60, 11.7 % 0 of 60",
        "at most 4.9 % (5.8 to 22.2 %) at most 4.9 %",
        "duplicate money, JPY 0 JPY 4200 JPY 0 JPY",
    ]


def test_two_runners_stand_side_by_side() -> None:
    """A row a figure, a column a run; a currency or rule of one of them is zero in the other."""
    text = dedent(shown(beside_view("refund_agent", beside(side_by_side()))))
    assert text.lstrip("\n") == dedent(
        """\
        refund_agent: 2 runs side by side

        effects
          attempts with the 95 % interval; amounts and times are of all attempts together
          figure                                  clumsy, guard none        guarded, guard pytx
          ─────────────────────────────────────────────────────────────────────────────────────
          duplicate money            7 of 60, 11.7 % (5.8 to 22.2 %)     0 of 60, at most 4.9 %
          duplicate money, JPY                              4200 JPY                      0 JPY
          duplicate money, USD                            252.00 USD                   0.00 USD
          lost money                          0 of 60, at most 4.9 %     0 of 60, at most 4.9 %
          false done                          0 of 60, at most 4.9 %     0 of 60, at most 4.9 %
          a policy broken            7 of 60, 11.7 % (5.8 to 22.2 %)     0 of 60, at most 4.9 %
          P6                                  14 times in 7 attempts                    0 times
          P10                                  7 times in 7 attempts                    0 times
          an invariant broken                 0 of 60, at most 4.9 %     0 of 60, at most 4.9 %
          calls over budget          7 of 60, 11.7 % (5.8 to 22.2 %)     0 of 60, at most 4.9 %
          extra calls                                      21 of 261                   0 of 240
          recovered: rate_limited          20 of 20, at least 86.1 %  20 of 20, at least 86.1 %
          recovered: stale_read    13 of 20, 65.0 % (43.3 to 81.9 %)  20 of 20, at least 86.1 %"""
    )  # fmt: skip


def test_what_was_not_judged_is_no_zero() -> None:
    """A run whose suite had no such check has a dash."""
    plain = summarize(header(runner="plain"), [row()], [scored()])
    text = shown(beside_view("refund_agent", beside((plain, side_by_side()[1]))))
    assert "duplicate money - 0 of 60, at most 4.9 %" in " ".join(text.split())


def test_a_narrow_terminal_cuts_no_figure() -> None:
    """Where the columns have no room each figure is a block, with the name of each run."""
    text = " ".join(shown(beside_view("refund_agent", beside(side_by_side())), width=60).split())
    assert (
        "duplicate money clumsy, guard none 7 of 60, 11.7 % (5.8 to 22.2 %) · "
        "guarded, guard pytx 0 of 60, at most 4.9 %"
    ) in text


def test_a_run_as_markdown_has_the_same_figures() -> None:
    """As a table."""
    text = markdown([side_by_side()[0]])
    assert "#### effects, guard none\n" in text
    assert "| duplicate money | 7 of 60, 11.7 % (5.8 to 22.2 %) |\n" in text
    assert "| duplicate money, USD | 252.00 USD |\n" in text


def test_a_comparison_has_a_column_a_run() -> None:
    """On a terminal, in Markdown and as JSON."""
    made = dataclasses.replace(compared(), columns=beside(side_by_side()))
    assert "duplicate money, USD 252.00 USD 0.00 USD" in " ".join(shown(compare_view(made)).split())
    text = compare_markdown(made)
    assert "| figure | clumsy, guard none | guarded, guard pytx |" in text
    assert "| lost money | 0 of 60, at most 4.9 % | 0 of 60, at most 4.9 % |" in text
    one, other = compared_json(made)["columns"]
    assert one["effects"]["duplicate_money"]["minor"] == {"JPY": 4200, "USD": 25200}
    assert other["effects"]["duplicate_money"]["share"]["bound"] == pytest.approx(0.0487, abs=1e-4)


def test_a_run_without_agents_says_nothing_new() -> None:
    """Neither on a terminal nor in Markdown."""
    made = summarize(header(), [row()], [scored()])
    text = shown(summary_view(made, ExitCode.OK, "complete")) + markdown([made])
    assert "effects" not in text
    assert "repeated" not in text


def test_repeated_tries_are_told_for_every_k() -> None:
    """All of k pass, any of k passes; how many samples had every epoch, and who had not."""
    rows = [row(f"s{n}") for n in range(4)]
    outcomes = [
        *(scored(f"s{n}", epoch, failed=n == epoch) for n in range(3) for epoch in (1, 2, 3)),
        scored("s3"),
    ]
    made = summarize(header(epochs=3, attempts=12), rows, outcomes)
    text = dedent(shown(summary_view(made, ExitCode.OK, "complete")))
    section = text[text.index("repeated tries") : text.index("\n\ncheck")]
    assert section == dedent(
        """\
        repeated tries: 3 samples with all 3 epochs
          1 sample left out: an epoch is missing
          k  all k pass (pass^k)  any of k passes (pass@k)
          ────────────────────────────────────────────────
          1               77.8 %                    77.8 %
          2               55.6 %                   100.0 %
          3               33.3 %                   100.0 %"""
    )
    found = summary_json(made, ExitCode.OK, "complete")["reliability"]
    assert found["tries"][1] == {
        "k": 2,
        "all_pass": pytest.approx(5 / 9),
        "any_passes": pytest.approx(1),
    }


def test_of_many_tries_the_first_ten_and_the_last_are_shown() -> None:
    """JSON has all of them."""
    outcomes = [scored("s1", epoch, failed=epoch == 1) for epoch in range(1, 31)]
    made = summarize(header(epochs=30, samples=1, attempts=30), [row()], outcomes)
    lines = shown(summary_view(made, ExitCode.OK, "complete")).splitlines()
    shown_k = [line.split()[0] for line in lines if line.split()[:1] and line.split()[0].isdigit()]
    assert shown_k == [*map(str, range(1, 11)), "30"]
    assert len(summary_json(made, ExitCode.OK, "complete")["reliability"]["tries"]) == 30


def test_runs_with_other_epochs_are_told_as_far_as_they_go() -> None:
    """Of two tries nobody knows what three come to."""

    def asked(run_id: str, epochs: int) -> RunSummary:
        outcomes = [scored("s1", epoch, failed=epoch == 2) for epoch in range(1, epochs + 1)]
        return summarize(header(run_id, epochs=epochs, attempts=epochs), [row()], outcomes)

    text = " ".join(shown(beside_view("refunds", beside([asked("r2", 2), asked("r3", 3)]))).split())
    assert "figure r2 r3" in text
    assert "asked 1 sample with all 2 epochs 1 sample with all 3 epochs" in text
    assert "pass^2 0.0 % 33.3 % pass^3 - 0.0 % pass@1 50.0 % 66.7 %" in text


def share(**changes: float | None) -> Share:
    """250 attempts of as many cases."""
    values: dict[str, Any] = {
        "found": 0, "judged": 250, "errored": 0, "cases": 250,
        "rate": 0.0, "low": 0.0, "high": 0.015, "bound": 0.0119,
    }  # fmt: skip
    return Share(**(values | changes))


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (share(), "0 of 250, at most 1.2 %"),
        (share(errored=3), "0 of 250, at most 1.2 %, 3 errors"),
        (share(judged=750), "0 of 750 (250 cases), at most 1.2 %"),
        (share(found=250, rate=1.0, bound=0.9881), "250 of 250, at least 98.8 %"),
        (share(found=12, rate=0.048, low=0.0277, high=0.082, bound=None),
         "12 of 250, 4.8 % (2.8 to 8.2 %)"),
        (share(judged=0, cases=0, rate=None, bound=None, errored=1), "n/a, 1 error"),
        (share(judged=90_000, cases=90_000, bound=0.00003), "0 of 90,000, at most 0.1 %"),
        (share(found=90_000, judged=90_000, cases=90_000, rate=1.0, bound=0.99997),
         "90,000 of 90,000, at least 99.9 %"),
    ],
)  # fmt: skip
def test_a_share_is_told_with_what_is_known_of_it(one: Share, text: str) -> None:
    """A zero never looks certain, and errors stand apart."""
    assert told(one) == text


def test_an_attempt_that_errored_stands_apart() -> None:
    """It is neither a duplicate nor none."""
    outcomes: list[Outcome] = [attempt("s1", once()), no_answer("s2")]
    made = summarize(header(checks=declared(ONCE)), [row("s1"), row("s2")], outcomes)
    text = " ".join(shown(summary_view(made, ExitCode.OK, "complete")).split())
    assert "duplicate money 0 of 1, at most 95.0 %, 1 error" in text
