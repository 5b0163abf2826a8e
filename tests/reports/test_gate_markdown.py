"""The gate as one comment on a pull request, and as the summary of a CI step."""

from __future__ import annotations

import dataclasses
import re
from textwrap import dedent

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paygrade.records.verdict import Flip
from paygrade.reports.gate_markdown import (
    MARKER,
    SUMMARY_BYTES,
    calibration_markdown,
    compare_markdown,
    gate_comment,
    step_summary,
)
from reports.acceptances import calibration, compared
from reports.rendered import TRICKS, harmless
from reports.spoil import hostile, spoiled
from reports.verdicts import MADE, invalid, regressed, report, suite

RUN = "https://github.com/acme/pay/actions/runs/42"
TEXT = st.text(alphabet=st.characters(exclude_categories=[]), max_size=40)


def test_a_comment_says_the_verdict_and_what_to_do() -> None:
    """All of it, for a suite that could not be compared."""
    assert gate_comment(report(invalid())) == dedent(
        """\
        <!-- paygrade:gate -->
        ### 🚫 INVALID `refund_decision` · `gpt-small`: there is no accepted baseline for this runner
        **Next:** paygrade accept refund&#95;decision --runner gpt-small --reason WHY\\
        rise not known: nothing was compared

        gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 102

        <details><summary>refund&#95;decision · gpt-small: notes</summary>

        - codes: no&#95;baseline

        </details>
        """  # noqa: E501 - a line as it is sent
    )


def test_a_comment_on_a_regression_shows_the_samples_and_folds_the_rest() -> None:
    """What is open, up to the first thing that is folded away."""
    text = gate_comment(report(regressed()), run_url=RUN)
    assert text[: text.index("<details>")] == dedent(
        """\
        <!-- paygrade:gate -->
        ### ❌ REGRESSED `refund_decision` · `gpt-small`: it fails 2.0 points more often than the accepted baseline
        **Next:** mend rr-0017, rr-0044, rr-0121 and rr-0188, or paygrade accept --reason WHY\\
        rise +2.0 points (1.2 to 2.7), 90 % interval, fresh attempts · n = 200 · 3 epochs against 5 + 5\\
        **What would have been seen:** this suite finds a rise of 2.0 points with 80 % probability (3 epochs); with 5 epochs it would be 1.5 points\\
        **Errors** (in no rate): baseline 0 of 2,000 attempts (0.0 %), candidate 3 of 600 attempts (0.5 %)\\
        **Cost:** asked 600 answers · 0 from earlier runs · 2 failed calls · cost 0.062400 USD · 192,000 tokens in, 24,000 out

        **refund&#95;decision · gpt-small: samples: 4 worse, 1 better**

        4 cases of 200 are enough on purpose: a golden set is the population, not a sample of it; tolerance: 0.01 forgives one point

        | sample | failed before | after | fresh before | fresh after | p |   |
        |---|---:|---:|---:|---:|---:|---|
        | [`rr-0017`](https://github.com/acme/pay/actions/runs/42) | 0 of 10 | 3 of 3 | 0 of 5 | 5 of 5 | 0.0040 | likely broken |
        | [`rr-0044`](https://github.com/acme/pay/actions/runs/42) | 0 of 10 | 3 of 3 | 0 of 5 | 5 of 5 | 0.0040 | likely broken |
        | [`rr-0121`](https://github.com/acme/pay/actions/runs/42) | 0 of 10 | 3 of 3 | 0 of 5 | 5 of 5 | 0.0040 | likely broken |
        | [`rr-0188`](https://github.com/acme/pay/actions/runs/42) | 0 of 10 | 3 of 3 | 0 of 5 | 5 of 5 | 0.0040 | likely broken |
        | [`rr-0009`](https://github.com/acme/pay/actions/runs/42) | 4 of 10 | 0 of 3 | 2 of 5 | 2 of 5 | 0.7381 | better |

        gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 100

        """  # noqa: E501 - lines as they are sent
    )


@pytest.mark.parametrize("verdict", MADE)
def test_the_first_three_lines_say_what_to_do(verdict: str) -> None:
    """In the comment (after its marker) and in the summary, as on a terminal."""
    one = next(each for name, each in MADE.items() if name == verdict)
    step = (one.next_step or "nothing to do")[:12]
    marker, *comment = gate_comment(report(one)).splitlines()[:3]
    summary = step_summary(report(one)).splitlines()[:3]
    assert marker == MARKER
    for first, second in (comment, summary[:2]):
        assert re.match(rf"### \S+ {verdict.upper()} `refund_decision`", first)
        assert second.startswith(f"**Next:** {step}")
    assert summary[2].startswith("rise ")


def test_an_inconclusive_suite_is_said_to_be_no_pass() -> None:
    """In words, beside the symbol."""
    assert "**Not a pass:**" in gate_comment(report(MADE["inconclusive"]))
    assert "**Not a pass:**" not in gate_comment(report(MADE["pass"]))


def test_of_several_suites_those_that_pass_are_one_line() -> None:
    """The worst first."""
    suites = (suite(suite="fine"), MADE["improved"], regressed(), suite(suite="good"))
    lines = gate_comment(report(*suites, verdict="regressed")).splitlines()
    heads = [line.split("`")[0] for line in lines if line.startswith(("### ", "- ✅"))]
    assert heads == ["### ❌ REGRESSED ", "### ✅ IMPROVED ", "- ✅ PASS ", "- ✅ PASS "]


