"""The provider of `pytx.testing`: what each profile makes of each situation, on both its doors."""

import ast
import doctest
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pytx
import pytx.testing
from pytx.testing import (
    PROFILES,
    Clock,
    Declined,
    Fault,
    HttpProvider,
    Profile,
    Provider,
    ProviderError,
    ProviderServer,
    ProviderTimeout,
)
from pytx.testing.faults import LOOK_UP, TRANSPORT, Kind

AnyProvider = Provider | HttpProvider
MOST_TRIES = 4

PLAN = {
    "none at all": None,
    "request_lost": Fault(kind="request_lost", key="request_lost"),
    "reply_lost": Fault(kind="reply_lost", key="reply_lost"),
    "error_500_before": Fault(kind="error_500_before", key="error_500_before"),
    "error_500_after": Fault(kind="error_500_after", key="error_500_after"),
    "fail_n_then_ok": Fault(kind="fail_n_then_ok", key="fail_n_then_ok", times=3),
    "rate_limited": Fault(kind="rate_limited", key="rate_limited", retry_after=7.5),
    "in_use": Fault(kind="in_use", key="in_use"),
    "declined": Fault(kind="declined", key="declined"),
    "slow": Fault(kind="slow", key="slow", seconds=0.2),
    "key_expired": Fault(kind="key_expired", key="key_expired", nth=2),
}
# How often money moves when a client asks until it has an answer, at most 4 times, and once more.
MOVED = {
    # fault:            none, replay_success_24h, replay_all_24h, replay_30min_body_ignored
    "none at all": (2, 1, 1, 1),
    "request_lost": (2, 1, 1, 1),
    "reply_lost": (3, 1, 1, 1),
    "error_500_before": (2, 1, 0, 0),  # a kept 500 is replayed, whatever is tried
    "error_500_after": (3, 2, 1, 1),  # a failure that is not kept runs again, and pays again
    "fail_n_then_ok": (2, 1, 1, 1),
    "rate_limited": (2, 1, 1, 1),
    "in_use": (2, 1, 1, 1),
    "declined": (1, 1, 0, 0),
    "slow": (3, 1, 1, 1),
    "key_expired": (2, 2, 2, 2),
}
ORDER: tuple[Profile, ...] = (
    "none", "replay_success_24h", "replay_all_24h", "replay_30min_body_ignored"
)  # fmt: skip


def plan() -> list[Fault]:
    """All faults; each has a key of its own."""
    return [
        *(fault for fault in PLAN.values() if fault),
        Fault(kind="rate_limited", key="busy", retry_after=7.5),
        Fault(kind="declined", key="refused"),
        Fault(kind="error_500_before", key="failed"),
    ]


@pytest.fixture(scope="module", params=list(itertools.product(("call", "http"), ORDER)))
def door(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Profile, AnyProvider]]:
    """A provider of each profile with the whole plan, in this process and in another."""
    kind, profile = request.param
    ledger = tmp_path_factory.mktemp("provider") / "ledger.jsonl"
    if kind == "call":
        yield profile, Provider(ledger, profile=profile, faults=plan())
        return
    with ProviderServer(ledger, profile=profile, faults=plan()) as server:
        yield profile, HttpProvider(server.url)


def until_answered(provider: AnyProvider, key: str, first_timeout: float | None) -> list[object]:
    """Ask until there is an answer, at most so many times; what came of each."""
    came: list[object] = []
    timeout = first_timeout
    for _ in range(MOST_TRIES):
        try:
            return [*came, provider.pay(key, 1000, "EUR", timeout=timeout)]
        except Declined as error:
            return [*came, error]
        except (ProviderTimeout, ProviderError) as error:
            came.append(error)
        timeout = None
    return came


@pytest.mark.parametrize("situation", MOVED)
def test_a_profile_moves_money_so_often(door: tuple[Profile, AnyProvider], situation: str) -> None:
    """The table, by the ledger."""
    profile, provider = door
    until_answered(provider, situation, 0.1 if situation == "slow" else None)
    until_answered(provider, situation, None)
    moved = [each for each in provider.effects() if each.key == situation]
    assert len(moved) == MOVED[situation][ORDER.index(profile)]
    assert provider.find(situation) == (moved[0] if moved else None)


