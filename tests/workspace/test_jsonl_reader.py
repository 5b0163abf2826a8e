"""JSON Lines, strictly: each wrong line is named, and no line can eat the memory."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import WorkspaceError
from paygrade.workspace.jsonl_reader import Line, read_lines

if TYPE_CHECKING:
    from pathlib import Path

MINOR = "write the amount in the currency's smallest unit, as a whole number"


def read(folder: Path, content: str | bytes) -> list[Line]:
    """All lines of a file."""
    file = folder / "v1.jsonl"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_lines(file, "v1.jsonl"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"a": NaN}', "holds NaN, which is not JSON (use null or a real number)"),
        ('{"a": [-Infinity]}', "holds -Infinity, which is not JSON (use null or a real number)"),
        ('{"a": [1e999]}', "holds 1e999, which is too large a number"),
        ('{"a": 1, "a": 2}', "has the key 'a' twice (keep one of them)"),
        ('{"x": [{"fee_minor": 1.5}]}',
         f"'fee_minor' is 1.5, not an integer in minor units ({MINOR})"),
        ('{"fee_minor": "5"}', f"'fee_minor' is a string, not an integer in minor units ({MINOR})"),
        ('{"fee_minor": true}', f"'fee_minor' is true, not an integer in minor units ({MINOR})"),
        ('{"fee_minor": [5]}',
         f"'fee_minor' is not a number, not an integer in minor units ({MINOR})"),
        ('{"fee_minor": 1e2}', f"'fee_minor' is 100.0, not an integer in minor units ({MINOR})"),
        ('{"a": "\\ud800"}', "holds half of a surrogate pair (write the whole character)"),
        ('{"a": ' + "9" * 19 + "}", "holds a number of 19 digits (write it as a string)"),
        ('{"a": ' + "9" * 5000 + "}", "holds a number of 5000 digits (write it as a string)"),
        ('{"a": ' + "[" * 50 + "]" * 50 + "}", "is nested deeper than 40 levels"),
        ("[" * 100_000, "is nested deeper than 40 levels"),
        ('{"a": 1', "is not JSON: Expecting ',' delimiter at column 8"),
        ("{'a': 1}", "is not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b'{"a": "\xff"}', "is not UTF-8: byte 0xff cannot be decoded (save the file as UTF-8)"),
        ('{"a": 1} {"b": 2}', "is not JSON: Extra data at column 10"),
        ('{"a": "\x00"}', "is not JSON: Invalid control character at at column 8"),
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_is_told_and_the_next_is_read(
    tmp_path: Path, line: str | bytes, expected: str
) -> None:
    """One sentence for one line; the others stay as they are."""
    raw = line.encode() if isinstance(line, str) else line
    first, second, third = read(tmp_path, b'{"ok": 1}\n' + raw + b'\n{"ok": 3}\n')
    assert (first.data, second.data, third.data) == ({"ok": 1}, None, {"ok": 3})
    assert [str(each) for each in second.mistakes] == [f"v1.jsonl:2: {expected}"]


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1}\n\n  \n{"b": 2}',
        '{"a": 1}\r\n\r\n\r\n{"b": 2}\r\n',
        '\ufeff{"a": 1}\n\n\n{"b": 2}\n',
    ],
)
def test_blank_lines_and_line_ends_do_not_matter(tmp_path: Path, content: str) -> None:
    """Lines keep the numbers that an editor shows."""
    assert [(each.number, each.data) for each in read(tmp_path, content)] == [
        (1, {"a": 1}),
        (4, {"b": 2}),
    ]


def test_a_file_of_nothing_has_no_lines(tmp_path: Path) -> None:
    """Nor has a byte order mark alone."""
    assert read(tmp_path, b"") == read(tmp_path, b"\xef\xbb\xbf\n\n") == []


def test_whole_characters_and_money_within_bounds_are_read(tmp_path: Path) -> None:
    """A surrogate pair is one character; null and whole numbers are fine amounts."""
    [line] = read(tmp_path, '{"a": "\\ud83d\\ude00", "x_minor": null, "y_minor": -5}')
    assert line.data == {"a": "\N{GRINNING FACE}", "x_minor": None, "y_minor": -5}


def test_a_line_of_a_hundred_megabytes_does_not_fill_the_memory(tmp_path: Path) -> None:
    """It is refused by its length, and the line after it is read."""
    file = tmp_path / "v1.jsonl"
    with file.open("wb") as stream:
        stream.write(b'{"a": "')
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n{"ok": 1}\n')
    tracemalloc.start()
    long, after = read_lines(file, "v1.jsonl")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [str(each) for each in long.mistakes] == [
        "v1.jsonl:1: is longer than 10,000,000 bytes (one sample stands on one line)"
    ]
    assert after.data == {"ok": 1}
    assert peak < 40_000_000


def test_a_file_that_is_missing_says_so(tmp_path: Path) -> None:
    """A sentence, no traceback."""
    with pytest.raises(WorkspaceError) as caught:
        list(read_lines(tmp_path / "no.jsonl", "no.jsonl"))
    assert str(caught.value) == "no.jsonl: cannot be read: No such file or directory"
