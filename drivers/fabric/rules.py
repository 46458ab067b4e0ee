"""The packet filter of a host: one nft table for frames and one for packets, per lab.

A frame that comes from a NIC is held against the NIC's guard, which drops what is spoofed and
marks the rest with a number of the sender. Before a frame goes out to a NIC it is marked with
a number of the receiver. Between the two the kernel shows the packet to the IP hooks
(br_netfilter), where connections are tracked: there the marks tell which security groups count,
which the IP hooks alone could not, as they see no port of a bridge. Every network has
a connection tracking zone of its own, so that equal addresses in two of them do not meet.
"""

from __future__ import annotations

from typing import Final

_ZONES: Final = 65535
"""Connection tracking zones there are, but for 0, which is everybody's."""


def table(lab_id: str) -> str:
    """Return the name of the tables of a lab."""
    return f"cloudlab_{lab_id}"


def inward(nic: int) -> int:
    """Return the mark of packets on their way to a NIC, an odd number."""
    return 2 * nic + 1


def outward(nic: int) -> int:
    """Return the mark of packets that come from a NIC, an even number."""
    return 2 * nic


def zone(network: int) -> int:
    """Return the connection tracking zone of a network."""
    return (network - 1) % _ZONES + 1


def ground(lab_id: str) -> str:
    """Return what the rules of NICs and networks stand on; loading it again changes nothing.

    Packets from guests that are addressed to the host itself, or to be routed by it, are
    dropped: guests reach their router and each other, never the host.
    """
    name = table(lab_id)
    return f"""\
table bridge {name} {{
  map guards {{ type ifname : verdict; }}
  map marks {{ type ifname : mark; }}
  chain from_guests {{ type filter hook prerouting priority -250; }}
  chain to_guests {{ type filter hook forward priority -250; }}
}}
table ip {name} {{
  set bridges {{ type ifname; }}
  map zones {{ typeof iifname : ct zone; }}
  map egress {{ type mark : verdict; }}
  map ingress {{ type mark : verdict; }}
  chain zone {{ type filter hook prerouting priority raw; }}
  chain from_guests {{ type filter hook prerouting priority mangle; }}
  chain to_guests {{ type filter hook forward priority filter; }}
  chain to_host {{ type filter hook input priority filter; }}
  chain unmark {{ type filter hook postrouting priority filter; }}
}}
flush chain bridge {name} from_guests
flush chain bridge {name} to_guests
flush chain ip {name} zone
flush chain ip {name} from_guests
flush chain ip {name} to_guests
flush chain ip {name} to_host
flush chain ip {name} unmark
table bridge {name} {{
  chain from_guests {{ iifname vmap @guards; }}
  chain to_guests {{ meta mark set oifname map @marks; }}
}}
table ip {name} {{
  chain zone {{ ct zone set iifname map @zones; }}
  chain from_guests {{
    iifname != @bridges accept
    ct state established,related accept
    meta mark vmap @egress
  }}
  chain to_guests {{
    iifname @bridges oifname != @bridges counter drop
    iifname != @bridges oifname @bridges counter drop
    iifname != @bridges accept
    ct state established,related accept
    meta mark vmap @ingress
  }}
  chain to_host {{ iifname @bridges counter drop; }}
  chain unmark {{ oifname @bridges meta mark set 0; }}
}}
"""


def wire(lab_id: str, bridge: str, network: int) -> str:
    """Return the rules for one more network."""
    name = table(lab_id)
    return f"""\
{ground(lab_id)}
add element ip {name} bridges {{ "{bridge}" }}
add element ip {name} zones {{ "{bridge}" : {zone(network)} }}
"""


def wire_gone(lab_id: str, bridge: str, network: int) -> str:
    """Return the rules for one network fewer; added first, what is not there can be deleted."""
    name = table(lab_id)
    return f"""\
{wire(lab_id, bridge, network)}
delete element ip {name} bridges {{ "{bridge}" }}
delete element ip {name} zones {{ "{bridge}" }}
"""


def nothing(lab_id: str) -> str:
    """Return what takes all tables of a lab away, if there are any."""
    name = table(lab_id)
    return "".join(f"add table {kind} {name}\ndelete table {kind} {name}\n" for kind in _FAMILIES)


_FAMILIES: Final = ("bridge", "ip")
