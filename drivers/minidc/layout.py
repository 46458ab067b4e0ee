"""What a mini data centre is called, where it keeps its files, and which addresses it uses."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import shlex
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from cloudlab.errors import InvalidParameter, NotFound

HOME: Final = Path("/var/lib/cloudlab")
DIRECTORY_VARIABLE: Final = "CLOUDLAB_MINIDC_DIR"
MOST_HOSTS: Final = 9
NICS: Final = ("eth0", "eth1", "eth2")
"""Of every host: management and storage, guest networks, public network."""

UNDERLAY_MTU: Final = 9000
"""Room for the VXLAN header, so that guests keep 1500."""

_NAME: Final = r"[a-z0-9]{1,10}"

_LONGEST_DIRECTORY: Final = 80
"""The names of sockets below it have to fit into the kernel's 107 characters."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The names and numbers of one mini data centre; two with other names live side by side.

    The subnets need not differ between two of them: each has network namespaces of its own.

    Attributes:
        directory: Where everything is kept, for root only; removed by `down`.
        prefix: How the names of its network namespaces begin.
        management: Hosts, their storage and the orchestrator, a /24.
        underlay: The network under guest networks, a /24.
        public: The outside, a /24.
        cache: Where the built guest is kept; survives `down`.
    """

    directory: Path = HOME / "minidc"
    prefix: str = "cl-"
    management: ipaddress.IPv4Network = field(default=ipaddress.IPv4Network("10.77.0.0/24"))
    underlay: ipaddress.IPv4Network = field(default=ipaddress.IPv4Network("10.77.1.0/24"))
    public: ipaddress.IPv4Network = field(default=ipaddress.IPv4Network("10.77.2.0/24"))
    cache: Path = Path("/var/cache/cloudlab")

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,15}-", self.prefix):
            allowed = "a letter, then up to 15 letters, digits and hyphens, ending in a hyphen"
            raise InvalidParameter(f"prefix is {self.prefix!r}; it must be {allowed} (as cl-)")
        if not re.fullmatch(
            f"/[A-Za-z0-9._+/-]{{1,{_LONGEST_DIRECTORY - 1}}}", str(self.directory)
        ):
            allowed = f"an absolute path of at most {_LONGEST_DIRECTORY} plain characters"
            raise InvalidParameter(
                f"directory is {str(self.directory)!r}; it must be {allowed} (letters, digits and "
                "._+-/), for the names of sockets below it go into URIs"
            )
        for name in ("management", "underlay", "public"):
            _check_subnet(name, getattr(self, name))

    @classmethod
    def named(cls, name: str = "", directory: Path | None = None) -> Self:
        """Return the layout of the mini data centre called `name`, the usual one without.

        Args:
            name: Becomes part of the prefix and of the default directory.
            directory: Another place; it gives the prefix, so that two directories never share
                namespaces. Default: `CLOUDLAB_MINIDC_DIR`, where that is set and no name given.

        Raises:
            InvalidParameter: the name is not a short one of lower-case letters and digits, or
                both are given.
        """
        if name and directory:
            raise InvalidParameter(f"name is {name!r} and directory {directory}; give one of them")
        if name and not re.fullmatch(_NAME, name):
            allowed = "1 to 10 lower-case letters and digits"
            raise InvalidParameter(f"name is {name!r}; it must be {allowed}")
        if name:
            return cls(directory=HOME / f"minidc-{name}", prefix=f"cl-{name}-")
        place = _plain(directory) if directory else _usual()
        if place == HOME / "minidc":
            return cls()
        return cls(directory=place, prefix=f"cl-{hashlib.sha256(bytes(place)).hexdigest()[:6]}-")

    @property
    def up(self) -> str:
        """The command that brings up what is called so and kept here."""
        return up_command(self.directory)

    # --- names -------------------------------------------------------------------------------

    @property
    def switch(self) -> str:
        """The namespace all cables end in."""
        return f"{self.prefix}sw"

    @property
    def manager(self) -> str:
        """The namespace the orchestrator's connections come from."""
        return f"{self.prefix}mgmt"

    @property
    def internet(self) -> str:
        """The namespace of somebody outside."""
        return f"{self.prefix}internet"

    def namespace(self, host: str) -> str:
        """Return the network namespace of a host."""
        return f"{self.prefix}{host}"

    @property
    def namespaces(self) -> list[str]:
        """All namespaces it can have, those of hosts first and the switch last."""
        hosts = [self.namespace(f"h{number}") for number in range(1, MOST_HOSTS + 1)]
        return [*hosts, self.internet, self.manager, self.switch]

    # --- addresses ---------------------------------------------------------------------------

    def number(self, host: str) -> int:
        """Return the n of host hn.

        Raises:
            NotFound: that is no name of a host.
        """
        if not re.fullmatch(f"h[1-{MOST_HOSTS}]", host):
            raise NotFound(f"there is no host {host!r}; hosts are called h1 to h{MOST_HOSTS}")
        return int(host[1:])

    def address(self, host: str) -> str:
        """Return a host's address on the management network."""
        return str(self.management[10 + self.number(host)])

    def underlay_address(self, host: str) -> str:
        """Return a host's address on the network under guest networks."""
        return str(self.underlay[10 + self.number(host)])

    @property
    def manager_address(self) -> str:
        """The orchestrator's address on the management network."""
        return str(self.management[1])

    @property
    def internet_address(self) -> str:
        """The address of somebody outside; the public network's gateway, too."""
        return str(self.public[200])

    @property
    def public_range(self) -> tuple[str, str]:
        """The first and the last public address for virtual routers to use."""
        return str(self.public[100]), str(self.public[199])

    # --- files -------------------------------------------------------------------------------

    @property
    def primary(self) -> Path:
        """Primary storage, at the same path on every host."""
        return self.directory / "primary"

    @property
    def secondary(self) -> Path:
        """Secondary storage, at the same path on every host."""
        return self.directory / "secondary"

    @property
    def template(self) -> Path:
        """The guest every lab starts from."""
        return self.secondary / "templates" / "tiny.qcow2"

    @property
    def key(self) -> Path:
        """The private key that opens hosts and guests; the public one is beside it."""
        return self.directory / "keys" / "lab"

    @property
    def known_hosts(self) -> Path:
        """The hosts' own public keys, as ssh wants them."""
        return self.directory / "keys" / "known_hosts"

    @property
    def doors(self) -> Path:
        """The folder of the sockets that lead to the hosts."""
        return self.directory / "doors"

    @property
    def inventory(self) -> Path:
        """What a lab needs to know of this data centre."""
        return self.directory / "inventory.yaml"

    def host_folder(self, host: str) -> Path:
        """Return the folder with a host's own disk and logs."""
        return self.directory / "hosts" / host

    def heartbeat(self, host: str) -> Path:
        """Return the file a host rewrites every second while it lives."""
        return self.primary / ".heartbeat" / host


