"""The attempts behind a suite's page as columns of small numbers, embedded or as Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paygrade.records.site import Columns
from paygrade.store import database
from paygrade.store.database import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paygrade.store.database import Connection

BITS = 8
"""So many checks share a column."""

_CLASSES = ("statistical", "must_pass", "quarantined")
_TYPES = {1: "UTINYINT", 2: "USMALLINT", 4: "UINTEGER"}


def attempts_of(connection: Connection, suite: str) -> int:
    """How many attempts the published runs of a suite have.

    Raises:
        StoreError: the database cannot be read.
    """
    question = (
        "SELECT count(*) FROM attempts WHERE run_id IN "
        "(SELECT run_id FROM published WHERE suite = $suite)"
    )
    [[count]] = rows(connection, question, {"suite": suite})[1]
    return int(count)


def columns(connection: Connection, suite: str) -> Columns:
    """The columns of all attempts of a suite's published runs.

    Raises:
        StoreError: the database cannot be read.
    """
    codes = _codes(connection, suite)
    found = database.arrays(connection, codes.question, codes.parameters)
    return Columns(
        rows=len(found["outcome"]),
        dictionaries=codes.dictionaries,
        widths=codes.widths,
        columns={name: found[name].tobytes() for name in codes.widths},
    )


def write_columns(store: Path, suite: str, file: Path) -> Mapping[str, tuple[str, ...]]:
    """Write the same columns into `file` as Parquet (snappy), and return their dictionaries.

    Raises:
        StoreError: the database refuses.
        OSError: the file cannot be written.
    """
    with database.reading(store, shut=False, frugal=True) as connection:
        return write_columns_into(connection, suite, file)


def write_columns_into(
    connection: Connection, suite: str, file: Path
) -> Mapping[str, tuple[str, ...]]:
    """Write them as `write_columns` does, asked of an open connection that may write files.

    Raises:
        StoreError: the database refuses.
        OSError: the file cannot be written.
    """
    file.touch()  # a clear OSError, before the database says it in its own words
    codes = _codes(connection, suite)
    table = f"CREATE OR REPLACE TEMP TABLE coded AS {codes.question}"
    rows(connection, table, dict(codes.parameters))
    copied = "COPY coded TO $file (FORMAT parquet, COMPRESSION snappy)"
    rows(connection, copied, {"file": str(file)})
    return codes.dictionaries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codes:
    """A question for codes, and what they stand for."""

    question: str
    parameters: Mapping[str, Any]
    dictionaries: Mapping[str, tuple[str, ...]]
    widths: Mapping[str, int]


def _codes(connection: Connection, suite: str) -> _Codes:
    runs = dict(
        rows(
            connection,
            "SELECT runner, run_id FROM published WHERE suite = $suite ORDER BY runner",
            {"suite": suite},
        )[1]
    )
    ids = {"runs": list(runs.values())}
    checks = _strings(connection, _CHECKS, ids)
    slices = _strings(connection, _SLICES, ids)
    combinations = {
        name: _strings(connection, _VALUES_OF, {**ids, "name": name}) for name in slices
    }
    [[cases]] = rows(connection, _CASES, ids)[1]
    dictionaries = {
        "runner": tuple(runs),
        "class": _CLASSES,
        "check": checks,
        **{f"slice:{name}": combinations[name] for name in slices},
    }
    groups = range(-(-len(checks) // BITS))
    widths = {
        "runner": 1,
        "class": 1,
        "case": _width(cases),
        "outcome": 1,
        **{f"slice:{name}": _width(len(combinations[name])) for name in slices},
        **{f"{kind}:{group}": 1 for kind in ("failed", "judged") for group in groups},
    }
    parameters: dict[str, Any] = {
        **ids, "runners": list(runs), "classes": list(_CLASSES), "checks": list(checks),
    }  # fmt: skip
    selected, joined = [], []
    for number, name in enumerate(slices):
        parameters |= {f"name{number}": name, f"values{number}": list(combinations[name])}
        joined.append(_JOINED.format(number=number))
        selected.append((f"slice:{name}", f"coalesce(v{number}.code, 0)"))
    for kind in ("failed", "judged"):
        selected += [(f"{kind}:{group}", f"coalesce(b.{kind}{group}, 0)") for group in groups]
    bits = "".join(
        f", bit_or(CASE WHEN place // {BITS} = {group} AND {test} THEN 1 << (place % {BITS}) "
        f"ELSE 0 END) AS {kind}{group}"
        for kind, test in (("failed", "result = 'fail'"), ("judged", "result <> 'error'"))
        for group in groups
    )
    plain = [
        ("runner", "list_position($runners, r.runner) - 1"),
        ("class", "list_position($classes, s.case_class) - 1"),
        ("case", "c.code"),
        ("outcome", "CASE WHEN a.kind = 'errored' THEN 2 WHEN a.failed THEN 1 ELSE 0 END"),
    ]
    shown = ",\n    ".join(
        f"({term})::{_TYPES[widths[name]]} AS {_name(name)}" for name, term in plain + selected
    )
    question = _QUESTION.format(shown=shown, bits=bits, joined="\n".join(joined))
    return _Codes(
        question=question, parameters=parameters, dictionaries=dictionaries, widths=widths
    )


_CHECKS = """
SELECT check_id FROM checks WHERE list_contains($runs, run_id) GROUP BY check_id
ORDER BY min(list_position(['critical', 'major', 'minor'], severity)), check_id
"""
_SLICES = """
SELECT DISTINCT unnest(slices::VARCHAR[]) AS name FROM runs WHERE list_contains($runs, run_id)
ORDER BY name
"""
# Values of one sample, joined by U+001F.
_VALUES_OF = """
SELECT DISTINCT coalesce(said, '') FROM samples AS s LEFT JOIN (
    SELECT run_id, sample_id, string_agg(value, chr(31) ORDER BY value) AS said
    FROM sample_slices WHERE slice = $name GROUP BY run_id, sample_id
) AS x ON x.run_id = s.run_id AND x.sample_id = s.sample_id
WHERE list_contains($runs, s.run_id) ORDER BY 1
"""
_CASES = "SELECT count(DISTINCT case_id) FROM samples WHERE list_contains($runs, run_id)"
_JOINED = """
LEFT JOIN (
    SELECT m.run_id, m.sample_id, d.place AS code FROM (
        SELECT s.run_id, s.sample_id,
            coalesce(string_agg(x.value, chr(31) ORDER BY x.value), '') AS said
        FROM samples AS s LEFT JOIN sample_slices AS x
            ON x.run_id = s.run_id AND x.sample_id = s.sample_id AND x.slice = $name{number}
        WHERE list_contains($runs, s.run_id) GROUP BY s.run_id, s.sample_id
    ) AS m JOIN (
        SELECT unnest($values{number}) AS said, unnest(range(len($values{number}))) AS place
    ) AS d USING (said)
) AS v{number} ON v{number}.run_id = a.run_id AND v{number}.sample_id = a.sample_id
"""
_QUESTION = """
WITH cases AS (
    SELECT case_id, row_number() OVER (ORDER BY case_id) - 1 AS code
    FROM (SELECT DISTINCT case_id FROM samples WHERE list_contains($runs, run_id))
),
places AS (SELECT unnest($checks) AS check_id, unnest(range(len($checks))) AS place),
bits AS (
    SELECT k.run_id, k.sample_id, k.epoch{bits}
    FROM checks AS k JOIN places USING (check_id)
    WHERE list_contains($runs, k.run_id) GROUP BY k.run_id, k.sample_id, k.epoch
)
SELECT {shown}
FROM attempts AS a
JOIN runs AS r USING (run_id)
JOIN samples AS s USING (run_id, sample_id)
JOIN cases AS c USING (case_id)
LEFT JOIN bits AS b ON b.run_id = a.run_id AND b.sample_id = a.sample_id AND b.epoch = a.epoch
{joined}
WHERE list_contains($runs, a.run_id) AND len($classes) > 0
ORDER BY r.runner, c.code, a.sample_id, a.epoch
"""


def _strings(
    connection: Connection, question: str, parameters: Mapping[str, Any]
) -> tuple[str, ...]:
    return tuple(value for (value,) in rows(connection, question, dict(parameters))[1])


def _width(codes: int) -> int:
    """Bytes that so many codes need."""
    return 1 if codes <= 1 << 8 else 2 if codes <= 1 << 16 else 4


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
