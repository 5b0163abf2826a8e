"""The key `leaks` of `paygrade.yaml`: what is masked before it is stored or published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.errors import WorkspaceError
from paygrade.leaks import DEFAULT, Pattern
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from pathlib import Path


def test_a_workspace_that_says_nothing_masks_ibans_and_addresses(tmp_path: Path) -> None:
    """Beside what nobody can keep."""
    assert find_layout(tmp_path).leak_policy == DEFAULT


def test_kinds_are_kept_and_patterns_added(tmp_path: Path) -> None:
    """Both as they are written."""
    text = "leaks: {keep: [iban], patterns: [{name: customer-id, regex: 'CUST-[0-9]{8}'}]}\n"
    (tmp_path / "paygrade.yaml").write_text(text, "utf-8")
    policy = find_layout(tmp_path).leak_policy
    assert policy.kinds == DEFAULT.kinds - {"iban"}
    assert policy.patterns == (Pattern("customer-id", "CUST-[0-9]{8}"),)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("keep: [pan]", "never kept"),
        ("keep: [name]", "one of 'iban'"),
        ("patterns: [{name: a, regex: '['}]", "no regular expression"),
        ("patterns: [{name: a, regex: 'x?'}]", "the empty text"),
        ("patterns: [{name: a, regex: '(a+)+b'}]", "an upper bound"),
        ("patterns: [{name: a, regex: '(ab|a|b){20}'}]", "1,000 ways"),
        ("patterns: [{name: a, regex: '^ab'}]", "inside of other texts"),
        ("patterns: [{name: a, regex: 'e?mail'}]", "in the place of masked text"),
        ("patterns: [{name: 'A b', regex: 'xy'}]", "small letters and digits"),
        ("patterns: [{name: iban, regex: 'xy'}]", "is taken"),
        ("patterns: [{name: a, regex: xy}, {name: a, regex: z}]", "two patterns"),
    ],
)
def test_what_cannot_be_masked_by_is_refused_with_its_line(
    said: str, why: str, tmp_path: Path
) -> None:
    """At load, before anything runs."""
    (tmp_path / "paygrade.yaml").write_text(f"store: s\nleaks:\n  {said}\n", "utf-8")
    with pytest.raises(WorkspaceError) as caught:
        find_layout(tmp_path)
    [mistake] = caught.value.mistakes
    assert why in str(mistake)
    assert mistake.line == 3