def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    """What `docs/testing.md` shows is what happens, and it names every fault and profile."""
    page = (Path(__file__).parents[1] / "docs" / "testing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```pycon\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "testing", None, None)
    results = doctest.DocTestRunner().run(examples)
    assert results.attempted >= 20
    assert results.failed == 0, capsys.readouterr().out
    named = set(re.findall(r"^\| `(\w+)`", page, flags=re.MULTILINE))
    assert named == {*TRANSPORT, *LOOK_UP, *PROFILES}


def test_the_standard_library_is_enough() -> None:
    """Every name loads where no other package can be found; the clock needs none of the rest."""
    source = Path(pytx.__file__).parents[1]
    program = (
        f"import sys; sys.path.append({str(source)!r}); import pytx.testing as t; t.Clock()\n"
        "print('fcntl' in sys.modules, 'http.server' in sys.modules)\n"
        "print([name for name in t.__all__ if getattr(t, name) is None])"
    )
    alone = [sys.executable, "-I", "-S", "-c", program]  # -S: without site-packages
    done = subprocess.run(alone, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n[]\n"
    assert pytx.testing.__all__ == sorted(
        pytx.testing.__all__, key=lambda name: (not name.isupper(), name)
    )


def test_the_table_speaks_of_every_fault() -> None:
    """None is forgotten."""
    assert set(MOVED) == set(PLAN) == {"none at all", *TRANSPORT}
    assert set(get_args(Profile)) == set(ORDER) == set(PROFILES)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Where a ledger will be."""
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def clock() -> Clock:
    """The provider's clock."""
    return Clock()


def moved(provider: AnyProvider) -> int:
    """How often money moved."""
    return len(list(provider.effects()))


@pytest.mark.parametrize(
    ("profile", "seconds"),
    [("replay_all_24h", 86400), ("replay_success_24h", 86400), ("replay_30min_body_ignored", 1800)],
)
def test_a_key_is_forgotten_after_its_time(
    ledger: Path, clock: Clock, profile: Profile, seconds: float
) -> None:
    """Not a second before; then the same request is a new payment, which is kept as long again."""
    provider = Provider(ledger, profile=profile, clock=clock)
    first = provider.pay("k", 1000, "EUR")
    clock.advance(seconds - 1)
    assert provider.pay("k", 1000, "EUR") == first
    clock.advance(1)
    second = provider.pay("k", 1000, "EUR")
    assert second["id"] != first["id"]
    clock.advance(seconds - 1)
    assert provider.pay("k", 1000, "EUR") == second
    assert moved(provider) == 2


@pytest.mark.parametrize("profile", [each for each in ORDER if each != "none"])
def test_a_key_that_was_lost_is_kept_anew(ledger: Path, profile: Profile) -> None:
    """What is replayed from then on is the answer of the payment that took its place."""
    lost = Fault(kind="key_expired", key="k", nth=3)
    provider = Provider(ledger, profile=profile, faults=[lost])
    ids = [provider.pay("k", 1000, "EUR")["id"] for _ in range(4)]
    assert ids == ["pay_k", "pay_k", "pay_k_2", "pay_k_2"]


@pytest.mark.parametrize("profile", ["replay_all_24h", "replay_success_24h"])
@pytest.mark.parametrize("other", [(1001, "EUR"), (1000, "USD")])
def test_other_parameters_under_a_key_are_refused(
    ledger: Path, profile: Profile, other: tuple[int, str]
) -> None:
    """And what is kept stays as it was."""
    provider = Provider(ledger, profile=profile)
    first = provider.pay("k", 1000, "EUR")
    with pytest.raises(ProviderError) as caught:
        provider.pay("k", *other)
    assert (caught.value.status, caught.value.code) == (422, "idempotency_mismatch")
    assert provider.pay("k", 1000, "EUR") == first
    assert moved(provider) == 1


def test_a_body_that_nobody_compares_gets_the_first_answer(ledger: Path) -> None:
    """The caller believes that 9.99 moved; 10.00 did."""
    provider = Provider(ledger, profile="replay_30min_body_ignored")
    first = provider.pay("k", 1000, "EUR")
    assert provider.pay("k", 999, "USD") == first
    assert [(each.amount_minor, each.currency) for each in provider.effects()] == [(1000, "EUR")]


@pytest.mark.parametrize("kind", ["error_500_before", "error_500_after", "declined"])
def test_a_failure_is_replayed_where_failures_are_kept(
    ledger: Path, clock: Clock, kind: Kind
) -> None:
    """The same error each time, for a day; then it runs."""
    fault = Fault(kind=kind, nth=1)
    provider = Provider(ledger, profile="replay_all_24h", clock=clock, faults=[fault])
    said = {str(until_answered(provider, "k", None)[-1]) for _ in range(3)}
    assert said == {"card_declined" if kind == "declined" else "500 api_error"}
    clock.advance(86400)
    assert provider.pay("k", 1000, "EUR")["amount_minor"] == 1000


def test_a_lost_request_and_a_lost_answer_look_alike(ledger: Path) -> None:
    """Nothing that the caller sees tells them apart."""
    faults = [Fault(kind="request_lost", key="before"), Fault(kind="reply_lost", key="after")]
    provider = Provider(ledger, faults=faults)
    seen = []
    for key in ("before", "after"):
        with pytest.raises(ProviderTimeout) as caught:
            provider.pay(key, 1000, "EUR")
        error = caught.value
        seen.append((type(error), str(error), vars(error), error.__cause__, error.__context__))
    assert seen[0] == seen[1]
    assert [each.key for each in provider.effects()] == ["after"]


def test_any_answer_can_be_lost(ledger: Path) -> None:
    """That of a replay, and the refusal of other parameters as well."""
    faults = [Fault(kind="reply_lost", nth=2, times=2)]
    provider = Provider(ledger, profile="replay_all_24h", faults=faults)
    first = provider.pay("k", 1000, "EUR")
    for amount in (1000, 1001):
        with pytest.raises(ProviderTimeout):
            provider.pay("k", amount, "EUR")
    assert provider.pay("k", 1000, "EUR") == first
    assert moved(provider) == 1


def test_slow_answers_late_or_too_late(ledger: Path, clock: Clock) -> None:
    """The money has moved in both cases; the time is the test's own."""
    slow = Fault(kind="slow", nth=1, times=2, seconds=40)
    provider = Provider(ledger, clock=clock, sleep=clock.advance, faults=[slow])
    began = clock()
    assert provider.pay("a", 1000, "EUR", timeout=60)["id"] == "pay_a"
    assert clock() == began + 40
    with pytest.raises(ProviderTimeout):
        provider.pay("b", 1000, "EUR", timeout=20)
    assert clock() == began + 60
    assert moved(provider) == 2


def test_a_busy_provider_says_when_to_come_again(door: tuple[Profile, AnyProvider]) -> None:
    """In seconds, on both doors."""
    _, provider = door
    with pytest.raises(ProviderError) as caught:
        provider.pay("busy", 1000, "EUR")
    assert (caught.value.status, caught.value.retry_after) == (429, 7.5)


SIGHTS: dict[str, tuple[Fault | None, list[object]]] = {
    "honest": (None, ["found", "found"]),
    "absent": (Fault(kind="stale", key="absent", times=2), ["absent", "absent", "found"]),
    "pending": (
        Fault(kind="pending_for_ever", key="pending", nth=2), ["found", *["pending"] * 5]
    ),
    "less": (Fault(kind="other_amount", key="less", amount_minor=950), ["found 950", "found"]),
    "one more": (Fault(kind="other_amount", key="one more"), ["found 1001", "found"]),
    "error": (Fault(kind="look_up_error", key="error"), ["500 api_error", "found"]),
}  # fmt: skip


@pytest.fixture(scope="module", params=["call", "http"])
def eyes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnyProvider]:
    """A provider whose look-ups fail, in this process and in another."""
    ledger = tmp_path_factory.mktemp("eyes") / "ledger.jsonl"
    faults = [fault for fault, _ in SIGHTS.values() if fault]
    if request.param == "call":
        yield Provider(ledger, faults=faults)
        return
    with ProviderServer(ledger, faults=faults) as server:
        yield HttpProvider(server.url)


def sight(provider: AnyProvider, key: str, paid: object) -> object:
    """What a look-up shows, in a word or two."""
    try:
        seen = provider.look_up(key)
    except ProviderError as error:
        return str(error)
    if isinstance(seen, pytx.Found):
        if seen == pytx.Found(result=paid, minor=1000, currency="EUR"):
            return "found"
        assert seen.result == {"id": f"pay_{key[:8]}", "amount_minor": seen.minor}
        return f"found {seen.minor}"
    return {pytx.Absent: "absent", pytx.Pending: "pending"}.get(type(seen), seen)


@pytest.mark.parametrize("key", SIGHTS)
def test_a_look_up_shows_what_its_fault_says(eyes: AnyProvider, key: str) -> None:
    """Found has the very answer of the payment, its amount and its currency."""
    paid = eyes.pay(key, 1000, "EUR")
    expected = SIGHTS[key][1]
    assert [sight(eyes, key, paid) for _ in expected] == expected


def test_the_sights_speak_of_every_fault() -> None:
    """None is forgotten."""
    assert {fault.kind for fault, _ in SIGHTS.values() if fault} == set(LOOK_UP) == set(END)


def test_a_look_up_shows_a_refusal_and_an_absence(door: tuple[Profile, AnyProvider]) -> None:
    """Under every profile: what was refused is known, what came to nothing is not."""
    _, provider = door
    with pytest.raises(Declined, match="card_declined"):
        provider.pay("refused", 1000, "EUR")
    with pytest.raises(ProviderError, match="500 api_error"):
        provider.pay("failed", 1000, "EUR")
    assert provider.look_up("refused") == pytx.Refused(code="card_declined")
    assert provider.look_up("failed") == pytx.Absent()
    assert provider.look_up("never asked & more?") == pytx.Absent()


def test_faults_count_over_all_that_share_the_ledger(ledger: Path) -> None:
    """The second request is the second one, whichever process sends it, before or after a kill."""
    faults = [Fault(kind="rate_limited", nth=2), Fault(kind="reply_lost", key="c", nth=2)]
    came = []
    for key in ("a", "b", "c", "c", "c"):
        try:
            came.append(Provider(ledger, faults=faults).pay(key, 1000, "EUR")["id"])
        except (ProviderError, ProviderTimeout) as error:
            came.append(type(error))
    assert came == ["pay_a", ProviderError, "pay_c", ProviderTimeout, "pay_c_3"]


def test_the_first_of_several_faults_counts(ledger: Path) -> None:
    """In the order in which they are declared."""
    faults = [Fault(kind="declined", nth=1), Fault(kind="reply_lost", nth=1)]
    with pytest.raises(Declined):
        Provider(ledger, faults=faults).pay("k", 1000, "EUR")


def test_what_a_kill_has_torn_never_happened(ledger: Path) -> None:
    """Half a line is no effect, and the next one is whole."""
    provider = Provider(ledger, profile="replay_all_24h")
    provider.pay("a", 1000, "EUR")
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + whole.splitlines()[-1][:40])
    again = Provider(ledger, profile="replay_all_24h")
    assert moved(again) == moved(provider) == 1
    again.pay("b", 1000, "EUR")
    assert [each.key for each in provider.effects()] == ["a", "b"]
    assert [json.loads(line) for line in ledger.read_text().splitlines()]


