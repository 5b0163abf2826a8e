"""From finished runs to the report: screen every suite, confirm, decide all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.analysis.arms import joined
from paygrade.analysis.bill import bill
from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.exposure import judged_money
from paygrade.analysis.pairing import Problem, errors_of
from paygrade.analysis.screen import chosen
from paygrade.analysis.sensitivity import detects
from paygrade.analysis.verdict import (
    INCOMPLETE,
    Evidence,
    report_of,
    suite_verdict,
    unjudged,
)
from paygrade.pipeline import judging
from paygrade.pipeline.baselines import arm_from, hashes, identities, narrowed
from paygrade.pipeline.confirming import Fresh, sharing, spent
from paygrade.pipeline.runs import BILLED
from paygrade.pipeline.wiring import today
from paygrade.records.verdict import Confirmation
from paygrade.store import journal
from paygrade.store.fill import RUNS_FOLDER

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.trial import Unit
    from paygrade.pipeline.baselines import Version
    from paygrade.pipeline.confirming import Asking
    from paygrade.pipeline.docket import Docket, Item
    from paygrade.records.baseline import Baseline
    from paygrade.records.policy import OnInconclusive
    from paygrade.records.run import Bill
    from paygrade.records.verdict import GateReport, Hypothesis


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One invocation after its candidates ran."""

    docket: Docket
    asking: Asking

    def report(self, on_inconclusive: OnInconclusive | None) -> GateReport:
        """Judge every suite.

        Raises:
            JournalError, UsageError, StoreError.
        """
        heard = [each for each in self.docket.items if each.baseline and each.run_id]
        for item in heard:
            self._screen(item)
        for item in heard:
            self._confirm(item)
        inquiries = [self._inquiry(item) for item in heard]
        for item, inquiry, found in zip(heard, inquiries, decide(inquiries), strict=True):
            item.said = suite_verdict(self._evidence(item, inquiry, found))
        for item in self.docket.items:
            if item.said is None:
                notes = tuple(item.notes)
                suite, runner = item.plan.suite, item.plan.runner.name
                item.said = unjudged(suite, runner, item.problems, notes)
        verdicts = [
            (each.said, on_inconclusive or each.policy.on_inconclusive)
            for each in self.docket.items
            if each.said
        ]
        return report_of(self.docket.gate_id, self.docket.started_at, verdicts)

    def _folder(self, run_id: str) -> Path:
        return self.docket.store / RUNS_FOLDER / run_id

    def _screen(self, item: Item) -> None:
        assert item.baseline  # noqa: S101 - heard items have one
        folder = self._folder(item.run_id)
        if item.exact and not item.problems:
            self._ask_twice(item, folder)
        item.after = judging.candidate_arm(folder, item.version)
        item.screened = judging.screened_by(
            item.version, item.baseline, item.after, item.policy, item.mode
        )
        problem = judging.unjudged_invariants([folder], item.after)
        if problem:
            item.problems.append(problem)

    def _ask_twice(self, item: Item, folder: Path) -> None:
        again = narrowed(item.version, judging.asked_twice(item.version), 1)
        self.asking.watcher.said(
            f"{item.plan.label}: declared deterministic: "
            f"asking {len(again.plan.samples)} samples twice"
        )
        fresh = self.asking.one(again, "repeat", self._left(item))
        problem = judging.answered_otherwise(folder, self._folder(fresh.after))
        if fresh.stopped:
            sentence = f"the second answers did not all come: {fresh.stopped}"
            problem = Problem(code=INCOMPLETE, sentence=sentence)
        if problem:
            item.problems.append(problem)

    def _left(self, item: Item) -> Decimal | None:
        """What the budget still allows after the candidate's run."""
        budget = item.plan.runner.budget_usd
        if budget is None:
            return None
        return budget - spent(self.asking.layout, [item.run_id])

    def _confirm(self, item: Item) -> None:
        assert item.screened and item.look and item.baseline  # noqa: S101, PT018 - screened before
        if item.exact or item.mode == "off" or item.problems or item.screened.pairing.problems:
            return
        if item.look.chosen:
            item.chosen = item.look.chosen
            item.fresh_before += item.look.fresh_before
            item.fresh_after += item.look.fresh_after
        elif item.screened.suspicious:
            seed = f"{item.look.candidate}:{item.plan.suite}"
            item.chosen = chosen(item.screened, item.arms, seed)
        if not item.chosen:
            return
        if (item.mode == "both" and item.base is None) or len(item.baseline.sessions) < _NEEDS[
            item.mode
        ]:
            sentence = f"a rise is suspected and cannot be confirmed: {item.why}"
            item.problems.append(Problem(code="unconfirmed", sentence=sentence))
            return
        self._ask_again(item)

    def _ask_again(self, item: Item) -> None:
        epochs = item.policy.confirm_epochs
        both = "both versions" if item.base else "the candidate"
        self.asking.watcher.said(
            f"{item.plan.label}: a rise is suspected: asking {both} again, "
            f"{len(item.chosen)} {'sample' if len(item.chosen) == 1 else 'samples'} "
            f"x {epochs} epochs"
        )
        left = self._left(item)
        if left is not None and left <= 0:
            item.problems.append(Problem(code=INCOMPLETE, sentence="the budget is spent"))
            return
        fresh = self._fresh(item, left)
        if fresh.stopped:
            sentence = f"the confirmation was not finished: {fresh.stopped}"
            item.problems.append(Problem(code=INCOMPLETE, sentence=sentence))
            return
        self._take(item)

    def _fresh(self, item: Item, left: Decimal | None) -> Fresh:
        """Run both versions on what is chosen, or go on with what a kill left of that."""
        assert item.look  # noqa: S101 - heard items have one
        epochs = item.policy.confirm_epochs
        candidate = narrowed(item.version, item.chosen, epochs)
        versions = [candidate]
        if item.base:
            versions = [narrowed(item.base, item.chosen, epochs), candidate]
        versions = [sharing(each, len(versions)) for each in versions]
        share = None if left is None else left / len(versions)
        begun = []
        for version, ids, old in zip(
            versions, self._ids(item), self._unfinished(item), strict=True
        ):
            each = self.asking.again(old, version, share) if old else None
            each = each or self.asking.begin(version, share)
            ids.append(each.header.run_id)
            begun.append(each)
        self.docket.remember()
        return self.asking.both(*begun) if item.base else self.asking.alone(*begun)

    def _ids(self, item: Item) -> list[list[str]]:
        """Where the ids of fresh runs are kept, in the order of the versions."""
        return [item.fresh_before, item.fresh_after] if item.base else [item.fresh_after]

    def _unfinished(self, item: Item) -> list[str]:
        """Fresh runs that an earlier invocation began and did not judge, one a version."""
        old = item.look.unfinished if item.look else None
        left = {
            "before": old.fresh_before[len(item.fresh_before) :] if old else (),
            "after": old.fresh_after[len(item.fresh_after) :] if old else (),
        }
        kinds = ["before", "after"] if item.base else ["after"]
        return [next(iter(left[kind]), "") for kind in kinds]

    def _take(self, item: Item) -> None:
        """Read the fresh outcomes of all looks; too many errors, and nothing is confirmed."""
        assert item.screened and item.baseline  # noqa: S101, PT018 - screened before
        item.fresh_arm = self._arm(item.fresh_after, item.version)
        before = judging.baseline_arm(item.baseline, session=1)
        arms = [("the candidate", item.fresh_arm)]
        if item.base:
            before = self._arm(item.fresh_before, item.base)
            arms.append(("the baseline's version", before))
        for who, arm in arms:
            errors = errors_of(arm, arm)
            if errors.errored > item.policy.max_error_rate * errors.attempts:
                code = "errors" if arm is item.fresh_arm else "baseline_does_not_run"
                sentence = f"{errors.errored} of {errors.attempts} fresh attempts of {who} errored"
                item.problems.append(Problem(code=code, sentence=sentence))
        problem = judging.unjudged_invariants(map(self._folder, item.fresh_after), item.fresh_arm)
        if problem:
            item.problems.append(problem)
        item.fresh = fresh_pairs(item.screened, before, item.fresh_arm)

    def _arm(self, run_ids: list[str], version: Version) -> Arm:
        known = hashes(version.plan.samples, version.bench)
        return joined([arm_from(self._folder(each), known, fresh_only=True) for each in run_ids])

    def _inquiry(self, item: Item) -> Inquiry:
        assert item.screened and item.look  # noqa: S101, PT018 - screened before
        return Inquiry(
            screened=item.screened, mode=item.mode, level=item.look.level, fresh=item.fresh
        )

    def _evidence(
        self, item: Item, inquiry: Inquiry, hypotheses: tuple[Hypothesis, ...]
    ) -> Evidence:
        assert item.baseline  # noqa: S101 - heard items have one
        baseline, plan = item.baseline, item.plan
        after = judging.side_of_run(self._folder(item.run_id))
        seen = _seen(item, baseline, inquiry.screened.terms.unit)
        stored = item.mode == "stored"
        return Evidence(
            suite=plan.suite,
            runner=plan.runner.name,
            baseline=baseline,
            sides=(judging.side_of_baseline(baseline), after),
            before=judging.baseline_arm(baseline, session=0 if stored else None),
            known=judging.baseline_arm(baseline),
            after=item.after,
            fresh_after=item.fresh_arm,
            inquiry=inquiry,
            hypotheses=hypotheses,
            money=judged_money(inquiry.screened, item.fresh),
            checks=identities(plan, item.version.bench),
            confirmation=_confirmation(item),
            detects=seen.get(plan.epochs),
            detects_with=seen or None,
            differs=judging.differences(baseline, after, item.version),
            problems=tuple(item.problems),
            age_days=judging.age_in_days(baseline.accepted_at, today()),
            today=today(),
            bill=self._bill(item),
            notes=(*item.notes, *_notes(item, baseline)),
        )

    def _bill(self, item: Item) -> Bill | None:
        asked = (item.plan.runner, *(each.profile for each in item.plan.judges))
        if not any(each.provider in BILLED for each in asked):
            return None
        folders = [
            self._folder(each) for each in (item.run_id, *item.fresh_before, *item.fresh_after)
        ]
        answers = (answer for folder in folders for answer in journal.read_answers(folder))
        judged = (answer for folder in folders for answer in journal.judge_answers(folder))
        return bill(answers, sum(journal.failed_calls(folder) for folder in folders), judged)


