"""Our books against a statement: nothing is left out, nothing is counted twice."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pytx
from pytx import Intent, Line, reconcile
from pytx.model import State
from pytx.reconciling import ABSENT, RESOLVED, Match, Report
from pytx.stores.sqlite import SqliteStore
from pytx.testing import Clock

CUTOFF = 1000.0
OLD, NEW = 999.0, 1000.0


def intent(key: str = "k", state: State = "succeeded", at: float = OLD, **more: object) -> Intent:
    """An intent of 10.00 EUR."""
    values = {"minor": 1000, "currency": "EUR", **more}
    return Intent(provider_key=key, state=state, updated_at=at, **values)  # type: ignore[arg-type]


def line(ref: str = "k", minor: int = 1000, currency: str = "EUR", provider_id: str = "p") -> Line:
    """A line of 10.00 EUR."""
    return Line(ref=ref, minor=minor, currency=currency, provider_id=provider_id)


def classes(report: Report) -> dict[str, int]:
    """How many are in each class."""
    return {name: len(matches) for name, matches in report.classes.items() if matches}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([intent()], [line()], {"matched": 1}),
        ([intent(state="unknown")], [line()], {"resolved": 1}),
        ([intent(state="running")], [line()], {"resolved": 1}),
        ([intent(state="unknown")], [], {"absent": 1}),
        ([intent(state="unknown", at=NEW)], [], {"too_recent": 1}),
        ([intent()], [], {"missing": 1}),
        ([intent(at=NEW)], [], {"too_recent": 1}),
        ([intent(state="failed")], [], {"unmoved": 1}),
        ([intent(state="released", at=NEW)], [], {"unmoved": 1}),
        ([intent(state="failed")], [line()], {"contradicted": 1}),
        ([intent(state="released")], [line()], {"contradicted": 1}),
        ([intent()], [line(minor=999)], {"amount": 1}),
        ([intent(state="unknown")], [line(minor=999)], {"amount": 1}),
        ([intent()], [line(currency="USD")], {"currency": 1}),
        ([intent()], [line(), line(provider_id="q")], {"matched": 1, "duplicate": 1}),
        ([], [line(), line(ref="other")], {"orphan": 2}),
    ],
)
def test_everything_has_its_class(
    ours: list[Intent], theirs: list[Line], expected: dict[str, int]
) -> None:
    """State by line by age."""
    assert classes(reconcile(ours, theirs, cutoff=CUTOFF)) == expected


STATES = st.sampled_from(["running", "succeeded", "failed", "unknown", "released"])
KEYS = st.sampled_from("abcdefgh")
AMOUNTS = st.integers(1, 5)
CURRENCIES = st.sampled_from(["EUR", "USD"])
INTENTS = st.lists(
    st.builds(
        Intent, provider_key=KEYS, minor=AMOUNTS, currency=CURRENCIES, state=STATES,
        updated_at=st.sampled_from([OLD, NEW]), late=st.booleans(),
    ),
    unique_by=lambda each: each.provider_key,
)  # fmt: skip
LINES = st.lists(
    st.builds(
        Line, ref=KEYS | st.just("z"), minor=AMOUNTS, currency=CURRENCIES, provider_id=st.text()
    )
)


@given(INTENTS, LINES)
def test_nothing_is_left_out_or_counted_twice(ours: list[Intent], theirs: list[Line]) -> None:
    """Each intent and each line once; and the sums of both sides are equal in every currency."""
    report = reconcile(ours, theirs, cutoff=CUTOFF)
    matches = [each for found in report.classes.values() for each in found]
    assert Counter(each.line for each in matches if each.line) == Counter(theirs)
    assert sorted(each.intent.provider_key for each in matches if each.intent) == sorted(
        each.provider_key for each in ours
    )
    total: Counter[str] = Counter()
    for each in theirs:
        total[each.currency] += each.minor
    assert {name: sums.statement for name, sums in report.sums.items()} == total
    assert all(sums.statement == sums.accounted for sums in report.sums.values())
    assert report.suspected == [each for each in ours if each.late]


def test_one_key_is_one_intent() -> None:
    """Else nobody could say which of them a line is of."""
    with pytest.raises(ValueError, match="stands for two intents"):
        reconcile([intent(), intent()], [], cutoff=CUTOFF)


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


@pytest.fixture
def guard(tmp_path: Path, clock: Clock) -> pytx.Guard:
    """A guard with intents of every kind: paid, lost, lost and late, refused."""
    store = SqliteStore(tmp_path / "pytx.db", clock=clock)
    store.create_schema()
    made = pytx.Guard(store, scope="acme/test")
    made.set_cap("all", "EUR", 100_000)
    money = pytx.Money(amount_minor=1000, currency="EUR")
    for key, error in (
        ("paid", None), ("lost", TimeoutError()), ("never", TimeoutError()),
        ("refused", pytx.Rejected("51")),
    ):  # fmt: skip
        once = made.once("refund", key=(key,), money=money, recover=pytx.manual(), cap="all")
        try:
            with once:
                if error:
                    raise error
        except (TimeoutError, pytx.Rejected):
            pass
    return made


def test_a_statement_settles_what_nobody_knew(guard: pytx.Guard, clock: Clock) -> None:
    """The lost one has happened, the one that is not there has not; the rest stays as it is."""
    intents = guard.intents("refund", since=0)
    by_state = {name: [each for each in intents if each.state == name] for name in
                ("succeeded", "unknown", "failed")}  # fmt: skip
    assert {name: len(found) for name, found in by_state.items()} == {
        "succeeded": 1, "unknown": 2, "failed": 1,
    }  # fmt: skip
    lost, never = guard.open()
    paid = by_state["succeeded"][0].provider_key
    clock.advance(100)
    report = reconcile(
        intents, [line(ref=paid), line(ref=lost.provider_key, provider_id="ch_1")],
        cutoff=clock() - 50,
    )  # fmt: skip
    assert classes(report) == {"matched": 1, "resolved": 1, "absent": 1, "unmoved": 1}
    assert [row.state for row in guard.apply(report, absent_is_final=False)] == ["succeeded"]
    assert [row.provider_key for row in guard.open()] == [never.provider_key]
    assert [row.state for row in guard.apply(report, absent_is_final=True)] == ["released"]
    assert guard.open() == []
    cap = guard.cap("all", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 2000)
    with guard.once(
        "refund", key=("lost",), recover=pytx.manual(), cap="all",
        money=pytx.Money(amount_minor=1000, currency="EUR"),
    ) as op:  # fmt: skip
        assert (op.replayed, op.result) == (True, {"provider_id": "ch_1"})


def test_what_was_sent_after_the_statements_end_is_not_absent(
    guard: pytx.Guard, clock: Clock
) -> None:
    """It was claimed before the end, sent after it, and killed: no line is there yet."""
    money = pytx.Money(amount_minor=1000, currency="EUR")
    guard.once(
        "refund", key=("cut",), money=money, recover=pytx.manual(), lease=60
    ).__enter__()  # fmt: skip
    [claimed] = [each for each in guard.intents("refund", since=0) if each.state == "running"]
    end = clock() + 30
    clock.advance(1000)
    [running] = [each for each in guard.intents("refund", since=0) if each.state == "running"]
    report = reconcile([running], [], cutoff=end)
    assert (classes(report), guard.apply(report, absent_is_final=True)) == ({"too_recent": 1}, [])
    report = reconcile([running], [], cutoff=end + 31)
    assert [row.state for row in guard.apply(report, absent_is_final=True)] == ["released"]
    assert claimed == running


def test_a_report_that_is_stale_settles_nothing(guard: pytx.Guard, clock: Clock) -> None:
    """It was sent again after the statement was read, and this time money may have moved."""

    def call() -> None:
        money = pytx.Money(amount_minor=1000, currency="EUR")
        with guard.once("refund", key=("k",), money=money, recover=pytx.by_key(86400)):
            raise TimeoutError

    with pytest.raises(TimeoutError):
        call()
    clock.advance(10)
    report = reconcile(guard.intents("refund", since=0), [], cutoff=clock())
    clock.advance(10)
    with pytest.raises(TimeoutError):
        call()
    settled = guard.apply(report, absent_is_final=True)
    assert {row.identity.key for row in settled} == {'["lost"]', '["never"]'}
    assert [row.identity.key for row in guard.open()] == ['["k"]']


def test_what_is_known_is_never_changed_by_a_statement(guard: pytx.Guard) -> None:
    """Not even where the report would have it so."""
    [paid] = [each for each in guard.intents("refund", since=0) if each.state == "succeeded"]
    forged = Report()
    forged.classes[RESOLVED].append(Match(intent=paid, line=line(ref=paid.provider_key)))
    forged.classes[ABSENT].append(Match(intent=paid))
    forged.classes[ABSENT].append(Match(intent=intent("nobody's")))
    assert guard.apply(forged, absent_is_final=True) == []


def test_an_intent_without_an_amount_cannot_be_compared(guard: pytx.Guard) -> None:
    """It says which one, and what to do."""
    with guard.once("plain", key=("k",), recover=pytx.manual()):
        pass
    with pytest.raises(ValueError, match="has no amount; guard it with money"):
        guard.intents("plain", since=0)


def test_only_what_changed_since_is_listed(guard: pytx.Guard, clock: Clock) -> None:
    """The oldest first, of this operation and scope."""
    clock.advance(10)
    assert guard.intents("refund", since=clock()) == []
    with guard.once(
        "refund", key=("new",), recover=pytx.manual(),
        money=pytx.Money(amount_minor=5, currency="EUR"),
    ):  # fmt: skip
        pass
    assert [each.minor for each in guard.intents("refund", since=clock())] == [5]
    assert len(guard.intents("refund", since=0)) == 5
    assert pytx.Guard(guard.store, scope="acme/live").intents("refund", since=0) == []
