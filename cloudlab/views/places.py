"""Where in the cloud something is: the five levels from zone to VM, and how to find a place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter, NotFound
from cloudlab.model import Cluster, Host, Pod, Record, VirtualMachine, Zone

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Spot = Zone | Pod | Cluster | Host | VirtualMachine
"""A record that has a place in the tree."""


class Level(StrEnum):
    """The levels of the tree, from the top; each is named as its records are."""

    ZONE = "zone"
    POD = "pod"
    CLUSTER = "cluster"
    HOST = "host"
    VM = "vm"

    @property
    def depth(self) -> int:
        """How far below the top it is: 0 for a zone."""
        return tuple(Level).index(self)

    def counted(self, number: int) -> str:
        """Return a number of them as people read it: `1 host`, `12 VMs`."""
        noun = "VM" if self is Level.VM else self.value
        return f"{number:,} {noun}{'s' * (number != 1)}"


@dataclass(frozen=True, slots=True)
class Place:
    """The name of a place: enough to find it again."""

    level: Level
    id: int
    name: str

    @classmethod
    def of(cls, spot: Spot) -> Place:
        """Return the name of `spot`."""
        return cls(Level(spot.kind), spot.id, spot.name)

    def __str__(self) -> str:
        """Return level and name, as messages use it: `host c1-h003`."""
        return f"{self.level} {self.name}"


def find(cloud: Cloud, level: str, number: int) -> Spot:
    """Return the record of this level and id.

    Raises:
        InvalidParameter: there is no such level.
        NotFound: there is no such record.
    """
    inventory = cloud.inventory
    match level:
        case Level.ZONE:
            return inventory.zones.get(number)
        case Level.POD:
            return inventory.pods.get(number)
        case Level.CLUSTER:
            return inventory.clusters.get(number)
        case Level.HOST:
            return inventory.hosts.get(number)
        case Level.VM:
            return inventory.vms.get(number)
    raise InvalidParameter(f"there is no level {level!r}; allowed: {', '.join(Level)}")


def as_spot(record: Record) -> Spot:
    """Return `record` if it has a place in the tree.

    Raises:
        InvalidParameter: it has none; the message says what has.
    """
    if isinstance(record, Spot):
        return record
    raise InvalidParameter(f"{record} has no place in the tree; allowed: {', '.join(Level)}")


def above(spot: Spot) -> tuple[Spot, ...]:
    """Return what `spot` lies in, from its zone down, without itself."""
    match spot:
        case Pod():
            return (spot.zone,)
        case Cluster():
            return spot.zone, spot.pod
        case Host():
            return spot.zone, spot.pod, spot.cluster
        case VirtualMachine(host=Host() as host):
            return *above(host), host
        case VirtualMachine():
            return (spot.zone,)
        case Zone():
            return ()


def hosts_in(spot: Spot) -> list[Host]:
    """Return the hosts of a zone, pod or cluster in order, a host itself, or that of a VM."""
    match spot:
        case Zone():
            return [host for cluster in spot.clusters for host in cluster.hosts]
        case Pod():
            return [host for cluster in spot.clusters for host in cluster.hosts]
        case Cluster():
            return list(spot.hosts)
        case Host():
            return [spot]
        case VirtualMachine():
            return [spot.host] if spot.host is not None else []


def find_or_none(cloud: Cloud, level: str, number: int) -> Spot | None:
    """Return the record of this level and id, `None` if it is gone."""
    try:
        return find(cloud, level, number)
    except NotFound:
        return None