_NEEDS = {"both": 1, "stored": 2, "off": 1}
"""How many sessions of a baseline each mode takes."""


def _confirmation(item: Item) -> Confirmation | None:
    if item.exact or item.look is None or item.screened is None:
        return None
    calls = len(item.chosen) * item.policy.confirm_epochs * item.arms if item.fresh else 0
    return Confirmation(
        asked=item.asked,
        mode=item.mode,
        why=item.why,
        samples=item.chosen,
        run_ids=(*item.fresh_before, *item.fresh_after),
        calls=calls,
        at_most=item.at_most,
        look=item.look.number,
        level=item.look.level,
    )


def _seen(item: Item, baseline: Baseline, unit: Unit) -> dict[int, float | None]:
    """The smallest rise found, by epochs of the candidate; its own are always among them."""
    if item.exact:
        return {}
    known = dict(baseline.power)
    epochs = item.plan.epochs
    if epochs not in known:
        dataset = baseline.identity.dataset
        known[epochs] = detects(baseline.samples, item.policy, epochs, dataset, unit)
    return known


def _notes(item: Item, baseline: Baseline) -> list[str]:
    found = []
    if item.mode == "stored":
        found.append(f"provider drift since {baseline.accepted_at[:10]} is not excluded")
    if item.screened and item.screened.terms.unit == "cases":
        found.append(
            "repeats inside one session agree more than repeats across sessions: they are not "
            "counted as independent evidence (inference: cases)"
        )
    if not item.exact and baseline.shift is None:
        found.append("the baseline has one session: whether it repeats itself was not checked")
    return found
