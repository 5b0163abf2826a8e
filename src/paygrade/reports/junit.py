"""JUnit XML: one testsuite a run, one testcase a sample and epoch.

A failed attempt is a `<failure>`, an errored one an `<error>`, a quarantined one `<skipped>`.
Characters that XML 1.0 forbids become U+FFFD.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(rows: Iterable[Mapping[str, Any]]) -> str:
    """The document of exported `rows`, which come run by run."""
    root = ET.Element("testsuites", name="paygrade")
    for run_id, attempts in groupby(rows, key=lambda row: row["run_id"]):
        _suite(root, run_id, list(attempts))
    return document(root)


def document(root: ET.Element) -> str:
    """The text of a whole document."""
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suite(root: ET.Element, run_id: str, rows: list[Mapping[str, Any]]) -> None:
    head = rows[0]
    name = f"{head['suite']} · {head['runner']} · {head['prompt']}"
    named = {key: str(head[key]) for key in ("run_id", "dataset", "git_commit")}
    suite = new_suite(root, name, named)
    owner = f"{head['suite']}.{head['runner']}"
    for row in rows:
        case = new_case(suite, owner, f"{row['sample_id']}[{row['epoch']}]", row["latency_s"] or 0)
        _verdict(case, row)
    count(suite)
    suite.set("id", legal(run_id))


def new_suite(root: ET.Element, name: str, properties: Mapping[str, str]) -> ET.Element:
    """A testsuite without a testcase yet."""
    suite = ET.SubElement(root, "testsuite", name=legal(name))
    listed = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        ET.SubElement(listed, "property", name=key, value=legal(value))
    return suite


def new_case(suite: ET.Element, owner: str, name: str, seconds: float) -> ET.Element:
    """A testcase that passed, as long as nothing is put into it."""
    return ET.SubElement(
        suite, "testcase", classname=legal(owner), name=legal(name), time=f"{seconds:.6f}"
    )


def count(suite: ET.Element) -> None:
    """Write on a testsuite what its testcases say."""
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.6f}")


def _verdict(case: ET.Element, row: Mapping[str, Any]) -> None:
    if row["case_class"] == "quarantined":
        skip(case, "quarantined")
    elif row["kind"] == "errored":
        err(case, row["error_kind"], row["error"])
    elif row["failed"]:
        missed = misses(row)
        fail(case, missed[0] if missed else "failed", missed)


def misses(row: Mapping[str, Any]) -> list[str]:
    """The checks that made an attempt fail, a sentence each."""
    return [
        f"{check['check']} ({check['severity']}): {check['reason']}"
        for check in row["checks"]
        if check["result"] == "fail" and check["role"] != "advisory"
    ]


def skip(case: ET.Element, why: str) -> None:
    """Neither passed nor failed."""
    ET.SubElement(case, "skipped", message=legal(why))


def err(case: ET.Element, kind: str, message: str) -> None:
    """The infrastructure's fault."""
    ET.SubElement(case, "error", type=legal(kind), message=legal(message))


def fail(case: ET.Element, message: str, details: Iterable[str], kind: str = "failed") -> None:
    """It failed; a detail a line."""
    failure = ET.SubElement(case, "failure", type=kind, message=legal(message))
    failure.text = legal("\n".join(details))


def legal(text: str) -> str:
    """The text with U+FFFD for every character that XML 1.0 forbids."""
    return _FORBIDDEN.sub("\ufffd", text)
