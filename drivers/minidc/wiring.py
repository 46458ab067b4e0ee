"""The switch and its cables: which NIC of which namespace ends in which bridge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from cloudlab.errors import Conflict, InvalidParameter
from drivers.minidc import netns
from drivers.minidc.commands import run
from drivers.minidc.layout import NICS, UNDERLAY_MTU, Layout, mac

BRIDGES: Final = {"mgmt": 1500, "underlay": UNDERLAY_MTU, "public": 1500}
"""Bridges of the switch, and how long frames may be on them."""

HOST_CABLES: Final = dict(zip(NICS, BRIDGES, strict=True))

GUEST_BRIDGE: Final = "cloudbr1"
PUBLIC_BRIDGE: Final = "cloudbr0"
"""A host's own bridges, named as CloudStack's installation guide names them."""


def build_switch(layout: Layout) -> None:
    """Make the switch, the manager and somebody outside; what is there stays."""
    for namespace in (layout.switch, layout.manager, layout.internet):
        netns.add(namespace)
    for bridge in BRIDGES:
        _ensure_bridge(layout.switch, bridge)
    ends = (
        (layout.manager, "mgmt", layout.manager_address),
        (layout.internet, "public", layout.internet_address),
    )
    for namespace, bridge, address in ends:
        _ensure_cable(layout, namespace, "eth0", bridge)
        _addressed(namespace, "eth0", address)


def wire_host(layout: Layout, host: str) -> None:
    """Make a host's namespace with three NICs, two bridges and two addresses, all new."""
    namespace = layout.namespace(host)
    netns.add(namespace)
    for nic, bridge in HOST_CABLES.items():
        _ensure_cable(layout, namespace, nic, bridge)
    for bridge, nic in ((GUEST_BRIDGE, "eth1"), (PUBLIC_BRIDGE, "eth2")):
        _ensure_bridge(namespace, bridge)
        _ip(namespace, "link", "set", nic, "master", bridge)
    _addressed(namespace, "eth0", layout.address(host))
    _addressed(namespace, GUEST_BRIDGE, layout.underlay_address(host))


def cut(layout: Layout, host: str) -> None:
    """Take all cables of a host out of the switch for good; fine if there are none."""
    if netns.exists(layout.switch):
        for nic in NICS:
            _try_ip(layout.switch, "link", "delete", port_of(layout.namespace(host), nic, layout))


def set_plugged(layout: Layout, host: str, nic: str, *, plugged: bool) -> None:
    """Pull a cable at the switch, or put it back: the NIC sees its carrier go and come.

    Raises:
        InvalidParameter: hosts have no such NIC.
        Conflict: the host is off, and has no cables.
    """
    layout.number(host)
    if nic not in NICS:
        raise InvalidParameter(f"nic is {nic!r}; hosts have {', '.join(NICS)}")
    if nic not in plugs(layout, host):
        raise Conflict(f"{host} is off, so {nic} has no cable; start it first: start {host}")
    port = port_of(layout.namespace(host), nic, layout)
    _ip(layout.switch, "link", "set", port, "up" if plugged else "down")


def plugs(layout: Layout, host: str) -> dict[str, bool]:
    """Return whether the cable is in, by NIC; empty for a host that is off."""
    if not netns.exists(layout.switch):
        return {}
    shown = run(["ip", "-n", layout.switch, "-json", "link", "show"]).stdout
    up = {port["ifname"]: "UP" in port["flags"] for port in json.loads(shown)}
    return {nic: up[port] for nic, port in _ports(layout, host) if port in up}


def port_of(namespace: str, nic: str, layout: Layout) -> str:
    """Return what the switch calls its end of a cable."""
    return f"{namespace.removeprefix(layout.prefix)}-{nic}"


def _ports(layout: Layout, host: str) -> Iterator[tuple[str, str]]:
    for nic in NICS:
        yield nic, port_of(layout.namespace(host), nic, layout)


def _ensure_cable(layout: Layout, namespace: str, nic: str, bridge: str) -> None:
    """Lay a cable, unless it is there; both ends are made where they belong, at once."""
    port, mtu = port_of(namespace, nic, layout), str(BRIDGES[bridge])
    if _try_ip(namespace, "link", "show", nic):
        near = ["link", "add", nic, "address", mac(namespace, nic), "mtu", mtu, "type", "veth"]
        _ip(namespace, *near, "peer", "name", port, "mtu", mtu, "netns", layout.switch)
    _ip(layout.switch, "link", "set", port, "master", bridge, "up")
    _ip(namespace, "link", "set", nic, "up")


def _ensure_bridge(namespace: str, name: str) -> None:
    if _try_ip(namespace, "link", "show", name):
        _ip(namespace, "link", "add", name, "type", "bridge", "forward_delay", "0")
    _ip(namespace, "link", "set", name, "up")


def _addressed(namespace: str, nic: str, address: str) -> None:
    _ip(namespace, "address", "replace", f"{address}/24", "dev", nic)


def _ip(namespace: str, *words: str) -> None:
    run(["ip", "-n", namespace, *words])


def _try_ip(namespace: str, *words: str) -> int:
    """Return the exit code of `ip`, 0 for what is there or was done."""
    return run(["ip", "-n", namespace, *words], check=False).returncode