def up_command(directory: Path) -> str:
    """Return the command that brings up the mini data centre in `directory`."""
    name = directory.name.removeprefix("minidc-")
    if directory == _usual():
        return "cloudlab minidc up"
    if directory == HOME / f"minidc-{name}" and re.fullmatch(_NAME, name):
        return f"cloudlab minidc up --name {name}"
    return f"cloudlab minidc up --dir {shlex.quote(str(directory))}"


def _usual() -> Path:
    """Return where the one is kept that nobody named."""
    return _plain(Path(os.environ.get(DIRECTORY_VARIABLE) or HOME / "minidc"))


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  (links stay)


def mac(namespace: str, nic: str) -> str:
    """Return the address of a NIC: the same after every power-on, or neighbours would be deaf."""
    digest = hashlib.sha256(f"{namespace}/{nic}".encode()).hexdigest()
    return ":".join(["02", *(digest[at : at + 2] for at in range(0, 10, 2))])


def host_uuid(layout: Layout, host: str) -> uuid.UUID:
    """Return the identity libvirt tells; two hosts with the same would refuse migrations."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"minidc:{layout.directory}:{host}")


def _check_subnet(name: str, subnet: ipaddress.IPv4Network) -> None:
    if subnet.prefixlen != 24:
        raise InvalidParameter(f"{name} is {subnet}; it must be a /24, as 10.77.0.0/24")
