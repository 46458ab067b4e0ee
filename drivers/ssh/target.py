"""Where a host's SSH server is, and by which keys both sides know each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloudlab.errors import InvalidParameter

SSH_PORT: Final = 22


@dataclass(frozen=True, slots=True)
class Target:
    """The door to a host.

    Attributes:
        name: what the host is called in messages and logs.
        address: its name or IP address; not used with a `sock_path`.
        port: of its SSH server.
        user: who logs in.
        key_path: the private key; without one, keys of the agent and in ~/.ssh are tried.
        known_hosts: the file of host keys, as OpenSSH writes it.
        trust_first_use: whether an unknown host's key is taken as its own and written down.
        sock_path: a UNIX socket that leads to the SSH server, instead of the network.
    """

    name: str
    address: str
    port: int
    user: str
    key_path: Path | None
    known_hosts: Path
    trust_first_use: bool
    sock_path: Path | None

    def __post_init__(self) -> None:
        """Check what can be checked before anything is sent."""
        if not 1 <= self.port <= 65535:
            raise InvalidParameter(f"port of {self.name} is {self.port}; it must be 1 to 65535")
        if not (self.address or self.sock_path):
            message = "give an address or the path of a socket"
            raise InvalidParameter(f"{self.name} has neither address nor socket; {message}")

    @property
    def known_as(self) -> str:
        """How the file of host keys calls it."""
        if self.sock_path is not None:
            return self.name
        return self.address if self.port == SSH_PORT else f"[{self.address}]:{self.port}"

    def __str__(self) -> str:
        """Return how messages call it: `h1 (root@10.0.0.11:22)`."""
        place = self.sock_path or f"{self.address}:{self.port}"
        return f"{self.name} ({self.user}@{place})"
