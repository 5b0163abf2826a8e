"""`ci/post-comment.sh` against a server that plays GitHub: one comment, of a hostile artifact."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from ci.actions import Job, load
from ci.hub import MARKER, OWN, Hub, archive, serving
from kit import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ci.actions import Step

MISSING = [each for each in ("bash", "curl", "jq", "unzip", "iconv") if not shutil.which(each)]
pytestmark = [
    pytest.mark.real,  # each runs the script against a server
    pytest.mark.skipif(
        sys.platform != "linux" or bool(MISSING),
        reason=f"the script is for ubuntu runners; missing here: {MISSING or 'Linux'}",
    ),
]

SHA = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
RUN = 4711
GAP = "\u200b"
REPORT = f"{MARKER}\n### ✅ PASS `refunds`\nNo regression.\n"
LINK = f"https://github.com/acme/pay/actions/runs/{RUN}"


def _artifact(**changed: object) -> dict[str, Any]:
    return {
        "id": 99,
        "name": "paygrade-gate",
        "expired": False,
        "size_in_bytes": 1000,
        "created_at": "2026-11-23T10:00:00Z",
    } | changed


@pytest.fixture
def hub() -> Iterator[Hub]:
    """GitHub with pull request 12 of a fork, whose run 4711 left a report."""
    pull = {"number": 12, "head": {"sha": SHA, "repo": {"id": 55}}}
    found = Hub(
        artifacts=[_artifact()],
        archive=archive({"pr.txt": "12\n", "gate.md": REPORT}),
        pulls={"12": pull},
    )
    with serving(found):
        yield found


@pytest.fixture
def job(tmp_path: Path, hub: Hub) -> Job:
    """The job that `workflow_run` starts."""
    run = {
        "id": RUN,
        "head_sha": SHA,
        "conclusion": "failure",
        "head_repository": {"id": 55},
        "head_branch": "$(touch pwned)",
    }
    return Job(
        temp=tmp_path / "temp",
        workspace=tmp_path / "project",
        github={"event": {"workflow_run": run}, "token": "ghs_secret"},
        env={
            "GITHUB_API_URL": hub.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/pay",
            "TMPDIR": str(tmp_path / "temp"),
        },
    )


def _post(job: Job) -> Step:
    """Run the action `ci/comment`; how its one step ended."""
    (step,) = job.run(REPOSITORY / "ci" / "comment").steps.values()
    return step


def _body(job: Job, hub: Hub) -> str:
    """Post; the one text that was written."""
    step = _post(job)
    assert step.code == 0, step.out
    (call,) = hub.written
    assert set(call.body) == {"body"}
    return str(call.body["body"])


def _own(text: str = f"{MARKER}\nold", number: int = 700) -> dict[str, Any]:
    return {"id": number, "user": OWN, "body": text}


def test_a_first_report_becomes_a_comment(job: Job, hub: Hub) -> None:
    """The marker first, then what GitHub says of the run, then the run's text."""
    said = "was about a1b2c3d4e5f6 and ended with **failure**. What follows was written by it."
    lines = [MARKER, f"> [This run]({LINK}) {said}", "", *REPORT.splitlines()[1:]]
    assert _body(job, hub).splitlines() == lines
    assert [(call.method, call.path) for call in hub.written] == [
        ("POST", "/repos/acme/pay/issues/12/comments")
    ]


def test_the_next_report_replaces_the_first(job: Job, hub: Hub) -> None:
    """One comment, however often the gate runs."""
    hub.comments = [{"id": 1, "user": {"login": "a", "type": "User"}, "body": "hi"}, _own()]
    _body(job, hub)
    assert [(call.method, call.path) for call in hub.written] == [
        ("PATCH", "/repos/acme/pay/issues/comments/700")
    ]


@pytest.mark.parametrize(
    "user",
    [
        {"login": "mallory", "type": "User"},
        {"login": "github-actions[bot]", "type": "User"},
        {"login": "other[bot]", "type": "Bot"},
        None,
    ],
    ids=str,
)
def test_a_marker_of_somebody_else_is_not_ours(
    job: Job, hub: Hub, user: dict[str, str] | None
) -> None:
    """A comment that only looks like ours is left alone, and ours is written beside it."""
    hub.comments = [{"id": 666, "user": user, "body": f"{MARKER}\nfake"}]
    _body(job, hub)
    assert [call.method for call in hub.written] == ["POST"]


def test_another_comment_of_the_same_bot_is_not_ours(job: Job, hub: Hub) -> None:
    """It quotes the marker, and does not begin with it."""
    hub.comments = [_own(f"Another tool saw {MARKER}"), _own("", 701)]
    _body(job, hub)
    assert [call.method for call in hub.written] == ["POST"]


