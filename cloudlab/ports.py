"""What a driver must do: the doors through which a workflow reaches the outside.

Every method is a coroutine that ends when the thing is done, and raises `HostFault` when
another host may do better or `DriverFault` when none will. The methods that take things
away (`destroy`, `delete`, `unplug`) are idempotent: what is not there is already gone. The
methods that list what is there (`guests`, `volumes`, `plugged` ...) tell of this cloud's own
things only, by id: after a crash they are compared with the books.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from cloudlab.model import (
    Host,
    Network,
    Nic,
    StoragePool,
    Template,
    VirtualMachine,
    VmSnapshot,
    Volume,
)

LOOKS: Final = frozenset(
    {
        "console",
        "copies",
        "guests",
        "halted",
        "heartbeat_age",
        "networks",
        "ping",
        "plugged",
        "power_state",
        "reachable",
        "state",
        "volumes",
    }
)
"""Methods of ports that only look: they change nothing outside.

So nothing has to be written in the books first: a full disk must not make every host look dead.
"""


class PowerState(StrEnum):
    """What a host says of a VM, or a management board of a host."""

    ON = "PowerOn"
    OFF = "PowerOff"
    UNKNOWN = "PowerUnknown"


class Hypervisor(Protocol):
    """Runs virtual machines on hosts."""

    async def connect(self, host: Host) -> None:
        """Make contact with `host` and check that it can run VMs."""

    async def disconnect(self, host: Host) -> None:
        """End the contact."""

    async def ping(self, host: Host) -> bool:
        """Return whether `host` answers."""

    async def start(self, vm: VirtualMachine, host: Host) -> None:
        """Boot `vm` on `host`; its volumes and NICs are there.

        Raises:
            LeftAlone: it is there before, on its way; nothing was done to it.
            AlreadyRunning: it runs there before; nothing was done to it.
        """

    async def stop(self, vm: VirtualMachine, host: Host, *, forced: bool = False) -> None:
        """Shut `vm` down, or pull its plug if `forced`."""

    async def reboot(self, vm: VirtualMachine, host: Host) -> None:
        """Restart `vm` where it is."""

    async def destroy(self, vm: VirtualMachine, host: Host) -> None:
        """Make sure nothing of `vm` runs or is defined on `host`."""

    async def migrate(self, vm: VirtualMachine, source: Host, target: Host) -> None:
        """Move the running `vm` from `source` to `target` without stopping it."""

    async def power_state(self, vm: VirtualMachine, host: Host) -> PowerState:
        """Return what `host` says of `vm`."""

    async def guests(self, host: Host) -> dict[int, PowerState]:
        """Return every machine that is defined on `host`, by id, with its power state."""

    async def halted(self, host: Host) -> dict[int, set[int]]:
        """Return the machines on `host` that stand still, by id, as storage of theirs is full.

        Each with the volumes it could not write to, as far as is known. It is on all the same:
        its host paused it before anything was lost, and it goes on when it is resumed.
        """

    async def resume(self, vm: VirtualMachine, host: Host) -> None:
        """Let `vm` go on that stands still as storage was full; if it still is, it stops again."""

    async def attach(self, vm: VirtualMachine, volume: Volume, host: Host) -> None:
        """Give the running `vm` one more disk."""

    async def detach(self, vm: VirtualMachine, volume: Volume, host: Host) -> None:
        """Make sure the running `vm` does not have `volume`."""

    async def snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Keep the disks of `vm` as they are now, and its memory if that is asked for.

        Args:
            vm: running on `host`, or off with its disks in reach of `host`.
            snapshot: what to call it, and whether memory is wanted; that needs a running `vm`.
            host: who does it.
        """

    async def revert(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Make the disks of `vm` what they were, and let it run on where it was, if it did.

        A machine with a snapshot of its memory runs afterwards; without, it is off.
        """

    async def drop_snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Make sure `snapshot` takes no space any more; the disks stay as they are."""

    async def console(self, vm: VirtualMachine, host: Host) -> str:
        """Return where the screen of the running `vm` can be seen, as `vnc://10.0.0.11:5900`."""


class BlockStore(Protocol):
    """Keeps volumes on primary storage."""

    async def attach_pool(self, pool: StoragePool, host: Host) -> None:
        """Make `pool` reachable from `host` (mount it)."""

    async def detach_pool(self, pool: StoragePool, host: Host) -> None:
        """End that (unmount it)."""

    async def create(self, volume: Volume, pool: StoragePool) -> None:
        """Make `volume` on `pool`, from its template's copy there if it has one."""

    async def delete(self, volume: Volume, pool: StoragePool) -> None:
        """Make sure `volume` is not on `pool`."""

    async def resize(self, volume: Volume, pool: StoragePool, size_mib: int) -> None:
        """Make `volume` on `pool` `size_mib` large; a machine that runs on it sees it grow."""

    async def copy(self, volume: Volume, source: StoragePool, target: StoragePool) -> None:
        """Make `volume`, which nothing runs on, on `target` as it is on `source`."""

    async def download(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Write all of `volume` on `pool`, which nothing runs on, to the new local file `path`."""

    async def upload(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Make `volume` on `pool`, which is new and empty, what is in the local file `path`."""

    async def volumes(self, pool: StoragePool) -> set[int]:
        """Return the volumes that lie on `pool`, by id."""


class ImageStores(Protocol):
    """Brings templates from secondary to primary storage."""

    async def stage(self, template: Template, pool: StoragePool) -> None:
        """Copy `template` to `pool`."""

    async def evict(self, template: Template, pool: StoragePool) -> None:
        """Make sure no copy of `template` is on `pool`."""

    async def copies(self, pool: StoragePool) -> set[int]:
        """Return the templates that have a copy on `pool`, by id."""


class Fabric(Protocol):
    """Connects NICs to networks, and keeps away what is not meant for them."""

    async def plug(self, nic: Nic, host: Host) -> None:
        """Connect `nic` to its network on `host`, protected as its security groups say."""

    async def unplug(self, nic: Nic, host: Host) -> None:
        """Make sure `nic` is not connected on `host`."""

    async def protect(self, nic: Nic, host: Host) -> None:
        """Let through to the plugged `nic` what its security groups say now."""

    async def plugged(self, host: Host) -> set[int]:
        """Return the NICs that are connected on `host`, by id."""


class Router(Protocol):
    """The virtual router of a network: addresses by DHCP, names, user data, a way out and in."""

    async def implement(self, network: Network, host: Host) -> None:
        """Run the router of `network` on `host`, with all that the records say of it."""

    async def shutdown(self, network: Network, host: Host) -> None:
        """Make sure the router of `network` does not run on `host`."""

    async def apply(self, network: Network) -> None:
        """Make the running router of `network` do what the records say: addresses and rules."""

    async def admit(self, nic: Nic) -> None:
        """Let the running router know `nic`: its MAC, address, name, user data and key."""

    async def forget(self, nic: Nic) -> None:
        """Make sure the router does not know `nic`; a network without a router knows none."""

    async def issue_password(self, nic: Nic) -> str:
        """Return a new password, which the machine of `nic` gets when it asks next, once.

        It is kept nowhere else.
        """

    async def networks(self, host: Host) -> set[int]:
        """Return the networks whose router runs on `host`, by id."""


class Power(Protocol):
    """Switches hosts on and off, whatever runs on them."""

    async def off(self, host: Host) -> bool:
        """Cut the power of `host`; return whether it is certainly off (fenced)."""

    async def on(self, host: Host) -> None:
        """Switch `host` on."""

    async def state(self, host: Host) -> PowerState:
        """Return whether `host` has power."""


class Probe(Protocol):
    """Looks at a host past its agent: what high availability decides by."""

    async def reachable(self, host: Host) -> bool:
        """Return whether `host` answers a ping on the management network."""

    async def heartbeat_age(self, host: Host) -> float | None:
        """Return how many seconds ago `host` last wrote to its shared storage.

        `None` where nobody can tell: it has no such storage, or that does not answer.
        """


@dataclass(frozen=True, slots=True)
class Ports:
    """One implementation of each port: where this cloud happens."""

    hypervisor: Hypervisor
    blocks: BlockStore
    images: ImageStores
    fabric: Fabric
    router: Router
    power: Power
    probe: Probe
    are_instant: Callable[[], bool] = lambda: False
    """Whether no step takes any time just now; a simulator may say so."""
