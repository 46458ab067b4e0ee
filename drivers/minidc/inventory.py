"""What a lab needs to know of a mini data centre, as a plain document."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from drivers.minidc.hostfiles import LIBVIRT_PORT, host_public_key
from drivers.minidc.layout import UNDERLAY_MTU, Layout
from drivers.minidc.portal import libvirt_door, ssh_door
from drivers.minidc.wiring import GUEST_BRIDGE, PUBLIC_BRIDGE


def libvirt_uri(layout: Layout, host: str) -> str:
    """Return how libvirt is told to go through a host's door."""
    return f"qemu+unix:///system?socket={libvirt_door(layout, host)}"


def inventory(layout: Layout, hosts: Sequence[str]) -> dict[str, object]:
    """Return the document; docs/minidc.md describes it field by field."""
    first, last = layout.public_range
    return {
        "version": 1,
        "kind": "minidc",
        "directory": str(layout.directory),
        "prefix": layout.prefix,
        "ssh": {"user": "root", "key": str(layout.key), "known_hosts": str(layout.known_hosts)},
        "storage": {
            "primary": str(layout.primary),
            "secondary": str(layout.secondary),
            "template": str(layout.template),
        },
        "management": {"subnet": str(layout.management), "manager": layout.manager_address},
        "underlay": {"subnet": str(layout.underlay), "mtu": UNDERLAY_MTU, "bridge": GUEST_BRIDGE},
        "public": {
            "subnet": str(layout.public),
            "gateway": layout.internet_address,
            "first": first,
            "last": last,
            "bridge": PUBLIC_BRIDGE,
        },
        "hosts": [_host(layout, host) for host in hosts],
    }


def write_inventory(layout: Layout, hosts: Sequence[str]) -> None:
    """Write the document, and beside the key the hosts' own keys; each is whole or not there."""
    lines = [f"{host},{layout.address(host)} {host_public_key(layout, host)}" for host in hosts]
    text = yaml.safe_dump(inventory(layout, hosts), sort_keys=False)
    for path, content in ((layout.known_hosts, "\n".join([*lines, ""])), (layout.inventory, text)):
        fresh = path.with_name(f".{path.name}")
        fresh.write_text(content)
        fresh.chmod(0o600)
        fresh.replace(path)


def _host(layout: Layout, host: str) -> dict[str, str]:
    address = layout.address(host)
    return {
        "name": host,
        "address": address,
        "underlay_address": layout.underlay_address(host),
        "ssh_door": str(ssh_door(layout, host)),
        "libvirt_uri": libvirt_uri(layout, host),
        "migration_uri": f"qemu+tcp://{address}:{LIBVIRT_PORT}/system",
        "heartbeat": str(layout.heartbeat(host)),
    }
