"""The list of mutations is about the source as it is, and the page about the list."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TESTS = Path(__file__).parent


def loaded() -> ModuleType:
    """The program beside this file."""
    spec = importlib.util.spec_from_file_location("mutations", TESTS / "mutations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


mutations = loaded()


@pytest.mark.parametrize("mutation", mutations.MUTATIONS, ids=lambda each: each.rule)
def test_a_mutation_changes_the_source_in_one_place(mutation: Any) -> None:  # noqa: ANN401 - a class of the program
    """And its test is there."""
    source = (mutations.SOURCE / mutation.file).read_text(encoding="utf-8")
    assert source.count(mutation.old) == 1
    file, *inside, name = mutation.test.split("::")
    home = mutations.SOURCE / "testing" / "contract.py" if inside else TESTS / file
    assert f"def {name}(" in home.read_text(encoding="utf-8")


def test_the_page_lists_them_all() -> None:
    """As the program prints them."""
    page = TESTS.parent / "docs" / "mutations.md"
    assert mutations.table() in page.read_text(encoding="utf-8")
