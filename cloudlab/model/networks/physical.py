"""Physical networks: the cables of a zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.networks.traffic import TrafficType
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.topology import Zone


class PhysicalNetworkState(StrEnum):
    """States of a physical network."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class PhysicalNetworkEvent(StrEnum):
    """What an administrator does to a physical network."""

    ENABLE = "Enable"
    DISABLE = "Disable"


PHYSICAL_NETWORK_LIFECYCLE: Final = Lifecycle(
    "physical network",
    "state",
    PhysicalNetworkState.DISABLED,
    [
        (
            PhysicalNetworkState.DISABLED,
            {PhysicalNetworkEvent.ENABLE: PhysicalNetworkState.ENABLED},
        ),
        (
            PhysicalNetworkState.ENABLED,
            {PhysicalNetworkEvent.DISABLE: PhysicalNetworkState.DISABLED},
        ),
    ],
)


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class PhysicalNetwork(Record):
    """A cable: what carries the traffic of a zone."""

    kind: ClassVar[str] = "physical network"

    state: PhysicalNetworkState = PhysicalNetworkState.DISABLED
    zone: Zone
    traffic: dict[TrafficType, str] = field(default_factory=dict)
    """Traffic type -> label of the bridge or switch on the hosts."""
    vlans: tuple[int, int] | None = None
    """First and last VLAN of guest networks, 1 to 4094."""
    isolation: str = "VLAN"
