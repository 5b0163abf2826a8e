"""Runners: what stands behind `records.protocols.Runner`. One file a provider, loaded on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import UsageError

if TYPE_CHECKING:
    from paygrade.records.plan import RunnerProfile
    from paygrade.records.protocols import Runner

__all__ = ["build"]


def build(profile: RunnerProfile) -> Runner:
    """The runner that `profile` describes. Only its provider's module is imported.

    Raises:
        UsageError: its callable or its recorded answers cannot be loaded, or nothing stands
            behind its provider.
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
    raise UsageError(f"{profile.path}: no runner is known by the provider {profile.provider!r}")
