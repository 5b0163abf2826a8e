"""Tasks for agents that move money: 20 scenarios, crossed with faults, over a simulated bank.

What must have happened at the end follows from how a scene is made, never from running an agent.
"""

from paygrade.payments.refund_agent.generator import GENERATOR_VERSION, generate

__all__ = ["GENERATOR_VERSION", "generate"]