END = {
    "stale": "paid",
    "pending_for_ever": "unknown",
    "other_amount": "paid, after a contradiction",
    "look_up_error": "paid",
}


@pytest.mark.parametrize("kind", END)
def test_the_guard_pays_once_whatever_its_look_up_sees(
    ledger: Path, clock: Clock, tmp_path: Path, kind: Kind
) -> None:
    """What it cannot believe stays unknown and listed; it asks again as planned."""
    faults = [Fault(kind="reply_lost", nth=1), Fault(kind=kind, nth=1)]
    provider = Provider(ledger, faults=faults)
    recover = pytx.by_lookup(
        lambda sent: provider.look_up(sent.provider_key), tries=9, absent_is_final=True
    )
    events = []
    with closing(pytx.SqliteStore(tmp_path / "pytx.db", clock=clock)) as store:
        store.create_schema()
        guard = pytx.Guard(store, scope="a", on_event=lambda name, _: events.append(name))

        def pay() -> object:
            money = pytx.Money(amount_minor=1000, currency="EUR")
            with guard.once("refund.create", key=("k",), money=money, recover=recover) as op:
                if not op.replayed:
                    op.result = provider.pay(op.provider_key, 1000, "EUR")
            return op.result

        with pytest.raises(ProviderTimeout):
            pay()
        clock.advance(2)
        with pytest.raises(pytx.OutcomeUnknown):
            pay()
        clock.advance(200)
        if END[kind] == "unknown":
            with pytest.raises(pytx.OutcomeUnknown):
                pay()
            assert len(guard.open()) == 1
        else:
            paid = pay()
            assert [{"id": each.id, "amount_minor": 1000} for each in provider.effects()] == [paid]
            assert guard.open() == []
        assert ("contradiction" in events) == ("contradiction" in END[kind])
        assert moved(provider) == 1