def test_a_summary_folds_nothing() -> None:
    """The page of a CI run has room."""
    text = step_summary(report(regressed()))
    assert "<details>" not in text
    assert "#### rates" in text
    assert "| `suite` | 200 | 4.0 % | 6.0 % | +2.0 (1.2 to 2.7) | 2.1e-07 | 8.6e-10 |" in text


def test_a_waiver_is_shown_with_its_reason() -> None:
    """So that a reviewer sees what is forgiven, and until when."""
    row = "| `rr-0050` | `once` | 1 of 3 | pre-existing, waived until 2026-12-31: the ledger moves"
    assert row in gate_comment(report(MADE["violated"]))


def test_warnings_stand_before_what_they_are_about() -> None:
    """An old baseline, in bold."""
    assert "- **⚠️ the baseline is 175 days old:" in gate_comment(report(MADE["inconclusive"]))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.b/c)[x](https://d.e", "https://a b", "http://a\n", ""]
)
def test_only_a_plain_web_address_becomes_a_link(url: str) -> None:
    """Else the sample stands there without one."""
    text = gate_comment(report(regressed()), run_url=url)
    assert "| `rr-0017` |" in text
    assert "](" not in text


@pytest.mark.parametrize("text", TRICKS)
def test_a_hostile_name_does_nothing(text: str) -> None:
    """In no face; and the marker stands once, where we put it."""
    made = gate_comment(hostile(text), run_url=RUN)
    harmless(made, frozenset({RUN}))
    assert made.startswith(f"{MARKER}\n### ⛔ VIOLATED ")
    assert made.count("<!--") == made.count("-->") == 1
    harmless(step_summary(hostile(text)))
    harmless(compare_markdown(spoiled(compared(), text)))
    harmless(calibration_markdown(spoiled(calibration(), text)))
    assert "<!--" not in step_summary(hostile(text))


@settings(max_examples=25)  # a whole page each
@given(TEXT)
@example("\n@a")
def test_no_name_does_anything(text: str) -> None:
    """Whatever it is; and the page can be written as UTF-8."""
    made = gate_comment(hostile(text), run_url=RUN)
    made.encode()
    harmless(made, frozenset({RUN}))
    assert made.count("<!--") == 1


@pytest.mark.real
@settings(max_examples=25)  # a whole page each
@given(TEXT, st.integers(500, 20_000))
def test_a_comment_is_never_too_long(text: str, most: int) -> None:
    """Whole sections are left out, from the end, and that is said; the verdict always stays."""
    made = gate_comment(hostile(text * 20), run_url=RUN, most=most)
    assert len(made) <= most
    assert made.startswith(f"{MARKER}\n### ⛔ VIOLATED")
    assert made.count("<details>") == made.count("</details>")
    if len(gate_comment(hostile(text * 20), run_url=RUN, most=10**6)) > most:
        assert re.search(r"_Cut here: \d+ sections? had no room\.", made)
    else:
        assert "_Cut here" not in made


def test_what_is_cut_is_the_least_important() -> None:
    """The rates stay longer than the notes."""
    whole = gate_comment(report(regressed()))
    cut = gate_comment(report(regressed()), most=len(whole) - 1)
    assert "rates</summary>" in cut
    assert "baseline and candidate</summary>" not in cut
    assert cut.endswith("_Cut here: 1 section had no room. The whole report is in the run._\n")


def test_a_comment_without_room_for_the_verdict_is_refused() -> None:
    """Better no comment than half a sentence."""
    with pytest.raises(ValueError, match="does not fit into 50"):
        gate_comment(report(regressed()), most=50)


def test_a_summary_stays_within_what_github_takes() -> None:
    """In bytes: names may be in any script."""
    flips = tuple(
        Flip(sample_id="退款" * 90 + str(n), before=(0, 5), after=(3, 3)) for n in range(300)
    )
    many = [suite("regressed", suite=f"s{n}", flips=flips) for n in range(20)]
    made = step_summary(report(*many))
    assert 100_000 < len(made.encode()) <= SUMMARY_BYTES
    assert "_Cut here: " in made
    assert "and 100 more" in made


def test_a_comparison_and_a_calibration_are_pages() -> None:
    """Their three lines, then sections under headings."""
    first = "### refund&#95;decision: accepted on 2026-11-01 -&#62; this change\n"
    assert compare_markdown(compared()).startswith(first)
    assert "#### samples: 1 worse, 1 better\n" in compare_markdown(compared())
    made = calibration_markdown(calibration())
    assert made.startswith("### refund&#95;decision · gpt-small: false alarms 0.8 % (0.3 to 2.2 %;")
    assert "| 3 | 200 | 2.0 points | 256.10 EUR |" in made


def test_money_over_its_limit_is_a_warning() -> None:
    """With the interval that was judged."""
    [change] = regressed().money
    assert change.gated
    worse = dataclasses.replace(change, limit=1_000, exceeded=True)
    text = gate_comment(report(suite("regressed", money=(worse,))))
    assert (
        "- **⚠️ EUR: the rise exceeds the limit +10.00 EUR "
        "(interval that is judged: 49.80 EUR to 527.10 EUR)**"
    ) in text
