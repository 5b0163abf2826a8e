"""YAML as data: no surprises, no code, a line for everything that is wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import WorkspaceError
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.json_value import Json


def read(folder: Path, content: str | bytes) -> Json:
    """The value of a document."""
    file = folder / "file.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_yaml(file, "file.yaml").data


def refusal(folder: Path, content: str | bytes) -> list[str]:
    """What is wrong with a document."""
    with pytest.raises(WorkspaceError) as caught:
        read(folder, content)
    return [str(each) for each in caught.value.mistakes]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("010", "010"), ("0o17", "0o17"),
        ("0x1F", "0x1F"), ("1_000", "1_000"), ("12:30", "12:30"), ("2026-11-23", "2026-11-23"),
        (".inf", ".inf"), (".nan", ".nan"), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0),
        ("-7", -7), ("+7", 7), ("0", 0), ("-0", 0), ("true", True), ("True", True),
        ("TRUE", True), ("false", False), ("null", None), ("~", None), ("NULL", None), ("", None),
        ("'1'", "1"), ('"true"', "true"), ("! 1", "1"), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_hold_no_surprise(tmp_path: Path, written: str, expected: object) -> None:
    """Norway stays text, 010 is not eight, a date is text: YAML 1.2's core, and no more."""
    assert repr(read(tmp_path, f"key: {written}\n")) == repr({"key": expected})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "3: has the key 'a' twice (the second would win silently)"),
        ("a: !!python/object:os.system {}\n",
         ("1: uses the tag 'tag:yaml.org,2002:python/object:os.system' "
         "(YAML holds no code: write plain values)")),
        ("a: !!str 5\n",
         "1: uses the tag 'tag:yaml.org,2002:str' (YAML holds no code: write plain values)"),
        ("a: 1\n---\nb: 2\n", "2: holds more than one YAML document (keep one per file)"),
        ("a: &x [*x]\n", "1: alias *x refers to itself"),
        ("a: *x\n", "1: alias *x names no anchor above it"),
        ("? [1]\n: 2\n", "1: has a key that is not plain text"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n",
         "3: merges with '<<', which YAML 1.2 does not have (write it out)"),
        ("a:\n\t- 1\n",
         ("2: is not YAML: found character that cannot start any token "
         "(indent with spaces, not with tabs)")),
        ("a: [1\nb: 2\n", "2: is not YAML: did not find expected ',' or ']'"),
        ("a: b\nc: d\x00e\n",
         "2: is not YAML: it holds the character U+0000 (take it out, or write it as an escape)"),
        (b"a: b\nc: \xff\n",
         "2: is not UTF-8: byte 0xff cannot be decoded (save the file as UTF-8)"),
        ("a: b\nc: 1e999\n", "2: holds 1e999, which is too large a number"),
        ("a: 1234567890123456789\n", "1: holds a number of 19 digits (put it into quotes)"),
        ("a: " + "[" * 100_000, "1: is refused: nested deeper than 40 levels"),
        ("a:\n" + "".join(" " * n + "- \n" for n in range(60)),
         "42: is refused: nested deeper than 40 levels"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_with_its_line(
    tmp_path: Path, content: str | bytes, expected: str
) -> None:
    """One sentence, one line; nothing is guessed."""
    assert refusal(tmp_path, content) == [f"file.yaml:{expected}"]


def test_all_mistakes_of_a_document_come_together(tmp_path: Path) -> None:
    """Not only the first."""
    content = "a: 1\na: 2\nb: !x 1\nc: 99999999999999999999\n"
    assert [each.split(":")[1] for each in refusal(tmp_path, content)] == ["2", "3", "4"]


def test_a_small_alias_is_read(tmp_path: Path) -> None:
    """Repeating a value by its name is fine."""
    assert read(tmp_path, "a: &x {b: [1, 2]}\nc: *x\n") == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


def test_aliases_that_explode_are_refused(tmp_path: Path) -> None:
    """A billion laughs: refused at the line where they pass the limit."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert refusal(tmp_path, "\n".join(lines)) == [
        "file.yaml:5: is refused: more than 50,000 values once its aliases are expanded"
    ]


def test_aliases_of_long_text_are_counted_by_their_length(tmp_path: Path) -> None:
    """Few values can still be gigabytes once they are written out."""
    content = f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 1000)}]\n"
    assert refusal(tmp_path, content) == [
        "file.yaml:2: is refused: more than 5,000,000 characters once its aliases are expanded"
    ]


def test_aliases_cannot_nest_beyond_the_limit(tmp_path: Path) -> None:
    """A chain of aliases is as deep as what they stand for."""
    lines = ["a0: &a0 [1]"]
    lines += [f"a{n}: &a{n} [[[[*a{n - 1}]]]]" for n in range(1, 100)]
    assert refusal(tmp_path, "\n".join(lines)) == [
        "file.yaml:11: is refused: nested deeper than 40 levels"
    ]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa: 1\r\nb: x\r\n", b"a: 1\nb: x", b"a: 1\rb: x"])
def test_byte_order_marks_and_line_ends_of_any_system_are_read(
    tmp_path: Path, content: bytes
) -> None:
    """What an editor adds is not the content."""
    assert read(tmp_path, content) == {"a": 1, "b": "x"}


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "---\n...\n"])
def test_a_file_of_nothing_is_nothing(tmp_path: Path, content: str) -> None:
    """No document, no value; what needs keys says so itself."""
    assert read(tmp_path, content) is None


def test_every_part_has_its_line(tmp_path: Path) -> None:
    """Keys, items, and the first line of text in a block."""
    file = tmp_path / "file.yaml"
    file.write_text("a:\n  - 1\n  - b: |\n      text\n    c: >-\n\n      folded\nd:\n  plain\n")
    document = read_yaml(file, "file.yaml")
    places: list[tuple[str | int, ...]] = [
        ("a",), ("a", 1), ("a", 1, "b"), ("a", 1, "c"), ("d",), ("a", 1, "zz", 5), ("zz",)
    ]  # fmt: skip
    assert [document.line(place) for place in places] == [1, 3, 4, 6, 9, 3, 1]


def test_a_file_that_is_none_says_what_it_is(tmp_path: Path) -> None:
    """A folder, a broken link, a loop of links, a pipe: a sentence each, at once."""
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "broken.yaml").symlink_to("nowhere")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    found = []
    for name in ("folder", "broken", "loop", "pipe", "missing", "n" * 300, "a\0b"):
        with pytest.raises(WorkspaceError) as caught:
            read_yaml(tmp_path / f"{name}.yaml", f"{name[:9]}.yaml")
        found.append(str(caught.value))
    assert found == [
        "folder.yaml: is a folder, not a file",
        "broken.yaml: cannot be read: No such file or directory",
        "loop.yaml: cannot be read: Too many levels of symbolic links",
        "pipe.yaml: is a pipe or a device, not a file",
        "missing.yaml: cannot be read: No such file or directory",
        "nnnnnnnnn.yaml: cannot be read: File name too long",
        "a\0b.yaml: cannot be read: embedded null byte",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    """The system's own reason."""
    file = tmp_path / "file.yaml"
    file.write_text("a: 1\n")
    file.chmod(0)
    with pytest.raises(WorkspaceError, match="cannot be read: Permission denied"):
        read_yaml(file, "file.yaml")


def test_a_file_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    """Nobody writes that by hand."""
    assert refusal(tmp_path, "a: " + "x" * 5_000_000) == [
        "file.yaml: is larger than 5,000,000 bytes, which no such file needs"
    ]
