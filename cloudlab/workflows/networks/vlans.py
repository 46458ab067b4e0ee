"""What keeps guest networks apart: a VLAN each, or a VXLAN, from a cable of the zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import PhysicalNetwork, TrafficType, Zone

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

VXLANS: Final = (4096, 2**24 - 1)
"""Where a cable isolates by VXLAN and nobody said which: those that are no VLANs.

Source: RFC 7348, a VXLAN identifier has 24 bits.
"""


def free_vlan(cloud: Cloud, zone: Zone) -> int:
    """Return the lowest VLAN that no guest network of `zone` has, of its first cable with one.

    Raises:
        Conflict: `zone` has no cable for guest networks.
        InsufficientCapacity: all are in use.
    """
    runs = [run for each in zone.physical_networks if (run := _vlans(each)) is not None]
    if not runs:
        raise Conflict(
            f"{zone} has no physical network that carries Guest traffic with VLANs; add one"
        )
    taken = {each.vlan for each in cloud.inventory.networks if each.zone is zone}
    for first, last in runs:
        for vlan in range(first, last + 1):
            if vlan not in taken:
                return vlan
    spans = ", ".join(f"{first}-{last}" for first, last in runs)
    raise InsufficientCapacity(
        f"{zone}: all guest VLANs ({spans}) are in use; delete a network, or add VLANs"
    )


def _vlans(cable: PhysicalNetwork) -> tuple[int, int] | None:
    """Return the first and last identifier of guest networks on `cable`, if it carries any."""
    if TrafficType.GUEST not in cable.traffic:
        return None
    return cable.vlans or (VXLANS if cable.isolation == "VXLAN" else None)
