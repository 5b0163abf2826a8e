"""Workers that are killed, stopped or slow: money moves at most once, and no intent is lost."""

import os
import signal
import time
from collections import Counter
from itertools import chain
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from chaos_run import chance, per
from chaos_scene import Scene, in_crowds
from chaos_workers import (
    AFTER_THE_CHECK,
    LEASE,
    POINTS,
    SETTLE_AFTER,
    Fault,
    Job,
    ended,
    run,
    start,
    work,
)

KILLED = -signal.SIGKILL


def test_c01_a_kill_anywhere_moves_money_once(scene: Scene) -> None:
    """Whoever retries gets the original result; the caps agree with the ledger."""
    points = {f"{point} {number}": point for point in POINTS for number in range(per(20))}
    codes = run(
        Job(place=scene.place, keys=(key,), fault=Fault(at=point, act="kill"), patience=20)
        for key, point in points.items()
    )
    assert codes == [KILLED] * len(points)
    assert {each["error"] for each in scene.told("raised")} <= {"LeaseSpent"}  # a slow machine
    scene.settle(points)
    scene.check(points)


@pytest.mark.real
def test_c01_two_race_and_one_is_killed(scene: Scene) -> None:
    """For one key, at any point, in either order; a third one comes after them."""
    points = {f"{point} {number}": point for point in POINTS for number in range(per(20))}
    order = chance("two race")
    jobs = []
    for key, point in points.items():
        pair: list[Fault | None] = [Fault(at=point, act="kill"), None]
        order.shuffle(pair)
        jobs += [Job(place=scene.place, keys=(key,), fault=fault) for fault in pair]
    assert set(run(jobs)) <= {0, KILLED}
    scene.settle(points)
    scene.check(points)


@pytest.mark.real
def test_c01_without_a_way_to_find_out_it_stays_unknown_and_listed(in_file: Scene) -> None:
    """Nobody runs it again, however often it is called."""
    keys = [str(number) for number in range(per(4))]
    fault = Fault(at="after the effect", act="kill")
    killed = [Job(place=in_file.place, keys=(key,), fault=fault, asks=False) for key in keys]
    assert run(killed) == [KILLED] * len(keys)
    time.sleep(LEASE)
    again = [Job(place=in_file.place, keys=tuple(keys), asks=False) for _ in range(3)]
    assert run(again) == [0, 0, 0]
    in_file.check(keys, settled=False)
    assert len(in_file.guard.open()) == len(keys)
    assert [each["error"] for each in in_file.told("raised")] == ["OutcomeUnknown"] * 3 * len(keys)


@pytest.mark.real
def test_c05_a_slow_owner_is_not_overtaken(scene: Scene) -> None:
    """Its lease is over while it works: retries wait or look up, and its late record is right."""
    slow = Fault(at="after the effect", act="sleep", seconds=LEASE + 2)
    crowds = in_crowds("slow", per(6))
    for keys in crowds:
        owners = [start(work, Job(place=scene.place, keys=(key,), fault=slow)) for key in keys]
        scene.wait_for(keys, "paid")
        run(Job(place=scene.place, keys=(key,), patience=20) for key in keys)
        assert ended(owners) == [0] * len(keys)
    scene.check(chain(*crowds))
    answers = Counter(each["key"] for each in scene.told("answer"))
    assert answers == dict.fromkeys(chain(*crowds), 2)


@pytest.mark.real
def test_c05_a_late_record_of_an_unknown_intent_is_taken(scene: Scene) -> None:
    """Where nobody could look it up meanwhile, the owner itself settles it."""
    slow = Fault(at=AFTER_THE_CHECK, act="sleep", seconds=LEASE + 2)
    crowds = in_crowds("late", per(6))
    for keys in crowds:
        jobs = [Job(place=scene.place, keys=(key,), fault=slow, asks=False) for key in keys]
        owners = [start(work, job) for job in jobs]
        scene.wait_for_open(len(keys))
        run(Job(place=scene.place, keys=(key,), asks=False) for key in keys)
        assert ended(owners) == [0] * len(keys)
    scene.check(chain(*crowds))
    assert {each["error"] for each in scene.told("raised")} == {"OutcomeUnknown"}


@pytest.mark.real
def test_c06_a_stopped_process_sends_nothing_after_its_lease(scene: Scene) -> None:
    """SIGSTOP before the send; another one pays; SIGCONT: `op.timeout()` has run out."""
    crowds = in_crowds("stopped", per(6))
    for keys in crowds:
        owners = stopped(scene, keys, "before the effect")
        scene.settle(keys)
        go_on(owners)
    scene.check(chain(*crowds))
    assert Counter(each["error"] for each in scene.told("raised"))["LeaseSpent"] == per(6)


@pytest.mark.real
def test_c06_absent_is_not_believed_while_the_first_owner_may_still_send(scene: Scene) -> None:
    """SIGSTOP after the check, past the lease but within the settling time: one effect."""
    crowds = in_crowds("grace", per(6))
    for keys in crowds:
        owners = stopped(scene, keys, AFTER_THE_CHECK, settle_after=60)
        time.sleep(LEASE)
        run(Job(place=scene.place, keys=(key,), settle_after=60) for key in keys)
        scene.wait_for(keys, "asked")
        go_on(owners)
    scene.check(chain(*crowds))
    assert {each["error"] for each in scene.told("raised")} == {"OutcomeUnknown"}
    assert len(scene.told("paid")) == per(6)


@pytest.mark.real
@pytest.mark.parametrize(("dedupes", "effects"), [(False, 2), (True, 1)])
def test_c07_the_one_open_case_is_as_the_readme_says(
    on_server: Scene, *, dedupes: bool, effects: int
) -> None:
    """Frozen between its last check and the send, for longer than lease and settling time.

    A provider that ignores keys pays twice, one that honours them once. The frozen caller is told
    that its result is late, so the suspected duplicate is known.
    """
    scene = on_server
    crowds = in_crowds("frozen", per(6))
    for keys in crowds:
        owners = stopped(scene, keys, AFTER_THE_CHECK, dedupes=dedupes)
        time.sleep(LEASE + SETTLE_AFTER)
        scene.recover()
        again = Job(place=scene.place, keys=tuple(keys), dedupes=dedupes, patience=20)
        assert run([again]) == [0]
        go_on(owners)
    moved = scene.effects()
    assert (len(moved), moved.total()) == (per(6), effects * per(6))
    assert [each["error"] for each in scene.told("raised")] == ["LateResult"] * per(6)
    assert all((row := scene.row(key)) and row.late for key in chain(*crowds))


def stopped(scene: Scene, keys: list[str], point: str, **options: Any) -> list[ForkServerProcess]:  # noqa: ANN401 - as `Job`
    """Owners that were stopped at a point, one for each key."""
    fault = Fault(at=point, act="stop")
    jobs = [Job(place=scene.place, keys=(key,), fault=fault, **options) for key in keys]
    owners = [start(work, job) for job in jobs]
    scene.wait_for(keys, "stop")
    return owners


def go_on(owners: list[ForkServerProcess]) -> None:
    """Let them go on, to their ends."""
    for owner in owners:
        os.kill(owner.pid or 0, signal.SIGCONT)
    assert ended(owners) == [0] * len(owners)
