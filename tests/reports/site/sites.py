"""A site made by hand, with everything that its pages can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from paygrade.records.site import Asked, Provenance, Site, SuiteSite
from paygrade.stats.interval import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START = datetime(2026, 11, 1, 9, 30, tzinfo=UTC).replace(tzinfo=None)  # the store's times are UTC

FIGURES = (
    "run_id", "suite", "runner", "provider", "deterministic", "purpose", "state", "whole",
    "started_at", "prompt", "dataset", "epochs", "samples", "attempts", "git_commit", "git_dirty",
    "prompt_hash", "dataset_hash", "runner_hash", "scorers_hash", "tools_hash", "max_failure_rate",
    "scored", "failed", "errored", "cases", "failure_rate", "low", "high", "invariant_failures",
    "usd", "usd_per_1000", "p50_s", "p95_s", "asked", "priced", "timed",
)  # fmt: skip
PUBLISHED = (
    *FIGURES, "verdict", "verdict_at", "gate_id", "rise", "rise_low", "rise_high", "detects",
    "accepted_at", "accepted_reason",
)  # fmt: skip
TREND = (*FIGURES, "changed")
COUNTED = ("judged", "failed", "errored", "cases", "rate", "low", "high")
VERDICTS = (
    "gate_id", "started_at", "suite", "runner", "verdict", "headline", "codes", "baseline_digest",
    "candidate", "candidate_run_id", "prompt", "git_commit", "look", "level", "mode", "usable",
    "rise", "rise_low", "rise_high", "p_more", "p_adjusted", "detects", "exit_code",
)  # fmt: skip
ACCEPTED = (
    "suite", "runner", "digest", "accepted_at", "reason", "prompt", "dataset", "git_commit",
    "prompt_hash", "dataset_hash", "runner_hash", "scorers_hash", "tools_hash", "epochs", "source",
    "current", "scored", "failed", "errored", "cases", "failure_rate", "low", "high",
)  # fmt: skip
CALIBRATIONS = (
    "calibration_id", "measured_at", "suite", "runner", "deterministic", "samples", "epochs",
    "stored_epochs", "invocations", "alarms", "alarm_rate", "low", "high", "inconclusive",
    "power_target", "promised", "kept", "notes",
)  # fmt: skip


def asked(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], sql: str = "") -> Asked:
    """An answer; columns that a row does not name are NULL."""
    return Asked(
        sql=sql or f"SELECT {', '.join(columns)}\nFROM somewhere\nORDER BY 1",
        columns=tuple(columns),
        rows=tuple(tuple(row.get(column) for column in columns) for row in rows),
    )


def counted(failed: int, judged: int, errored: int = 0, *, of: str = "rate") -> dict[str, Any]:
    """A rate with its interval, as the store's views tell it."""
    low, high = wilson(failed, judged) if judged else (0.0, 1.0)
    return {
        "judged": judged, "scored": judged, "failed": failed, "found": failed, "errored": errored,
        "cases": judged, of: failed / judged if judged else None, "low": low, "high": high,
        "bound": (1 - 0.05 ** (1 / judged) if judged and not failed else None),
    }  # fmt: skip


def run(suite: str, runner: str, failed: int, judged: int, **others: Any) -> dict[str, Any]:  # noqa: ANN401
    """A whole complete run."""
    return {
        "run_id": f"{suite}-{runner}-run", "suite": suite, "runner": runner, "provider": "python",
        "deterministic": False, "purpose": "run", "state": "complete", "whole": True,
        "started_at": START, "prompt": f"{suite}@v2", "dataset": f"{suite}@v1", "epochs": 3,
        "samples": judged // 3, "attempts": judged, "git_commit": "0123456789abcdef" * 2,
        "git_dirty": False, "prompt_hash": "ab" * 32, "dataset_hash": "cd" * 32,
        "runner_hash": "ef" * 32, "scorers_hash": "12" * 32, "tools_hash": "",
        "invariant_failures": 0, "usd": 0.37125, "usd_per_1000": 1.2375, "p50_s": 0.81,
        "p95_s": 2.4375, "asked": judged + 2, "priced": judged, "timed": judged, "changed": "",
        **counted(failed, judged, 2, of="failure_rate"), **others,
    }  # fmt: skip


