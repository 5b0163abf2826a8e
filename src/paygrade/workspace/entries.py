"""Scorer entries of suites and samples: names, common keys and parameters, bound to `CheckSpec`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from paygrade.records.check import DEFAULT_ROLE, CheckSpec, GateRole, Severity
from paygrade.workspace.validate import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Catalogue
    from paygrade.workspace.yaml_reader import Location

Problem = tuple["Location", str, str]
"""Place inside the list of entries, what is wrong, how to mend it."""

_NOT = "not-"
_ID = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f]{1,200}\Z")


def bind_checks(
    entries: list[str | dict[str, Json]], catalogue: Catalogue
) -> tuple[tuple[CheckSpec, ...], list[Problem]]:
    """Bind every entry; whatever is wrong with any of them comes back as problems."""
    specs: list[CheckSpec] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        spec, wrong = _bind(entry, catalogue)
        problems += [((index, *place), problem, hint) for place, problem, hint in wrong]
        if spec is None:
            continue
        if spec.id in seen:
            hint = f"entry {seen[spec.id] + 1} has it already: give one of them an 'id'"
            problems.append(((index,), f"the check id {spec.id!r} is taken", hint))
        seen.setdefault(spec.id, index)
        specs.append(spec)
    return tuple(specs), problems


def _bind(
    entry: str | dict[str, Json], catalogue: Catalogue
) -> tuple[CheckSpec | None, list[Problem]]:
    if isinstance(entry, str):
        written, params = entry, {}
    elif len(entry) == 1:
        written, value = next(iter(entry.items()))
        if value is not None and not isinstance(value, dict):
            return None, [((written,), f"{written!r} takes keys, such as {{field: action}}", "")]
        params = dict(value) if isinstance(value, dict) else {}
    else:
        return None, [((), "one entry names one scorer", "write '- NAME: {…}' for each")]
    negated = written.startswith(_NOT) and written not in catalogue.names()
    name = written.removeprefix(_NOT) if negated else written
    if name not in catalogue.names():
        return None, [((), f"there is no scorer {written!r}", closest(name, catalogue.names()))]
    common = {key: params.pop(key) for key in ("id", "severity", "role") if key in params}
    problems = [*_common_problems(written, common)]
    for each in catalogue.problems(name, params):
        place = (written, each.key) if each.key else (written,)
        problems.append((place, f"{written}: {each.problem}", each.hint))
    if problems:
        return None, problems
    severity: Severity = common.get("severity", catalogue.severity(name))
    role: GateRole = common.get("role", DEFAULT_ROLE[severity])
    field = params.get("field")
    default_id = f"{written}({field})" if field else written
    spec = CheckSpec(
        id=str(common.get("id", default_id)),
        scorer=name,
        negated=negated,
        params=params,
        severity=severity,
        role=role,
    )
    return spec, []


def _common_problems(written: str, common: dict[str, Json]) -> Iterator[Problem]:
    for key, allowed in (("severity", get_args(Severity)), ("role", get_args(GateRole))):
        if key in common and common[key] not in allowed:
            problem = f"{written}: {key!r} is {common[key]!r}"
            yield (written, key), problem, f"one of {', '.join(allowed)}"
    if "id" in common and not (isinstance(common["id"], str) and _ID.match(common["id"])):
        hint = "text without control characters, 200 characters at most"
        yield (written, "id"), f"{written}: 'id' is {common['id']!r}"[:200], hint
