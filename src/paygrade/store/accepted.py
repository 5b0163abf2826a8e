"""What was accepted, put beside the runs: replaced as a whole, for the files are the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.store.database import append, delete, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.accepted import Accepted
    from paygrade.store.database import Connection


def fill(connection: Connection, accepted: Iterable[Accepted]) -> None:
    """Make the tables say what `accepted` says, and nothing else.

    Raises:
        StoreError: the database cannot be written.
    """
    every = tuple(accepted)
    with transaction(connection):
        delete(connection, "delete_accepted", {})
        append(connection, "accepted", [_row(each) for each in every])
        append(
            connection,
            "accepted_samples",
            [
                (
                    each.suite, each.runner, each.digest, sample.sample_id, sample.content_hash,
                    sample.case, sample.case_class, sample.scored, sample.failed, sample.errored,
                )
                for each in every
                if each.current
                for sample in each.samples
            ],
        )  # fmt: skip
        append(
            connection,
            "accepted_power",
            [
                (each.suite, each.runner, each.digest, epochs, rise)
                for each in every
                for epochs, rise in each.power.items()
            ],
        )


def _row(each: Accepted) -> tuple[Any, ...]:
    identity, rate = each.identity, each.rate
    return (
        each.suite, each.runner, each.digest, each.accepted_at, each.reason, each.prompt,
        each.dataset, each.commit, identity.prompt, identity.dataset, identity.runner,
        identity.scorers, identity.tools, each.epochs, each.source, each.current, rate.scored,
        rate.failed, rate.errored, each.cases, rate.rate, rate.low, rate.high,
    )  # fmt: skip
