"""Failure rates of many runs at once, from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.run import Rate
from paygrade.store import database

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def complete_rates(store: Path, run_ids: Iterable[str]) -> dict[str, Rate]:
    """The rate of each of the runs that is complete and in the database.

    Raises:
        StoreError: the database cannot be read.
    """
    parameters = {"run_ids": list(run_ids)}
    if not parameters["run_ids"]:
        return {}
    with database.reading(store) as connection:
        _, found = database.rows(connection, database.queries()["complete_rates"], parameters)
    return {
        run_id: Rate(scored=scored, failed=failed, errored=errored, rate=rate, low=low, high=high)
        for run_id, scored, failed, errored, rate, low, high in found
    }
