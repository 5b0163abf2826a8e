"""DBOS: a workflow with one step; the workflow's id is the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbos import DBOS, SetWorkflowID

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Effect, Pay, Place

_effects: list[Any] = []  # a step is registered before its effect is known


def _configure(place: Place) -> None:
    url = f"sqlite:///{place.file}"
    if place.store == "PostgreSQL":
        url = place.postgres.replace("postgresql://", "postgresql+psycopg://")
    DBOS(config={"name": "compare", "system_database_url": url, "log_level": "CRITICAL"})


def made(place: Place) -> Pay:
    """Sync."""
    _configure(place)

    def send(key: str) -> object:
        told: object = _effects[-1](key)
        return told

    step = DBOS.step()(send)

    def capture(key: str, _minor: int) -> object:
        return step(key)

    def refund(key: str, _minor: int) -> object:
        return step(key)

    workflows = {each.__name__: DBOS.workflow()(each) for each in (capture, refund)}

    def pay(operation: str, key: str, minor: int, effect: Effect) -> object:
        _launch_with(effect)
        with SetWorkflowID(key):
            told: object = workflows[operation](key, minor)
        return told

    return pay


def made_async(place: Place) -> AsyncPay:
    """Async."""
    _configure(place)

    async def send(key: str) -> object:
        told: object = await _effects[-1](key)
        return told

    step = DBOS.step()(send)

    async def refund(key: str, _minor: int) -> object:
        return await step(key)

    workflow = DBOS.workflow()(refund)

    async def pay(_: str, key: str, minor: int, effect: AsyncEffect) -> object:
        _launch_with(effect)
        with SetWorkflowID(key):
            return await workflow(key, minor)

    return pay


def _launch_with(effect: object) -> None:
    """Launch at the first call: a launch runs what a crash left behind, and needs its effect."""
    _effects.append(effect)
    if len(_effects) == 1:
        DBOS.launch()
