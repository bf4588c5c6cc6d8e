"""Servers on the loopback address, each started and stopped by the test that asks for it."""

import base64
import contextlib
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@contextlib.contextmanager
def web(files: dict[str, bytes], login: str = "", certificate: Path | None = None) -> Iterator[str]:
    """Serve files by path, to whoever logs in as ``user:password``; over TLS with a certificate and its key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None
            content = files.get(self.path.split("?")[0])
            status = HTTPStatus.OK if content is not None else HTTPStatus.NOT_FOUND
            status = status if self.headers.get("Authorization") == wanted else HTTPStatus.UNAUTHORIZED
            body = content or b"" if status == HTTPStatus.OK else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def certificate(folder: Path) -> Path:
    """Make a certificate for the loopback address, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")
    made = folder / "certificate.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", "-days"]
    names = ["1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", *words, *names], cwd=folder, check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (folder / "key.pem").read_bytes())
    return made


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextlib.contextmanager
def postgres(port: int, password: str) -> Iterator[str]:
    """Run a PostgreSQL server of its own, which asks for a password; give the address of its database.

    It refuses to be root, and pytest closes its folders to everybody else whenever a session starts.
    """
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server (Debian: apt install postgresql)")
    pytest.importorskip("psycopg2", reason="no psycopg2 (pip install 'credit-pipeline[postgres]')")
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as folder:
        place, secret = Path(folder, "cluster"), Path(folder, "password")
        place.mkdir()
        secret.write_text(password)
        for path in (Path(folder), place, secret) if user else ():
            shutil.chown(path, "nobody", "nogroup")
        make = [programs / "initdb", "-D", place, "-U", "ada", "-A", "scram-sha-256", f"--pwfile={secret}"]
        subprocess.run([*make, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, cwd="/", **user)
        control = [programs / "pg_ctl", "-D", place, "-w", "-l", place / "log"]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, cwd="/", **user)
        try:
            yield f"postgresql+psycopg2://ada:{password}@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/", **user)
