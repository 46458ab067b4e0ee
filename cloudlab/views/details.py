"""Everything about one thing, as label and value: what a click shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.model import Cluster, Host, Pod, Record, VirtualMachine, Volume, Zone
from cloudlab.units import clock_text, size_text
from cloudlab.views.listing import Listing
from cloudlab.views.places import Place, Spot, above
from cloudlab.views.shares import CapacityRow, amount_text, capacity_of
from cloudlab.views.tones import host_state

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_NAMES_SHOWN = 12
_MOVES_SHOWN = 6

Line = tuple[str, str] | tuple[str, str, str]
"""Label, value and perhaps a note."""


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One thing to know."""

    label: str
    value: str
    note: str = ""


def details(cloud: Cloud, record: Record) -> Listing[DetailRow]:
    """Return what there is to know about `record`: place, state, load and its last moves."""
    lines = [*_identity(record), *_particulars(cloud, record), *_story(cloud, record)]
    return Listing(DetailRow, (DetailRow(*line) for line in lines))


def _identity(record: Record) -> Iterator[Line]:
    yield record.kind, record.name, f"id {record.id}"
    if isinstance(record, Spot):
        places = [str(Place.of(each)) for each in above(record)]
        if places:
            yield "in", " > ".join(places)
    yield "created", f"at {clock_text(record.created)}"


def _particulars(cloud: Cloud, record: Record) -> Iterator[Line]:
    match record:
        case VirtualMachine():
            yield from _of_vm(record)
        case Volume():
            yield from _of_volume(record)
        case Host():
            yield from _of_host(cloud, record)
        case Cluster():
            yield from _of_cluster(record)
        case Zone() | Pod():
            yield "state", record.state.value
    if isinstance(record, (Zone, Pod, Cluster, Host)):
        yield from map(_load, capacity_of(cloud, record))


def _of_vm(vm: VirtualMachine) -> Iterator[Line]:
    offering = vm.offering
    speed = f"{offering.cpu_mhz} MHz each" if offering.cpu_mhz else "at the speed of the host"
    yield "state", vm.state.value, f"changed at {clock_text(vm.updated)}"
    yield "size", f"{offering.vcpu} vCPU, {size_text(offering.ram_mib)} RAM", speed
    yield "offering", offering.name, "highly available" if offering.ha else ""
    yield "account", vm.account.name, vm.account.domain.path
    yield "template", vm.template.name
    if vm.last_host is not None:
        yield "last host", vm.last_host.name
    for nic in vm.nics:
        yield "address", nic.ip or "none yet", nic.mac
    for volume in vm.volumes:
        pool = f"on {volume.pool.name}" if volume.pool is not None else "on no pool yet"
        yield volume.type.value, f"{volume.name}, {size_text(volume.size_mib)}", pool


def _of_volume(volume: Volume) -> Iterator[Line]:
    yield "state", volume.state.value
    yield "size", size_text(volume.size_mib), volume.type.value
    if volume.vm is not None:
        yield "VM", volume.vm.name
    if volume.pool is not None:
        yield "pool", volume.pool.name


def _of_host(cloud: Cloud, host: Host) -> Iterator[Line]:
    yield "state", host_state(host), f"{host.status.value}, {host.resource_state.value}"
    yield "size", f"{host.cpus} cores x {host.mhz} MHz, {size_text(host.ram_mib)}", host.type
    if host.tags:
        yield "tags", ", ".join(sorted(host.tags))
    guests = list(cloud.ledger.guests[host.row].values())
    names = ", ".join(vm.name for vm in guests[:_NAMES_SHOWN])
    more = f" and {len(guests) - _NAMES_SHOWN} more" if len(guests) > _NAMES_SHOWN else ""
    yield "VMs", str(len(guests)), names + more


def _of_cluster(cluster: Cluster) -> Iterator[Line]:
    yield "state", cluster.state.value
    yield "hypervisor", cluster.hypervisor
    yield "hosts", str(len(cluster.hosts))
    for pool in cluster.pools:
        yield "pool", f"{pool.name}, {size_text(pool.capacity_mib)}", pool.state.value


def _load(row: CapacityRow) -> Line:
    """Return what is allocated of one resource; the note says of what it is a share."""
    held = f"{row.share:.0%}, {amount_text(row.allocated, row.unit)} allocated"
    of = f"of {amount_text(row.usable, row.unit)} usable"
    if row.factor != 1:
        of += f" = {amount_text(row.raw, row.unit)} raw x {row.factor:.3g}"
    return row.type.label, held, of


def _story(cloud: Cloud, record: Record) -> Iterator[Line]:
    """Yield the last moves of `record` that the journal kept, the newest first."""
    moves = [move for move in tuple(cloud.journal.moves) if move.subject is record]
    for move in reversed(moves[-_MOVES_SHOWN:]):
        yield f"at {clock_text(move.at)}", f"{move.before} to {move.after}", str(move.event)
