"""A runner that answers with card numbers: none of them is anywhere afterwards.

The probes are those of the shared data where it is there, and hand-made ones of every kind
(public test numbers of payment providers) everywhere.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

CARDS = (
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011000990139424",
    "30569309025904",
    "3566002020360505",
    "2223003122003222",
    "6200000000000005",
    "4000056655665556",
)
OWN_PROBES = (
    "paid with 4111111111111111",
    "paid with 4111 1111 1111 1111 exp 11/29",
    "5555-5555-5555-4444",
    "3782.8224.6310.005",
    "60110009\n90139424",
    "4111\u200b1111\u200b1111\u200b1111",
    "\uff14\uff11\uff11\uff11" * 1 + "\uff11" * 12,
    "".join(chr(0x0660 + int(digit)) for digit in "5555555555554444"),
    '{"card": "4111111111111111"}',
    '{"card": 4111111111111111, "cards": [378282246310005]}',
    '{"card": "\\u0034\\u0031\\u0031\\u0031111111111111"}',
    '{"nested": "{\\"card\\": \\"4111 1111 1111 1111\\"}"}',
    "https://shop.example/pay?c=378282246310005&r=1",
    "%34%31%31%31111111111111",
    "&#52;&#49;&#49;&#49;111111111111",
)

ANSWERS_PROBES = """\
import json
import pathlib

PROBES = json.loads(pathlib.Path(__file__).with_name("probes.json").read_text("utf-8"))


def answer(request):
    probe = PROBES[int(request.sample_id[1:])]
    if int(request.sample_id[1:]) % 5 == 4:
        raise RuntimeError(f"the gateway said: {probe}")
    return probe
"""


def _digits(text: str) -> str:
    """Every decimal digit of any script, and nothing between them: no hiding place is left."""
    return "".join(str(unicodedata.decimal(each)) for each in text if each.isdecimal())


def _all_text(folder: Path) -> dict[str, str]:
    """What every file holds: text as it stands, databases and Parquet by their cells."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        found[str(file)] = file.read_bytes().decode("utf-8", "replace")
        if file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                for (table,) in connection.execute("SHOW TABLES").fetchall():
                    rows = connection.execute(f"FROM {table}").fetchall()
                    found[f"{file}:{table}"] = json.dumps(rows, default=str, ensure_ascii=False)
        if file.suffix == ".parquet":
            rows = duckdb.connect().execute("FROM read_parquet($f)", {"f": str(file)}).fetchall()
            found[f"{file}:rows"] = json.dumps(rows, default=str, ensure_ascii=False)
    return found


def _run_everything(
    workspace: WorkspaceFolder, paygrade: Paygrade, probes: list[str]
) -> dict[str, str]:
    """Run, look at it in every way there is, and return all that came out."""
    workspace.write("runners/always_refund.py", ANSWERS_PROBES)
    workspace.write("runners/probes.json", json.dumps(probes))
    workspace.samples(
        [
            {
                "id": f"s{number}",
                "input": {"message": probe},
                "expected": {"action": probe, probe: number},
                "slices": {"kind": "leak"},
            }
            for number, probe in enumerate(probes)
        ]
    )
    workspace.replace("evals/refunds/suite.yaml", "{field: action,", "{expected: action,")
    out = workspace.root / "out"
    out.mkdir()
    files = [out / f"r{ending}" for ending in (".jsonl", ".csv", ".parquet", ".junit.xml", ".md")]
    options: list[Any] = [part for file in files for part in ("-o", file)]
    ended = paygrade("run", "-w", workspace.root, *options)
    assert ended.code == 100, ended.err  # the no-pan invariant
    seen = {"run": ended.out + ended.err}
    commands: list[tuple[str, ...]] = [
        ("show", "latest"),
        ("show", "latest", "--json"),
        ("list",),
        ("sql", "FROM attempts"),
        ("sql", "FROM samples", "--json"),
        ("sql", "FROM checks", "--csv"),
        *(("show", "latest", f"s{number}") for number in range(len(probes))),
    ]
    for command in commands:
        shown = paygrade(*command, "-w", workspace.root)
        assert shown.code == 0, shown.err
        seen[" ".join(command)] = shown.out + shown.err
    return seen | _all_text(out) | _all_text(workspace.root / ".paygrade")


def _assert_clean(seen: dict[str, str], cards: tuple[str, ...]) -> None:
    for place, text in seen.items():
        for line in text.split('",'):  # cells apart, so that neighbours do not join
            digits = _digits(line)
            assert not [card for card in cards if card in digits], place


def test_hand_made_probes_do_not_get_out(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Journal, store, every export and every view are searched for every full number."""
    seen = _run_everything(workspace, paygrade, list(OWN_PROBES))
    assert "411111******1111" in seen["sql FROM attempts"]
    _assert_clean(seen, CARDS)


def test_shared_probes_do_not_get_out(
    workspace: WorkspaceFolder, paygrade: Paygrade, shared_data: Path
) -> None:
    """The same with every probe of the shared data that holds a full number."""
    source = shared_data / "leak_probes" / "leak_probes.jsonl"
    rows = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    probes = [row["text"] for row in rows if row["contains_full_pan"]]
    seen = _run_everything(workspace, paygrade, probes)
    _assert_clean(seen, CARDS)


@pytest.mark.parametrize("probe", OWN_PROBES)
def test_the_search_itself_would_find_each_probe(probe: str) -> None:
    """The test's own search is not blind: unmasked, it finds the number."""
    plain = probe.encode().decode("unicode_escape") if "\\u" in probe else probe
    for hidden, shown in (("%34%31%31%31", "4111"), ("&#52;&#49;&#49;&#49;", "4111")):
        plain = plain.replace(hidden, shown)
    assert any(card in _digits(plain) for card in CARDS)
