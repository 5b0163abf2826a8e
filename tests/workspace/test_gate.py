"""`gate:` of a suite: what may stand there, and the policy that comes of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES
from paygrade.errors import WorkspaceError
from paygrade.records.plan import Selection
from paygrade.records.policy import GatePolicy, Waiver
from paygrade.scorers import CATALOGUE
from paygrade.workspace.bind import bind_suite, plan, runners_of
from paygrade.workspace.check import check_workspace
from paygrade.workspace.config import find_layout
from paygrade.workspace.gate_model import GateModel
from paygrade.workspace.suites import read_suite

if TYPE_CHECKING:
    from kit import WorkspaceFolder
    from paygrade.records.plan import RunPlan

TODAY = dt.date(2026, 11, 23)
SUITE = "evals/refunds/suite.yaml"
WAIVER = "{check: no-pan, sample: s1, until: 2026-12-24, why: The vendor mends it.}"


def add(workspace: WorkspaceFolder, text: str) -> None:
    """Put `text` at the end of the suite, which has eight lines before."""
    workspace.write(SUITE, (workspace.root / SUITE).read_text("utf-8") + text)


def policy(workspace: WorkspaceFolder, text: str = "") -> GatePolicy:
    """The policy of the suite with `text` at its end."""
    add(workspace, text)
    return read_suite(find_layout(workspace.root), "refunds", CATALOGUE).policy


def mistakes(workspace: WorkspaceFolder, text: str) -> list[str]:
    """What is wrong with the suite with `text` at its end, without the file's name."""
    add(workspace, text)
    with pytest.raises(WorkspaceError) as caught:
        bind_suite(find_layout(workspace.root), "refunds", CATALOGUE, TODAY)
    return [str(each).removeprefix(f"{SUITE}:") for each in caught.value.mistakes]


def planned(workspace: WorkspaceFolder) -> RunPlan:
    """The suite's plan with its own runner."""
    layout = find_layout(workspace.root)
    bound = bind_suite(layout, "refunds", CATALOGUE, TODAY)
    [runner] = runners_of(layout, bound, ())
    return plan(bound, Selection(suite="refunds", runner=runner.name), runner, "0" * 64)


def test_the_keys_are_those_of_the_policy() -> None:
    """One name for one thing; the preset alone is a word of the file."""
    keys = set(GateModel.model_fields)
    assert keys - {"preset"} == {field.name for field in fields(GatePolicy)}


def test_the_defaults_are_those_of_the_policy() -> None:
    """An editor shows what the gate does."""
    stated = {**GateModel().model_dump(exclude={"preset"}), "waivers": ()}
    assert GatePolicy(**stated) == GatePolicy()


@pytest.mark.parametrize("text", ["", "gate:\n", "gate: {}\n", "gate: {max_confirm_calls: null}\n"])
def test_a_suite_that_states_nothing_has_the_defaults(
    workspace: WorkspaceFolder, text: str
) -> None:
    """Also where all of it is commented out."""
    assert policy(workspace, text) == GatePolicy()


