"""A strict stand-in for the providers' APIs: refuses what they refuse, bills and counts each call.

    python -m peers.strict_server [--key KEY] [--prices JSON] [--until-stdin-closes]

serves on a free loopback port, prints `{"port": …, "pid": …}` as its first line, and runs until it
is killed (or, if asked, until its standard input closes: no orphan outlives a killed test).

Provider side
    POST /v1/messages           Anthropic: Bearer key and a known `anthropic-version` demanded;
                                400 for temperature, top_p, top_k under 2026-10-21; schemas checked
    POST /v1/responses          OpenAI: `store` must be false; no sampling for reasoning models
    POST /v1/chat/completions   OpenAI: no max_tokens and no stop for reasoning models
    GET  /v1/models/ID          both vendors: what POST /_models said of it
    404 for a model whose name starts with `gone`; 400 for a key that the API does not know.

Control side, all JSON
    GET  /_counts    calls, by_path, by_status, by_message (last user message: times answered),
                     in_flight, max_in_flight, input_tokens, output_tokens, usd (decimal text)
    GET  /_calls     what came in: path, headers (no key), body, status
    POST /_answers   {"default": Answer, "rules": [{"contains": text, "answer": Answer}],
                      "turns": [Answer]}: the first, the second … of a conversation; the last stays
                     Answer: text, finish (stop, length, refusal, filter), model, and tokens:
                     input, output, cached, written, reasoning;
                     calls: [{"name": of a tool, "input": its arguments, an object or text}]
    POST /_faults    a list; each call takes the next one that fits, in order. Fault:
                     contains (text the request must hold), times (1), delay_s (before anything),
                     status and body (JSON or text) and headers instead of an answer,
                     cut: "reset" (connection dropped unanswered), "half" (half of the body sent)
                     or "drip" (a byte every 50 ms),
                     billed (a dropped call is paid for all the same)
    POST /_prices    {model or "*": {"input": usd, "output": usd, "cached": usd}} per million tokens
    POST /_models    {id: what is said of it}; any other model is not there
    POST /_reset     forget calls, faults, answers and models; keep prices

A call is paid for when it is answered with 200, before the first byte leaves.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from peers import strict_answers, strict_rules
from peers.strict_tools import Refused

if TYPE_CHECKING:
    from peers.strict_tools import Body


@dataclass(slots=True)
class Call:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: Any
    number: int
    status: int = 0

    @property
    def text(self) -> str:
        """The whole body as text, for rules that look for words in it."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def turn(self) -> int:
        """How often the model spoke before: this server reasons once in each of its responses."""
        said = self.body.get("messages") or self.body.get("input") or []
        return sum(
            each.get("role") == "assistant"
            if "messages" in self.body
            else each.get("type") == "reasoning"
            for each in said
        )

    @property
    def last_message(self) -> str:
        """What the user said last."""
        messages = self.body.get("messages") or self.body.get("input") or []
        if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
            return str(messages[-1].get("content", ""))
        return str(messages)


