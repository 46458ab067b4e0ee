"""What Basic and Advanced zones may have: cables, VLANs, kinds of traffic, ranges."""

from __future__ import annotations

from collections.abc import Iterator

from cloudlab.design.problems import Path, Problem
from cloudlab.design.schema import CloudDocument, Zone
from cloudlab.design.schema.addresses import NOWHERE
from cloudlab.design.walk import each_zone
from cloudlab.model.networks import TrafficType


def check_zones(document: CloudDocument) -> Iterator[Problem]:
    """Yield what a zone of its type may not have or lacks."""
    for path, zone in each_zone(document):
        yield from _basic(path, zone) if zone.is_basic else _advanced(path, zone)
        yield from _traffic(path, zone)
        yield from _vlans(path, zone)


def _basic(path: Path, zone: Zone) -> Iterator[Problem]:
    if zone.guest_cidr != NOWHERE:
        text = f"is {zone.guest_cidr}, but zone {zone.name} is Basic: it has no isolated networks"
        yield Problem((*path, "guest_cidr"), f"{text}; leave it out")
    cables = zone.physical_networks
    if len(cables) > 1:
        text = f"has {len(cables)} entries; a Basic zone has exactly one physical network"
        yield Problem((*path, "physical_networks"), text)
    for place, cable in enumerate(cables):
        at = (*path, "physical_networks", place)
        if cable.vlan_range:
            yield Problem((*at, "vlan_range"), "is given, but a Basic zone has no guest VLANs")
        if cable.carries(TrafficType.PUBLIC):
            text = "has Public; guests of a Basic zone have addresses of their pod's range instead"
            yield Problem((*at, "traffic"), text)
    if zone.public_ranges:
        text = "is given, but a Basic zone has no public traffic; leave it out"
        yield Problem((*path, "public_ranges"), text)
    if zone.guest_ranges:
        text = "is given, but in a Basic zone each pod has its own; move it to the pods"
        yield Problem((*path, "guest_ranges"), text)


def _advanced(path: Path, zone: Zone) -> Iterator[Problem]:
    for place, pod in enumerate(zone.pods):
        if pod.guest_ranges:
            text = "is given, but in an Advanced zone it belongs to the zone; move it there"
            yield Problem((*path, "pods", place, "guest_ranges"), text)
    untagged = [
        place
        for place, cable in enumerate(zone.physical_networks)
        if cable.carries(TrafficType.GUEST) and not cable.tags
    ]
    for place in untagged[1:]:
        text = "has no tags; of several networks with Guest traffic all but one need tags"
        yield Problem((*path, "physical_networks", place), text)


def _traffic(path: Path, zone: Zone) -> Iterator[Problem]:
    """Yield traffic that nothing carries, or that two cables carry."""
    cables = zone.physical_networks
    needed = {TrafficType.GUEST, TrafficType.MANAGEMENT}
    if not zone.is_basic:
        needed.add(TrafficType.PUBLIC)
    for traffic in TrafficType:
        carriers = [place for place, cable in enumerate(cables) if cable.carries(traffic)]
        if traffic in needed and not carriers:
            text = f"carry no {traffic} traffic; add it to the traffic of one"
            yield Problem((*path, "physical_networks"), text)
        if traffic is not TrafficType.GUEST and len(carriers) > 1:
            text = f"has {traffic}, which physical_networks[{carriers[0]}] carries already"
            at = (*path, "physical_networks", carriers[1], "traffic")
            yield Problem(at, f"{text}; only Guest may be carried twice")


def _vlans(path: Path, zone: Zone) -> Iterator[Problem]:
    for place, cable in enumerate(zone.physical_networks):
        if cable.vlan_range and not cable.carries(TrafficType.GUEST):
            text = f"is {cable.vlan_range}, but the network carries no Guest traffic"
            yield Problem((*path, "physical_networks", place, "vlan_range"), text)
    for kind in ("public_ranges", "guest_ranges"):
        for place, run in enumerate(getattr(zone, kind)):
            for cable in zone.physical_networks:
                low, high = cable.vlans or (0, -1)
                if run.vlan is not None and low <= run.vlan <= high:
                    text = f"is {run.vlan}, inside the guest VLANs {cable.vlan_range}"
                    at = (*path, kind, place, "vlan")
                    yield Problem(at, f"{text} of {cable.name}; choose another")
