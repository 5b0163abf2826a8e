"""Agents without a model: one that keeps the policies, and habits that break them.

They know what an agent may see and nothing else: the message, and what tools give.
"""

from paygrade.payments.refund_agent.agents.acting import act
from paygrade.payments.refund_agent.agents.clumsy import SlippingTools, Slips
from paygrade.payments.refund_agent.agents.desk import CAREFUL, Habits

__all__ = ["CAREFUL", "Habits", "SlippingTools", "Slips", "act"]