@pytest.mark.parametrize(
    ("payment", "said"),
    [
        (("", 1, "EUR"), "the key '' is none"),
        ((" k", 1, "EUR"), "without outer spaces"),
        (("k\n", 1, "EUR"), "printable ASCII"),
        (("é", 1, "EUR"), "printable ASCII"),
        (("k" * 256, 1, "EUR"), "has 256 characters"),
        (("k", 0, "EUR"), "the amount is 0"),
        (("k", -1, "EUR"), "the amount is -1"),
        (("k", True, "EUR"), "bool"),
        (("k", 1, "eur"), "eur"),
    ],
)
def test_a_payment_that_is_none_is_refused(
    door: tuple[Profile, AnyProvider], payment: tuple[str, int, str], said: str
) -> None:
    """With a sentence, on both doors, before it counts as a request."""
    _, provider = door
    with pytest.raises(ValueError, match=said):
        provider.pay(*payment)
    assert provider.find(payment[0] or "k") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flood:1", "there is no fault 'flood'; there are request_lost, "),
        ("reply_lost", "say where reply_lost strikes"),
        ("reply_lost:0", "count from 1"),
        ("reply_lost:-1", "count from 1"),
        ("reply_lost:1:times=0", "count from 1"),
        ("reply_lost:first", "nth is 'first', no number"),
        ("reply_lost:1:often=2", "'often=2' is not one of nth, times, "),
        ("reply_lost:1:nth=2", "'nth=2' is not one of"),
        ("reply_lost:key=", "the key of reply_lost is empty"),
        ("reply_lost:1:seconds=2", "seconds is of slow alone"),
        ("in_use:1:retry_after=2", "retry_after is of rate_limited alone"),
        ("stale:1:amount_minor=2", "amount_minor is of other_amount alone"),
        ("slow:1", "after how many seconds slow answers"),
        ("slow:1:seconds=0", "more than 0"),
        ("slow:1:seconds=nan", "more than 0"),
        ("slow:1:seconds=inf", "more than 0"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(text: str, said: str) -> None:
    """Where it is declared."""
    with pytest.raises(ValueError, match=said):
        Fault.parse(text)


def test_a_profile_that_is_none_is_refused(ledger: Path) -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="there are replay_all_24h, "):
        Provider(ledger, profile="exactly_once")  # type: ignore[arg-type]  # what is tried


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reply_lost:1", Fault(kind="reply_lost", nth=1)),
        ("slow:2:seconds=0.5", Fault(kind="slow", nth=2, seconds=0.5)),
        ("slow:seconds=2,key=a,b:c=d", Fault(kind="slow", seconds=2, key="a,b:c=d")),
        ("fail_n_then_ok:3:times=2,key=k", Fault(kind="fail_n_then_ok", nth=3, times=2, key="k")),
    ],
)
def test_a_fault_is_written_in_a_line(text: str, fault: Fault) -> None:
    """As a command takes it."""
    assert Fault.parse(text) == fault


