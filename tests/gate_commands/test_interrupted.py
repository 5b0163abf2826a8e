"""What `accept` and `calibrate` recorded before they were stopped is kept, and nothing is twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from gate.playing import PLAYER, sample

if TYPE_CHECKING:
    from gate.playing import Stage
    from kit import Paygrade

HOLDING = PLAYER.replace("import os\n", "import asyncio\nimport os\n").replace(
    "    os.write(LOG",
    "    if (request.epoch > 1 or request.sample_id == 's007') and (PLAY / 'hold').exists():\n"
    "        await asyncio.sleep(600)\n"
    "    os.write(LOG",
    1,
)
"""A player that, while there is a file `hold`, begins to answer seven samples once and no more."""


def stopped(stage: Stage, how: signal.Signals, *arguments: str) -> tuple[int, str]:
    """Start a command, stop it when seven samples of the first epochs are recorded."""
    stage.write("runners/bot.py", HOLDING)
    hold = stage.play / "hold"
    hold.touch()
    process = subprocess.Popen(
        [sys.executable, "-m", "paygrade", *arguments, "-w", str(stage.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        journals = stage.root.glob(".paygrade/runs/*/journal.jsonl")
        if sum(each.read_text().count('"t":"outcome"') for each in journals) >= 7:
            break
        time.sleep(0.02)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    hold.unlink()
    return process.returncode, err


def recorded(stage: Stage) -> Counter[str]:
    """How many outcomes each sample has."""
    return Counter(
        line["sample_id"]
        for journal in stage.root.glob(".paygrade/runs/*/journal.jsonl")
        for line in map(json.loads, journal.read_text().splitlines())
        if line["t"] == "outcome"
    )


@pytest.mark.parametrize(
    "how", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.real)]
)
def test_a_session_goes_on_where_it_was_stopped(
    stage: Stage, paygrade: Paygrade, how: signal.Signals
) -> None:
    """Ctrl-C says so; after kill -9 nobody can, and it goes on all the same."""
    code, err = stopped(stage, how, "accept")
    assert not list(stage.root.glob("reports/baselines/*"))
    if how is signal.SIGINT:
        assert code == 103
        assert "interrupted: paygrade accept again goes on where it stopped" in err
        assert "Traceback" not in err
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "refunds · bot: going on with session 1 of 2: 8 samples x 5 epochs" in ended.err
    assert "attempts were done before" in ended.err
    assert "(0 of 80 failed)" in ended.out
    assert len(list(stage.root.glob(".paygrade/runs/*"))) == 2
    assert Counter(stage.calls()) == recorded(stage)


def test_fresh_epochs_go_on_where_they_were_stopped(stage: Stage, paygrade: Paygrade) -> None:
    """The same command finishes them; until then they are in no figure."""
    stopped(stage, signal.SIGKILL, "calibrate", "--fresh", "4")
    ended = paygrade("calibrate", "-w", stage.root)
    assert ended.code == 102
    assert "0 stored epochs of this version are too few" in ended.err
    ended = paygrade("calibrate", "--fresh", 4, "--invocations", 20, "-w", stage.root)
    assert ended.code == 0
    assert "refunds · bot: going on with 4 epochs of 8 samples for A/A" in ended.err
    assert len(list(stage.root.glob(".paygrade/runs/*"))) == 1
    assert Counter(stage.calls()) == recorded(stage)


PAID = """\
runner: bot
provider: command
command: [python3, paid.py]
price: {input_per_mtok: 0, output_per_mtok: 10000}
parameters: {max_output_tokens: 10}
concurrency: 1
budget: {usd: BUDGET}
"""

ANSWERS = """\
import json
import sys

sys.stdin.read()
text = json.dumps({"action": "refund"})
print(json.dumps({"text": text, "usage": {"input_tokens": 1, "output_tokens": 10}}))
"""


def test_a_budget_that_is_spent_leaves_a_session_to_be_finished(
    stage: Stage, paygrade: Paygrade
) -> None:
    """It ends with 103 after a plan that says the price; with more budget it goes on."""
    stage.samples([sample(number) for number in range(3)])
    stage.write("runners/paid.py", ANSWERS)
    stage.write("runners/bot.yaml", PAID.replace("BUDGET", "0.25"))
    command = ("accept", "--epochs", 1, "--sessions", 1, "--yes", "-w", stage.root)
    ended = paygrade(*command)
    assert ended.code == 103
    assert "the other 3 cost at most 0.3000 USD, budget 0.25 USD" in ended.err
    assert "refunds · bot: the recording stopped before its end: the next call could pass" in (
        ended.err
    )
    assert "mend it, then paygrade accept refunds again: it goes on where it stopped" in ended.err
    stage.write("runners/bot.yaml", PAID.replace("BUDGET", "1"))
    ended = paygrade(*command)
    assert ended.code == 0
    assert "bot: 2 of 3 attempts known; the other 1 cost at most" in ended.err
    assert "(0 of 3 failed)" in ended.out


def test_a_damaged_run_of_another_day_stops_nothing(stage: Stage, paygrade: Paygrade) -> None:
    """It is named, and left out."""
    paygrade("run", "-q", "-w", stage.root)
    [journal] = stage.root.glob(".paygrade/runs/*/journal.jsonl")
    journal.write_text("nonsense\n" + journal.read_text())
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "left out of the store: " in ended.err
