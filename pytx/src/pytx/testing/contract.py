"""What every store keeps, as tests: for a store of your own, and run against those of pytx.

It needs pytest, and a class of yours with two fixtures:

    class TestMine(StoreContract):
        @pytest.fixture
        def store(self): ...   # empty, with its tables made
        @pytest.fixture
        def clock(self): ...   # the store's clock, such as `pytx.testing.Clock`
"""

import dataclasses
from typing import Final, Protocol

import pytest

from pytx.errors import CapExceeded, CapMissing
from pytx.model import Hold, Identity, Outcome, Row
from pytx.stores.base import Claim, Store

LEASE: Final = 60.0
HOLD: Final = Hold(subject="p1", currency="EUR", minor=400)
DONE: Final = Outcome(state="succeeded", result='{"id":1}')
REFUSED: Final = Outcome(state="failed", error_code="declined", error="no")
RELEASED: Final = Outcome(state="released")
LOST: Final = Outcome(state="unknown", error="TimeoutError")


class Passing(Protocol):
    """A clock that a test can let go on."""

    def __call__(self) -> float:
        """Seconds since 1970."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        ...


def wish(key: str = "k", owner: str = "w1", hold: Hold | None = None, scope: str = "s") -> Claim:
    """A claim."""
    return Claim(
        identity=Identity(scope=scope, operation="o", key=key),
        fingerprint=b"same",
        owner=owner,
        provider_key=f"pk-{scope}-{key}",
        lease=LEASE,
        subject=hold.subject if hold else None,
        currency=hold.currency if hold else None,
        minor=hold.minor if hold else None,
    )


def claimed(store: Store, **changes: object) -> Row:
    """A row that was just claimed."""
    seen = store.claim(wish(**changes))  # type: ignore[arg-type]  # a test's own keywords
    assert seen.won
    return seen.row


def read(store: Store, row: Row) -> Row:
    """The row as it is now."""
    seen = store.read(row.identity)
    assert seen is not None
    return seen.row


def held(store: Store) -> tuple[int, int]:
    """What is held and spent for p1."""
    cap = store.cap("s", "p1", "EUR")
    assert cap is not None
    return cap.held, cap.spent


class StoreContract:
    """Each method of a store is one transaction, and nothing is settled twice."""

    def test_the_schema_may_be_made_again(self, store: Store) -> None:
        """What is there stays."""
        row = claimed(store)
        store.create_schema()
        assert read(store, row) == row

    def test_a_claim_is_won_once(self, store: Store, clock: Passing) -> None:
        """Whoever comes second sees the row of the first, whole."""
        row = claimed(store, hold=None)
        assert (row.state, row.fence, row.attempt, row.generation) == ("running", 1, 1, 1)
        assert row.lease_until == pytest.approx(clock() + LEASE, abs=5)
        other = store.claim(wish(owner="w2"))
        assert (other.won, other.row) == (False, row)

    def test_a_claim_whose_answer_was_lost_is_won_again(self, store: Store) -> None:
        """The same owner asks once more, and finds itself."""
        row = claimed(store)
        again = store.claim(wish())
        assert (again.won, again.row) == (True, row)

    def test_scope_operation_and_key_make_an_intent(self, store: Store) -> None:
        """Each of them alone makes another one."""
        one = claimed(store)
        claimed(store, scope="t")
        claimed(store, key="l")
        other = dataclasses.replace(wish(), provider_key="pk-2")
        identity = dataclasses.replace(one.identity, operation="p")
        assert store.claim(dataclasses.replace(other, identity=identity)).won

    @pytest.mark.parametrize(
        "outcome", [DONE, REFUSED, RELEASED, LOST], ids=lambda each: each.state
    )
    def test_the_owner_settles_its_row_once(self, store: Store, outcome: Outcome) -> None:
        """Not another owner, not another fence, and not a second time once it is settled."""
        row = claimed(store)
        assert not store.finish(dataclasses.replace(row, owner="w2"), outcome)
        assert not store.finish(dataclasses.replace(row, fence=2), outcome)
        assert store.finish(row, outcome)
        after = read(store, row)
        assert (after.state, after.result, after.error_code, after.error) == (
            outcome.state, outcome.result, outcome.error_code, outcome.error,
        )  # fmt: skip
        assert store.finish(row, DONE) is (outcome is LOST)

    def test_a_late_owner_settles_what_became_unknown(self, store: Store, clock: Passing) -> None:
        """As long as nobody else got the key: no fence has risen."""
        row = claimed(store)
        clock.advance(LEASE + 1)
        assert store.finish(row, DONE)

    def test_a_reclaimed_row_has_a_new_owner_and_fence(self, store: Store, clock: Passing) -> None:
        """The one before can settle nothing any more; what it had is kept apart."""
        row = claimed(store)
        store.finish(row, RELEASED)
        clock.advance(5)
        seen = store.reclaim(read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-k")
        assert (seen.won, seen.row.owner, seen.row.fence, seen.row.attempt) == (True, "w2", 2, 2)
        assert seen.row.first_sent_at == pytest.approx(clock(), abs=4)
        assert not store.finish(row, DONE)
        store.keep_late(row.identity, '"late"')
        assert (read(store, row).late, read(store, row).state) == ('"late"', "running")

    def test_a_row_is_reclaimed_once(self, store: Store) -> None:
        """Of two that saw it released, one wins; the winner may ask again."""
        row = claimed(store)
        store.finish(row, RELEASED)
        seen = read(store, row)
        assert store.reclaim(seen, owner="w2", lease=LEASE, generation=1, key="pk-s-k").won
        assert not store.reclaim(seen, owner="w3", lease=LEASE, generation=1, key="pk-s-k").won
        assert store.reclaim(seen, owner="w2", lease=LEASE, generation=1, key="pk-s-k").won

    def test_a_running_row_is_not_reclaimed_before_its_lease_ends(
        self, store: Store, clock: Passing
    ) -> None:
        """Whatever a caller believes; the provider's key and the first send stay."""
        row = claimed(store)
        assert not store.reclaim(row, owner="w2", lease=LEASE, generation=1, key="pk-s-k").won
        clock.advance(LEASE)
        sent_at = read(store, row).first_sent_at
        seen = store.reclaim(row, owner="w2", lease=LEASE, generation=1, key="pk-s-k")
        assert (seen.won, seen.row.first_sent_at) == (True, sent_at)

    def test_only_what_nobody_knows_is_settled_from_outside(
        self, store: Store, clock: Passing
    ) -> None:
        """Not a running row, not a settled one, and by one of two only."""
        row = claimed(store)
        assert not store.settle(row, DONE, "a person")
        clock.advance(LEASE)
        assert store.settle(row, DONE, "a person")
        assert (read(store, row).state, read(store, row).note) == ("succeeded", "a person")
        assert not store.settle(row, REFUSED, "another person")

    def test_a_look_up_is_taken_by_one(self, store: Store) -> None:
        """Fifty callers that saw it due make one look-up."""
        row = claimed(store)
        assert not store.take_check(row, next_check_at=5)
        store.finish(row, LOST)
        seen = read(store, row)
        taken = [store.take_check(seen, next_check_at=5) for _ in range(50)]
        assert taken == [True] + [False] * 49
        assert (read(store, row).checks, read(store, row).next_check_at) == (1, 5)
        store.put_off(seen, next_check_at=9)
        assert read(store, row).next_check_at == 9

    def test_open_rows_are_those_that_nobody_knows(self, store: Store, clock: Passing) -> None:
        """Of this scope, the oldest first: unknown, and running past its lease."""
        silent = claimed(store, key="a")
        clock.advance(10)
        lost = claimed(store, key="b")
        store.finish(lost, LOST)
        claimed(store, key="c", scope="t")
        done = claimed(store, key="d")
        store.finish(done, DONE)
        assert [row.identity.key for row in store.open_rows("s", 9)] == ["b"]
        clock.advance(LEASE - 5)
        claimed(store, key="e")
        assert [row.identity.key for row in store.open_rows("s", 9)] == ["a", "b"]
        assert [row.identity.key for row in store.open_rows("s", 1)] == ["a"]
        found = store.by_provider_key(silent.provider_key)
        assert found is not None
        assert found.row.identity == silent.identity
        assert store.by_provider_key("nobody's") is None

    def test_rows_of_an_operation_are_listed_from_a_time_on(
        self, store: Store, clock: Passing
    ) -> None:
        """The oldest first; not those of another scope."""
        first = claimed(store, key="a")
        clock.advance(10)
        claimed(store, key="b")
        claimed(store, key="c", scope="t")
        assert [row.identity.key for row in store.rows_since("s", "o", 0)] == ["a", "b"]
        assert [row.identity.key for row in store.rows_since("s", "o", clock() - 5)] == ["b"]
        assert store.rows_since("s", "p", 0) == []
        assert first.identity.key == "a"

    def test_a_hold_must_fit_below_its_cap(self, store: Store) -> None:
        """In the claim's own transaction: what does not fit leaves no row."""
        with pytest.raises(CapMissing, match="no cap is set for 'p1' in EUR"):
            store.claim(wish(hold=HOLD))
        store.set_cap("s", "p1", "EUR", 1000)
        claimed(store, key="a", hold=HOLD)
        claimed(store, key="b", hold=HOLD)
        assert held(store) == (800, 0)
        with pytest.raises(CapExceeded, match="200 is left") as caught:
            store.claim(wish(key="c", hold=HOLD))
        assert caught.value.remaining == 200
        assert store.read(wish(key="c").identity) is None
        assert held(store) == (800, 0)

    @pytest.mark.parametrize(
        ("outcome", "after"),
        [(DONE, (0, 400)), (REFUSED, (0, 0)), (RELEASED, (0, 0)), (LOST, (400, 0))],
        ids=lambda each: getattr(each, "state", ""),
    )
    def test_a_hold_is_spent_given_back_or_kept(
        self, store: Store, outcome: Outcome, after: tuple[int, int]
    ) -> None:
        """Spent by success, given back where nothing happened, kept while nobody knows."""
        store.set_cap("s", "p1", "EUR", 1000)
        row = claimed(store, hold=HOLD)
        store.finish(row, outcome)
        assert held(store) == after

    def test_what_is_given_back_is_held_again(self, store: Store) -> None:
        """A released intent that runs again counts again; if it does not fit any more, it stays."""
        store.set_cap("s", "p1", "EUR", 600)
        row = claimed(store, key="a", hold=HOLD)
        store.finish(row, RELEASED)
        other = claimed(store, key="b", hold=HOLD)
        with pytest.raises(CapExceeded):
            store.reclaim(read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-a")
        assert read(store, row).state == "released"
        store.finish(other, REFUSED)
        assert store.reclaim(
            read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-a"
        ).won
        assert held(store) == (400, 0)

    def test_an_unknown_intent_that_runs_again_is_held_once(self, store: Store) -> None:
        """Its amount was never given back."""
        store.set_cap("s", "p1", "EUR", 600)
        row = claimed(store, hold=HOLD)
        store.finish(row, LOST)
        assert store.reclaim(
            read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-k"
        ).won
        assert held(store) == (400, 0)

    def test_a_cap_is_not_set_below_what_is_used(self, store: Store) -> None:
        """It may be raised, and lowered to what is held and spent."""
        store.set_cap("s", "p1", "EUR", 1000)
        claimed(store, hold=HOLD)
        with pytest.raises(ValueError, match="held and spent already"):
            store.set_cap("s", "p1", "EUR", 399)
        store.set_cap("s", "p1", "EUR", 400)
        cap = store.cap("s", "p1", "EUR")
        assert cap is not None
        assert (cap.minor, cap.remaining) == (400, 0)
        assert store.cap("t", "p1", "EUR") is None

    def test_a_purge_drops_results_and_keeps_keys(self, store: Store, clock: Passing) -> None:
        """Of what was settled before a time; what is open, or came late, stays whole."""
        done, late, lost = (claimed(store, key=each) for each in "abc")
        store.finish(done, DONE)
        store.finish(late, DONE)
        store.keep_late(late.identity, '"late"')
        store.finish(lost, LOST)
        assert store.purge("s", before=clock() - 5, keep_keys=True) == 0
        clock.advance(10)
        assert store.purge("t", before=clock() - 5, keep_keys=True) == 0
        assert store.purge("s", before=clock() - 5, keep_keys=True) == 1
        assert (read(store, done).state, read(store, done).result) == ("succeeded", None)
        assert read(store, late).result is not None
        assert store.purge("s", before=clock() - 5, keep_keys=False) == 1
        assert store.read(done.identity) is None
        assert read(store, lost).state == "unknown"