@dataclass(slots=True)
class State:
    """All that the server remembers."""

    key: str = ""
    prices: dict[str, dict[str, float]] = field(default_factory=dict)
    answers: Body = field(default_factory=dict)
    models: Body = field(default_factory=dict)
    faults: list[Body] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    by_message: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    max_in_flight: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)

    def counts(self) -> Body:
        """The figures of `GET /_counts`."""
        return {
            "calls": len(self.calls),
            "by_path": dict(Counter(call.path for call in self.calls)),
            "by_status": dict(Counter(str(call.status) for call in self.calls)),
            "by_message": dict(self.by_message),
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": str(self.usd),
        }

    def reset(self) -> None:
        """Forget all but the key and the prices."""
        fresh = State(key=self.key, prices=self.prices)
        for name in State.__slots__:
            setattr(self, name, getattr(fresh, name))

    def fault_for(self, call: Call) -> Body | None:
        """Take the next fault that fits the call off the list."""
        for index, fault in enumerate(self.faults):
            if fault.get("contains", "") in call.text:
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] <= 0:
                    del self.faults[index]
                return fault
        return None

    def answer_for(self, call: Call) -> Body:
        """The scripted answer, with token counts filled in: about four characters a token."""
        answer: Body = {"text": "ok", "finish": "stop", "cached": 0, "written": 0, "reasoning": 0}
        answer |= self.answers.get("default", {})
        if turns := self.answers.get("turns"):
            answer |= turns[min(call.turn, len(turns) - 1)]
        for rule in self.answers.get("rules", []):
            if rule["contains"] in call.text:
                answer |= rule["answer"]
                break
        answer.setdefault("model", call.body["model"])
        answer.setdefault("input", -(-len(call.text) // 4))
        answer.setdefault("output", -(-len(answer["text"]) // 4))
        return answer

    def bill(self, call: Call, answer: Body) -> None:
        """Count the tokens and the money of one answered call."""
        self.by_message[call.last_message] += 1
        self.input_tokens += answer["input"]
        self.output_tokens += answer["output"]
        price = self.prices.get(call.body["model"]) or self.prices.get("*") or {}
        per_token = {name: Decimal(str(usd)) / 1_000_000 for name, usd in price.items()}
        full = per_token.get("input", Decimal(0))
        self.usd += full * (answer["input"] - answer["cached"])
        self.usd += per_token.get("cached", full) * answer["cached"]
        self.usd += per_token.get("output", Decimal(0)) * answer["output"]


APIS = {
    "/v1/messages": (strict_rules.check_messages, strict_answers.messages_body),
    "/v1/responses": (strict_rules.check_responses, strict_answers.responses_body),
    "/v1/chat/completions": (strict_rules.check_chat, strict_answers.chat_body),
}


class Server:
    """Speaks HTTP/1.1 with keep-alive, one task a connection."""

    def __init__(self, state: State) -> None:
        """Serve out of `state`."""
        self.state = state

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve requests until the client has had enough."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").rstrip().split("\r\n")
                method, path, _ = first.split(" ", 2)
                pairs = (line.partition(":") for line in lines)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                content = await reader.readexactly(int(headers.get("content-length", "0")))
                if path.startswith("/_"):
                    write(writer, 200, self.control(method, path, content))
                else:
                    await self.call(path, headers, content, writer)
                await writer.drain()
                if writer.is_closing():
                    break
        writer.close()

    def control(self, method: str, path: str, content: bytes) -> object:
        """Answer one request of the control side."""
        state = self.state
        value: Any = json.loads(content) if content else None
        if (method, path) == ("GET", "/_counts"):
            return state.counts()
        if (method, path) == ("GET", "/_calls"):
            return [
                {"path": c.path, "headers": c.headers, "body": c.body, "status": c.status}
                for c in state.calls
            ]
        if path == "/_answers":
            state.answers = value
        elif path == "/_faults":
            state.faults += value
        elif path == "/_models":
            state.models = value
        elif path == "/_prices":
            state.prices = value
        elif path == "/_reset":
            state.reset()
        else:
            return {"error": f"there is no {path}"}
        return {"ok": True}

    async def call(
        self, path: str, headers: dict[str, str], content: bytes, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request of the provider side."""
        state = self.state
        shown = {name: value for name, value in headers.items() if name != "authorization"}
        call = Call(path, shown, json.loads(content or b"{}"), len(state.calls) + 1)
        state.calls.append(call)
        state.in_flight += 1
        state.max_in_flight = max(state.max_in_flight, state.in_flight)
        try:
            await self.answer(call, headers.get("authorization", ""), writer)
        finally:
            state.in_flight -= 1

    async def answer(self, call: Call, authorization: str, writer: asyncio.StreamWriter) -> None:
        """Check, break as scripted, or answer and bill."""
        fault = self.state.fault_for(call) or {}
        await asyncio.sleep(fault.get("delay_s", 0))
        if not any(each is call for each in reversed(self.state.calls)):
            writer.transport.abort()  # forgotten meanwhile: it must not count in another test
            return
        try:
            body = self.checked(call, authorization, fault)
        except Refused as refused:
            call.status = refused.status
            error = {"type": refused.kind, "code": refused.kind, "message": refused.message}
            write(writer, call.status, {"type": "error", "error": error}, ids(call))
            return
        call.status = fault.get("status", 200)
        if fault.get("cut") == "reset":
            writer.transport.abort()
            return
        headers = ids(call) | fault.get("headers", {})
        write(writer, call.status, body, headers, cut=fault.get("cut", ""))
        while fault.get("cut") == "drip" and not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    def checked(self, call: Call, authorization: str, fault: Body) -> object:
        """The body of the answer, paid for if it is one."""
        if "status" in fault or "body" in fault:
            return fault.get("body", {"error": {"type": "fault", "message": "as scripted"}})
        scheme, _, key = authorization.partition(" ")
        if scheme != "Bearer" or not key or self.state.key not in {"", key}:
            raise Refused(401, "authentication_error", f"invalid bearer token: {key}")
        model = call.path.removeprefix("/v1/models/")
        if model in self.state.models:
            return self.state.models[model]
        if call.path not in APIS:
            raise Refused(404, "not_found_error", f"there is no {call.path}")
        check, build = APIS[call.path]
        check(call.body, call.headers)
        answer = self.state.answer_for(call)
        if "cut" not in fault or fault.get("billed"):
            self.state.bill(call, answer)
        return build(call.number, answer, call.body)


def ids(call: Call) -> dict[str, str]:
    """Both vendors' headers of a request's id."""
    return {"x-request-id": f"req_{call.number}", "request-id": f"req_{call.number}"}


def write(
    writer: asyncio.StreamWriter,
    status: int,
    body: object,
    headers: dict[str, str] | None = None,
    *,
    cut: str = "",
) -> None:
    """Send one response, or what `cut` leaves of it."""
    kind = "text/html" if isinstance(body, str) else "application/json"
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    fields = {"content-type": kind, "content-length": str(len(content)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status} x\r\n{head}\r\n".encode("latin-1"))
    writer.write({"half": content[: len(content) // 2], "drip": b""}.get(cut, content))
    if cut == "half":
        writer.close()


async def serve(state: State, *, until_stdin_closes: bool) -> None:
    """Listen on a free loopback port and say which."""
    server = await asyncio.start_server(Server(state).connection, "127.0.0.1", 0, limit=2**20)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"port": port, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    if until_stdin_closes:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.read()
    else:
        await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--key", default="", help="the only key that is let in; default: any")
    parser.add_argument("--prices", default="{}", help="as POST /_prices")
    parser.add_argument("--until-stdin-closes", action="store_true")
    given = parser.parse_args()
    state = State(key=given.key, prices=json.loads(given.prices))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(state, until_stdin_closes=given.until_stdin_closes))


if __name__ == "__main__":
    main()
