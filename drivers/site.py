"""How each host of a real cloud is reached: addresses, a shell on it, its libvirt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cloudlab.errors import NotFound

if TYPE_CHECKING:
    from cloudlab.model import Host


@dataclass(frozen=True, slots=True)
class Done:
    """What a command that has ended on a host left.

    Attributes:
        exit_code: 0 if it succeeded, as shells have it.
        stdout: what it printed.
        stderr: what it complained about.
        seconds: how long it took, the way there and back included.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.exit_code == 0

    @property
    def text(self) -> str:
        """What it printed, as text without the last line's end."""
        return self.stdout.decode(errors="replace").rstrip("\n")

    @property
    def complaint(self) -> str:
        """The last line of what it complained about; empty if it did not."""
        lines = self.stderr.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


class Shell(Protocol):
    """Runs commands on one host; a call blocks, so workflows call it by `engine.call`.

    `drivers.ssh.SshHost` is one.
    """

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (subprocess's word)
        timeout: float = 30.0,
        stoppable: bool = False,
    ) -> Done:
        """Run a command, each word of which arrives as it is, and return how it ended.

        A `stoppable` one has no input, and ends, on the host too, once nobody waits for it any
        more: the call was cancelled, or whoever asked is gone.

        Raises:
            HostFault: the host does not answer, or not within `timeout` seconds.
            Cancelled: it was stopped, and has ended.
        """

    def check(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (subprocess's word)
        timeout: float = 30.0,
    ) -> Done:
        """Run a command that has to end well.

        Raises:
            HostFault: the host does not answer, or not within `timeout` seconds.
            DriverFault: the command failed; the message names host, command and last words.
        """

    def put(self, local: Path | bytes, remote: str, mode: int = 0o600) -> None:
        """Write a local file, or these bytes, to the file `remote`, whole or not at all."""

    def get(self, remote: str) -> bytes:
        """Return the content of the file `remote`."""

    def close(self) -> None:
        """End the connection; the next command opens another."""


@dataclass(frozen=True, slots=True)
class Access:
    """How one host is reached."""

    name: str
    address: str
    """On the management network; other hosts migrate machines to it."""
    shell: Shell
    libvirt_uri: str
    """What the orchestrator opens; `qemu+tcp://10.0.0.11/system`, say."""
    fabric_address: str = ""
    """On the network that carries guest traffic between hosts; the management one if empty."""
    public_bridge: str = "cloudbr0"
    """The bridge that leads outside."""

    @property
    def underlay(self) -> str:
        """The address that guest traffic comes from."""
        return self.fabric_address or self.address


@dataclass(slots=True)
class Site:
    """All hosts of a real cloud, by name, and the mark on everything that is its own."""

    lab_id: str
    """Written into every domain, disk and namespace; what bears another's is never touched."""
    hosts: dict[str, Access] = field(default_factory=dict)
    store_id: str = ""
    """Which books the lab is kept in: two labs of one name are told apart by it."""

    @property
    def owner(self) -> str:
        """What hosts and pools note of whose they are: the lab, and its books if known."""
        return f"{self.lab_id} {self.store_id}".rstrip()

    def of(self, host: Host) -> Access:
        """Return how `host` is reached.

        Raises:
            NotFound: nothing is known of it; the message lists the known hosts.
        """
        try:
            return self.hosts[host.name]
        except KeyError:
            known = ", ".join(self.hosts) or "none"
            raise NotFound(
                f"nothing says how to reach {host}; known are {known}: add it to the lab file"
            ) from None

    def others(self, host: Host) -> Mapping[str, Access]:
        """Return all hosts but `host`."""
        return {name: access for name, access in self.hosts.items() if name != host.name}
