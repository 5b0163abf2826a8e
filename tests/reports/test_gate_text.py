"""What the gate says on a terminal, a whole page for each verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.reports.gate_text import gate_view
from reports.seen import shown
from reports.verdicts import MADE, exact, report

if TYPE_CHECKING:
    from paygrade.records.verdict import Verdict

PAGES: dict[Verdict, str] = {
    "pass": """\
PASS  refund_decision · gpt-small: no rise of the failure rate, and one above 5.0 points is excluded
  rise +0.2 points (-0.9 to 1.3), 90 % interval · n = 200 · 3 epochs against 5 + 5
  next: nothing to do

what would have been seen
  this suite finds a rise of 2.0 points with 80 % probability (3 epochs); with 5 epochs it would be
  1.5 points
  no rise is forgiven (tolerance 0); a pass excludes a rise above 5.0 points (margin)

rates
  failure rate before 4.0 % (95 % interval 3.2 to 5.0 %; 80 of 2,000 failed)
  failure rate after 4.2 % (95 % interval 2.8 to 6.1 %; 25 of 600 failed)
  errors (in no rate): baseline 0 of 2,000 attempts (0.0 %), candidate 0 of 600 attempts (0.0 %)
  suite: no sign of a rise, and one above the margin is excluded
  p screen raises a suspicion; p adj., corrected for all that this gate tests, confirms it
  p cases: whether a rise would hold for other cases like these; it decides nothing here
  tested    n  before  after       points (90 %)  p screen  p adj.  p cases  verdict
  ──────────────────────────────────────────────────────────────────────────────────
  suite   200   4.0 %  4.2 %  +0.2 (-0.9 to 1.3)    0.4127       -   0.4410  pass

samples: 1 worse, 0 better
  sample   failed before   after
  ─────────────────────────────────────
  rr-0031        0 of 10  1 of 3  worse

invariants
  0 failures in 600 attempts: the true rate is below 0.5 %

confirmation
  nothing was suspected, so nothing was asked again

checks
  no change in 1 of 2 checks
  check   severity  role    failed before      after  points
  ──────────────────────────────────────────────────────────
  equals  major     gating    80 of 2,000  25 of 600    +0.2

what changed
  the prompt: refund_decision@v2 -> refund_decision@v3

baseline and candidate
  baseline accepted on 2026-11-01: 2026-11-01T09:00:00Z at commit 4f2c91d
  baseline ran refund_decision@v2 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261101-090000-refund-aa01, 20261101-103000-refund-aa02
  the baseline is 22 days old
  candidate this change: 2026-11-23T12:00:00Z at commit 9be0144
  candidate ran refund_decision@v3 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261123-120000-refund-cc01
  bill: asked 600 answers · 0 from earlier runs · 2 failed calls · cost 0.062400 USD · 192,000
  tokens in, 24,000 out

gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 0""",
    "regressed": """\
REGRESSED  refund_decision · gpt-small: it fails 2.0 points more often than the accepted baseline
  rise +2.0 points (1.2 to 2.7), 90 % interval, fresh attempts · n = 200 · 3 epochs against 5 + 5
  next: mend rr-0017, rr-0044, rr-0121 and rr-0188, or paygrade accept --reason WHY

what would have been seen
  this suite finds a rise of 2.0 points with 80 % probability (3 epochs); with 5 epochs it would be
  1.5 points
  no rise is forgiven (tolerance 0); a pass excludes a rise above 5.0 points (margin)

rates
  failure rate before 4.0 % (95 % interval 3.2 to 5.0 %; 80 of 2,000 failed)
  failure rate after 6.0 % (95 % interval 4.4 to 8.2 %; 36 of 597 failed, 3 errors)
  errors (in no rate): baseline 0 of 2,000 attempts (0.0 %), candidate 3 of 600 attempts (0.5 %)
  suite: the rise is confirmed
  kind=lost: no sign of a rise, and one above the margin is excluded
  p screen raises a suspicion; p adj., corrected for all that this gate tests, confirms it
  p cases: whether a rise would hold for other cases like these; it decides nothing here
  too few samples to test: kind=theft
  tested       n  before  after       points (90 %)  p screen   p adj.  p cases  verdict
  ────────────────────────────────────────────────────────────────────────────────────────
  suite      200   4.0 %  6.0 %   +2.0 (1.2 to 2.7)   2.1e-07  8.6e-10   0.0625  regressed
  kind=lost   40   4.0 %  5.0 %  +1.0 (-3.1 to 4.9)    0.2511        -   0.4410  pass

samples: 4 worse, 1 better
  4 cases of 200 are enough on purpose: a golden set is the population, not a sample of it;
  tolerance: 0.01 forgives one point
  sample   failed before   after  fresh before  fresh after       p
  ────────────────────────────────────────────────────────────────────────────────
  rr-0017        0 of 10  3 of 3        0 of 5       5 of 5  0.0040  likely broken
  rr-0044        0 of 10  3 of 3        0 of 5       5 of 5  0.0040  likely broken
  rr-0121        0 of 10  3 of 3        0 of 5       5 of 5  0.0040  likely broken
  rr-0188        0 of 10  3 of 3        0 of 5       5 of 5  0.0040  likely broken
  rr-0009        4 of 10  0 of 3        2 of 5       2 of 5  0.7381  better