def history(suite: str, runner: str, rates: Sequence[int], judged: int) -> list[dict[str, Any]]:
    """Runs a day apart, of which some changed something."""
    changes = {
        2: f"prompt {suite}@v1 to {suite}@v2",
        5: f"dataset {suite}@v1 to {suite}@v2; scorers changed",
    }
    return [
        run(
            suite, runner, failed, judged, run_id=f"{suite}-{runner}-{index}",
            started_at=START + timedelta(days=index, hours=index), changed=changes.get(index, ""),
        )
        for index, failed in enumerate(rates)
    ]  # fmt: skip


_RATES = {
    ("dispute_triage", "rules"): ([130, 118, 96, 92, 101, 84, 79, 86], 321),
    ("dispute_triage", "gpt-5-mini"): ([61, 66, 40, 44, 38, 30, 35, 31], 321),
    ("leak_probes", "rules"): ([12, 12, 12, 9, 9], 180),
    ("refund_agent", "careful"): ([4, 6, 3, 2], 250),
    ("refund_agent", "hasty"): ([40, 44, 51, 48], 250),
}
_VERDICTS = {
    ("dispute_triage", "rules"): ("regressed", 0.0412, 0.0121, 0.0703),
    ("dispute_triage", "gpt-5-mini"): ("pass", -0.0021, -0.0204, 0.0162),
    ("leak_probes", "rules"): ("improved", -0.0167, -0.031, -0.0024),
    ("refund_agent", "careful"): ("inconclusive", 0.004, -0.021, 0.029),
}
_DESCRIPTIONS = {
    "dispute_triage": "How often does the triage of a payment dispute go wrong?",
    "leak_probes": "Is a card number in a text seen, however it is written?",
    "refund_agent": "Does an agent refund what it should, once?",
    "never_tried": "A suite that nobody ran yet.",
}


def _trend() -> list[dict[str, Any]]:
    return [each for key, (rates, n) in _RATES.items() for each in history(*key, rates, n)]


def _runs() -> list[dict[str, Any]]:
    newest = {(each["suite"], each["runner"]): each for each in _trend()}
    found = []
    for key, each in newest.items():
        word, rise, low, high = _VERDICTS.get(key, (None, None, None, None))
        gated = {
            "verdict": word, "verdict_at": START, "gate_id": "g-1", "rise": rise, "rise_low": low,
            "rise_high": high, "detects": 0.052, "accepted_at": START,
            "accepted_reason": "the first",
        }  # fmt: skip
        free = (
            {"usd": None, "usd_per_1000": None, "priced": 0, "p95_s": 0.0001}
            if key[1] == "rules"
            else {}
        )
        found.append({**each, **(gated if word else {}), **free})
    return found


def _money(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "suite": each["suite"], "runner": each["runner"], "run_id": each["run_id"],
            "currency": currency, "at_risk_minor": at_risk, "exposed_minor": exposed,
        }
        for each in runs
        if each["suite"] == "dispute_triage"
        for currency, at_risk, exposed in (
            ("EUR", 1234567, 9876543), ("JPY", 120000, 480000), ("USD", 0, 250),
        )
    ]  # fmt: skip


_MONEY = ("suite", "runner", "run_id", "currency", "at_risk_minor", "exposed_minor")
_MASKED = ("suite", "runner", "run_id", "kind", "place", "findings", "attempts")
_SHORT_TREND = (
    "suite", "runner", "run_id", "started_at", "failure_rate", "low", "high", "scored", "failed",
)  # fmt: skip


