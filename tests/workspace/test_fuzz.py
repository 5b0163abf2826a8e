"""Whatever bytes a file holds, a reader gives a value or a mistake: never anything else."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit import WorkspaceFolder
from paygrade.errors import NothingRanError, UsageError, WorkspaceError
from paygrade.records.sample import Sample
from paygrade.scorers import CATALOGUE
from paygrade.workspace.bind import bind_suite
from paygrade.workspace.check import check_workspace
from paygrade.workspace.config import find_layout
from paygrade.workspace.gate_model import GateModel
from paygrade.workspace.jsonl_reader import read_lines
from paygrade.workspace.prompts import Renderer, read_prompt
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = dt.date(2026, 11, 23)
FILES = (
    "paygrade.yaml", "prompts/refunds/v1.yaml", "evals/refunds/suite.yaml", "prompts.lock",
    "runners/always_refund.yaml", "datasets/refunds/v1.jsonl", "datasets/refunds/card.yaml",
    "reports/baselines/refunds.jsonl",
)  # fmt: skip
printable = st.characters(exclude_categories=("C", "Zl", "Zp"))  # what YAML takes unescaped
scalars = (
    st.none() | st.booleans() | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(printable, max_size=20)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(printable, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip
pieces = st.lists(
    st.sampled_from(
        ["{{", "}}", "{%", "%}", " for ", " in ", " if ", " endfor ", " endif ", "order", ".", "[",
         "]", "(", ")", "|", "upper", "list", "0", "1:", "'", '"', "==", "is ", "\n", "x", "#}",
         "loop", "not ", "_", "{#", "raw", "endraw", ",", "-", "e9"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """A folder for one example."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_bytes_in_any_file_give_mistakes(name: str, data: st.DataObject) -> None:
    """Bytes at random, text at random, or the file itself with a piece put in its middle."""
    with temporary() as folder:
        workspace = WorkspaceFolder(folder)
        file = folder / name
        own = file.read_bytes() if file.exists() else b""
        cut = data.draw(st.integers(0, len(own)))
        piece = data.draw(st.binary(max_size=20) | st.text(max_size=20).map(_utf8))
        whole = data.draw(st.booleans())
        workspace.write(name, piece if whole else own[:cut] + piece + own[cut:])
        with contextlib.suppress(WorkspaceError, UsageError):
            layout = find_layout(folder)
            check_workspace(layout, CATALOGUE, TODAY, lambda _: [])
            with contextlib.suppress(NothingRanError):
                bind_suite(layout, "refunds", CATALOGUE, TODAY)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@pytest.mark.parametrize("name", [each for each in FILES if each.endswith("yaml")])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_value_under_any_key_gives_mistakes(name: str, data: st.DataObject) -> None:
    """A file of the right keys with wrong values."""
    with temporary() as folder:
        workspace = WorkspaceFolder(folder)
        document = read_yaml(folder / name, name).data
        content: dict[str, Any] = dict(document) if isinstance(document, dict) else {}
        key = data.draw(st.sampled_from([*content, "folders", "constants", "checks"]))
        content[key] = data.draw(values)
        workspace.write(name, json.dumps(content))
        with contextlib.suppress(WorkspaceError, UsageError):
            check_workspace(find_layout(folder), CATALOGUE, TODAY, lambda _: [])


@settings(max_examples=30, deadline=None)
@given(
    key=st.sampled_from(["id", "input", "expected", "case", "slices", "class", "until", "why",
                         "exposure", "checks", "rules", "provenance"]),
    value=values,
)  # fmt: skip
def test_any_value_in_a_sample_gives_mistakes(key: str, value: object) -> None:
    """The same for a line of a dataset."""
    with temporary() as folder:
        workspace = WorkspaceFolder(folder)
        workspace.samples([{"id": "s", "input": {"message": "m"}, "expected": 1, key: value}])
        check_workspace(find_layout(folder), CATALOGUE, TODAY, lambda _: [])


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from([*GateModel.model_fields]), values, max_size=3))
def test_any_value_under_a_key_of_the_gate_gives_mistakes(gate: dict[str, object]) -> None:
    """The same for what a suite asks of the gate."""
    with temporary() as folder:
        workspace = WorkspaceFolder(folder)
        file = folder / "evals/refunds/suite.yaml"
        gate_line = f"gate: {json.dumps(gate, ensure_ascii=False)}\n"
        workspace.write("evals/refunds/suite.yaml", file.read_text("utf-8") + gate_line)
        check_workspace(find_layout(folder), CATALOGUE, TODAY, lambda _: [])


@settings(max_examples=60, deadline=None)
@given(pieces)
def test_any_template_renders_or_is_refused(content: str) -> None:
    """Pieces of Jinja in any order."""
    with temporary() as folder:
        workspace = WorkspaceFolder(folder)
        prompt = {"prompt": "refunds", "version": 1, "changelog": "x", "variables": ["order"]}
        messages = [{"role": "user", "content": "{{ order }}" + content}]
        workspace.write("prompts/refunds/v1.yaml", json.dumps({**prompt, "messages": messages}))
        sample = Sample(id="s", input={"order": {"x": [1, "a"]}}, expected=1, case="s")
        with contextlib.suppress(WorkspaceError):
            renderer = Renderer(read_prompt(find_layout(folder), "refunds@v1"))
            [message] = renderer.messages(sample, "v1.jsonl")
            assert " at 0x" not in message.content


@settings(max_examples=60, deadline=None)
@given(values, st.sampled_from([None, 1]))
def test_yaml_reads_json_as_json_does(value: object, indent: int | None) -> None:
    """Every JSON text is YAML of the same value, and every part of it has a line."""
    with temporary() as folder:
        file = folder / "file.yaml"
        text = json.dumps({"root": value}, indent=indent, ensure_ascii=False)
        file.write_text(text, encoding="utf-8")
        document = read_yaml(file, "file.yaml")
        assert document.data == json.loads(text)
        last = text.count("\n") + 1
        assert all(1 <= line <= last for line in document.lines.values())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=60) | values.map(lambda each: json.dumps(each).encode())))
def test_every_line_of_any_bytes_is_read_or_told(lines: list[bytes]) -> None:
    """One line a line, in order."""
    with temporary() as folder:
        file = folder / "v1.jsonl"
        file.write_bytes(b"\n".join(lines))
        found = list(read_lines(file, "v1.jsonl"))
        numbers = [each.number for each in found]
        assert numbers == sorted(set(numbers))
        assert all(each.data is None for each in found if each.mistakes)
