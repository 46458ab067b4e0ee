"""The defaults of a zone that depend on its type: cables, security groups, guest CIDR, stores."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Final

from cloudlab.design.schema import PhysicalNetwork, PrimaryStorage, SecondaryStorage, Zone
from cloudlab.design.schema.addresses import NOWHERE
from cloudlab.design.schema.choices import Isolation
from cloudlab.model.networks import TrafficType
from cloudlab.model.storage import PoolScope

GUEST_CIDR: Final = IPv4Network("10.1.1.0/24")
VLAN_RANGE: Final = "500-999"

_BASIC: Final = (TrafficType.GUEST, TrafficType.MANAGEMENT, TrafficType.STORAGE)
_ADVANCED: Final = (*_BASIC, TrafficType.PUBLIC)


def with_zone_defaults(zone: Zone) -> Zone:
    """Return `zone` with what its type implies where nothing else was written."""
    cables = zone.physical_networks or (PhysicalNetwork(),)
    update: dict[str, object] = {
        "physical_networks": tuple(_cable(cable, zone, len(cables)) for cable in cables),
        "secondary_storage": zone.secondary_storage or (SecondaryStorage(),),
    }
    if zone.primary_storage:
        update["primary_storage"] = tuple(_zone_wide(pool) for pool in zone.primary_storage)
    if zone.is_basic and "security_groups" not in zone.model_fields_set:
        update["security_groups"] = True
    if not zone.is_basic and zone.guest_cidr == NOWHERE:
        update["guest_cidr"] = GUEST_CIDR
    return zone.model_copy(update=update)


def _zone_wide(pool: PrimaryStorage) -> PrimaryStorage:
    written = "scope" in pool.model_fields_set
    return pool if written else pool.model_copy(update={"scope": PoolScope.ZONE})


def _cable(cable: PhysicalNetwork, zone: Zone, cables: int) -> PhysicalNetwork:
    traffic = cable.traffic
    if not traffic and cables == 1:
        traffic = _BASIC if zone.is_basic else _ADVANCED
    needs_vlans = (
        not zone.is_basic and TrafficType.GUEST in traffic and cable.isolation is Isolation.VLAN
    )
    vlan_range = cable.vlan_range or (VLAN_RANGE if needs_vlans else "")
    return cable.model_copy(update={"traffic": traffic, "vlan_range": vlan_range})