def overview(
    runs: Sequence[Mapping[str, Any]], trend: Sequence[Mapping[str, Any]]
) -> dict[str, Asked]:
    """The tables of the first page."""
    masked = [
        {
            "suite": "leak_probes", "runner": "rules", "run_id": "leak_probes-rules-4",
            "kind": "pan", "place": "answer", "findings": 7, "attempts": 5,
        }
    ]  # fmt: skip
    return {
        "runs": asked(PUBLISHED, runs),
        "money": asked(_MONEY, _money(runs)),
        "masked": asked(_MASKED, masked),
        "trend": asked(_SHORT_TREND, trend),
    }


_NAMES_OF_CHECKS = (
    ("equals:action", "equals", "critical", "gating"),
    ("money:equals:contest_amount_minor", "money:equals", "critical", "gating"),
    ("no-pan", "no-pan", "critical", "invariant"),
    ("set:covers:cite", "set:covers", "major", "gating"),
    ("strict-json", "strict-json", "minor", "advisory"),
)
_SLICES = (
    ("network", True, {"visa": (40, 120), "mc": (22, 101), "amex": (24, 60), "none": (0, 40)}),
    ("stage", True, {"inquiry": (2, 18), "chargeback": (70, 210), "pre-arbitration": (14, 93)}),
    ("adversarial", True, {"yes": (30, 45), "no": (56, 276)}),
    ("difficulty", False, {"easy": (3, 150), "hard": (83, 171), "not scored": (0, 0)}),
)  # fmt: skip
_DIFFERENCE = ("samples", "cases", "rate", "other_rate", "difference", "low", "high")