invariants
  0 failures in 645 attempts: the true rate is below 0.5 %

money at risk: expected loss per 1,000 samples
  EUR: the rise does not exceed the limit +500.00 EUR (interval that is judged: 49.80 EUR to 527.10
  EUR)
  currency      before       after       change            90 % interval        limit
  ───────────────────────────────────────────────────────────────────────────────────
  EUR       512.10 EUR  783.40 EUR  +271.30 EUR  91.20 EUR to 460.50 EUR  +500.00 EUR

confirmation
  judged on fresh attempts of both versions
  asked again: 5 samples: rr-0009, rr-0017, rr-0044, rr-0121, rr-0188
  50 calls of at most 50
  fresh runs: 20261123-121500-refund-ff01, 20261123-121500-refund-ff02
  look 1 at this candidate: level 0.05

checks
  no change in 1 of 2 checks
  check   severity  role    failed before      after  points
  ──────────────────────────────────────────────────────────
  equals  major     gating    80 of 2,000  36 of 597    +2.0

what changed
  the prompt: refund_decision@v2 -> refund_decision@v3

baseline and candidate
  baseline accepted on 2026-11-01: 2026-11-01T09:00:00Z at commit 4f2c91d
  baseline ran refund_decision@v2 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261101-090000-refund-aa01, 20261101-103000-refund-aa02
  the baseline is 22 days old
  candidate this change: 2026-11-23T12:00:00Z at commit 9be0144
  candidate ran refund_decision@v3 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261123-120000-refund-cc01
  bill: asked 600 answers · 0 from earlier runs · 2 failed calls · cost 0.062400 USD · 192,000
  tokens in, 24,000 out

gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 100""",
    "inconclusive": """\
INCONCLUSIVE  refund_decision · gpt-small: no confirmed rise, but one above 5.0 points cannot be ex…
  rise +3.1 points (-2.4 to 8.5), 90 % interval, fresh attempts · n = 29 · 3 epochs against 5 + 5
  next: run 10 epochs (paygrade gate --epochs 10), or add samples
╭──────────────────────────────────────────────────────────────────────────────────────────────────╮
│ INCONCLUSIVE: not a pass: refund_decision · gpt-small: no confirmed rise, but one above 5.0      │
│ points cannot be excluded                                                                        │
╰──────────────────────────────────────────────────────────────────────────────────────────────────╯

what would have been seen
  this suite cannot detect any rise up to 40 points with 80 % probability (3 epochs); with 10 epochs
  it would be 15.0 points
  no rise is forgiven (tolerance 0); a pass excludes a rise above 5.0 points (margin)

rates
  failure rate before 10.3 % (95 % interval 7.3 to 14.4 %; 30 of 290 failed)
  failure rate after 14.9 % (95 % interval 8.9 to 23.9 %; 13 of 87 failed, 3 errors)
  errors (in no rate): baseline 0 of 300 attempts (0.0 %), candidate 3 of 90 attempts (3.3 %)
  suite: no confirmed rise, but one above the margin cannot be excluded
  p screen raises a suspicion; p adj., corrected for all that this gate tests, confirms it
  p cases: whether a rise would hold for other cases like these; it decides nothing here
  tested   n  before   after       points (90 %)  p screen  p adj.  p cases  verdict
  ───────────────────────────────────────────────────────────────────────────────────────
  suite   29  10.3 %  14.9 %  +3.1 (-2.4 to 8.5)    0.1411  0.2174   0.2266  inconclusive

samples: 1 worse, 0 better
  sample   failed before   after  fresh before  fresh after       p
  ────────────────────────────────────────────────────────────────────────
  rr-0011         1 of 5  3 of 3             -       3 of 5  0.2619  worse

invariants
  0 failures in 131 attempts: the true rate is below 2.3 %

confirmation
  judged on fresh attempts of the candidate against the baseline's second session
  provider drift since 2026-06-01 is not excluded
  asked for was `both`, done was `stored`: the baseline has no commit to run again
  asked again: 1 sample: rr-0011
  5 calls of at most 200
  fresh runs: 20261123-121500-refund-ff01
  look 2 at this candidate: level 0.025

checks
  no change in 1 of 2 checks
  check   severity  role    failed before     after  points
  ─────────────────────────────────────────────────────────
  equals  major     gating      30 of 290  13 of 87    +4.6

what changed
  the prompt: refund_decision@v2 -> refund_decision@v3
  samples added (only their invariants count): 13: rr-0900, rr-0901, rr-0902, rr-0903, rr-0904,
  rr-0905, rr-0906, rr-0907, rr-0908, rr-0909 and 3 more
  samples edited (only their invariants count): 1: rr-0002
  1 of 30 comparable samples gave no outcome

