"""A user's own server of tools, as small as one can be: a world over HTTP is four addresses."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ITEM = {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]}
TOOLS = [
    {"name": "sell", "description": "Sell an item.", "parameters": ITEM,
     "intent": {"key": ["item"], "key_argument": "key", "look_up": "sold"}},
    {"name": "sold", "description": "Was it sold?", "parameters": {"type": "object"}},
]  # fmt: skip
worlds: dict[str, dict[str, Any]] = {}


def answer(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What each address answers."""
    if path == "/worlds":
        id_ = f"w{len(worlds) + 1}"
        worlds[id_] = {"stock": body["world"].get("stock", 1), "sales": {}, "heard": []}
        return {"id": id_, "tools": TOOLS, "now": 100.0}
    _, _, id_, act = path.split("/")
    world = worlds[id_]
    if act == "hear":
        world["heard"].append(body["text"])
        return {"customer": "And?" if len(world["heard"]) == 1 else None}
    if act == "end":
        effects = [{"intent": f"sell:{item}", "id": key} for key, item in world["sales"].items()]
        return {"snapshot": world, "effects": effects, "claims": [], "violations": []}
    arguments = body["arguments"]
    if body["tool"] == "sold":
        found = arguments["key"] in world["sales"]
        return {"result": {"status": "succeeded" if found else "not_found", "result": "sold"}}
    if len(world["sales"]) == world["stock"]:
        return {"error": {"code": "sold_out", "message": "No more."}, "now": 101.0}
    world["sales"][arguments.get("key", f"s{len(world['sales'])}")] = arguments["item"]
    return {"result": "sold", "now": 101.0}


class Handler(BaseHTTPRequestHandler):
    """Reads JSON, writes JSON."""

    def do_POST(self) -> None:
        """Answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = json.dumps(answer(self.path, body)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def serve() -> ThreadingHTTPServer:
    """The server, on a port that is free."""
    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
