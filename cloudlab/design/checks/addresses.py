"""Addresses: inside their network, in order, enough, and never given to two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from cloudlab.design.problems import Path, Problem
from cloudlab.design.schema import AddressRange, CloudDocument, Pod, ReservedRange
from cloudlab.design.schema.addresses import UNSPECIFIED, Subnet
from cloudlab.design.walk import each_pod, each_zone


@dataclass(frozen=True, slots=True)
class _Run:
    """Some addresses and what they are for."""

    path: Path
    what: str
    start: IPv4Address
    end: IPv4Address

    def overlaps(self, other: _Run) -> bool:
        return self.start <= other.end and other.start <= self.end

    @property
    def text(self) -> str:
        return f"{self.start} - {self.end}"


def check_addresses(document: CloudDocument) -> Iterator[Problem]:
    """Yield networks and ranges that contradict themselves or overlap with others."""
    for path, _, pod in each_pod(document):
        yield from _subnet(path, pod)
        yield from _inside((*path, "reserved"), pod.reserved, pod)
        yield from _room_for_hosts(path, pod)
    for path, run in _ranges(document):
        yield from _subnet(path, run)
        yield from _inside(path, run, run)
    if document.settings.check_pod_cidrs:
        yield from _overlaps(_pod_networks(document))
    yield from _overlaps([*_reserved(document), *_given_to_vms(document)])
    yield from _in_foreign_pods(document)


def _ranges(document: CloudDocument) -> Iterator[tuple[Path, AddressRange]]:
    """Yield the ranges that VMs get addresses from, each with its path."""
    for path, zone in each_zone(document):
        for kind in ("public_ranges", "guest_ranges"):
            for place, run in enumerate(getattr(zone, kind)):
                yield (*path, kind, place), run
    for path, _, pod in each_pod(document):
        for place, run in enumerate(pod.guest_ranges):
            yield (*path, "guest_ranges", place), run


def _subnet(path: Path, subnet: Subnet) -> Iterator[Problem]:
    if subnet.netmask not in {UNSPECIFIED, subnet.cidr.netmask}:
        text = f"is {subnet.netmask}, but the network is {subnet.cidr}"
        yield Problem((*path, "netmask"), f"{text}; give gateway and netmask, or cidr alone")
    ends = {subnet.cidr.network_address, subnet.cidr.broadcast_address}
    if subnet.gateway not in subnet.cidr or subnet.gateway in ends:
        text = f"is {subnet.gateway}; it must be an address of a host in {subnet.cidr}"
        yield Problem((*path, "gateway"), text)


def _inside(path: Path, run: ReservedRange | AddressRange, subnet: Subnet) -> Iterator[Problem]:
    network = subnet.cidr
    first, last = network.network_address + 1, network.broadcast_address - 1
    for name, address in (("start", run.start), ("end", run.end)):
        if not first <= address <= last:
            text = f"is {address}, outside {network}, whose hosts have {first} to {last}"
            yield Problem((*path, name), text)
    if run.end < run.start:
        yield Problem((*path, "end"), f"is {run.end}, before start {run.start}; swap them")
    elif run.start <= subnet.gateway <= run.end:
        text = f"{run.start} - {run.end} has the gateway {subnet.gateway} in it; leave that out"
        yield Problem(path, text)


def _room_for_hosts(path: Path, pod: Pod) -> Iterator[Problem]:
    """Yield a pod whose network has fewer addresses than the pod has hosts."""
    inner = [run for run in pod.guest_ranges if run.start in pod.cidr]
    free = pod.cidr.num_addresses - 3 - pod.reserved.size - sum(run.size for run in inner)
    hosts = sum(group.count for cluster in pod.clusters for group in cluster.hosts)
    if hosts > free:
        text = f"is {pod.cidr}: beside gateway, reserved and guest addresses {max(free, 0)} are"
        yield Problem((*path, "cidr"), f"{text} left for {hosts} hosts; use a larger network")


def _pod_networks(document: CloudDocument) -> list[_Run]:
    return [
        _Run((*path, "cidr"), f"the network of pod {pod.name}", pod.cidr[0], pod.cidr[-1])
        for path, _, pod in each_pod(document)
    ]


def _reserved(document: CloudDocument) -> list[_Run]:
    return [
        _Run(
            (*path, "reserved"),
            f"the reserved range of pod {pod.name}",
            pod.reserved.start,
            pod.reserved.end,
        )
        for path, _, pod in each_pod(document)
    ]


def _given_to_vms(document: CloudDocument) -> list[_Run]:
    return [
        _Run(path, f"the {path[-2]} of {path[-4]}[{path[-3]}]", run.start, run.end)
        for path, run in _ranges(document)
    ]


def _overlaps(runs: list[_Run]) -> Iterator[Problem]:
    """Yield each run that overlaps with one that begins before it."""
    widest: _Run | None = None
    for run in sorted(runs, key=lambda each: (each.start, each.end)):
        if widest is not None and widest.overlaps(run):
            later, other = (run, widest) if _order(run) > _order(widest) else (widest, run)
            text = f"is {later.text}, which overlaps with {other.what} ({other.text})"
            yield Problem(later.path, f"{text}; change one")
        if widest is None or run.end > widest.end:
            widest = run


def _order(run: _Run) -> list[str]:
    return [f"{step:06}" if isinstance(step, int) else step for step in run.path]


def _in_foreign_pods(document: CloudDocument) -> Iterator[Problem]:
    """Yield ranges for VMs inside the network of a pod that is not theirs."""
    pods = [(path, pod.name, pod.cidr) for path, _, pod in each_pod(document)]
    for path, run in _ranges(document):
        for pod_path, name, network in pods:
            own = path[: len(pod_path)] == pod_path
            if not own and _touch(run, network):
                text = f"{run.start} - {run.end} reaches into {network}, the network of pod {name}"
                yield Problem(path, f"{text}; hosts have their addresses there, choose others")


def _touch(run: AddressRange, network: IPv4Network) -> bool:
    return run.start <= network.broadcast_address and network.network_address <= run.end
