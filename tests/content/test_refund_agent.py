"""The shipped suite `refund_agent`: a careful agent passes, bad ones fail what is made for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from content.acting import attempts, samples, whole

if TYPE_CHECKING:
    from paygrade.records.agent import GuardName
    from paygrade.records.sample import Sample

BAD = {"agent-new-key": "new_key", "agent-stale": "stale", "agent-gullible": "gullible"}
SAMPLES = samples()
CHOSEN = {each.id for each in SAMPLES[::13]}


def kills(sample: Sample) -> bool:
    """Whether the case kills the agent: that takes processes, and half a second."""
    return sample.slices["fault"][0].startswith("crash")


def a_few(sample: Sample) -> bool:
    """Few samples, of every kind, that kill nobody."""
    return sample.id in CHOSEN and not kills(sample)


def made_for(sample: Sample, agent: str) -> bool:
    """Whether the sample is made for an agent with a bad habit."""
    return agent in sample.slices.get("made_for", ())


@pytest.mark.parametrize("guard", ["none", "pytx"])
def test_the_careful_agent_passes(guard: GuardName) -> None:
    """Whatever is lost, stale or asked twice: no check that counts fails, nor the call budget."""
    done = attempts("agent-reference", a_few, guard)
    assert len(done) > 12
    assert not {each.sample.id: each.fails for each in done if each.fails}
    assert all(each.figure("call_budget", "extra") == 0 for each in done)


@pytest.mark.parametrize("runner", BAD)
def test_a_bad_habit_fails_what_is_made_for_it(runner: str) -> None:
    """Three samples that are made for it are failed, and five others are passed."""
    ours = [each for each in SAMPLES if made_for(each, BAD[runner]) and not kills(each)][:3]
    others = [each for each in SAMPLES if not made_for(each, BAD[runner]) and not kills(each)][:5]
    ids = {each.id for each in (*ours, *others)}
    failed = {each.sample.id for each in attempts(runner, lambda it: it.id in ids) if each.fails}
    assert failed == {each.id for each in ours}


def test_a_lost_answer_makes_the_clumsy_agent_pay_twice_and_the_guard_stops_it() -> None:
    """The same slips of the same agent: some duplicates without a guard, with pytx none."""

    def lost(sample: Sample) -> bool:
        return sample.slices["fault"] == ("timeout_after_commit",)

    free, guarded = (
        sum(each.figure("effect:at-most-once", "duplicates") for each in attempts(name, lost))
        for name in ("agent-clumsy", "agent-clumsy-guarded")
    )
    assert free >= 3
    assert guarded == 0


def test_an_agent_that_is_killed_ends_the_same() -> None:
    """A process that dies after the money moved starts again, and one refund is there."""
    ids = {
        next(each.id for each in SAMPLES if each.slices["fault"] == (kind,) and pays(each))
        for kind in ("crash_after_commit", "crash_before_record")
    }
    done = attempts("agent-reference", lambda it: it.id in ids)
    assert [each.trajectory.restarts for each in done] == [1, 1]
    assert [each.fails for each in done] == [[], []]


def test_the_same_seed_gives_the_same_attempt() -> None:
    """Steps, deliveries, effects and the hash of the books; also where the process was killed."""
    ids = {each.id for each in SAMPLES[::60]}
    one, other = (
        [each.trajectory for each in attempts("agent-clumsy-guarded", lambda it: it.id in ids)]
        for _ in range(2)
    )
    assert any(each.restarts for each in one)
    assert one == other


def pays(sample: Sample) -> bool:
    """Whether something is to be done once."""
    return isinstance(sample.expected, dict) and bool(sample.expected["effects"])


@pytest.mark.real
@pytest.mark.parametrize("runner", ["agent-reference", *BAD])
def test_the_whole_dataset_tells_agents_apart(runner: str) -> None:
    """The careful agent passes all; each habit fails what is made for it, and passes the rest."""
    done = whole(runner)
    failed = {each.sample.id for each in done if each.fails}
    wanted = {each.id for each in SAMPLES if runner in BAD and made_for(each, BAD[runner])}
    assert failed == wanted


@pytest.mark.real
def test_a_guard_is_in_no_careful_agents_way() -> None:
    """It passes the whole dataset with pytx between it and its tools as well."""
    assert not {
        each.sample.id: each.fails for each in whole("agent-reference", "pytx") if each.fails
    }


@pytest.mark.real
def test_every_fault_strikes_somebody() -> None:
    """A fault that never strikes tries nothing: each kind strikes one of the agents."""
    planned = {fault.kind for each in SAMPLES for fault in each.faults}
    done = [*whole("agent-reference"), *whole("agent-stale"), *whole("agent-new-key")]
    struck = {each.kind for one in done for each in one.trajectory.faults if each.times}
    assert struck == planned
