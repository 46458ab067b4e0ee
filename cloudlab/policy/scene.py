"""All that a decision about placement may look at, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cloudlab.model import Cluster, Host, Pod, Settings, StoragePool, VirtualMachine, Volume, Zone
from cloudlab.state import Ledger, NumberPool
from cloudlab.streams import draw


@dataclass(slots=True)
class Scene:
    """What is left, the rules, and the address of this cloud's random draws."""

    ledger: Ledger
    settings: Settings
    addresses: list[NumberPool]
    """By the row of their range."""
    seed: int = 0

    def cpu_disable(self, cluster: Cluster) -> float:
        """Return the CPU share over which `cluster` takes nothing more; infinite if off."""
        return _limit(cluster.cpu_disable_threshold, self.settings.cpu_disable)

    def ram_disable(self, cluster: Cluster) -> float:
        """Return the RAM share over which `cluster` takes nothing more; infinite if off."""
        return _limit(cluster.ram_disable_threshold, self.settings.ram_disable)

    def pool_disable(self, pool: StoragePool) -> float:
        """Return the allocated share that `pool` must stay below; infinite if off."""
        return _limit(pool.disable_threshold, self.settings.pool_disable)

    def draw(self, vm: VirtualMachine, salt: int) -> float:
        """Return the random number in [0, 1) that belongs to this VM and question."""
        return draw(self.seed, vm.ordinal, salt)


def _limit(own: float | None, general: float | None) -> float:
    chosen = own if own is not None else general
    return chosen if chosen is not None else float("inf")


class Wish(NamedTuple):
    """Where a VM is wanted: a zone, and optionally a narrower place."""

    zone: Zone
    pod: Pod | None = None
    cluster: Cluster | None = None
    host: Host | None = None
    for_ha: bool = False
    """Whether it is restarted after a failure: then hosts with the HA tag are for it."""


@dataclass(slots=True)
class Avoid:
    """Places that failed already, by id."""

    zones: set[int] = field(default_factory=set)
    pods: set[int] = field(default_factory=set)
    clusters: set[int] = field(default_factory=set)
    hosts: set[int] = field(default_factory=set)
    pools: set[int] = field(default_factory=set)

    def contains(self, cluster: Cluster) -> bool:
        """Return whether nothing may be tried in `cluster`."""
        return cluster.id in self.clusters or cluster.pod.id in self.pods


class Destination(NamedTuple):
    """Where a VM will run, and where each volume that has no pool yet will live."""

    host: Host
    pools: tuple[tuple[Volume, StoragePool], ...] = ()

    def __str__(self) -> str:
        """Name every step from zone to pools."""
        host = self.host
        pools = ", ".join(pool.name for _, pool in self.pools)
        place = f"{host.zone.name} > {host.pod.name} > {host.cluster.name} > {host.name}"
        return f"{place} with {pools}" if pools else place
