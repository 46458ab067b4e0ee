"""NICs: the places of machines on networks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
    from cloudlab.model.networks.addresses import AddressRange
    from cloudlab.model.networks.network import Network


class NicState(StrEnum):
    """States of a NIC's reservation (CloudStack's Nic.State)."""

    ALLOCATED = "Allocated"
    RESERVING = "Reserving"
    RESERVED = "Reserved"
    RELEASING = "Releasing"


class NicEvent(StrEnum):
    """What can happen to a NIC's reservation (CloudStack's Nic.Event)."""

    RESERVATION_REQUESTED = "ReservationRequested"
    RELEASE_REQUESTED = "ReleaseRequested"
    CANCEL_REQUESTED = "CancelRequested"
    OPERATION_COMPLETED = "OperationCompleted"
    OPERATION_FAILED = "OperationFailed"


_C, _CE = NicState, NicEvent

NIC_LIFECYCLE: Final = Lifecycle(
    "nic",
    "state",
    NicState.ALLOCATED,
    [
        (_C.ALLOCATED, {_CE.RESERVATION_REQUESTED: _C.RESERVING}),
        (
            _C.RESERVING,
            {
                _CE.OPERATION_COMPLETED: _C.RESERVED,
                _CE.OPERATION_FAILED: _C.ALLOCATED,
                _CE.CANCEL_REQUESTED: _C.ALLOCATED,
            },
        ),
        (_C.RESERVED, {_CE.RELEASE_REQUESTED: _C.RELEASING}),
        (
            _C.RELEASING,
            {_CE.OPERATION_COMPLETED: _C.ALLOCATED, _CE.OPERATION_FAILED: _C.RESERVED},
        ),
    ],
)
"""Source: CloudStack 4.0 `Nic.State`."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Nic(Record):
    """A VM's place on a network."""

    kind: ClassVar[str] = "nic"

    state: NicState = NicState.ALLOCATED
    vm: VirtualMachine
    network: Network
    is_default: bool = True
    range: AddressRange | None = None
    """Where its address comes from; `None` while it has none."""
    address: int = 0
    mac_number: int = 0

    @property
    def ip(self) -> str | None:
        """Its address in dotted form, `None` while it has none."""
        return str(IPv4Address(self.address)) if self.range is not None else None

    @property
    def mac(self) -> str:
        """Its hardware address, `02:00:…` for guests."""
        text = f"{self.mac_number:012x}"
        return ":".join(text[place : place + 2] for place in range(0, 12, 2))
