"""What a driver must do: the doors through which a workflow reaches the outside.

Every method is a coroutine that ends when the thing is done, and raises `HostFault` when
another host may do better or `DriverFault` when none will. The methods that take things
away (`destroy`, `delete`, `unplug`) are idempotent: what is not there is already gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cloudlab.model import Host, Nic, StoragePool, Template, VirtualMachine, Volume


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
        """Boot `vm` on `host`; its volumes and NICs are there."""

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


class ImageStores(Protocol):
    """Brings templates from secondary to primary storage."""

    async def stage(self, template: Template, pool: StoragePool) -> None:
        """Copy `template` to `pool`."""

    async def evict(self, template: Template, pool: StoragePool) -> None:
        """Make sure no copy of `template` is on `pool`."""


class Fabric(Protocol):
    """Connects NICs to networks."""

    async def plug(self, nic: Nic, host: Host) -> None:
        """Connect `nic` to its network on `host`."""

    async def unplug(self, nic: Nic, host: Host) -> None:
        """Make sure `nic` is not connected on `host`."""


class Router(Protocol):
    """Serves a network: addresses by DHCP, names, user data."""

    async def admit(self, nic: Nic) -> None:
        """Let the network's services know `nic`, its MAC and its address."""

    async def forget(self, nic: Nic) -> None:
        """Make sure the services do not know `nic`."""


class Power(Protocol):
    """Switches hosts on and off, whatever runs on them."""

    async def off(self, host: Host) -> bool:
        """Cut the power of `host`; return whether it is certainly off (fenced)."""

    async def on(self, host: Host) -> None:
        """Switch `host` on."""

    async def state(self, host: Host) -> PowerState:
        """Return whether `host` has power."""


@dataclass(frozen=True, slots=True)
class Ports:
    """One implementation of each port: where this cloud happens."""

    hypervisor: Hypervisor
    blocks: BlockStore
    images: ImageStores
    fabric: Fabric
    router: Router
    power: Power
    are_instant: Callable[[], bool] = lambda: False
    """Whether no step takes any time just now; a simulator may say so."""