def test_every_key_reaches_the_plan(workspace: WorkspaceFolder) -> None:
    """As it is written, whole numbers as fractions too."""
    add(
        workspace,
        "gate:\n"
        "  epochs: 4\n  baseline_epochs: 6\n  alpha_screen: 0.3\n  alpha_confirm: 0.01\n"
        "  confirm: off\n  confirm_epochs: 7\n  max_confirm_calls: 900\n  tolerance: 0\n"
        "  margin: 0.03\n  min_overlap: 1\n  max_error_rate: 0\n  min_slice: 9\n"
        "  inference: cases\n  power_target: 0.9\n  must_detect: 0.02\n  on_inconclusive: fail\n"
        "  max_age_days: 30\n  money_limits: {EUR: 50000}\n"
        f"  waivers:\n    - {WAIVER}\n",
    )
    assert planned(workspace).policy == GatePolicy(
        epochs=4,
        baseline_epochs=6,
        alpha_screen=0.3,
        alpha_confirm=0.01,
        confirm="off",
        confirm_epochs=7,
        max_confirm_calls=900,
        tolerance=0.0,
        margin=0.03,
        min_overlap=1.0,
        max_error_rate=0.0,
        min_slice=9,
        inference="cases",
        power_target=0.9,
        must_detect=0.02,
        on_inconclusive="fail",
        max_age_days=30,
        money_limits={"EUR": 50000},
        waivers=(
            Waiver(check="no-pan", sample="s1", until="2026-12-24", why="The vendor mends it."),
        ),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gate: {preset: strict}\n", replace(GatePolicy(), confirm_epochs=10, alpha_confirm=0.02)),
        ("gate: {preset: strict, confirm_epochs: 5}\n",
         replace(GatePolicy(), confirm_epochs=5, alpha_confirm=0.02)),
        ("gate: {alpha_confirm: 0.05, preset: strict}\n",
         replace(GatePolicy(), confirm_epochs=10, alpha_confirm=0.05)),
    ],
)  # fmt: skip
def test_what_is_written_wins_over_the_preset(
    workspace: WorkspaceFolder, text: str, expected: GatePolicy
) -> None:
    """Even where it is the ordinary default."""
    assert policy(workspace, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("epochs: 1\n", 1),
        ("epochs: 7\n", 7),
        ("epochs: 7\ngate: {epochs: 2}\n", 2),
        ("gate: {epochs: 2}\n", 2),
        ("epochs: 7\ngate: {epochs: null}\n", 7),
    ],
)
def test_the_gate_knows_whether_epochs_were_stated(
    workspace: WorkspaceFolder, text: str, expected: int | None
) -> None:
    """The gate's own, else the suite's, else nobody's: a run's default of 1 is no statement."""
    assert policy(workspace, text).epochs == expected


