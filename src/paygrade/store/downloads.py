"""The tables of a site as Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.store.database import append, rows

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.site import Asked
    from paygrade.store.database import Connection


def write_asked(connection: Connection, asked: Asked, file: Path) -> None:
    """Write the rows of `asked` into `file` as Parquet (zstd), with the types of its question.

    The question is not asked again: what is downloaded is what the page shows.

    Raises:
        StoreError: the database refuses.
        OSError: the file cannot be written.
    """
    file.touch()  # a clear OSError, before the database says it in its own words
    described = rows(connection, f"DESCRIBE {asked.sql.rstrip().rstrip(';')}")[1]
    kinds = (f'"{name.replace(chr(34), chr(34) * 2)}" {kind}' for name, kind, *_ in described)
    rows(connection, f"CREATE OR REPLACE TEMP TABLE downloaded ({', '.join(kinds)})")
    append(connection, "downloaded", list(asked.rows))
    rows(
        connection,
        "COPY (FROM downloaded ORDER BY rowid) TO $file (FORMAT parquet, COMPRESSION zstd)",
        {"file": str(file)},
    )
