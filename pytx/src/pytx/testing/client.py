"""The provider in a process of its own, and a client for it that does not retry."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

from pytx.model import Absent, Found, Pending, Refused
from pytx.testing import wire
from pytx.testing.errors import Declined, ProviderError, ProviderTimeout, ProviderUnreachable
from pytx.testing.faults import Fault
from pytx.testing.ledger import Effect
from pytx.testing.provider import Profile, need_payment
from pytx.testing.server import LOOPBACK

_OK: Final = 200
_DECLINED: Final = 402
_PATIENCE_S: Final = 10


class HttpProvider:
    """What `Provider` has, over HTTP: one connection for each request, and no retry."""

    def __init__(self, url: str, *, timeout: float = 10) -> None:
        """Keep where it is.

        Args:
            url: `http://HOST:PORT`, as `ProviderServer.url`.
            timeout: Seconds that a connection, and each step of an answer, may take.

        Raises:
            ValueError: the URL is another kind.
        """
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"the URL is {url!r}; it is http://HOST:PORT")
        self._host, self._port = parts.hostname, parts.port or 80
        self._timeout = timeout

    def pay(
        self, key: str, amount_minor: int, currency: str, *, timeout: float | None = None
    ) -> dict[str, object]:
        """Ask for a payment.

        Args:
            key: The idempotency key.
            amount_minor: How much, in minor units.
            currency: Of what.
            timeout: Instead of the client's, in seconds.

        Raises:
            Declined: refused for good.
            ProviderError: an answer that is no success.
            ProviderTimeout: no answer came.
            ProviderUnreachable: nothing was sent.
            ValueError: the key, the amount or the currency is none.
        """
        need_payment(key, amount_minor, currency)
        payment = json.dumps({"amount_minor": amount_minor, "currency": currency})
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        status, body = self._ask("POST", "/payments", payment, headers, timeout)
        if status == _DECLINED:
            raise Declined(body["code"], body["message"])
        return self._good(status, body)

    def look_up(self, key: str) -> Found | Refused | Pending | Absent:
        """What became of the first payment under a key, as `pytx.by_lookup` wants it.

        Raises:
            ProviderError, ProviderTimeout, ProviderUnreachable: as `pay`.
        """
        status, body = self._ask("GET", f"/payments?key={quote(key, safe='')}")
        if status != wire.NOT_FOUND:
            self._good(status, body)
        return wire.read(status, body)

    def find(self, key: str) -> Effect | None:
        """The first effect under a key. No fault hides it."""
        return next(self._effects(f"/effects?key={quote(key, safe='')}"), None)

    def effects(self) -> Iterator[Effect]:
        """All money that moved, in order. No fault hides any."""
        return self._effects("/effects")

    def _effects(self, page: str) -> Iterator[Effect]:
        body = self._good(*self._ask("GET", page))
        return iter([Effect(**each) for each in body["effects"]])

    def _good(self, status: int, body: dict[str, Any]) -> dict[str, Any]:
        if status != _OK:
            raise ProviderError(status, body["code"], body.get("retry_after"))
        return body

    def _ask(
        self,
        method: str,
        page: str,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> tuple[int, dict[str, Any]]:
        seconds = self._timeout if timeout is None else timeout
        connection = http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        try:
            try:
                connection.connect()
            except ConnectionRefusedError as error:
                raise ProviderUnreachable from error
            connection.request(method, page, body, headers or {})
            answer = connection.getresponse()
            read: dict[str, Any] = json.loads(answer.read())
        except ProviderUnreachable:
            raise
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            raise ProviderTimeout from error
        finally:
            connection.close()
        return answer.status, read


class ProviderServer:
    """A provider's process: it starts where the block begins, and ends with it.

    It ends too when the process that started it does, however that ends.
    """

    def __init__(
        self,
        ledger: str | os.PathLike[str],
        *,
        profile: Profile = "none",
        faults: Iterable[Fault] = (),
        port: int = 0,
    ) -> None:
        """Nothing is started yet. The arguments are those of `Provider`; port 0 is a free one."""
        options = [part for fault in faults for part in ("--fault", str(fault))]
        self._command = [
            sys.executable, "-m", "pytx.testing", os.fspath(ledger), "--profile", profile,
            "--port", str(port), "--until-eof", *options,
        ]  # fmt: skip
        self._process: subprocess.Popen[str] | None = None
        self.port = port

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._process.pid if self._process else None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        """Start the process, and wait until it listens.

        Raises:
            RuntimeError: it did not start; says what it complained of.
        """
        pipe = subprocess.PIPE
        with tempfile.TemporaryFile("w+") as complaints:  # a pipe that nobody reads would fill
            self._process = process = subprocess.Popen(  # noqa: S603 - this very interpreter
                self._command, stdin=pipe, stdout=pipe, stderr=complaints, text=True
            )
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            line = process.stdout.readline()
            if not line:
                self._end(kill=False)
                complaints.seek(0)
                raise RuntimeError(complaints.read().strip())
        self.port = int(line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._end(kill=False)

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        process = self._process
        if process is None:
            return
        self._process = None
        if kill:
            process.kill()
        else:
            process.terminate()
        process.communicate(timeout=_PATIENCE_S)  # closes the pipes