@pytest.mark.parametrize(
    ("config", "text", "expected"),
    [
        ("# nothing\n", "", "warn"),
        ("defaults: {on_inconclusive: fail}\n", "", "fail"),
        ("defaults: {on_inconclusive: fail}\n", "gate: {margin: 0.1}\n", "fail"),
        ("defaults: {on_inconclusive: fail}\n", "gate: {on_inconclusive: warn}\n", "warn"),
    ],
)
def test_the_workspace_may_say_what_inconclusive_means(
    workspace: WorkspaceFolder, config: str, text: str, expected: str
) -> None:
    """For all its suites; what a suite says itself goes before it."""
    workspace.write("paygrade.yaml", config)
    assert policy(workspace, text).on_inconclusive == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("epochs: 0", "'gate.epochs' should be greater than or equal to 1, not 0"),
        ("epochs: 1001", "'gate.epochs' should be less than or equal to 1000, not 1001"),
        ("epochs: 2.5", "'gate.epochs' must be a whole number, not 2.5"),
        ("alpha_screen: 0", "'gate.alpha_screen' should be greater than 0, not 0"),
        ("alpha_confirm: 0.51",
         "'gate.alpha_confirm' should be less than or equal to 0.5, not 0.51"),
        ("alpha_confirm: 5", ("'gate.alpha_confirm' should be less than or equal to 0.5, not 5 "
                             "(a fraction: 0.05 is 5 %)")),
        ("margin: 1", "'gate.margin' should be less than 1, not 1 (a fraction: 0.01 is 1 %)"),
        ("margin: 5%", "'gate.margin' must be a number, not '5%'"),
        ("tolerance: -0.1", "'gate.tolerance' should be greater than or equal to 0, not -0.1"),
        ("tolerance: true", "'gate.tolerance' must be a number, not true"),
        ("min_overlap: 0", "'gate.min_overlap' should be greater than 0, not 0"),
        ("confirm: no", "'gate.confirm' is 'no' (one of 'both', 'stored' or 'off')"),
        ("inference: case", "'gate.inference' is 'case' (one of 'auto', 'runs' or 'cases')"),
        ("on_inconclusive: pass", "'gate.on_inconclusive' is 'pass' (one of 'warn' or 'fail')"),
        ("preset: lax", "'gate.preset' is 'lax' (one of 'strict')"),
        ("must_detect: 1", ("'gate.must_detect' should be less than 1, not 1 "
                           "(a fraction: 0.01 is 1 %)")),
        ("max_age_days: 0", "'gate.max_age_days' should be greater than or equal to 1, not 0"),
        ("tolerence: 0", "unknown key 'gate.tolerence' (did you mean 'tolerance'?)"),
        ("money_limits: {EUR: 1.5}", "'gate.money_limits.EUR' must be a whole number, not 1.5"),
        ("money_limits: {EUR: -1}",
         "'gate.money_limits.EUR' should be greater than or equal to 0, not -1"),
        ("money_limits: {eur: 1}",
         "'gate.money_limits.eur' is 'eur' (a three-letter ISO 4217 code, such as EUR)"),
        ("money_limits: {EUR: 4111111111111111}",
         ("'gate.money_limits.EUR' is 411111******1111 (reads as a card number, which no report "
         "could show: change it a little)")),
        ("max_confirm_calls: 9", ("9 calls are too few to ask even one sample again (at least 10: "
                                 "5 epochs of each version that is asked)")),
        ("waivers: {}", "'gate.waivers' must be a list, not {}"),
        ("waivers: [{check: no-pan, sample: s1, until: 2026-02-30, why: x}]",
         "'gate.waivers.0.until' is '2026-02-30' (write a date as YYYY-MM-DD)"),
        ("waivers: [{check: no-pan, sample: s1, until: 2026-12-24, why: card 4111111111111111}]",
         ("'gate.waivers.0.why' is 'card 411111******1111' (holds what must not be stored, such "
         "as a card number)")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_a_mend(workspace: WorkspaceFolder, key: str, expected: str) -> None:
    """Ranges, types, words and dates."""
    assert mistakes(workspace, f"gate:\n  {key}\n") == [f"10: {expected}"]


def test_a_currency_is_one_that_has_a_smallest_unit(workspace: WorkspaceFolder) -> None:
    """ISO 4217 knows it; gold has none."""
    found = mistakes(workspace, "gate:\n  money_limits:\n    EUX: 5\n    XAU: 5\n")
    assert [each.partition(" (")[0] for each in found] == [
        "11: 'gate.money_limits.EUX' is 'EUX'",
        "12: 'gate.money_limits.XAU' is 'XAU'",
    ]


def test_a_confirmation_of_one_version_needs_half_the_calls(workspace: WorkspaceFolder) -> None:
    """Against what is stored only the candidate is asked again."""
    text = "gate: {confirm: stored, max_confirm_calls: 5}\n"
    assert policy(workspace, text).max_confirm_calls == 5


def test_all_mistakes_come_at_once_each_at_its_line(workspace: WorkspaceFolder) -> None:
    """A waiver has four keys, a check that must never fail, and a sample that is there."""
    workspace.samples([SAMPLES[0], {**SAMPLES[1], "class": "must_pass"}, SAMPLES[2]])
    assert mistakes(
        workspace,
        "gate:\n"
        "  money_limits:\n"
        "    EUR: 5\n"
        "    USD: 5\n"
        "  waivers:\n"
        f"    - {WAIVER}\n"
        "    - {check: no-pam, sample: s1, until: 2026-12-24, why: x}\n"
        "    - {check: no-pan, sample: s9, until: 2026-12-24, why: x}\n"
        "    - check: equals(action)\n"
        "      sample: s2\n"
        "      until: 2026-12-24\n"
        "      why: every gating check of a must_pass sample is an invariant\n"
        "    - check: equals(action)\n"
        "      sample: s1\n"
        "      until: 2026-12-24\n"
        "      why: here it is none\n",
    ) == [
        "12: no sample of refunds@v1 has an exposure in USD (known: EUR)",
        "15: 'no-pam' is no invariant of sample 's1' (did you mean 'no-pan'?)",
        "16: refunds@v1 has no sample 's9' (known: s1, s2, s3)",
        "21: 'equals(action)' is no invariant of sample 's1' (known: no-pan)",
    ]


def test_a_waiver_needs_all_its_keys(workspace: WorkspaceFolder) -> None:
    """Whoever reads it in half a year asks until when, and why."""
    assert mistakes(workspace, "gate:\n  waivers:\n    - {check: no-pan, sample: s1}\n") == [
        "11: the key 'gate.waivers.0.until' is missing",
        "11: the key 'gate.waivers.0.why' is missing",
    ]


def test_one_thing_is_waived_once(workspace: WorkspaceFolder) -> None:
    """Two dates for one waiver would leave open which one holds."""
    assert mistakes(workspace, f"gate:\n  waivers:\n    - {WAIVER}\n    - {WAIVER}\n") == [
        "12: waives 'no-pan' on 's1' twice (keep one of them)"
    ]


def test_a_samples_own_invariant_may_be_waived(workspace: WorkspaceFolder) -> None:
    """On that sample, and on no other."""
    own = {"not-contains": {"value": "KIWI", "role": "invariant"}}
    workspace.samples([{**SAMPLES[0], "checks": [own]}, *SAMPLES[1:]])
    waivers = [
        f"{{check: not-contains, sample: {name}, until: 2026-12-24, why: x}}"
        for name in ("s1", "s2")
    ]
    assert mistakes(workspace, f"gate:\n  waivers:\n    - {waivers[0]}\n    - {waivers[1]}\n") == [
        "12: 'not-contains' is no invariant of sample 's2' (known: no-pan)"
    ]


@pytest.mark.parametrize(
    ("until", "warnings"),
    [
        ("2026-11-23", ()),
        ("2026-11-22",
         (("evals/refunds/suite.yaml:11: the waiver of 'no-pan' on 's1' ended on 2026-11-22: "
          "it forgives nothing any more"),)),
    ],
)  # fmt: skip
def test_a_waiver_that_has_ended_is_a_warning(
    workspace: WorkspaceFolder, until: str, warnings: tuple[str, ...]
) -> None:
    """Its last day still counts. The plan and `paygrade check` say it; nothing stops."""
    add(workspace, f"gate:\n  waivers:\n    - {WAIVER.replace('2026-12-24', until)}\n")
    assert planned(workspace).warnings == warnings
    checked = check_workspace(find_layout(workspace.root), CATALOGUE, TODAY, lambda _: [])
    assert tuple(each for each in checked.notes if "waiver" in each) == warnings
    assert checked.mistakes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tolerance: 0\n", "9: unknown key 'tolerance' (it belongs below 'gate')"),
        (("gate:\n  waivers:\n    - {chek: no-pan, check: no-pan, sample: s1, until: 2026-12-24, "
         "why: x}\n"), "11: unknown key 'gate.waivers.0.chek' (did you mean 'check'?)"),
        ("max_rate: 0\n", "9: unknown key 'max_rate' (did you mean 'max_failure_rate'?)"),
        ("gate:\n  int: 0\n", "10: unknown key 'gate.int'"),
        ('gate:\n  "a[b": 0\n', "10: unknown key 'gate.a[b'"),
        ("zzz: 0\n", ("9: unknown key 'zzz' (known: dataset, epochs, gate, max_failure_rate, "
                     "prompt, runners, scorers, slices, suite, tools)")),
    ],
)  # fmt: skip
def test_an_unknown_key_is_met_with_the_keys_of_its_own_place(
    workspace: WorkspaceFolder, text: str, expected: str
) -> None:
    """Not with those of some other part of the file."""
    assert mistakes(workspace, text) == [expected]
