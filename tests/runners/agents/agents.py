"""Agents of these tests, in plain Python: the functions that profiles name."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from paygrade import ToolError

if TYPE_CHECKING:
    from paygrade import Request
    from paygrade.records.protocols import Tools

REFUND: dict[str, Any] = {"payment": "pay_1", "amount_minor": 4200, "currency": "USD"}


def single(_: Request, tools: Tools) -> str:
    """Refunds once, and says what came of it."""
    try:
        return f"got {tools.call('refund', key='key-1', **REFUND)}"
    except ToolError as error:
        return f"{error.code}, unknown: {error.unknown}"


def clumsy(_: Request, tools: Tools) -> str:
    """Tries until it has a refund, with a new key each time, and waits between."""
    for number in range(6):
        try:
            result: Any = tools.call("refund", key=f"key-{number}", **REFUND)
        except ToolError:
            result = {}
        if "id" in result:
            return f"refunded by {result['id']}"
        tools.call("wait", seconds=60)
    return "gave up"


def greedy(_: Request, tools: Tools) -> str:
    """Asks for too much, then for what it may have, then for another amount, then for yen."""
    told: list[Any] = []
    for more in ({"amount_minor": 9900}, {}, {"amount_minor": 100}, {"currency": "yen"}):
        try:
            told.append(tools.call("refund", key=f"key-{len(told)}", **{**REFUND, **more}))
        except ToolError as error:
            told.append(error.code)
    return repr([each if isinstance(each, str) else each.get("status", "done") for each in told])


def polite(_: Request, tools: Tools) -> str:
    """Asks, refunds, says so."""
    answer = tools.say("May I?")
    tools.call("refund", key="key-1", **REFUND)
    return f"refunded, and they said {answer}"


def repeating(_: Request, tools: Tools) -> str:
    """Says its last words twice."""
    tools.say("refunded")
    return "refunded"


def endless(_: Request, tools: Tools) -> str:
    """Never ends by itself, whatever is raised at it."""
    while True:
        try:
            tools.call("wait", seconds=1)
        except ToolError:
            continue


def stumbling(_: Request, tools: Tools) -> str:
    """Calls what there is not."""
    for _number in range(100):
        tools.call_all(("transfer", {}))
    return "never"


def silent(_: Request, tools: Tools) -> str:  # noqa: ARG001
    """Does nothing."""
    return ""


def raising(_: Request, tools: Tools) -> str:
    """Breaks."""
    tools.call("wait", seconds=1)
    raise ValueError("out of luck")


def breaking(_: Request, tools: Tools) -> str:
    """Calls the tool that breaks, and hides it."""
    try:
        tools.call("broken")
    except BaseException:  # noqa: BLE001
        return "all is well"
    return ""


def wordless(_: Request, tools: Tools) -> Any:  # noqa: ANN401, ARG001
    """Returns no text."""
    return 7


def spoiling(_: Request, tools: Tools) -> str:
    """Writes into what it got."""
    result: Any = tools.call("refund", key="key-1", **REFUND)
    result["id"] = "mine"
    return ""


def peeking(request: Request, tools: Tools) -> str:
    """Says what it can see of the case."""
    names = [each.name for each in tools.specs]
    return f"{request.world} {request.faults} {names == [each.name for each in request.tools]}"


def noisy(_: Request, tools: Tools) -> str:
    """Prints, also where its process speaks to its parent."""
    sys.stdout.write("noise\n")
    os.write(1, b"more noise\n")
    tools.call("refund", key="key-1", **REFUND)
    return f"heard {sys.stdin.read()!r}"


def exiting(_: Request, tools: Tools) -> str:
    """Ends its own process."""
    tools.call("wait", seconds=1)
    sys.stderr.write("the card 4111 1111 1111 1111 was charged\n")
    sys.stderr.flush()
    os._exit(7)


def wavering(_: Request, tools: Tools) -> str:
    """Does something else in each of its lives."""
    tools.call("wait", seconds=os.getpid())
    tools.call("refund", key="key-1", **REFUND)
    return ""


def hanging(_: Request, tools: Tools) -> str:
    """Calls once, and never again."""
    tools.call("wait", seconds=1)
    while True:
        time.sleep(60)


def dying(_: Request, tools: Tools) -> str:
    """Ends its own process with so much to say that a card number is cut."""
    tools.call("wait", seconds=1)
    sys.stderr.write(f"4111 1111 1111 1111{'.' * (2000 - 9)}")
    sys.stderr.flush()
    os._exit(7)


def selling(_: Request, tools: Tools) -> str:
    """Sells one thing three times, and says how that went."""
    told: list[Any] = []
    for item in ("cup", "cup", "pot"):
        try:
            told.append(tools.call("sell", item=item))
        except ToolError as error:
            told.append(error.code)
    return f"{[each if isinstance(each, str) else each['status'] for each in told]}"
