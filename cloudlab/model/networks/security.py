"""Security groups: which connections reach a machine on a shared network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from cloudlab.model.networks.rules import EVERYWHERE, Protocol, ports_text
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.tenancy import Account


class SecurityGroupRule(NamedTuple):
    """Connections that come in (ingress) or go out (egress)."""

    protocol: Protocol = Protocol.TCP
    ports: tuple[int, int] | None = None
    """First and last port; `None` for icmp and all."""
    cidr: str = EVERYWHERE
    """Where from, or where to."""

    def __str__(self) -> str:
        """Say it in words: `tcp 22, 10.0.0.0/8`."""
        ports = "" if self.ports is None else f" {ports_text(self.ports)}"
        return f"{self.protocol}{ports}, {self.cidr}"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class SecurityGroup(Record):
    """What may reach its machines; what no ingress rule allows is dropped.

    Without an egress rule everything may go out; with one, only what a rule allows.
    """

    kind: ClassVar[str] = "security group"

    account: Account
    ingress: list[SecurityGroupRule] = field(default_factory=list)
    egress: list[SecurityGroupRule] = field(default_factory=list)

    def glance(self) -> str:
        """Return whose it is and how many rules it has."""
        rules = f"{len(self.ingress)} ingress and {len(self.egress)} egress rules"
        return f"of {self.account.name}, {rules}"