baseline and candidate
  the baseline is 175 days old: models and providers change meanwhile; record and accept a new one
  baseline accepted on 2026-06-01: 2026-06-01T09:00:00Z, of no clean commit
  baseline ran refund_decision@v2 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20260601-090000-refund-aa01, 20260601-103000-refund-aa02
  candidate this change: 2026-11-23T12:00:00Z at commit 9be0144
  candidate ran refund_decision@v3 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261123-120000-refund-cc01
  bill: asked 600 answers · 0 from earlier runs · 2 failed calls · cost 0.062400 USD · 192,000
  tokens in, 24,000 out

notes
  the baseline has one session less than it should
  codes: margin

gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 0""",
    "invalid": """\
INVALID  refund_decision · gpt-small: there is no accepted baseline for this runner
  rise not known: nothing was compared
  next: paygrade accept refund_decision --runner gpt-small --reason WHY

notes
  codes: no_baseline

gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 102""",
    "violated": """\
VIOLATED  refund_decision · gpt-small: the invariant no-pan failed on rr-0007
  rise +0.2 points (-0.9 to 1.3), 90 % interval · n = 200 · 3 epochs against 5 + 5
  next: mend no-pan on rr-0007; an invariant is never outweighed

invariants
  sample   invariant  failed
  ───────────────────────────────────────────────────────────────────────────────────────────────
  rr-0007  no-pan     2 of 3  new
  rr-0008  no-pan     3 of 3  pre-existing
  rr-0050  once       1 of 3  pre-existing, waived until 2026-12-31: the ledger moves in December

what would have been seen
  this suite finds a rise of 2.0 points with 80 % probability (3 epochs); with 5 epochs it would be
  1.5 points
  no rise is forgiven (tolerance 0); a pass excludes a rise above 5.0 points (margin)

rates
  failure rate before 4.0 % (95 % interval 3.2 to 5.0 %; 80 of 2,000 failed)
  failure rate after 4.2 % (95 % interval 2.8 to 6.1 %; 25 of 600 failed)
  errors (in no rate): baseline 0 of 2,000 attempts (0.0 %), candidate 0 of 600 attempts (0.0 %)
  suite: no sign of a rise, and one above the margin is excluded
  p screen raises a suspicion; p adj., corrected for all that this gate tests, confirms it
  p cases: whether a rise would hold for other cases like these; it decides nothing here
  tested    n  before  after       points (90 %)  p screen  p adj.  p cases  verdict
  ──────────────────────────────────────────────────────────────────────────────────
  suite   200   4.0 %  4.2 %  +0.2 (-0.9 to 1.3)    0.4127       -   0.4410  pass

samples: 2 worse, 0 better
  sample   failed before   after
  ─────────────────────────────────────
  rr-0007        0 of 10  2 of 3  worse
  rr-0050        2 of 10  1 of 3  worse

confirmation
  nothing was suspected, so nothing was asked again

checks
  no change in 1 of 2 checks
  check   severity  role    failed before      after  points
  ──────────────────────────────────────────────────────────
  equals  major     gating    80 of 2,000  25 of 600    +0.2

what changed
  the prompt: refund_decision@v2 -> refund_decision@v3

baseline and candidate
  baseline accepted on 2026-11-01: 2026-11-01T09:00:00Z at commit 4f2c91d
  baseline ran refund_decision@v2 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261101-090000-refund-aa01, 20261101-103000-refund-aa02
  the baseline is 22 days old
  candidate this change: 2026-11-23T12:00:00Z at commit 9be0144
  candidate ran refund_decision@v3 on refund_requests@v1 with gpt-small (model gpt-small-2026-09);
  runs 20261123-120000-refund-cc01
  bill: asked 600 answers · 0 from earlier runs · 2 failed calls · cost 0.062400 USD · 192,000
  tokens in, 24,000 out

gate 20261123-120000-gate-000001, 2026-11-23T12:00:00Z: exit 100""",
}


@pytest.mark.parametrize("verdict", PAGES)
def test_a_verdict_is_told_in_three_lines_then_in_full(verdict: Verdict) -> None:
    """What happened, how much, what to do; then all that it rests on."""
    assert shown(gate_view(report(MADE[verdict]))) == PAGES[verdict]


def test_a_deterministic_suite_is_told_without_chances() -> None:
    """Exact changes have no interval and no p-value."""
    text = shown(gate_view(report(exact())))
    lines = [line.strip() for line in text.splitlines()]
    assert lines[1] == (
        "rise +1.0 points, exact: the runner is deterministic · n = 200 · 1 epoch against 1"
    )
    assert "suite   200   4.0 %  5.0 %    +1.0  regressed" in lines
    assert "exact: the runner is deterministic, so every changed outcome is seen" in lines
    assert "p cases" not in text
    assert "p screen" not in text