@st.composite
def any_fault(draw: st.DrawFn) -> Fault:
    """A fault of any kind, anywhere."""
    kind: Kind = draw(st.sampled_from([*TRANSPORT, *LOOK_UP]))
    numbers = st.integers(1, 10**6)
    seconds = st.floats(min_value=1e-6, max_value=1e6)
    nth = draw(st.none() | numbers)
    text = st.text(alphabet="ab =,:", min_size=1, max_size=9)
    key = draw(text if nth is None else st.none() | text)
    return Fault(
        kind=kind,
        nth=nth,
        key=key,
        times=draw(numbers),
        seconds=draw(seconds) if kind == "slow" else None,
        retry_after=draw(st.none() | seconds) if kind == "rate_limited" else None,
        amount_minor=draw(st.none() | numbers) if kind == "other_amount" else None,
    )


@given(any_fault())
def test_a_fault_is_read_as_it_is_written(fault: Fault) -> None:
    """So a server's process has the very plan of the test."""
    assert Fault.parse(str(fault)) == fault


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from([1000, 2000]),
        st.sampled_from([0, 1, 1799, 1800, 86399, 86400]),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(profile=st.sampled_from(ORDER), steps=STEPS, faults=st.lists(any_fault(), max_size=3))
def test_a_provider_that_starts_anew_each_time_answers_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    profile: Profile,
    steps: list[tuple[str, int, int]],
    faults: list[Fault],
) -> None:
    """Nothing that matters is in its memory alone; what moved is what was answered, or lost."""
    folder = tmp_path_factory.mktemp("twice")
    clock = Clock()

    def made(name: str) -> Provider:
        return Provider(
            folder / name, profile=profile, clock=clock, sleep=lambda _: None, faults=faults
        )

    lasting = made("lasting")
    for key, amount, pause in steps:
        clock.advance(pause)
        assert outcome(lambda: lasting.pay(key, amount, "EUR")) == outcome(  # noqa: B023 - at once
            lambda: made("anew").pay(key, amount, "EUR")  # noqa: B023 - as above
        )
        assert outcome(lambda: lasting.look_up(key)) == outcome(  # noqa: B023 - as above
            lambda: made("anew").look_up(key)  # noqa: B023 - as above
        )
    assert list(lasting.effects()) == list(made("anew").effects())
    ids = [each.id for each in lasting.effects()]
    assert len(ids) == len(set(ids))


