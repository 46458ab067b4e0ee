"""The outside of a simulated cloud: what runs, lies and is plugged where, and what is broken.

It is the truth a leak would show in: the workflows never look at it, tests do.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from cloudlab.errors import HostFault
from simulator.faults import Faults
from simulator.latency.steps import SILENCES

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from cloudlab.model import Host
    from simulator.latency import LatencyProfile


class Outside:
    """What is true out there: by ids, so that it can be compared with the books."""

    def __init__(self, engine: Engine, latency: LatencyProfile) -> None:
        """Make an empty outside in which steps take as long as `latency` says."""
        self.engine = engine
        self.faults = Faults(self._look)
        self.latency = latency
        self.connected: set[int] = set()
        """Hosts."""
        self.running: dict[int, int] = {}
        """VM -> host."""
        self.attached: dict[int, set[int]] = {}
        """VM that runs -> the volumes it has."""
        self.full: set[int] = set()
        """Pools without any room: machines with disks there write to them and stand still."""
        self.plugged: set[tuple[int, int]] = set()
        """(NIC, host)."""
        self.admitted: set[int] = set()
        """NICs that the network's services know."""
        self.disks: set[tuple[int, int]] = set()
        """(volume, pool)."""
        self.sizes: dict[tuple[int, int], int] = {}
        """(volume, pool) -> MiB."""
        self.images: set[tuple[int, int]] = set()
        """(template, pool)."""
        self.mounted: set[tuple[int, int]] = set()
        """(pool, host)."""
        self.dead: set[int] = set()
        """Hosts that were broken."""
        self.dead_since: dict[int, float] = {}
        """Broken host -> when it wrote its last heartbeat."""
        self.cut_off: set[int] = set()
        """Hosts that live, but whose management cable is unplugged."""
        self.lost_mounts: set[tuple[int, int]] = set()
        """(pool, host) that a host had mounted when it was broken: its heartbeats stay there."""
        self.unfenceable: set[int] = set()
        """Hosts whose power cannot be cut."""
        self.snapshots: set[tuple[int, int]] = set()
        """(VM snapshot, VM)."""
        self.routers: set[tuple[int, int]] = set()
        """(network, host)."""

    @property
    def latency(self) -> LatencyProfile:
        """How long steps take."""
        return self._latency

    @latency.setter
    def latency(self, latency: LatencyProfile) -> None:
        self._latency = latency
        self._look()

    def _look(self) -> None:
        self.is_busy = not self.latency.is_instant or bool(self.faults.planned)
        """Whether a step may take time or fail; else it need not be spent at all."""

    def spend(
        self, step: str, subject: object, *, ram_gib: float = 0.0, disk_gib: float = 0.0
    ) -> Awaitable[None]:
        """Let the time of `step` pass.

        Raises:
            CloudError: a fault was planned for this step of `subject`; it strikes at its end.
        """
        if not self.is_busy:
            return self.engine.sleep(0.0)
        return self._spend(step, subject, ram_gib, disk_gib)

    async def _spend(self, step: str, subject: object, ram_gib: float, disk_gib: float) -> None:
        await self.engine.sleep(self.latency.takes(step, ram_gib=ram_gib, disk_gib=disk_gib))
        self.faults.strike(step, subject)

    def ask(self, step: str, host: Host) -> Awaitable[None]:
        """Let the time pass until `host` answers, or until nobody waits for it any more.

        Raises:
            CloudError: as `spend`.
        """
        if not self.is_busy:
            return self.engine.sleep(0.0)
        return self._ask(step, host)

    async def _ask(self, step: str, host: Host) -> None:
        is_silent = host.id in self.dead or host.id in self.cut_off
        await self.engine.sleep(self.latency.takes(SILENCES[step] if is_silent else step))
        self.faults.strike(step, host)

    def connect(self, host: Host) -> None:
        """Make contact with `host`.

        Raises:
            HostFault: it is broken.
        """
        if host.id in self.dead | self.cut_off:
            raise HostFault(f"{host} does not answer", host.name)
        self.connected.add(host.id)

    def check_contact(self, host: Host) -> None:
        """Raise the fault of a host that nothing can be asked of.

        Raises:
            HostFault: `host` is broken, or was and has not been connected since.
        """
        if host.id not in self.connected:
            raise HostFault(f"{host} does not answer", host.name)

    def break_host(self, host: Host) -> None:
        """Kill `host`: its machines stop, it answers nothing any more."""
        if host.id not in self.dead:
            self.dead_since[host.id] = self.engine.now
            self.lost_mounts |= {each for each in self.mounted if each[1] == host.id}
        self.dead.add(host.id)
        self.connected.discard(host.id)
        self.running = {vm: there for vm, there in self.running.items() if there != host.id}
        self.attached = {vm: has for vm, has in self.attached.items() if vm in self.running}
        self.plugged = {(nic, there) for nic, there in self.plugged if there != host.id}
        self.mounted = {(pool, there) for pool, there in self.mounted if there != host.id}
        self.routers = {(net, there) for net, there in self.routers if there != host.id}

    def repair_host(self, host: Host) -> None:
        """Make `host` able to answer again, empty; it must be connected first."""
        self.dead.discard(host.id)
        self.dead_since.pop(host.id, None)
        self.lost_mounts = {each for each in self.lost_mounts if each[1] != host.id}

    def cut_management(self, host: Host) -> None:
        """Unplug the management cable of `host`: what runs there goes on, it answers nothing."""
        self.cut_off.add(host.id)
        self.connected.discard(host.id)

    def mend_management(self, host: Host) -> None:
        """Plug that cable in again; `host` must be connected first."""
        self.cut_off.discard(host.id)

    def empty(self) -> None:
        """Let nothing be true out there: no host is connected, nothing runs or lies anywhere."""
        for there in vars(self).values():
            if isinstance(there, (set, dict)):
                there.clear()

    def state(self) -> dict[str, list[list[Any]]]:
        """Return what is true out there, as plain data; planned faults are not part of it."""
        return {
            name: sorted([list(each) if isinstance(each, tuple) else [each] for each in there])
            for name, there in self._sets().items()
        } | {
            "running": sorted([vm, host] for vm, host in self.running.items()),
            "attached": sorted([vm, sorted(has)] for vm, has in self.attached.items()),
            "sizes": sorted([*where, size] for where, size in self.sizes.items()),
            "dead_since": sorted([host, at] for host, at in self.dead_since.items()),
        }

    def restore(self, state: dict[str, list[list[Any]]]) -> None:
        """Make what `state` says true."""
        for name, there in self._sets().items():
            there.clear()
            there.update(tuple(each) if len(each) > 1 else each[0] for each in state.get(name, ()))
        self.running.clear()
        self.running.update((vm, host) for vm, host in state["running"])
        self.dead_since = dict(state["dead_since"])
        self.attached = {vm: set(volumes) for vm, volumes in state["attached"]}
        self.sizes = {(volume, pool): size for volume, pool, size in state["sizes"]}

    def _sets(self) -> dict[str, set[Any]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, set)}
