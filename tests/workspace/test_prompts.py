"""Prompts: lines of mistakes in every way YAML writes text, and what rendering says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.errors import WorkspaceError
from paygrade.records.sample import Sample
from paygrade.workspace.config import find_layout
from paygrade.workspace.prompts import Renderer, read_prompt

if TYPE_CHECKING:
    from kit import WorkspaceFolder
    from paygrade.records.json_value import Json
    from paygrade.records.plan import PromptVersion

HEAD = """\
prompt: refunds
version: 1
changelog: First version.
variables: [order]
messages:
  - role: user
"""
SHAPES = {
    "literal": "    content: |\n      one\n\n      two\n      WRONG\n",
    "literal, kept": "    content: |2+\n        one\n\n\n      WRONG\n\n",
    "folded": "    content: >\n      one\n      two\n      {{ order.a }}\n      WRONG\n",
    "folded, stripped": "    content: >-\n      one\n\n      two\n      WRONG\n      six\n",
    "double quoted": '    content: "one\n      two\n      three\n      WRONG"\n',
    "double quoted, escapes": '    content: "one\\ntwo\\n\\nthree\\\n      \n\n      WRONG"\n',
    "single quoted": "    content: 'one, it''s\n\n      two\n      WRONG'\n",
    "plain": "    content: one\n      two\n      {{ order.a }}\n      WRONG\n",
    "on the next line": "    content:\n      one\n      two\n      three\n      WRONG\n".replace(
        "three\n", "{{ order.a }}\n", 1
    ),
}


def prompt_of(workspace: WorkspaceFolder, text: str) -> PromptVersion:
    """The prompt that `text` writes."""
    workspace.write("prompts/refunds/v1.yaml", text)
    return read_prompt(find_layout(workspace.root), "refunds@v1")


def lines_of(error: WorkspaceError) -> list[int | None]:
    """The lines that are named."""
    return [each.line for each in error.mistakes]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "wrong",
    ["{{ order.x() }}", "{{ order | nope }}", "{{ order ! }}", "{% endif %}", "{{ other }}"],
)
def test_a_mistake_in_a_message_has_the_files_own_line(
    workspace: WorkspaceFolder, shape: str, wrong: str
) -> None:
    """However YAML joins, folds or escapes the text before it."""
    text = HEAD + SHAPES[shape].replace("WRONG", "{{ order.b }}" if "other" in wrong else wrong)
    if "other" in wrong:
        text = text.replace("{{ order.b }}", "{{ order.b }} {{ other }}")
    line = next(n for n, each in enumerate(text.split("\n"), 1) if wrong in each)
    with pytest.raises(WorkspaceError) as caught:
        prompt_of(workspace, text)
    assert lines_of(caught.value) == [line]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_missing_key_names_the_line_and_the_sample(
    workspace: WorkspaceFolder, shape: str
) -> None:
    """Nested keys are strict too: the template's line, the sample's file and line."""
    text = HEAD + SHAPES[shape].replace("WRONG", "{{ order.missing }}")
    line = next(n for n, each in enumerate(text.split("\n"), 1) if "missing" in each)
    renderer = Renderer(prompt_of(workspace, text))
    sample = Sample(id="s1", input={"order": {"a": 1}}, expected=None, case="s1", line=9)
    with pytest.raises(WorkspaceError) as caught:
        renderer.messages(sample, "datasets/refunds/v1.jsonl")
    assert str(caught.value) == (
        f"prompts/refunds/v1.yaml:{line}: the mapping has no key 'missing' "
        "(rendering sample 's1' of datasets/refunds/v1.jsonl:9)"
    )


def rendered(workspace: WorkspaceFolder, head: str, content: str, data: Json) -> str:
    """The only message that comes of a sample's input."""
    prompt = prompt_of(workspace, head + f"    content: '{content}'\n")
    sample = Sample(id="s1", input=data, expected=None, case="s1", line=1)
    [message] = Renderer(prompt).messages(sample, "v1.jsonl")
    return message.content


def test_constants_belong_to_the_prompt(workspace: WorkspaceFolder) -> None:
    """They are shown by their names, and a sample's keys never replace them."""
    head = HEAD.replace("messages", "constants: {rules: {R1: pay}}\nmessages")
    content = "{{ rules.R1 }} {{ order }}"
    assert rendered(workspace, head, content, {"order": 1, "rules": {"R1": "steal"}}) == "pay 1"


def test_a_constant_is_part_of_the_hash(workspace: WorkspaceFolder) -> None:
    """Another rule is another prompt."""
    text = HEAD + "    content: '{{ order }} {{ rule }}'\n"
    hashes = {
        prompt_of(workspace, text.replace("messages", f"constants: {{rule: {rule}}}\nmessages"))
        .content_hash
        for rule in ("a", "b", "'a'")
    }  # fmt: skip
    assert len(hashes) == 2


def test_input_is_there_as_a_whole(workspace: WorkspaceFolder) -> None:
    """Text input has no keys; `input` shows it."""
    head = HEAD.replace("[order]", "[]")
    assert rendered(workspace, head, "<{{ input }}>", "hello {{ x }}") == "<hello {{ x }}>"