def outcome(ask: Callable[[], object]) -> object:
    """What came of it, in a form that compares."""
    try:
        return ask()
    except (ProviderError, ProviderTimeout, Declined) as error:
        return type(error), str(error)


@pytest.mark.parametrize(("profile", "times"), [("replay_success_24h", 1), ("none", 60)])
def test_many_processes_at_once_under_one_key(ledger: Path, profile: Profile, times: int) -> None:
    """Money moves once where the profile honours keys, and each time where it does not."""
    program = (
        "import sys; from pytx.testing import Provider; print(flush=True); sys.stdin.read()\n"
        "provider = Provider(sys.argv[1], profile=sys.argv[2])\n"
        "print([provider.pay('k', 1000, 'EUR')['id'] for _ in range(20)])"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program, str(ledger), profile]
    workers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    inputs = [each.stdin for each in workers]
    for each in workers:
        assert each.stdout
        assert each.stdout.readline() == "\n"
        each.stdin = None
    for start in inputs:
        assert start
        start.close()
    said = [each.communicate()[0] for each in workers]
    provider = Provider(ledger)
    assert moved(provider) == times
    assert len({each.id for each in provider.effects()}) == times
    answered = {id_ for line in said for id_ in ast.literal_eval(line)}
    assert answered == {each.id for each in provider.effects()}
