"""Runners: what stands behind `records.protocols.Runner`. One file a provider, loaded on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import UsageError

if TYPE_CHECKING:
    from paygrade.records.diagnosis import ModelFacts
    from paygrade.records.plan import RunnerProfile
    from paygrade.records.protocols import Runner
    from paygrade.runners.anthropic import AnthropicRunner
    from paygrade.runners.openai import OpenAIRunner

__all__ = ["VENDORS", "build", "model_facts"]

VENDORS = ("openai", "anthropic")
"""Providers of models, each with an SDK of its own."""


def build(profile: RunnerProfile) -> Runner:
    """The runner that `profile` describes. Only its provider's module is imported.

    Raises:
        UsageError: its callable, its recorded answers or its command cannot be loaded, its key
            is not set, or nothing stands behind its provider.
    """
    if profile.provider == "python":
        from paygrade.runners.python import PythonRunner  # noqa: PLC0415 - on demand, see above

        return PythonRunner.load(profile)
    if profile.provider == "replay":
        from paygrade.runners.replay import ReplayRunner  # noqa: PLC0415 - on demand, see above

        return ReplayRunner.load(profile)
    if profile.provider == "echo":
        from paygrade.runners.echo import EchoRunner  # noqa: PLC0415 - on demand, see above

        return EchoRunner()
    if profile.provider in VENDORS:
        return _vendor(profile)
    if profile.provider == "command":
        from paygrade.runners.command import CommandRunner  # noqa: PLC0415 - on demand, see above

        return CommandRunner.load(profile)
    raise UsageError(f"{profile.path}: no runner is known by the provider {profile.provider!r}")


async def model_facts(profile: RunnerProfile) -> ModelFacts:
    """What the vendor of `profile` says of its model, with one call that costs nothing.

    Raises:
        UsageError: the key is not set.
        RunnerError: the vendor did not say; `not_found` when there is no such model.
    """
    runner = _vendor(profile)
    try:
        return await runner.model_facts()
    finally:
        await runner.close()


def _vendor(profile: RunnerProfile) -> OpenAIRunner | AnthropicRunner:
    if profile.provider == "openai":
        from paygrade.runners.openai import OpenAIRunner  # noqa: PLC0415 - on demand, see above

        return OpenAIRunner.load(profile)
    from paygrade.runners.anthropic import AnthropicRunner  # noqa: PLC0415 - on demand, see above

    return AnthropicRunner.load(profile)
