"""A server in front of another one that fails on request in the ways in which servers fail."""

import http.client
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SWITCH = "/something-happens"
_OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "host", "date", "server"}


class Request(BaseHTTPRequestHandler):
    """One request: handed on, unless the fault takes it."""

    server: "FaultyServer"
    body: bytes

    def handle_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == SWITCH:
            self.server.happen()
            self.answer(200, b"")
        elif not (self.server.happened.is_set() and self.server.fault(self)):
            self.hand_on()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815  # the base class asks for these names

    def hand_on(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN_HEADERS}
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.behind)) as connection:
            connection.request(self.command, self.path, self.body, headers)
            answer = connection.getresponse()
            self.answer(answer.status, answer.read(), answer.getheader("Content-Type"))

    def answer(self, status: int, body: bytes, kind: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


Fault = Callable[[Request], bool]


class FaultyServer(ThreadingHTTPServer):
    """Hands requests on to the port behind it; once switched, the fault sees them first and may take them."""

    daemon_threads = True

    def __init__(
        self, behind: int = 0, fault: Fault = lambda _request: False, at_switch: Callable[[], object] = list
    ) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.behind, self.fault, self._at_switch = behind, fault, at_switch
        self.happened = threading.Event()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def happen(self) -> None:
        self._at_switch()
        self.happened.set()


@contextmanager
def standing(server: FaultyServer) -> Iterator[FaultyServer]:
    """Let a server answer until the block ends."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answers_500(request: Request) -> bool:
    """Fail whatever is asked."""
    request.answer(500, b"Internal Server Error")
    return True


def fails_once() -> Fault:
    """Fail the first request of each kind, answer the next."""
    seen: set[tuple[str, str]] = set()

    def fault(request: Request) -> bool:
        kind = (request.command, request.path.partition("?")[0])
        return kind not in seen and not seen.add(kind) and answers_500(request)

    return fault


def never_answers(request: Request) -> bool:
    """Keep quiet until the client hangs up."""
    request.connection.recv(1)
    request.close_connection = True
    return True


def answers_late(request: Request) -> bool:
    """Take a tenth of a second more for each answer."""
    threading.Event().wait(0.1)  # the fault itself: nothing is waited for
    return False


@contextmanager
def lockable(store: Path) -> Iterator[Callable[[], object]]:
    """Give what locks a sqlite store as another process would, until the block ends."""
    with closing(sqlite3.connect(store, check_same_thread=False, isolation_level=None)) as connection:
        yield lambda: connection.execute("BEGIN EXCLUSIVE")
