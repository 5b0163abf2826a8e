"""Wall clocks that are wrong, or jump: only the server's clock and the monotonic one count."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

import pytest

import chaos_workers
from chaos_run import per
from chaos_scene import Scene, in_crowds
from chaos_workers import Fault, Job, ended, run, start, work

pytestmark = pytest.mark.real


@pytest.fixture
def faked() -> dict[str, str]:
    """The environment of a process whose wall clock is faked; its monotonic clock is real."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        reason = "libfaketime is not installed: apt-get install libfaketime"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    return os.environ | {
        "LD_PRELOAD": str(found[0]),
        "DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def begin(
    scene: Scene, env: dict[str, str], keys: list[str], **told: object
) -> "subprocess.Popen[bytes]":
    """A worker under another clock."""
    place = {"folder": str(scene.place.folder), "server": scene.place.server}
    job = json.dumps({**place, "keys": keys, **told})
    return subprocess.Popen([sys.executable, chaos_workers.__file__, job], env=env)


@pytest.mark.parametrize("skew", ["+1h", "-1h"])
def test_c08_a_worker_whose_clock_is_an_hour_off(
    on_server: Scene, faked: dict[str, str], skew: str
) -> None:
    """Whether it owns or comes second: leases go by the server's clock, and one effect stands."""
    scene, env = on_server, {**faked, "FAKETIME": skew}
    owned = [f"owned {skew} {number}" for number in range(per(3))]
    fault = Fault(at="before the effect", act="stop")
    with begin(scene, env, owned, fault=dataclasses.asdict(fault), lease=30) as owner:
        for key in owned:
            scene.wait_for([key], "stop")
            row = scene.row(key)
            assert row
            assert 20 < row.lease_until - scene.store.now() <= 30
            run([Job(place=scene.place, keys=(key,))])
            os.kill(owner.pid, signal.SIGCONT)
        assert owner.wait(60) == 0
    assert all(abs(each["at"] - time.time()) > 3000 for each in scene.told("claimed"))
    crowds = in_crowds(f"met {skew}", per(3))
    for keys in crowds:
        jobs = [Job(place=scene.place, keys=(key,), fault=fault, lease=30) for key in keys]
        owners = [start(work, job) for job in jobs]
        scene.wait_for(keys, "stop")
        with begin(scene, env, keys) as second:
            assert second.wait(60) == 0
        for each in owners:
            os.kill(each.pid or 0, signal.SIGCONT)
        assert ended(owners) == [0] * len(owners)
    raised = [each["error"] for each in scene.told("raised")]
    assert raised == ["InProgress"] * 2 * per(3)
    every = [*owned, *chain(*crowds)]
    with begin(scene, env, every) as last:
        assert last.wait(60) == 0
    assert len(scene.told("replayed")) == len(every)
    scene.check(every)


@pytest.mark.parametrize("jump", ["-1h", "+1h"])
def test_c09_a_wall_clock_that_jumps(on_server: Scene, faked: dict[str, str], jump: str) -> None:
    """While it works, back or forth by an hour: what is left of its lease is not changed by it."""
    scene, clock = on_server, on_server.place.folder / "clock"
    clock.write_text("+0")
    env = {**faked, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    keys = [f"jump {jump} {number}" for number in range(per(2))]
    for key in keys:
        clock.write_text("+0")
        fault = dataclasses.asdict(Fault(at="before the effect", act="jump", seconds=20))
        with begin(scene, env, [key], fault=fault, lease=30) as worker:
            scene.wait_for([key], "jump")
            clock.write_text(jump)
            assert worker.wait(60) == 0
    for told in scene.told("jumped"):
        assert abs(told["wall"]) > 3000
        assert told["lease"] == pytest.approx(told["steady"], abs=0.2)
    assert len(scene.told("jumped")) == len(keys)
    assert all(0 < told["timeout"] <= 20 for told in scene.told("paid"))
    scene.check(keys)
