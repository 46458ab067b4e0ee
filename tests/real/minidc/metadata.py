"""A stand-in for a virtual router's services: `metadata.py ADDRESS`, both of CloudStack's ports."""

from __future__ import annotations

import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler

ANSWERS = {
    "/latest/meta-data/": "local-hostname\npublic-keys\n",
    "/latest/meta-data/local-hostname": "named-by-router",
    "/latest/meta-data/public-keys": "ssh-ed25519 AAAAkey of-a-user",
    "/latest/user-data": "#!/bin/sh\necho user-data ran >/run/ran\n",
}
passwords = ["s3cret-Of-Guest"]


class Metadata(BaseHTTPRequestHandler):
    """Port 80: what a guest is told of itself."""

    def do_GET(self):
        """Answer one question."""
        self.answer(ANSWERS.get(self.path))

    def answer(self, text):
        """Send a text, or that there is none."""
        self.send_response(404 if text is None else 200)
        self.end_headers()
        self.wfile.write((text or "").encode())


class Password(Metadata):
    """Port 8080: a password, told until the guest says that it has it."""

    def do_GET(self):
        """Answer the request that the guest's own header makes."""
        if self.headers["DomU_Request"] == "saved_password":
            passwords.clear()
        self.answer(passwords[0] if passwords else "saved_password")


class Server(socketserver.ThreadingTCPServer):
    """A server that asks no resolver for its own name."""

    allow_reuse_address = True


threading.Thread(target=Server((sys.argv[1], 8080), Password).serve_forever, daemon=True).start()
Server((sys.argv[1], 80), Metadata).serve_forever()
