"""The wire of a network on a host: its bridge, its VXLAN, and the hosts at the other ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cloudlab.model import Host, Network
from drivers import naming
from drivers.fabric import rules
from drivers.fabric.script import shipped
from drivers.site import Site

SHARED_VNI: Final = 0x800000
"""VXLANs of networks without a number of their own begin here; VLANs end far below."""

COMMON: Final = shipped("common.sh")
WIRE: Final = shipped("wire.sh")
RETIRE: Final = shipped("retire.sh")


@dataclass(frozen=True, slots=True)
class Wire:
    """One network as one host has it."""

    network: int
    bridge: str
    tunnel: str
    vni: int
    underlay: str
    """Where this host sends the frames of guests from."""
    peers: tuple[str, ...]
    """Where it sends those to whose target it does not know yet."""

    @classmethod
    def of(cls, network: Network, host: Host, site: Site) -> Wire:
        """Return the wire of `network` on `host`."""
        return cls(
            network=network.id,
            bridge=naming.bridge(network),
            tunnel=f"clvx{network.id}",
            vni=vni(network),
            underlay=site.of(host).underlay,
            peers=peers(host, site),
        )

    def settings(self, lab_id: str) -> dict[str, str]:
        """Return what the scripts `wire.sh` and `retire.sh` are given."""
        return {
            "lab": lab_id,
            "network": str(self.network),
            "bridge": self.bridge,
            "tunnel": self.tunnel,
            "vni": str(self.vni),
            "underlay": self.underlay,
            "peers": " ".join(self.peers),
            "wire_rules": rules.wire(lab_id, self.bridge, self.network),
            "wire_gone_rules": rules.wire_gone(lab_id, self.bridge, self.network),
            "no_rules": rules.nothing(lab_id),
        }


def vni(network: Network) -> int:
    """Return the number of the VXLAN that carries `network`, 24 bits.

    A network whose records name none, such as a shared one, gets one beyond all VLANs: so it
    spans the hosts, too.
    """
    return network.vlan if network.vlan is not None else SHARED_VNI + network.id


def peers(host: Host, site: Site) -> tuple[str, ...]:
    """Return the underlay addresses of all hosts but `host`, in order."""
    return tuple(sorted({access.underlay for access in site.others(host).values()}))
