"""Mail servers for tests: one that takes mail as any does, and one that goes wrong at a chosen point."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Taken:
    """A mail as the server got it."""

    message_id: str
    recipients: list[str]
    sender: str
    content: bytes


@dataclass
class Sink:
    """Takes mail; `says` may answer otherwise: stage (rcpt, data) and how many mails came before → reply or None."""

    says: Callable[[str, int], str | None] = lambda stage, count: None
    taken: list[Taken] = field(default_factory=list)
    asked: int = 0

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        self.asked += 1
        refusal = self.says("rcpt", self.asked)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 ok"

    async def handle_DATA(self, server, session, envelope) -> str:
        refusal = self.says("data", self.asked)
        if refusal is None:
            message_id = str(message_from_bytes(envelope.content)["Message-ID"])
            self.taken.append(Taken(message_id, list(envelope.rcpt_tos), envelope.mail_from, envelope.content))
        return refusal or "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def served(sink: Sink, **options) -> Iterator[int]:
    """Serve the sink on a port of its own."""
    controller = Controller(sink, hostname=HOST, port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a TLS context with a certificate for 127.0.0.1 that nobody vouches for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*words, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


STALL, DROP, DRIP = "stall", "drop", "drip"


class BrokenServer:
    """Speaks SMTP on a raw socket until `stage`, and does `fault` there: stall, drop, drip, or a reply.

    Stages are greeting, ehlo, mail, rcpt, data, middle (of the data), dot and quit.
    """

    def __init__(self, stage: str, fault: str) -> None:
        self.stage, self.fault = stage, fault
        self.reached = 0
        self.data_bytes = 0
        self.over = threading.Event()
        self.socket = socket.create_server((HOST, 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self) -> "BrokenServer":
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.over.set()
        self.socket.close()

    def _listen(self) -> None:
        while not self.over.is_set():
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            try:
                self._talk(client, lines)
            except OSError:  # the worker hung up
                return

    def _talk(self, client: socket.socket, lines) -> None:
        if not self._says(client, "greeting", "220 broken.invalid"):
            return
        for line in lines:
            verb = line.split(b" ")[0].strip().upper().decode()
            if verb == "QUIT":
                self._says(client, "quit", "221 bye")
                return
            stage = {"EHLO": "ehlo", "HELO": "ehlo", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data"}.get(verb)
            if stage is None:
                client.sendall(b"250 ok\r\n")
                continue
            if not self._says(client, stage, "354 go on" if stage == "data" else "250 ok"):
                return
            if stage == "data" and not self._takes(client, lines):
                return

    def _takes(self, client: socket.socket, lines) -> bool:
        for line in lines:
            self.data_bytes += len(line)
            if self.stage == "middle" and self.data_bytes > 200:
                self.reached += 1
                return False
            if line == b".\r\n":
                return self._says(client, "dot", "250 taken")
        return False

    def _says(self, client: socket.socket, stage: str, reply: str) -> bool:
        """Answer; return whether the talk goes on."""
        if stage != self.stage:
            client.sendall(f"{reply}\r\n".encode())
            return True
        self.reached += 1
        if self.fault == STALL:
            self.over.wait()
        elif self.fault == DRIP:
            while not self.over.is_set():
                client.sendall(b"2")
                time.sleep(0.05)
        elif self.fault != DROP:
            client.sendall(f"{self.fault}\r\n".encode())
            return True
        return False
