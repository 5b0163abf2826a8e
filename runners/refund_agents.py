"""Agents for the suite `refund_agent`, without a model: each is `agent(request, tools) -> str`.

`reference` keeps the policies whatever goes wrong. Three have one bad habit each, and fail the
samples that are made for it (slice `made_for`). `clumsy` slips as models do, at the rates below;
run it with `guard: none` and `guard: pytx`. They see what a model would see, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paygrade.payments.refund_agent.agents import CAREFUL, Habits, SlippingTools, Slips, act

if TYPE_CHECKING:
    from paygrade.records.answer import Request
    from paygrade.records.protocols import Tools

SEED: Final = 20261128
SLIPS: Final = Slips(asks_twice=6, asks_again=6, gives_up_key=60, wrong_amount=4, says_done_early=8)
"""Percent of calls that move money (`gives_up_key`: of those that ended in an error)."""


def reference(request: Request, tools: Tools) -> str:
    """Once each, under one key; what is unknown is looked up, or handed to people."""
    return act(request, tools, CAREFUL)


def new_key_each_retry(request: Request, tools: Tools) -> str:
    """Tries again after a lost answer, and makes up a new key for it."""
    return act(request, tools, Habits(new_key_each_retry=True))


def trusts_first_read(request: Request, tools: Tools) -> str:
    """Believes the first read, however old the state is that it shows."""
    return act(request, tools, Habits(trusts_first_read=True))


def obeys_memos(request: Request, tools: Tools) -> str:
    """Does what a text in a memo says."""
    return act(request, tools, Habits(obeys_memos=True))


def clumsy(request: Request, tools: Tools) -> str:
    """Careful in its plan, clumsy with the tools; the same slips in each run."""
    seed = f"{SEED}:{request.sample_id}:{request.epoch}"
    return act(request, SlippingTools(tools, SLIPS, seed), CAREFUL)
