"""Makes the dataset of this example from a copy of banking77: `python build.py banking77.jsonl`.

banking77 is PolyAI's (CC-BY-4.0: Casanueva et al. 2020, "Efficient Intent Detection with Dual
Sentence Encoders") and is not in this repository. A line of the file has `id`, `text`, `intent` and
`official_split`. The test split becomes the samples; the train split goes beside the runner, which
learns from it and never sees a sample.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
CARD = """\
dataset: banking77
title: Customers' questions to a bank, by intent
description: >-
  One question a sample. `payments` is one of 18 merged intents about payments, or other; `intent`
  is the source's own, one of 77.
licence: CC-BY-4.0 (PolyAI)
sources:
  - "PolyAI-LDN/task-specific-datasets, banking_data; Casanueva et al. 2020"
labels: By the source; some are known to be noisy. The merging into 18 stands in intents.json.
contact: whoever built it
known_gaps:
  - Labels are noisy, so judge a change between two runs and not the rate itself.
slices:
  payments: yes for the 18 intents about payments, no for other
versions:
  - version: 1
    date: 2026-11-27
    samples: {samples}
    sha256: ""
    changes: First version.
"""


def main(source: Path) -> None:
    """Write the samples, their card and what the runner learns from."""
    merged = {
        intent: name
        for name, intents in json.loads((HERE / "intents.json").read_text()).items()
        for intent in intents
    }
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    train = [row for row in rows if row["official_split"] == "train"]
    test = [row for row in rows if row["official_split"] == "test"]
    unknown = merged.keys() - {row["intent"] for row in rows}
    if unknown or not train or not test:
        sys.exit(f"{source} is not banking77: {sorted(unknown) or 'a split is empty'}")
    again = Counter(row["text"] for row in test)
    seen = {row["text"] for row in train}
    samples = [
        {
            "id": row["id"],
            "input": {"text": row["text"]},
            "expected": {
                "intent": row["intent"],
                "payments": merged.get(row["intent"], "other"),
            },
            "slices": {"payments": "yes" if row["intent"] in merged else "no"},
        }
        for row in test
        if again[row["text"]] == 1 and row["text"] not in seen
    ]
    lessons = [
        {
            "text": row["text"],
            "intent": row["intent"],
            "payments": merged.get(row["intent"], "other"),
        }
        for row in train
    ]
    folder = HERE / "datasets" / "banking77"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "v1.jsonl").write_text(_lines(samples), encoding="utf-8")
    (folder / "card.yaml").write_text(CARD.format(samples=len(samples)), encoding="utf-8")
    (HERE / "runners" / "train.jsonl").write_text(_lines(lessons), encoding="utf-8")
    sys.stdout.write(f"{len(samples)} samples, {len(lessons)} questions to learn from\n")


def _lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
