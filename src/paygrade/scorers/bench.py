"""A suite's checks, compiled once and ready to judge answers."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from paygrade.errors import ScorerError
from paygrade.records.baseline import CheckIdentity
from paygrade.records.check import Check, Score
from paygrade.scorers.catalogue import CATALOGUE
from paygrade.scorers.custom import sentence
from paygrade.scorers.kind import Bound, Place
from paygrade.scorers.params import RefusedError, plain, plain_object

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping
    from pathlib import Path

    from paygrade.records.check import CheckSpec, ParamProblem, Subject
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Judges


class SuiteBench:
    """Compiled checks: implements `paygrade.records.protocols.Bench`. Made by `build`."""

    def __init__(
        self, bound: Iterable[tuple[CheckSpec, Bound]], judges: Judges | None = None
    ) -> None:
        """Keep each check with what it was compiled to, and whom a check may ask."""
        pairs = self._pairs = tuple(bound)
        self._judges = judges
        # the pairs are held, so that no id() is given out again
        self._bound = {id(spec): each for spec, each in pairs}
        self._by_name: dict[str, list[tuple[CheckSpec, Bound]]] = {}
        for spec, each in pairs:
            self._by_name.setdefault(spec.id, []).append((spec, each))
        self._fingerprint = _fingerprint(pairs)

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, over all that decides a score; the order of the checks does not.

        Each check's id, scorer, parameters, severity and role, the scorer's version, the schema
        it uses, and the bytes of a `python` scorer's file (not of what that file imports).
        """
        return self._fingerprint

    def identities(self, specs: tuple[CheckSpec, ...]) -> tuple[CheckIdentity, ...]:
        """What each of `specs` is, as it judges: see `CheckIdentity`.

        The digest is over all that `fingerprint` takes of a check.

        Raises:
            ScorerError: the bench was not built for one of them.
        """
        return tuple(
            CheckIdentity(
                id=spec.id,
                severity=spec.severity,
                role=spec.role,
                digest=hashlib.sha256(self._canonical(spec).encode()).hexdigest(),
            )
            for spec in specs
        )

    def _canonical(self, spec: CheckSpec) -> str:
        bound = self._bound.get(id(spec)) or self._equal(spec)
        if bound is _NOT_BUILT:
            raise ScorerError("the bench was not built for this check")
        return _canonical(_identity(spec, bound))

    async def judge(self, specs: tuple[CheckSpec, ...], subject: Subject) -> tuple[Check, ...]:
        """Judge one answer by each of `specs`, in order.

        A scorer that raises gives a check with the result `error`, and so does a spec that the
        bench was not built for. A negated check turns pass and fail around, never an error; its
        value and figures stay those of the answer. Only what is no `Exception`, such as a
        cancellation, is raised.
        """
        checks: list[Check] = []
        for spec in specs:
            bound = self._bound.get(id(spec)) or self._equal(spec)
            try:
                if bound.ask and self._judges:
                    score: Score | Awaitable[Score] = bound.ask(subject, self._judges)
                else:
                    score = bound.judge(subject)
                if not isinstance(score, Score):
                    score = await score
                checks.append(_check(spec, score, bound, subject))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - an error of its check
                checks.append(_broken(spec, error))
        return tuple(checks)

    def asking(self, judges: Judges) -> SuiteBench:
        """The same checks, with the models that they may ask."""
        return SuiteBench(self._pairs, judges)

    def _equal(self, spec: CheckSpec) -> Bound:
        """Find the check for a spec that is equal to one of ours without being the same object."""
        for own, bound in self._by_name.get(spec.id, ()):
            if own == spec:
                return bound
        return _NOT_BUILT


def build(
    specs: tuple[CheckSpec, ...],
    *,
    folder: Path,
    output_schema: Mapping[str, Json] | None,
    judges: Mapping[str, str] | None = None,
) -> SuiteBench:
    """Compile `specs`, a suite's checks and its samples' together.

    Args:
        specs: The checks. Equal ones are compiled once.
        folder: The suite's folder, in which schema and Python files are looked for.
        output_schema: The prompt's own, for `is-json: {schema: output}`.
        judges: The runners that checks may ask, each with the hash of its profile.

    Raises:
        ScorerError: the first check that `missing` would list.
    """
    pairs = []
    place = Place(folder=folder, output_schema=output_schema, judges=judges or {})
    for spec, bound in _bind(specs, place):
        if isinstance(bound, RefusedError):
            first = bound.problems[0]
            raise ScorerError(f"{spec.id}: {first.problem}", hint=first.hint)
        pairs.append((spec, bound))
    return SuiteBench(pairs)


def missing(
    specs: tuple[CheckSpec, ...],
    folder: Path,
    output_schema: Mapping[str, Json] | None,
    judges: Mapping[str, str] | None = None,
) -> tuple[tuple[CheckSpec, ParamProblem], ...]:
    """List all that keeps `specs` from being built; arguments as for `build`.

    Schema files are read, and Python files run, to see whether they hold what is named.
    """
    place = Place(folder=folder, output_schema=output_schema, judges=judges or {})
    return tuple(
        (spec, problem)
        for spec, bound in _bind(specs, place)
        if isinstance(bound, RefusedError)
        for problem in bound.problems
    )


def _bind(
    specs: tuple[CheckSpec, ...], place: Place
) -> Iterable[tuple[CheckSpec, Bound | RefusedError]]:
    known: dict[str, Bound | RefusedError] = {}
    for spec in specs:
        key = _canonical([spec.scorer, plain_object(spec.params)])
        if key not in known:
            known[key] = _bind_one(spec, place)
        yield spec, known[key]


def _bind_one(spec: CheckSpec, place: Place) -> Bound | RefusedError:
    kind = CATALOGUE.kind(spec.scorer)
    if kind is None:
        return RefusedError(CATALOGUE.unknown(spec.scorer))
    try:
        return kind.bind(spec.params, place)
    except RefusedError as error:
        return error


def _check(spec: CheckSpec, score: Score, bound: Bound, subject: Subject) -> Check:
    reason = score.reason
    if spec.negated and score.passed and not reason:
        reason = bound.found(subject)
    return Check(
        id=spec.id,
        scorer=spec.scorer,
        severity=spec.severity,
        role=spec.role,
        result="pass" if score.passed is not spec.negated else "fail",
        value=score.value,
        reason=reason,
        partial=score.partial,
    )


def _broken(spec: CheckSpec, error: Exception | SystemExit) -> Check:
    if isinstance(error, ScorerError):
        reason = error.problem
    else:
        reason = f"the scorer raised {sentence(error)}"
    return Check(
        id=spec.id,
        scorer=spec.scorer,
        severity=spec.severity,
        role=spec.role,
        result="error",
        reason=reason,
    )


def _refuse(_subject: Subject) -> Score:
    raise ScorerError("the bench was not built for this check")


_NOT_BUILT = Bound(judge=_refuse, found=lambda _: "")


def _fingerprint(pairs: tuple[tuple[CheckSpec, Bound], ...]) -> str:
    entries = {_canonical(_identity(spec, bound)) for spec, bound in pairs}
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def _identity(spec: CheckSpec, bound: Bound) -> dict[str, Json]:
    kind = CATALOGUE.kind(spec.scorer)
    return {
        "id": spec.id,
        "scorer": spec.scorer,
        "version": kind.version if kind else "",
        "negated": spec.negated,
        "params": plain(spec.params),
        "severity": spec.severity,
        "role": spec.role,
        "identity": plain(bound.identity),
    }


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)
