"""User data, metadata and passwords for guests: a program of its own, for the router's host.

It is sent to the host as it stands, so it needs nothing but Python's standard library (3.7 or
newer). Who asks is told by the address; guests cannot send from another's (see drivers.fabric).
It announces the router to its neighbours, too.

    guest_services.py ADDRESS FOLDER

Source: CloudStack 4.0, the virtual router's `/latest/...` paths on port 80, and its
`passwd_server` on port 8080.
"""

from __future__ import annotations

import json
import os
import re
import socket
import socketserver
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECONDS = 10
"""How long a guest may take for its question."""

LONGEST_PAUSE = 30.0
"""Seconds between two announcements in the end."""


class Services(ThreadingHTTPServer):
    """A server that knows the folder of its router."""

    daemon_threads = True
    request_queue_size = 64
    folder = ""

    def server_bind(self) -> None:
        """Bind, without asking any name server what this host is called."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "router", self.server_address[1]

    def file_of(self, kind: str, address: str) -> Path | None:
        """Return the file of the guest with an address, `<folder>/<kind>/<nic>@<address>`."""
        return next(Path(self.folder, kind).glob("*@" + address), None)


class Handler(BaseHTTPRequestHandler):
    """What both services have in common."""

    server: Services
    timeout = SECONDS

    def version_string(self) -> str:
        """Tell nobody which Python this is."""
        return "cloudlab"

    def log_message(self, *_words: object) -> None:
        """Write nothing down: questions hold secrets."""

    def read(self, kind: str) -> str | None:
        """Return what is kept for the guest that asks."""
        path = self.server.file_of(kind, self.client_address[0])
        try:
            return None if path is None else path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def answer(self, text: str | None) -> None:
        """Send a text, or that there is none."""
        body = (text or "").encode()
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class UserData(Handler):
    """`/latest/user-data` and `/latest/meta-data/...`, of any version."""

    def do_GET(self) -> None:
        """Answer for the guest that asks; one that is not known learns nothing."""
        known = self.read("guests")
        self.answer(None if known is None else self.find(json.loads(known)))

    def find(self, guest: dict[str, str]) -> str | None:
        """Return what the path leads to, `None` if nowhere."""
        words = re.match(r"/[^/]+/(user-data|meta-data)(?:/([^/?]*))?/?$", self.path)
        if words is None:
            return None
        kind, name = words.groups()
        if kind == "user-data":
            return guest["user-data"] if not name else None
        keys = sorted(set(guest) - {"user-data"})
        return guest.get(name) if name in keys else "\n".join(keys) if not name else None


class Passwords(Handler):
    """Hands a guest its new password until it says that it has it."""

    def do_GET(self) -> None:
        """Answer what the header `DomU_Request` asks."""
        wish = self.headers.get("DomU_Request")
        if wish == "send_my_password":
            self.answer(self.read("passwords") or "saved_password")
        elif wish == "saved_password":
            self.drop()
            self.answer("saved_password")
        else:
            self.answer("bad_request")

    def drop(self) -> None:
        """Forget the password of the guest that asks."""
        path = self.server.file_of("passwords", self.client_address[0])
        if path is not None:
            path.unlink()


def servers(address: str, folder: str, ports: tuple[int, int] = (80, 8080)) -> list[Services]:
    """Return both servers, bound but not yet serving."""
    made = [Services((address, ports[0]), UserData), Services((address, ports[1]), Passwords)]
    for each in made:
        each.folder = folder
    return made


def announcement(mac: bytes, address: str) -> bytes:
    """Return a gratuitous ARP request: that `address` is at `mac`."""
    own = mac + socket.inet_aton(address)
    return b"\xff" * 6 + mac + b"\x08\x06\0\1\x08\0\6\4\0\1" + own + b"\0" * 6 + own[6:]


def announce(announced: Path) -> None:
    """Tell neighbours again and again where the router is, ever more seldom.

    A router that moves is begun here before it ends elsewhere, with the same MAC. Until it says
    something after that, bridges on the way may still send its frames to where it was.
    """
    pause = 0.5
    while True:
        with suppress(OSError):
            for line in announced.read_text(encoding="ascii").splitlines():
                tell(*line.split())
        time.sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE)


def tell(device: str, address: str) -> None:
    """Send one announcement."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as cable:
        cable.bind((device, 0))
        cable.send(announcement(cable.getsockname()[4], address))


def main(address: str, folder: str) -> None:
    """Serve in the background, and return once both ports are open."""
    both = servers(address, folder)
    child = os.fork()
    if child:
        Path(folder, "services.pid").write_text(str(child), encoding="ascii")
        return
    os.setsid()
    threading.Thread(target=both[0].serve_forever, daemon=True).start()
    threading.Thread(target=announce, args=(Path(folder, "announced"),), daemon=True).start()
    both[1].serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
