"""What stands where on a terminal, whatever the gate has to say."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygrade.errors import ExitCode
from paygrade.records.verdict import Change, Flip
from paygrade.reports.gate_text import gate_view
from paygrade.reports.gate_words import leads
from reports.seen import shown
from reports.spoil import hostile
from reports.verdicts import MADE, hypothesis, regressed, report, suite

TEXT = st.text(alphabet=st.characters(exclude_categories=[]), min_size=1, max_size=40)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("verdict", MADE)
def test_three_lines_say_what_to_do_at_any_width(verdict: str, width: int) -> None:
    """The verdict, the figure, the next step: the third line is the third line."""
    one = next(each for name, each in MADE.items() if name == verdict)
    first, second, third = shown(gate_view(report(one)), width).splitlines()[:3]
    assert first.startswith(f"{verdict.upper()}  refund_decision")
    assert second.startswith("  rise ")
    assert third.startswith(f"  next: {(one.next_step or 'nothing to do')[:20]}")


def test_what_had_no_room_follows_in_full() -> None:
    """A narrow terminal cuts the first two lines, and nothing else."""
    text = " ".join(shown(gate_view(report(regressed())), 60).split())
    assert "in full: refund_decision · gpt-small: it fails 2.0 points more often than the" in text
    assert "n = 200 · 3 epochs against 5 + 5" in text


def test_of_several_suites_the_worst_comes_first_and_a_pass_is_one_line() -> None:
    """Three lines for each that is no pass."""
    names = ("pass", "improved", "inconclusive", "regressed", "violated", "invalid")
    suites = [
        dataclasses.replace(one, suite=name)
        for name in names
        for verdict, one in MADE.items()
        if verdict == name
    ]
    lines = shown(gate_view(report(*suites, verdict="violated")), 200).splitlines()
    starts = ["VIOLATED  violated", "REGRESSED  regressed", "INVALID  invalid"]
    starts += ["INCONCLUSIVE  inconclusive", "IMPROVED  improved", "PASS  pass"]
    for number, start in enumerate(starts):
        assert lines[3 * number].startswith(start)
    assert [lines[3 * number + 2][:7] for number in range(5)] == ["  next:"] * 5
    assert "(rise +0.2 points (-0.9 to 1.3), 90 % interval · n = 200" in lines[15]
    assert "refunds · gpt-small" not in lines[16]


def test_an_inconclusive_suite_is_boxed_where_it_does_not_fail() -> None:
    """A warning nobody can miss; under `fail` the exit code says it."""
    warned = shown(gate_view(report(MADE["inconclusive"])))
    failed = report(MADE["inconclusive"], on_inconclusive="fail", code=ExitCode.INCONCLUSIVE)
    assert "│ INCONCLUSIVE: not a pass: refund_decision · gpt-small: no confirmed rise" in warned
    assert "│" not in shown(gate_view(failed))
    assert "exit 101" in shown(gate_view(failed))


def test_a_gate_of_nothing_does_not_look_like_a_pass() -> None:
    """No suite, no green."""
    lines = shown(gate_view(report())).splitlines()
    assert lines[:3] == [
        "INVALID  no suite was selected",
        "  no suite was judged",
        "  next: mend what the first line names, then run the gate again",
    ]


def test_an_unfinished_gate_does_not_look_like_a_pass() -> None:
    """What is done passed, and the rest was not done."""
    made = report(suite(), code=ExitCode.INCOMPLETE, reason="40 of 600 attempts were not done")
    lines = shown(gate_view(made)).splitlines()
    assert lines[:2] == ["INCOMPLETE  40 of 600 attempts were not done", "  1 suite: 1 pass"]
    assert leads(made)[0].tone == "bad"


def test_a_regressed_slice_is_the_figure_that_is_told() -> None:
    """The suite as a whole may have got better."""
    parts = [
        hypothesis(f"kind={name}", samples=40, verdict="regressed", change=change)
        for name, change in (
            ("lost", Change(rise=0.05, low=0.02, high=0.08)),
            ("late", Change(rise=0.10, low=0.06, high=0.14)),
        )
    ]
    made = suite("regressed", hypotheses=(hypothesis(), *parts), next_step="")
    lines = shown(gate_view(report(made))).splitlines()
    assert lines[1].startswith(
        "  rise in kind=late +10.0 points (6.0 to 14.0), 90 % interval · n = 40"
    )
    assert (
        lines[2]
        == "  next: mend the samples below that fail more often, or accept them with a reason"
    )


@pytest.mark.parametrize(
    ("broken", "usable", "tolerance", "said"),
    [
        (1, 1000, 0.0, "one case of 1,000 is enough on purpose"),
        (5, 100, 0.0, "5 cases of 100 are enough on purpose"),
        (6, 1000, 0.0, ""),
        (2, 39, 0.0, ""),
        (1, 1000, 0.01, ""),
    ],
)
def test_few_broken_cases_of_many_are_explained(
    broken: int, usable: int, tolerance: float, said: str
) -> None:
    """Else they look like noise, and the gate like a liar."""
    flips = tuple(Flip(sample_id=f"s{n}", before=(0, 5), after=(3, 3)) for n in range(broken))
    made = suite("regressed", flips=flips, usable=usable, comparable=usable, tolerance=tolerance)
    text = shown(gate_view(report(made)))
    assert said in text
    assert ("a golden set is the population, not a sample of it" in text) is bool(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"detects": None, "detects_with": None},
            "what rise this suite would have found is not known",
        ),
        (
            {"detects": None, "detects_with": {}},
            "this suite cannot detect any rise up to 40 points",
        ),
        (
            {"detects": 0.05, "detects_with": {}, "power_target": 0.9},
            "this suite finds a rise of 5.0 points with 90 % probability (3 epochs)",
        ),
        (
            {"detects": 0.05, "detects_with": {1: None, 3: 0.05, 4: 0.04}},
            "with 1 epoch it would be none up to 40 points; with 4 epochs it would be 4.0 points",
        ),
    ],
)
def test_the_gate_says_what_it_would_have_seen(changes: dict[str, Any], said: str) -> None:
    """Also where that is nothing, or not known."""
    text = " ".join(shown(gate_view(report(suite(**changes)))).split())
    assert said in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"mode": "off", "asked": "off", "samples": (), "run_ids": (), "calls": 0},
            ["nothing was asked again: the stored outcomes alone were judged", "look 1 at"],
        ),
        (
            {"why": "5 of 90 samples were drawn: more would have passed max_confirm_calls"},
            ["judged on fresh attempts of both versions", "5 of 90 samples were drawn: more would"],
        ),
        (
            {"mode": "stored", "why": "there is no commit"},
            ["asked for was `both`, done was `stored`: there is no commit", "since 2026-11-01 is"],
        ),
        ({"look": 3, "level": 0.0125}, ["look 3 at this candidate: level 0.0125"]),
    ],
)
def test_it_is_told_how_a_suspicion_was_confirmed(changes: dict[str, Any], said: list[str]) -> None:
    """What was asked again, and why not as it was asked for."""
    made = regressed()
    assert made.confirmation
    done = dataclasses.replace(made.confirmation, **changes)
    text = shown(gate_view(report(dataclasses.replace(made, confirmation=done))))
    section = text[text.index("\nconfirmation\n") : text.index("\nchecks\n")]
    for each in said:
        assert each in section


def test_it_is_told_what_was_not_compared_and_what_counts() -> None:
    """Quarantine, samples without outcomes, cases in place of epochs."""
    made = suite(quarantined=("q1", "q2"), comparable=200, usable=198, inference="cases")
    lines = [line.strip() for line in shown(gate_view(report(made))).splitlines()]
    assert "samples in quarantine (in no rate): 2: q1, q2" in lines
    assert "2 of 200 comparable samples gave no outcome" in lines
    assert (
        "p cases: whether a rise would hold for other cases like these; cases are what counts here"
    ) in lines


def test_a_limit_of_money_that_is_exceeded_is_told_without_an_interval_too() -> None:
    """Never silently."""
    [change] = regressed().money
    worse = dataclasses.replace(change, limit=1_000, exceeded=True, gated=None)
    text = shown(gate_view(report(suite("regressed", money=(worse,)))))
    assert "  EUR: the rise exceeds the limit +10.00 EUR" in text.splitlines()


def test_long_lists_are_cut_and_counted() -> None:
    """Ten names in a sentence, twenty rows in a table."""
    flips = tuple(Flip(sample_id=f"s{n:02}", before=(0, 5), after=(3, 3)) for n in range(33))
    made = suite(flips=flips, removed=tuple(f"r{n}" for n in range(11)))
    text = shown(gate_view(report(made)))
    assert "samples removed: 11: r0, r1, r2, r3, r4, r5, r6, r7, r8, r9 and 1 more" in text
    assert "  and 13 more" in text.splitlines()
    assert text.count("0 of 5  3 of 3") == 20


def test_flips_come_worse_first_and_the_surest_before_the_others() -> None:
    """What fresh attempts speak against stands on top."""
    flips = (
        Flip(sample_id="better", before=(5, 5), after=(0, 3)),
        Flip(sample_id="a bit", before=(0, 5), after=(1, 3)),
        Flip(sample_id="much", before=(0, 5), after=(3, 3)),
        Flip(sample_id="asked again", before=(0, 5), after=(1, 3), p_broken=0.5),
        Flip(sample_id="broken", before=(0, 5), after=(1, 3), p_broken=0.01, likely_broken=True),
    )
    text = shown(gate_view(report(suite(flips=flips))))
    places = [text.index(f"\n  {name}") for name in ("broken", "asked", "much", "a bit", "better")]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [30, 60, 90])
def test_no_figure_is_ever_cut(width: int) -> None:
    """Where a table has no room there is a block for each row."""
    text = " ".join(shown(gate_view(report(regressed())), width).split())
    for figure in ("+2.0 (1.2 to 2.7)", "2.1e-07", "8.6e-10", "783.40 EUR", "5 of 5"):
        assert figure in text


@settings(max_examples=25)  # a whole page each
@given(TEXT, st.sampled_from([40, 100]))
def test_no_name_commands_the_terminal_or_forges_a_line(text: str, width: int) -> None:
    """Whatever a sample is called: our three lines are the first three, and nothing is obeyed."""
    made = shown(gate_view(hostile(text)), width)
    lines = made.splitlines()
    assert lines[0].startswith("VIOLATED  ")
    assert lines[1].startswith("  rise ")
    assert lines[2].startswith("  next:")
    assert not set(made) & set("\x00\x07\x08\x1b\x9b\r\u202e\u2066\ud800")


def test_a_name_cannot_pretend_to_be_a_verdict() -> None:
    """A line break in a name breaks no line."""
    text = shown(gate_view(hostile("x\nPASS  all is well\r\n\u2028PASS")))
    assert not [line for line in text.splitlines() if line.startswith("PASS  all")]
