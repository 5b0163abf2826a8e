"""The engine: asks, masks, journals, judges. It keeps no outcome that it has written."""

from paygrade.engine.execute import Attempts, Tools, execute, first_cause

__all__ = ["Attempts", "Tools", "execute", "first_cause"]
