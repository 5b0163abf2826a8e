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
    ET.indent(root)
    document: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document}\n'


def _suite(root: ET.Element, run_id: str, rows: list[Mapping[str, Any]]) -> None:
    head = rows[0]
    name = f"{head['suite']} · {head['runner']} · {head['prompt']}"
    suite = ET.SubElement(root, "testsuite", name=_legal(name), tests=str(len(rows)))
    counts = dict.fromkeys(("failures", "errors", "skipped"), 0)
    properties = ET.SubElement(suite, "properties")
    for key in ("run_id", "dataset", "git_commit"):
        ET.SubElement(properties, "property", name=key, value=_legal(str(head[key])))
    for row in rows:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_legal(f"{row['suite']}.{row['runner']}"),
            name=_legal(f"{row['sample_id']}[{row['epoch']}]"),
            time=f"{row['latency_s'] or 0:.6f}",
        )
        _verdict(case, row, counts)
    for key, value in counts.items():
        suite.set(key, str(value))
    suite.set("time", f"{sum(row['latency_s'] or 0 for row in rows):.6f}")
    suite.set("id", _legal(run_id))


def _verdict(case: ET.Element, row: Mapping[str, Any], counts: dict[str, int]) -> None:
    if row["case_class"] == "quarantined":
        counts["skipped"] += 1
        ET.SubElement(case, "skipped", message="quarantined")
    elif row["kind"] == "errored":
        counts["errors"] += 1
        message = _legal(row["error"])
        ET.SubElement(case, "error", type=_legal(row["error_kind"]), message=message)
    elif row["failed"]:
        counts["failures"] += 1
        missed = [
            f"{check['check']} ({check['severity']}): {check['reason']}"
            for check in row["checks"]
            if check["result"] == "fail" and check["role"] != "advisory"
        ]
        message = _legal(missed[0] if missed else "failed")
        failure = ET.SubElement(case, "failure", type="failed", message=message)
        failure.text = _legal("\n".join(missed))


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
