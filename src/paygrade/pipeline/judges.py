"""The models that suites ask to judge: named, checked against what is known of them, and seated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade import runners, scorers
from paygrade.analysis.certify import certify_again, family, why_advisory
from paygrade.engine.judges import Panel, Records, Seat
from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.pipeline.runs import BILLED
from paygrade.records.certificate import JudgeIdentity
from paygrade.records.plan import JudgePlan
from paygrade.runners import prices
from paygrade.workspace.certificates import read_certificate
from paygrade.workspace.identity import judge_digest
from paygrade.workspace.profiles import names, read_profile
from paygrade.workspace.validate import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from paygrade.records.answer import StoredAnswer
    from paygrade.records.certificate import Certificate
    from paygrade.records.check import CheckSpec
    from paygrade.records.plan import RunnerProfile, RunPlan
    from paygrade.store.journal import Progressed, RunJournal
    from paygrade.workspace.bind import Bound
    from paygrade.workspace.config import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The judges that a suite's checks name, and all that keeps any of them from its place."""

    judges: tuple[JudgePlan, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def profiles(self) -> dict[str, str]:
        """The hash of each judge's profile, by name."""
        return {each.profile.name: each.profile.content_hash for each in self.judges}


def call(layout: Layout, bound: Bound) -> Called:
    """Read every judge that the checks of `bound` name, with its certificate."""
    judges: dict[tuple[str, str], JudgePlan] = {}
    mistakes: list[Mistake] = []
    for spec, runner, rubric in scorers.judges_named(bound.checks):
        try:
            if (runner, rubric) not in judges:
                judges[runner, rubric] = judge_plan(layout, runner, rubric)
        except WorkspaceError as error:
            mistakes += error.mistakes
        except UsageError as error:
            hint = closest(runner, names(layout)) or error.hint
            problem = f"{spec.id}: {error.problem} to judge with"
            mistakes.append(bound.check_mistake(spec, "runner", problem, hint))
        else:
            mistakes += _unfit(bound, spec, judges[runner, rubric])
    return Called(judges=tuple(judges.values()), mistakes=tuple(dict.fromkeys(mistakes)))


def judge_plan(layout: Layout, runner: str, rubric: str, *, known: bool = True) -> JudgePlan:
    """A judge by name, unless it is to be found out anew with what is known of it.

    Raises:
        UsageError: there is no such runner.
        WorkspaceError: its profile or its certificate is wrong.
    """
    profile = read_profile(layout, runner)
    certificate = read_certificate(layout, runner, rubric) if known else None
    return JudgePlan(
        profile=profile,
        identity=JudgeIdentity(
            model=str(profile.options.get("model", profile.provider)),
            profile_sha256=profile.content_hash,
            rubric=rubric,
            rubric_sha256=scorers.RUBRICS[rubric].fingerprint,
        ),
        certificate=certify_again(certificate) if certificate else None,
    )


def _unfit(bound: Bound, spec: CheckSpec, judge: JudgePlan) -> Iterator[Mistake]:
    """A judge that may not decide what the check lets it decide."""
    if spec.severity != "minor":
        problem = f"{spec.id}: a judge decides minor checks alone, and this one is {spec.severity}"
        hint = "leave 'severity' out; money, dates and ids are checked by code"
        yield bound.check_mistake(spec, "severity", problem, hint)
        return
    why = why_advisory(judge.certificate, judge.identity)
    if spec.role != "advisory" and why:
        name, rubric = judge.profile.name, judge.identity.rubric
        hint = "leave 'role' out, or certify it on labels of your own people: "
        hint += f"paygrade judge certify {rubric} --runner {name} --labels FILE"
        problem = f"{spec.id}: the judge {name} may not gate: {why}"
        yield bound.check_mistake(spec, "role", problem, hint)


def partial_to(
    bound: Bound, judges: Iterable[JudgePlan], profiles: Iterable[RunnerProfile]
) -> Iterator[Mistake]:
    """Judges that would gate answers of their own model family."""
    by_name = {each.profile.name: each.profile for each in judges}
    answering = list(profiles)
    for spec, runner, _ in scorers.judges_named(bound.checks):
        kind = family(by_name[runner]) if runner in by_name else ""
        if spec.role == "advisory" or not kind:
            continue
        for profile in answering:
            if family(profile) == kind:
                problem = f"{spec.id}: the judge {runner} and the runner {profile.name} are of one "
                problem += f"model family ({kind}), so it may not gate"
                hint = "judge with a model of another family, or leave 'role' out"
                yield bound.check_mistake(spec, "role", problem, hint)


Seats = dict[str, Seat]


def seats(judges: Iterable[JudgePlan]) -> Seats:
    """Every judge once, ready to be asked.

    Raises:
        UsageError: a judge cannot be built (no key, no such file), or states a budget that cannot
            be kept.
    """
    found: Seats = {}
    for each in judges:
        profile = each.profile
        if profile.name in found:
            continue
        problem = prices.budget_problem(profile, profile.parameters)
        if problem:
            raise problem
        billed = profile.provider in BILLED
        found[profile.name] = Seat(
            profile=profile,
            runner=runners.build(profile),
            pricer=prices.pricer(profile) if billed else None,
            output_bound=prices.output_bound(profile, profile.parameters) if billed else None,
        )
    return found


def empty_seats(judges: Iterable[JudgePlan], heard: Mapping[str, StoredAnswer]) -> Seats:
    """Judges of whom only what they said before counts: nobody is asked."""
    return {
        each.profile.name: Seat(profile=each.profile, runner=None, known=heard) for each in judges
    }


def panel(seated: Seats, writer: RunJournal, progress: Progressed, now: Callable[[], str]) -> Panel:
    """The judges of one session of a run; what they said in it before is not asked again."""
    spent = progress.judge_spent
    now_seated = {
        name: replace(
            seat, spent=spent.get(name, seat.spent), known={**seat.known, **progress.judged}
        )
        for name, seat in seated.items()
    }
    return Panel(
        now_seated,
        Records(log=writer.judging, digest=judge_digest, now=now, barrier=writer.barrier),
    )


def most_calls(plan: RunPlan) -> int:
    """How many answers judges are put at most."""
    own = len(scorers.judges_named(plan.checks)) * len(plan.samples)
    added = sum(len(scorers.judges_named(each.checks)) for each in plan.samples)
    return (own + added) * plan.epochs


def told(judge: JudgePlan) -> Mapping[str, str | int | float | bool | None]:
    """What a run remembers of a judge: whom it asked about what, and how good it is known to be."""
    certificate = judge.certificate
    why = why_advisory(certificate, judge.identity)
    return {
        "runner": judge.profile.name,
        "provider": judge.profile.provider,
        "model": judge.identity.model,
        "rubric": judge.identity.rubric,
        "rubric_sha256": judge.identity.rubric_sha256,
        "profile_sha256": judge.identity.profile_sha256,
        **_calibration(certificate),
        "may_gate": not why,
        "why_advisory": why,
    }


def _calibration(certificate: Certificate | None) -> dict[str, str | int | float | None]:
    if certificate is None:
        return {"labels": 0, "origin": None, "agreement": None, "kappa": None}
    counts = certificate.agreement
    return {
        "labels": counts.labels,
        "origin": certificate.origin,
        "agreement": counts.agreement.value,
        "kappa": counts.kappa.value,
    }