def test_our_comment_is_found_behind_many_others(job: Job, hub: Hub) -> None:
    """GitHub hands them out by the hundred."""
    others = [
        {"id": each, "user": {"login": "a", "type": "User"}, "body": "x"} for each in range(250)
    ]
    hub.comments = [*others, _own()]
    _body(job, hub)
    assert [call.method for call in hub.written] == ["PATCH"]


@pytest.mark.parametrize(
    "number",
    ["", "12; touch pwned", "$(touch pwned)", "-1", "0", "012", "1e3", "12.0", "\uff11\uff12",
     "12\n13", "../issues/1", "9" * 40, "x" * 5000],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_a_number_that_is_none_is_refused(job: Job, hub: Hub, number: str) -> None:
    """It is never part of an address, and nothing is written."""
    hub.archive = archive({"pr.txt": number, "gate.md": REPORT})
    step = _post(job)
    assert (step.code, hub.written) == (1, [])
    assert "pr.txt does not hold the number of a pull request" in step.out
    assert list(job.workspace.iterdir()) == []


def test_a_pull_request_at_another_commit_gets_no_comment(job: Job, hub: Hub) -> None:
    """The run is old, or the number is not its own."""
    hub.pulls["12"]["head"]["sha"] = "f" * 40
    step = _post(job)
    assert (step.code, hub.written) == (0, [])
    assert "not about the newest commit" in step.out


@pytest.mark.parametrize("repository", [{"id": 56}, None])
def test_a_pull_request_from_another_repository_gets_no_comment(
    job: Job, hub: Hub, repository: dict[str, int] | None
) -> None:
    """The same commit in a fork of one's own gives no say in somebody else's pull request."""
    hub.pulls["12"]["head"]["repo"] = repository
    assert (_post(job).code, hub.written) == (1, [])


def test_a_pull_request_that_is_not_there_gets_no_comment(job: Job, hub: Hub) -> None:
    """GitHub knows none of that number."""
    hub.archive = archive({"pr.txt": "13", "gate.md": REPORT})
    assert (_post(job).code, hub.written) == (1, [])


@pytest.mark.parametrize(
    "artifacts", [[], [_artifact(name="paygrade-gate-2")], [_artifact(expired=True)]], ids=len
)
def test_a_run_without_a_report_is_no_error(
    job: Job, hub: Hub, artifacts: list[dict[str, Any]]
) -> None:
    """It failed before it had one; the check says so already."""
    hub.artifacts = artifacts
    step = _post(job)
    assert (step.code, hub.written) == (0, [])
    assert "The run left no report." in step.out


def test_a_report_without_text_is_no_error(job: Job, hub: Hub) -> None:
    """The gate was refused its inputs: there is a number and no comment."""
    hub.archive = archive({"pr.txt": "12\n"})
    assert (_post(job).code, hub.written) == (0, [])


def test_the_newest_of_two_attempts_is_taken(job: Job, hub: Hub) -> None:
    """By its time, wherever it stands in the list."""
    hub.artifacts = [_artifact(id=100, created_at="2026-11-23T11:00:00Z"), _artifact()]
    _post(job)
    assert "/repos/acme/pay/actions/artifacts/100/zip" in [call.path for call in hub.calls]


def test_an_artifact_that_says_it_is_large_is_not_fetched(job: Job, hub: Hub) -> None:
    """The limit stands before the first byte."""
    hub.artifacts = [_artifact(size_in_bytes=6_000_000)]
    assert (_post(job).code, hub.written) == (1, [])
    assert not [call for call in hub.calls if call.path.endswith("/zip")]


def test_an_artifact_that_is_larger_than_it_says_is_refused(job: Job, hub: Hub) -> None:
    """No more than the limit is read of it."""
    hub.archive = b"\0" * 6_000_000
    step = _post(job)
    assert (step.code, hub.written) == (1, [])
    assert "larger than it says" in step.out


def test_an_artifact_is_not_unpacked(job: Job, hub: Hub) -> None:
    """Whatever its files are called: two are read, none is written, none is run."""
    hub.archive = archive(
        {
            "pr.txt": "12\n",
            "gate.md": REPORT,
            "../../evil.sh": "touch pwned\n",
            "/tmp/evil": "x",  # noqa: S108 - a name in an archive
            "post-comment.sh": "touch pwned\n",
        }
    )
    _body(job, hub)
    assert list(job.workspace.iterdir()) == []
    assert {each.name for each in job.temp.iterdir()} == {"step.sh", "output.txt", "summary.md"}


@pytest.mark.parametrize("content", [b"", b"no archive", archive({})[:10]], ids=len)
def test_an_artifact_that_is_no_archive_is_refused(job: Job, hub: Hub, content: bytes) -> None:
    """There is no number in it."""
    hub.archive = content
    assert (_post(job).code, hub.written) == (1, [])


def test_a_text_that_unpacks_to_very_much_is_cut(job: Job, hub: Hub) -> None:
    """A hundred million letters in a small archive: a comment's length of them, and it says so."""
    hub.archive = archive({"pr.txt": "12", "gate.md": MARKER + "\n" + "x" * 100_000_000})
    body = _body(job, hub)
    assert 64_000 < len(body.encode()) <= 65_000
    assert body.endswith("The rest is cut. The artifact of the run has all of it.\n")


def test_a_cut_does_not_divide_a_letter(job: Job, hub: Hub) -> None:
    """The limit is in bytes, and a letter may have four."""
    hub.archive = archive({"pr.txt": "12", "gate.md": "💶" * 60_000})
    body = _body(job, hub)
    assert len(body.encode()) <= 65_000
    assert "\ufffd" not in body


def test_bytes_that_are_no_text_are_left_out(job: Job, hub: Hub) -> None:
    """The rest of the text stays."""
    hub.archive = archive({"pr.txt": "12", "gate.md": b"a\xff\xfe\xc3(b\x00\x1b[31mc"})
    assert _body(job, hub).endswith("\n\na(b[31mc")


HARMLESS = {
    "@octocat and @acme/admins": f"@{GAP}octocat and @{GAP}acme/admins",
    "me@example.com": f"me@{GAP}example.com",
    "see #12 and GH-7": f"see #{GAP}12 and GH-{GAP}7",
    "[free](https://evil.example)": f"[free]{GAP}(https:{GAP}//evil.example)",
    "[free][a]": f"[free]{GAP}[a]",
    "[a]: //evil.example": f"[a]{GAP}: //evil.example",
    "![x](http://evil.example/x.png)": f"!{GAP}[x]{GAP}(http:{GAP}//evil.example/x.png)",
    "<https://evil.example>": f"<{GAP}https:{GAP}//evil.example>",
    "www.evil.example": f"www{GAP}.evil.example",
    "<!-- hidden -->": f"<{GAP}!-- hidden -->",
    "<img src=x onerror=alert(1)>": f"<{GAP}img src=x onerror=alert(1)>",
    "<details open>": f"<{GAP}details open>",
    "</div>": f"<{GAP}/div>",
    "&#64;octocat": f"&#64;{GAP}octocat",
    "&#x40;octocat &#064;o &commat;o": f"&{GAP}#x40;octocat &{GAP}#{GAP}064;o &{GAP}commat;o",
    "#&#49;": f"#&{GAP}#{GAP}49;",
    "http&#58;&#47;&#47;evil.example": f"http&#58;{GAP}&#47;{GAP}&#47;{GAP}evil.example",
    "```mermaid": "```",
    "> ~~~ math `x`": "> ~~~",
    "a\u200bb\u202ec\u00add\ufeffe\U000e0041f": "abcdef",
    "@\u200boctocat": f"@{GAP}octocat",
    "\x01\x02\x04b>": "b>",
}


def test_a_text_cannot_reach_out_of_the_comment(job: Job, hub: Hub) -> None:
    """Mentions, references, links, images, HTML, drawings: each is broken, and looks the same."""
    hub.archive = archive({"pr.txt": "12", "gate.md": "\n".join(HARMLESS)})
    lines = _body(job, hub).splitlines()[3:]
    assert dict(zip(HARMLESS, lines, strict=True)) == HARMLESS


KEPT = f"""\
### ❌ REGRESSED `refunds` · `gpt_small`: fails more often\\
**Next:** look at the 3 samples below

| sample | before | after |
|---|---:|---:|
| [`dt-0001`]({LINK}) | 0 of 5 | 5 of 5 |
| <code>a&#124;b</code> | p < 0.001 | &#91;x&#93;&#95; &#8203;1 |

<details><summary>refunds · slices</summary>

- ⚠️ **rückzahlung: 50 %, 12/20, a_b, 3 &lt; 4, R&amp;D, 10:30, ~5, "x" & more**
- [x] done

```
{{"answer": 1}}
```

</details>

[The whole report is in the run.]({LINK}/attempts/2)
"""


def test_a_report_of_paygrade_stays_as_it_is(job: Job, hub: Hub) -> None:
    """Headings, tables, code, folds, line breaks, and the links to its own run."""
    hub.archive = archive({"pr.txt": "12", "gate.md": f"{MARKER}\n{KEPT}"})
    text = _body(job, hub).split("\n", 3)[3]
    assert text == KEPT


def test_a_link_to_another_run_is_none(job: Job, hub: Hub) -> None:
    """Only the very run that left the report is linked."""
    texts = [f"[a]({LINK}0)", f"[a]({LINK}/../../x)", f"[a](https://github.com.evil/{RUN})"]
    hub.archive = archive({"pr.txt": "12", "gate.md": "\n".join(texts)})
    assert _body(job, hub).count("](") == 1


NASTY = (
    *HARMLESS,
    "[x]\n(https://evil.example)",
    "[x](<https://evil.example>)",
    "[x]\\\n(https://evil.example)",
    '<a href="https://evil.example">x</a>',
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "<?php x ?>",
    "<![CDATA[x]]>",
    "<!DOCTYPE html>",
    "[x]: https://evil.example\n\n[x]",
    "[x]:\nhttps://evil.example\n\n[x]",
    "![x][y]\n\n[y]: <data:text/html,x>",
    "[![x](a.png)](b)",
    "<b onclick=x>y</b>",
    "<mailto:a@b.example>",
    "`<b>` <b>bold</b> <details><summary>s</summary>",
)


@pytest.mark.parametrize("between", ["\n\n", "\n> ", "\n- "], ids=["apart", "quoted", "listed"])
def test_a_markdown_reader_finds_no_link_no_image_and_no_html(
    job: Job, hub: Hub, between: str
) -> None:
    """As CommonMark reads it; a few tags without attributes are all that is left of HTML."""
    hub.archive = archive({"pr.txt": "12", "gate.md": between.join(NASTY)})
    text = _body(job, hub).split("\n", 3)[3]
    found = [
        token
        for block in MarkdownIt("commonmark").enable("table").parse(text)
        for token in (block, *(block.children or ()))
    ]
    assert not [each for each in found if each.type in {"link_open", "image"}]
    html = {each.content.strip() for each in found if each.type in {"html_inline", "html_block"}}
    assert html <= {"<b>", "</b>", "<details>", "<summary>", "</summary>"}


def test_the_token_is_only_for_the_api(job: Job, hub: Hub) -> None:
    """GitHub sends the fetcher of an artifact to another host, which gets no token."""
    elsewhere = Hub(archive=hub.archive)
    with serving(elsewhere):
        hub.redirect = f"{elsewhere.url}/repos/a/b/actions/artifacts/1/zip?sig=x"
        _body(job, hub)
    assert {call.authorization for call in hub.calls} == {"Bearer ghs_secret"}
    assert [call.authorization for call in elsewhere.calls] == [""]


def test_the_token_is_in_no_log_and_no_file(job: Job, hub: Hub) -> None:
    """Neither printed nor left behind."""
    step = _post(job)
    assert hub.written
    assert "ghs_secret" not in step.out
    assert not [each for each in job.temp.rglob("*") if each.name.startswith("tmp.")]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_comment_that_could_not_be_written_is_an_error(job: Job, hub: Hub, method: str) -> None:
    """The job is red: somebody forgot a permission."""
    hub.refusing = frozenset({method})
    hub.comments = [_own()] if method == "PATCH" else []
    assert _post(job).code == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_REPOSITORY", "acme/pay/../x"),
        ("GITHUB_SERVER_URL", "https://x/,e touch pwned"),
        ("GITHUB_REPOSITORY", ""),
    ],
)
def test_an_environment_that_is_not_githubs_is_refused(
    job: Job, hub: Hub, name: str, value: str
) -> None:
    """Nothing is asked and nothing is written."""
    job.env |= {name: value}
    assert _post(job).code != 0
    assert hub.calls == []


def test_the_scripts_are_correct_shell() -> None:
    """As far as bash itself can tell without running them."""
    for script in sorted((REPOSITORY / "ci").glob("*.sh")):
        subprocess.run(["bash", "-n", str(script)], check=True)
        assert "set -euo pipefail" in script.read_text("utf-8")


def test_the_workflow_checks_nothing_out_and_may_little() -> None:
    """It reads an artifact, writes a comment, and has no other step."""
    workflow = load(".github/workflows/gate-comment.yml")
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert job["steps"] == [{"uses": "$/ci/comment"}]
    gate = load(".github/workflows/gate.yml")["name"]
    assert workflow["on"] == {"workflow_run": {"workflows": [gate], "types": ["completed"]}}
