"""What a mirror needs of a cloud; the cloud itself stands above this room."""

from __future__ import annotations

from typing import Protocol

from cloudlab.engine import Engine
from cloudlab.model import Alert, AlertType, Settings
from cloudlab.ports import Ports
from cloudlab.state import Inventory, Journal, Ledger, NumberPool


class Mirrored(Protocol):
    """What a mirror needs of a cloud."""

    name: str
    engine: Engine
    ports: Ports
    seed: int
    requests: int
    inventory: Inventory
    ledger: Ledger
    addresses: list[NumberPool]
    journal: Journal

    @property
    def settings(self) -> Settings:
        """The rules it runs by."""

    def alert(self, kind: AlertType, scope: str, subject: str, text: str = "") -> Alert:
        """Raise an alert."""

    def resolve(self, kind: AlertType, scope: str) -> None:
        """Close the open alerts of this type and scope."""