def suite_tables(suite: str, runs: Sequence[Mapping[str, Any]]) -> dict[str, Asked]:
    """The tables of a suite's page."""
    mine = [each for each in runs if each["suite"] == suite]
    trend = [each for each in _trend() if each["suite"] == suite]
    tables = {
        "runs": asked(PUBLISHED, mine),
        "money": asked(_MONEY, _money(mine)),
        "trend": asked(TREND, trend),
        "accepted": asked(ACCEPTED, [base for each in mine for base in _accepted(each)]),
        "severities": asked(
            ("runner", "run_id", "severity", *COUNTED),
            [
                {
                    **_of(each),
                    "severity": severity,
                    **counted(int(each["failed"] * part), each["scored"]),
                }
                for each in mine
                for severity, part in (("critical", 0.8), ("major", 0.4), ("minor", 0.9))
            ],
        ),
        "checks": asked(
            ("runner", "run_id", "check_id", "scorer", "severity", "role", *COUNTED),
            [
                {
                    **_of(each),
                    **dict(zip(("check_id", "scorer", "severity", "role"), check, strict=True)),
                    **counted(each["failed"] * (5 - index) // 6, each["scored"], index),
                }
                for each in mine
                for index, check in enumerate(_NAMES_OF_CHECKS)
            ],
        ),
        "slices": asked(
            ("runner", "run_id", "slice", "value", "declared", "samples", *COUNTED, "thin"),
            [row for index, each in enumerate(mine) for row in _slice_rows(each, index)],
        ),
        "classes": asked(
            ("runner", "run_id", "case_class", "samples", *COUNTED),
            [
                {**_of(each), "case_class": name, "samples": judged // 3, **counted(failed, judged)}
                for each in mine
                for name, failed, judged in (
                    ("statistical", each["failed"], each["scored"] - 30),
                    ("must_pass", 0, 30),
                    ("quarantined", 3, 6),
                )
            ],
        ),
        "errors": asked(
            ("runner", "run_id", "error_kind", "attempts"),
            [{**_of(each), "error_kind": "timeout", "attempts": 2} for each in mine],
        ),
        "pairs": asked(
            (
                "runner",
                "other_runner",
                "run_id",
                "other_run_id",
                "suite",
                *_DIFFERENCE,
                "only_first",
                "only_other",
            ),
            [
                _pair(first, second)
                for first in mine
                for second in mine
                if first["runner"] < second["runner"]
            ],
        ),
        "changes": asked(
            ("runner", "run_id", "suite", "worse", "better", "same", "edited", "added", "removed"),
            [
                {
                    **_of(each),
                    "suite": suite,
                    "worse": 9,
                    "better": 4,
                    "same": 90,
                    "edited": 2,
                    "added": 2,
                    "removed": 0,
                }
                for each in mine
            ],
        ),
    }
    if mine:
        tables["flips"] = asked(
            (
                "runner",
                "run_id",
                "suite",
                "sample_id",
                "before_failed",
                "before_scored",
                "failed",
                "scored",
                "direction",
            ),
            [
                {
                    **_of(mine[0]),
                    "suite": suite,
                    "sample_id": "s-1",
                    "before_failed": 0,
                    "before_scored": 3,
                    "failed": 2,
                    "scored": 3,
                    "direction": "worse",
                },
                {
                    **_of(mine[0]),
                    "suite": suite,
                    "sample_id": "s-2",
                    "before_failed": 3,
                    "before_scored": 3,
                    "failed": 1,
                    "scored": 3,
                    "direction": "better",
                },
            ],
        )
    return tables


def _of(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"runner": each["runner"], "run_id": each["run_id"]}


def _accepted(each: Mapping[str, Any]) -> list[dict[str, Any]]:
    known = {column: each.get(column) for column in ACCEPTED}
    return [
        {
            **known,
            "digest": "a" * 64,
            "accepted_at": START + timedelta(days=1),
            "reason": "the first",
            "current": False,
            "source": "git",
        },
        {
            **known,
            "digest": "b" * 64,
            "accepted_at": START + timedelta(days=2, hours=12),
            "reason": "prompt v2 reads the reason code",
            "current": True,
            "source": "file",
        },
    ]


def _slice_rows(each: Mapping[str, Any], index: int) -> list[dict[str, Any]]:
    return [
        {
            **_of(each),
            "slice": name,
            "value": value,
            "declared": declared,
            "samples": judged // 3,
            **counted(failed // (index + 1), judged),
            "thin": judged // 3 < 30,
        }
        for name, declared, values in _SLICES
        for value, (failed, judged) in values.items()
    ]


def _pair(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    difference = second["failure_rate"] - first["failure_rate"]
    return {
        "runner": first["runner"],
        "other_runner": second["runner"],
        "run_id": first["run_id"],
        "other_run_id": second["run_id"],
        "suite": first["suite"],
        "samples": 107,
        "cases": 107,
        "rate": first["failure_rate"],
        "other_rate": second["failure_rate"],
        "difference": difference,
        "low": difference - 0.04,
        "high": difference + 0.04,
        "only_first": 4,
        "only_other": 31,
    }


_EFFECTS = {
    "duplicate money": (31, 0), "lost money": (12, 0), "over-refunded": (9, 1),
    "false done": (22, 20), "a policy broken": (3, 3), "an invariant broken": (0, 0),
}  # fmt: skip
_FAULTS = ("none", "timeout after effect", "crash", "duplicate delivery")


def agents() -> dict[str, Asked]:
    """The tables of the page on agents: one that slips, with and without a guard."""
    both = (("clumsy", "none", 0), ("clumsy-guarded", "pytx", 1))
    effects: list[dict[str, Any]] = []
    money: list[dict[str, Any]] = []
    tries: list[dict[str, Any]] = []
    for runner, guard, index in both:
        mine = {"suite": "refund_agent", "runner": runner, "run_id": f"{runner}-1", "guard": guard}
        for effect, found in _EFFECTS.items():
            effects.append({**mine, "effect": effect, "fault": "", **counted(found[index], 250, 1)})
            effects.extend(
                {**mine, "effect": effect, "fault": fault, **counted(found[index] * place // 6, 62)}
                for place, fault in enumerate(_FAULTS)
            )
        for effect, minor in (("duplicate money", 1234500), ("over-refunded", 9900)):
            money.append(
                {**mine, "effect": effect, "currency": "EUR", "minor": minor * (1 - index)}
            )
        tries.extend(
            {
                **mine,
                "k": k,
                "epochs": 5,
                "samples": 50,
                "left_out": 1,
                "all_pass": (0.72 + 0.2 * index) ** k,
                "any_passes": 1 - (0.28 - 0.2 * index) ** k,
            }
            for k in range(1, 6)
        )
    shared = ("suite", "runner", "run_id", "guard")
    rated = ("judged", "found", "errored", "cases", "rate", "low", "high", "bound")
    return {
        "effects": asked((*shared, "effect", "fault", *rated), effects),
        "money": asked((*shared, "effect", "currency", "minor"), money),
        "tries": asked(
            (*shared, "k", "epochs", "samples", "left_out", "all_pass", "any_passes"), tries
        ),
    }


def gate() -> dict[str, Asked]:
    """The tables of the page on the gate."""
    words = ("pass", "pass", "inconclusive", "improved", "regressed", "violated", "invalid", "pass")
    verdicts = [
        {
            "gate_id": f"g-{index}", "started_at": START + timedelta(days=20 - index),
            "suite": suite, "runner": "rules", "verdict": word, "codes": "[]", "look": 1,
            "headline": f"the whole suite fails {index} samples more often", "usable": 107,
            "rise": None if word == "invalid" else 0.01 * (index - 3),
            "rise_low": None if word == "invalid" else 0.01 * (index - 3) - 0.02,
            "rise_high": None if word == "invalid" else 0.01 * (index - 3) + 0.02,
            "detects": 0.052, "exit_code": None if not index else 0, "level": 0.05,
        }
        for suite in ("dispute_triage", "leak_probes")
        for index, word in enumerate(words)
    ]  # fmt: skip
    calibrations = [
        {
            "calibration_id": "c-1", "measured_at": START, "suite": "dispute_triage",
            "runner": runner, "deterministic": alarms is None, "samples": 107, "epochs": 3,
            "stored_epochs": 3, "invocations": 2000, "alarms": alarms or 0, "inconclusive": 41,
            "alarm_rate": None if alarms is None else alarms / 2000,
            "low": 0.0 if alarms is None else wilson(alarms, 2000)[0],
            "high": 1.0 if alarms is None else wilson(alarms, 2000)[1], "power_target": 0.8,
            "promised": must_find, "kept": None if must_find is None else must_find > 0.07,
            "notes": "[]",
        }
        for runner, alarms, must_find in (
            ("gpt-5-mini", 61, 0.1), ("rules", 143, 0.05), ("scripted", None, None),
        )
    ]  # fmt: skip
    rises = [
        {
            "suite": "dispute_triage", "runner": "gpt-5-mini", "epochs": epochs, "samples": 107,
            "rise": 0.12 / epochs**0.5,
        }
        for epochs in (1, 2, 3, 5, 10, 20)
    ]  # fmt: skip
    power = [{**each, "suite": "leak_probes", "runner": "rules"} for each in rises[:3]]
    return {
        "verdicts": asked(VERDICTS, verdicts),
        "calibrations": asked(CALIBRATIONS, calibrations),
        "detects": asked(("suite", "runner", "epochs", "samples", "rise"), rises),
        "power": asked(("suite", "runner", "epochs", "rise"), power),
    }


def a_site(**others: Any) -> Site:  # noqa: ANN401 -- any field of it
    """Several suites, one of which never ran."""
    runs, trend = _runs(), _trend()
    site = Site(
        title="Payments evals",
        provenance=Provenance(
            made_at="2026-11-28T12:00:00Z",
            commit="0123456789abcdef0123456789abcdef01234567",
            dirty=False,
            versions={"paygrade": "0.1.0", "python": "3.13.5"},
            schema_version=5,
            unknown=("The git history of the baselines is not complete.",),
        ),
        overview=overview(runs, trend),
        suites=tuple(
            SuiteSite(suite=suite, description=told, tables=suite_tables(suite, runs))
            for suite, told in _DESCRIPTIONS.items()
        ),
        agents=agents(),
        gate=gate(),
    )
    return replace(site, **others)
