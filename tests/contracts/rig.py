"""What a contract is tried with: the ports, two hosts, and what there is to handle and to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cloudlab.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from cloudlab.engine import Engine
    from cloudlab.model import Host, Network, Nic, StoragePool, Template, VirtualMachine, Volume
    from cloudlab.ports import Ports

T = TypeVar("T")


def has_everything(_: CloudError) -> None:
    """Excuse no error: the whole contract is kept."""


@dataclass(frozen=True)
class Seen:
    """What can be seen out there, past the ports."""

    disk: Callable[[Volume, StoragePool], bool]
    size: Callable[[Volume, StoragePool], int]
    """MiB."""
    image: Callable[[Template, StoragePool], bool]
    mount: Callable[[StoragePool, Host], bool]
    plug: Callable[[Nic, Host], bool]
    lease: Callable[[Nic], bool]
    router: Callable[[Network, Host], bool]


@dataclass(frozen=True)
class Rig:
    """One implementation of the ports, two hosts it is connected to, and things to handle.

    A driver joins the suites by a function that yields a rig of its own, in `RIGS`.
    """

    engine: Engine
    ports: Ports
    host: Host
    other: Host
    pool: StoragePool
    template: Template
    vm: VirtualMachine
    """Its records only: nothing of it is out there."""
    seen: Seen
    kill: Callable[[Host], None]
    """Let a host fail, with all that runs on it."""
    cut: Callable[[Host], None]
    """Pull the management cable of a host; its machines run on."""
    mend: Callable[[Host], None]
    """Put that cable back."""
    excuse: Callable[[CloudError], None] = has_everything
    """Leaves a test out whose error says that there is no such thing here, by name."""

    @property
    def volume(self) -> Volume:
        """The root disk of the machine."""
        return self.vm.volumes[0]

    @property
    def nic(self) -> Nic:
        """The NIC of the machine."""
        return self.vm.nics[0]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end and return its result."""
        process = self.engine.spawn(work)
        try:
            self.engine.run(process)
        except CloudError as error:
            self.excuse(error)
            raise
        return process.result

    def prepare(self, host: Host) -> None:
        """Give the machine its disk, and its NIC on `host`: then it can be started there."""
        ports = self.ports
        self.do(ports.images.stage(self.template, self.pool))
        self.do(ports.blocks.create(self.volume, self.pool))
        self.serve(host)
        self.do(ports.router.admit(self.nic))
        self.do(ports.fabric.plug(self.nic, host))

    def serve(self, host: Host) -> Network:
        """Run the router of the machine's network on `host`, and return the network."""
        network = self.nic.network
        self.do(self.ports.router.implement(network, host))
        network.router_host = host
        return network
