"""Four trials of a published agent, as a run: pass^k and pass@k come out as its README has them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kit import WorkspaceFolder

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade


def test_a_run_prints_the_published_figures(
    shared_data: Path, tmp_path: Path, paygrade: Paygrade
) -> None:
    """gpt-4o on 35 airline tasks of tau-bench, through a recorded runner and four epochs."""
    source = shared_data / "taubench_trials"
    lines = (source / "gpt4o_airline_trials.jsonl").read_text("utf-8").splitlines()
    trials = [json.loads(line) for line in lines]
    folder = WorkspaceFolder(tmp_path / "ws")
    names = dict.fromkeys(f"task-{each['task_id']}" for each in trials)
    folder.samples(
        [{"id": name, "input": {"message": name}, "expected": {"action": 1}} for name in names]
    )
    recorded = (
        {"id": f"task-{each['task_id']}", "epoch": each["trial"] + 1,
         "text": json.dumps({"action": int(each["reward"])})}
        for each in trials
    )  # fmt: skip
    folder.write("runners/trials.jsonl", "".join(json.dumps(each) + "\n" for each in recorded))
    folder.write("runners/trials.yaml", "runner: trials\nprovider: replay\nanswers: trials.jsonl\n")
    folder.replace("evals/refunds/suite.yaml", "[always_refund]", "[trials]")
    folder.replace("evals/refunds/suite.yaml", "slices: [kind]\n", "")
    ended = paygrade("run", "--epochs", "4", "-w", folder.root)
    assert ended.code == 0, ended.err
    told = (source / "README.md").read_text("utf-8")
    [part] = re.findall(r"On this developers' part: (.*?) On all", told)
    published = {
        name: f"{100 * float(share):.1f} %"
        for name, share in re.findall(r"(pass[\^@]\d) (0\.\d+)", part)
    }
    rows = re.findall(
        r"^ *(\d) +(\d+\.\d %)[^\d\n]*(?:\([^)\n]*\))? *(\d+\.\d %)", ended.out, re.MULTILINE
    )
    printed = {f"pass^{k}": every for k, every, _ in rows}
    printed |= {f"pass@{k}": one for k, _, one in rows}
    assert len(published) == 6
    assert printed.items() >= published.items()
