"""The lab file and the design of a mini data centre: what `connect` opens there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.minidc import MiniDc

CPUS: Final = 4
MHZ: Final = 1000
RAM_GIB: Final = 2.0
"""What guests are promised of a host: emulated guests are small and few."""
PRIMARY_GIB: Final = 8.0
TEMPLATE: Final = "tiny"
ANSWER_SECONDS: Final = 2
"""Hosts on the same machine answer sooner than others."""
STORE: Final = "lab.sqlite"


def write_lab(center: MiniDc) -> Path:
    """Write `lab.yaml` and `design.yaml` beside the inventory of `center`; return the lab file.

    Once a lab was opened there, its files are kept: they are what its books were built from.
    """
    folder = center.layout.directory
    lab, design = lab_documents(center)
    for name, document in (("design.yaml", design), ("lab.yaml", lab)):
        path = folder / name
        if not (path.exists() and (folder / STORE).exists()):
            text = yaml.safe_dump(document, sort_keys=False)
            path.touch(mode=0o600)
            path.write_text(f"{_ABOUT[name]}{text}", encoding="utf-8")
    return folder / "lab.yaml"


_ABOUT: Final = {
    "design.yaml": "# The cloud of a mini data centre: one zone, one pod, one cluster.\n",
    "lab.yaml": "# How its hosts are reached: lab = connect('lab.yaml').\n",
}


def lab_documents(center: MiniDc) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a lab file and a design for the hosts that `center` has."""
    told = center.inventory()
    return _lab(center, told), design_document(told)


def lab_name(center: MiniDc) -> str:
    """Return the name of the lab: `minidc`, or what tells this data centre from others."""
    mark = center.layout.prefix.removeprefix("cl").strip("-").replace("-", "")
    return f"dc{mark}"[:12] if mark else "minidc"


def _lab(center: MiniDc, told: Mapping[str, Any]) -> dict[str, Any]:
    login = told["ssh"]
    return {
        "lab": lab_name(center),
        "design": "design.yaml",
        "store": STORE,
        "answer_seconds": ANSWER_SECONDS,
        "ssh": {name: login[name] for name in ("user", "key", "known_hosts")},
        "templates": {TEMPLATE: told["storage"]["template"]},
        "minidc": str(center.layout.directory),
        "hosts": [
            {
                **{name: host[name] for name in ("name", "address", "underlay_address")},
                **{name: host[name] for name in ("ssh_door", "libvirt_uri", "heartbeat")},
                "public_bridge": told["public"]["bridge"],
            }
            for host in told["hosts"]
        ],
    }


def design_document(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cloud of the hosts there are, whose silence is noticed within seconds."""
    public, storage = told["public"], told["storage"]
    return {
        "cloud": "mini data centre",
        "settings": {
            "vm.allocation.algorithm": "firstfit",
            "ping.interval": 1,
            "ping.timeout": 2,
            "kvm.heartbeat.timeout": 4,
            "investigate.retry.interval": 2,
            "restart.retry.interval": 10,
            "expunge.delay": 3600,
            "expunge.interval": 60,
            "capacity.skipcounting.hours": 60,
        },
        "compute_offerings": [
            {"name": "Tiny Instance", "vcpu": 1, "cpu_mhz": 200, "ram_mib": 112},
            {"name": "Tiny HA Instance", "vcpu": 1, "cpu_mhz": 200, "ram_mib": 112, "ha": True},
            {"name": "Medium Instance", "vcpu": 1, "cpu_mhz": 200, "ram_mib": 112},
            {"name": "Large Instance", "vcpu": 1, "cpu_mhz": 200, "ram_mib": 128, "ha": True},
        ],
        "disk_offerings": [{"name": "Small Disk", "size_gib": 1}],
        "templates": [{"name": TEMPLATE, "size_gib": 0.0625, "hypervisor": "KVM"}],
        "zones": [
            {
                "name": "z1",
                "guest_cidr": "10.1.1.0/24",
                "physical_networks": [{"isolation": "VXLAN", "vlan_range": "500-999"}],
                "public_ranges": [
                    {
                        "cidr": public["subnet"],
                        "gateway": public["gateway"],
                        "start": public["first"],
                        "end": public["last"],
                    }
                ],
                "guest_ranges": [
                    {
                        "cidr": "10.2.0.0/24",
                        "gateway": "10.2.0.1",
                        "start": "10.2.0.10",
                        "end": "10.2.0.200",
                    }
                ],
                "secondary_storage": [
                    {"name": "secondary", "url": f"file://{storage['secondary']}"}
                ],
                "pods": [
                    {
                        "name": "p1",
                        "cidr": told["management"]["subnet"],
                        "gateway": told["management"]["manager"],
                        "clusters": [
                            {
                                "name": "c1",
                                "hosts": [
                                    {
                                        "count": len(told["hosts"]),
                                        "cpus": CPUS,
                                        "mhz": MHZ,
                                        "ram_gib": RAM_GIB,
                                        "name_pattern": "h{n}",
                                    }
                                ],
                                "primary_storage": [
                                    {
                                        "name": "primary",
                                        "type": "SharedMountPoint",
                                        "capacity_gib": PRIMARY_GIB,
                                        "url": f"file://{storage['primary']}",
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }
