"""Reports for other tools: Markdown, JUnit, CSV, JSON Lines, JSON."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from decimal import Decimal
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.analysis.summarize import summarize
from paygrade.errors import ExitCode
from paygrade.reports.as_json import summary_json
from paygrade.reports.junit import junit
from paygrade.reports.markdown import markdown
from paygrade.reports.rows import csv_text, jsonl
from reports.seen import parsed
from store.making import PAN, check, header, row, scored

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder


def named(name: str) -> str:
    """The Markdown of a run whose check and slice have this name."""
    outcome = dataclasses.replace(scored(failed=True), checks=(check(name, result="fail"),))
    return markdown([summarize(header(), [row(slices={"kind": (name,)})], [outcome])])


def test_markdown_is_a_section_a_run() -> None:
    """Rates with intervals and denominators, and no word of a model's."""
    rows = [row("s1", exposure_minor=1000, currency="EUR"), row("s2")]
    made = summarize(header(attempts=2), rows, [scored("s1", failed=True), scored("s2")])
    assert markdown([made, made]) == 2 * dedent(
        """\
        ## `refunds` · `echo`

        **Failure rate 50.0 %** (95 % interval 9.5 to 90.5 %; 1 of 2 failed; complete)

        Prompt `refunds@v1`, dataset `refunds@v1`, run `20261123-120000-refunds-echo-000001`.
        Money at risk: 10.00 EUR of 10.00 EUR.

        | attempts with a miss that is | failed | of | rate | 95 % interval |
        |---|---:|---:|---:|---:|
        | critical | 0 | 2 | 0.0 % | 0.0 to 65.8 % |
        | major | 1 | 2 | 50.0 % | 9.5 to 90.5 % |
        | minor | 0 | 2 | 0.0 % | 0.0 to 65.8 % |

        | check | severity | role | failed | of | rate | 95 % interval |
        |---|---|---|---:|---:|---:|---:|
        | `equals` | major | gating | 1 | 2 | 50.0 % | 9.5 to 90.5 % |

        | slice | samples | failed | of | rate | 95 % interval | (thin: under 30) |
        |---|---:|---:|---:|---:|---:|---|
        | `kind=lost` | 2 | 1 | 2 | 50.0 % | 9.5 to 90.5 % | thin |

        """
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("@octocat", "`@octocat`"),
        ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
        ("![x](https://example.com/x.png)", "`![x](https://example.com/x.png)`"),
        ("a\n\n# b", "`a # b`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a\\", "<code>a&#92;</code>"),
        ("`<img src=x>|", "<code>&#96;&#60;img src&#61;x&#62;&#124;</code>"),
        ("", "` `"),
    ],
)
def test_a_hostile_name_is_code_and_nothing_else(name: str, written: str) -> None:
    """No mention, link, image, markup, heading, and no break of the table."""
    text = named(name)
    assert f"| {written} | major |" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert [line.count("|") for line in tables] == [6] * 5 + [8] * (len(tables) - 5)


def attempt(sample_id: str = "s1", **changes: object) -> dict[str, Any]:
    """An exported row."""
    values: dict[str, Any] = {
        "run_id": "r1",
        "suite": "refunds",
        "runner": "echo",
        "prompt": "refunds@v1",
        "dataset": "refunds@v1",
        "git_commit": "",
        "sample_id": sample_id,
        "case_class": "statistical",
        "epoch": 1,
        "kind": "scored",
        "failed": False,
        "error_kind": "",
        "error": "",
        "latency_s": 0.25,
        "checks": [],
    }
    values.update(changes)
    return values


def told(name: str, **changes: str) -> dict[str, str]:
    """An exported check that failed."""
    values = {"check": name, "severity": "major", "role": "gating", "result": "fail"}
    return {**values, "reason": "wrong", **changes}


def test_junit_counts_what_it_shows() -> None:
    """A failure, an error, a quarantined one and a pass, in two runs."""
    checks = [told("a"), told("b", role="advisory"), told("c", result="pass"), told("d")]
    rows = [
        attempt("s1", failed=True, checks=checks),
        attempt("s2", kind="errored", failed=None, error_kind="timeout", error="too slow"),
        attempt("s3", failed=True, case_class="quarantined"),
        attempt("s4", latency_s=None),
        attempt("s1", run_id="r2"),
    ]
    root = parsed(junit(rows))
    first, second = root.findall("testsuite")
    counts = ("tests", "failures", "errors", "skipped")
    assert [first.get(name) for name in counts] == ["4", "1", "1", "1"]
    assert [second.get(name) for name in counts] == ["1", "0", "0", "0"]
    assert (first.get("id"), first.get("time")) == ("r1", "0.750000")
    cases = first.findall("testcase")
    assert [case.get("name") for case in cases] == ["s1[1]", "s2[1]", "s3[1]", "s4[1]"]
    assert [[child.tag for child in case] for case in cases] == [
        ["failure"],
        ["error"],
        ["skipped"],
        [],
    ]
    assert cases[0][0].get("message") == "a (major): wrong"
    assert cases[0][0].text == "a (major): wrong\nd (major): wrong"
    assert (cases[1][0].get("type"), cases[1][0].get("message")) == ("timeout", "too slow")


def test_junit_of_no_attempt_is_still_a_document() -> None:
    """Well-formed and empty."""
    assert list(parsed(junit([]))) == []


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_junit_is_well_formed_whatever_the_text(text: str) -> None:
    """Control characters, half surrogates and markup included; it can be written as UTF-8."""
    row_ = attempt(text, failed=True, checks=[told(text, reason=text)])
    errored = attempt(text, kind="errored", error_kind=text, error=text)
    document = junit([row_, errored])
    root = parsed(document)
    assert len(root.findall("testsuite/testcase")) == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", '=HYPERLINK("x")'])
def test_csv_runs_no_formula(text: str) -> None:
    """A spreadsheet shows the text; a number stays a number."""
    written = csv_text(["a", "b"], [{"a": text, "b": -1}])
    [[name, number]] = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert (name, number) == (f"'{text}", "-1")


def test_csv_holds_any_value_of_the_store() -> None:
    """Line breaks and quotes are quoted, lists are JSON, nothing is empty."""
    nested = [{"at": dt.datetime(2026, 11, 23, tzinfo=dt.UTC), "n": Decimal("1.5")}]
    text = csv_text(["a", "b", "c"], [{"a": 'x\n"y",z', "b": nested, "c": None}])
    [values] = list(csv.reader(io.StringIO(text)))[1:]
    assert values[0] == 'x\n"y",z'
    assert json.loads(values[1]) == [{"at": "2026-11-23T00:00:00+00:00", "n": "1.5"}]
    assert values[2] == ""


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(), max_size=4
        ),
        max_size=4,
    )
)
def test_json_lines_come_back(rows: list[dict[str, Any]]) -> None:
    """One object a line, also with line separators inside."""
    text = jsonl(rows)
    assert text.count("\n") == len(rows)
    assert [json.loads(line) for line in text.split("\n") if line] == rows


def test_json_has_every_figure_and_the_exit_code() -> None:
    """The header's fields beside the figures."""
    made = summarize(header(attempts=1), [row()], [scored()])
    data = json.loads(json.dumps(summary_json(made, ExitCode.OK, "complete")))
    assert (data["run_id"], data["exit_code"], data["reason"]) == (header().run_id, 0, "complete")
    assert data["overall"]["scored"] == 1
    assert data["header"]["identity"]["prompt"] == header().identity.prompt


def test_every_export_says_the_same(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Through the command, with a card number in an answer that gets into none of them."""
    workspace.write(
        "runners/always_refund.py",
        f'def answer(request):\n    return "=refund {PAN} \\x1b <b>|`"\n',
    )
    names = ("r.jsonl", "r.csv", "r.junit.xml", "r.md", "r.parquet")
    files = [workspace.root / name for name in names]
    options = [part for file in files for part in ("-o", file)]
    assert paygrade("run", "-w", workspace.root, *options).code == 100  # no-pan is an invariant
    for file in files:
        assert PAN.encode() not in file.read_bytes()
    lines = [json.loads(line) for line in files[0].read_text().splitlines()]
    rows = list(csv.DictReader(io.StringIO(files[1].read_text())))
    cases = parsed(files[2].read_text()).findall("testsuite/testcase")
    assert [line["sample_id"] for line in lines] == ["s1", "s2", "s3"]
    assert [row_["sample_id"] for row_ in rows] == ["s1", "s2", "s3"]
    assert [case.get("name") for case in cases] == ["s1[1]", "s2[1]", "s3[1]"]
    assert all(line["answer"] == "=refund 411111******1111 \x1b <b>|`" for line in lines)
    assert all(row_["answer"].startswith("'=refund") for row_ in rows)
    assert "3 of 3 failed" in files[3].read_text()
