"""AWS Lambda Powertools: its decorator for functions on Redis, inside of a Lambda context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.persistence.redis import (
    RedisCachePersistenceLayer,
)
from redis import Redis

from place import LEASE_S

if TYPE_CHECKING:
    from place import Effect, Pay, Place


class Context:
    """What Lambda says of an invocation: when it ends at the latest."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """A whole lease, always: each call is an invocation of its own."""
        return LEASE_S * 1000


def made(place: Place) -> Pay:
    """Sync."""
    layer = RedisCachePersistenceLayer(client=Redis.from_url(place.redis))

    def pay(operation: str, key: str, minor: int, effect: Effect) -> object:
        config = IdempotencyConfig(event_key_jmespath="key")
        config.register_lambda_context(Context())

        def run(*, data: dict[str, Any]) -> object:
            return effect(data["key"])

        guarded = idempotent_function(
            run,
            data_keyword_argument="data",
            persistence_store=layer,
            config=config,
            key_prefix=operation,
        )
        told: object = guarded(data={"key": key, "minor": minor})
        return told

    return pay
