"""Binding: what is wrong only once suite, prompt and dataset are seen together."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES
from paygrade.errors import NothingRanError, WorkspaceError
from paygrade.records.plan import Selection
from paygrade.scorers import CATALOGUE
from paygrade.workspace.bind import bind_suite, plan, runners_of, select
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from kit import WorkspaceFolder
    from paygrade.workspace.bind import Bound


def bound_of(workspace: WorkspaceFolder) -> Bound:
    """The suite `refunds`, bound."""
    return bind_suite(find_layout(workspace.root), "refunds", CATALOGUE, dt.date(2026, 11, 23))


def test_a_samples_own_check_has_the_samples_line(workspace: WorkspaceFolder) -> None:
    """What a scorer misses is told where the entry stands."""
    own = {"checks": [{"is-json": {"schema": "nope.json"}}]}
    workspace.samples([SAMPLES[0], {**SAMPLES[1], **own}])
    bound = bound_of(workspace)
    of_suite, of_sample = bound.checks[0], bound.checks[-1]
    assert [
        str(bound.check_mistake(each, "schema", "is wrong", "")) for each in (of_suite, of_sample)
    ] == ["evals/refunds/suite.yaml:7: is wrong", "datasets/refunds/v1.jsonl:2: is wrong"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(suite="", runner=""), ["s1", "s2", "s3"]),
        (Selection(suite="", runner="", filter_id=("s[12]",), limit=1), ["s1"]),
        (Selection(suite="", runner="", filter_slice=("kind=regret",)), ["s3"]),
        (Selection(suite="", runner="", filter_class="statistical"), ["s1", "s2", "s3"]),
        (Selection(suite="", runner="", only_samples=("s3", "s1")), ["s1", "s3"]),
    ],
)
def test_filters_keep_the_datasets_order(
    workspace: WorkspaceFolder, selection: Selection, expected: list[str]
) -> None:
    """All filters together, then the limit."""
    assert [each.id for each in select(bound_of(workspace), selection)] == expected


def test_filters_that_contradict_leave_nothing(workspace: WorkspaceFolder) -> None:
    """Nothing to run is said so."""
    selection = Selection(suite="", runner="", filter_id=("s1", "s2"))
    with pytest.raises(NothingRanError, match="no sample of refunds@v1 is left to run"):
        select(bound_of(workspace), selection)


def test_every_sample_is_rendered_before_the_first_call(workspace: WorkspaceFolder) -> None:
    """A key that one sample lacks stops the plan, with that sample's line."""
    workspace.replace("prompts/refunds/v1.yaml", "{{ message }}", "{{ message.text }}")
    samples = [{**each, "input": {"message": {"text": "hi"}}} for each in SAMPLES]
    samples[1]["input"] = {"message": {"txt": "hi"}}
    workspace.samples(samples)
    bound = bound_of(workspace)
    [runner] = runners_of(find_layout(workspace.root), bound, ())
    with pytest.raises(WorkspaceError) as caught:
        plan(bound, Selection(suite="refunds", runner=runner.name), runner, "0" * 64)
    assert str(caught.value) == (
        "prompts/refunds/v1.yaml:9: the mapping has no key 'text' "
        "(rendering sample 's2' of datasets/refunds/v1.jsonl:2)"
    )
