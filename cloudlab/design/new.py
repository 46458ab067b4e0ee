"""A new design from a handful of numbers, to write to a file and go on from there."""

from __future__ import annotations

import math
from typing import Final

from cloudlab.design.checks.storage import MOST_POOL_GIB
from cloudlab.design.design import Design
from cloudlab.design.schema import list_price
from cloudlab.design.schema.hardware import HOST_TYPES
from cloudlab.errors import InputError

_DISK_PER_RAM: Final = 10
_STEP_GIB: Final = 1024
_MOST_GIB: Final = 1e9
_MOST_POOLS: Final = 1000
_SHOWN_SETTINGS: Final = {
    "vm.allocation.algorithm": "random",
    "cluster.cpu.allocated.capacity.disablethreshold": 0.85,
    "cluster.memory.allocated.capacity.disablethreshold": 0.85,
    "pool.storage.allocated.capacity.disablethreshold": 0.85,
    "storage.overprovisioning.factor": 2.0,
    "expunge.delay": 86_400,
    "expunge.interval": 86_400,
}


def new_design(
    *,
    zones: int = 1,
    pods: int = 1,
    clusters: int = 1,
    hosts: int = 2,
    cpus: int = 64,
    mhz: int = 2000,
    ram_gib: float = 256,
    primary_gib: float | None = None,
    cpu_overcommit: float = 1.0,
    ram_overcommit: float = 1.0,
    hypervisor: str = "KVM",
    network_type: str = "Advanced",
    cloud: str = "my cloud",
) -> Design:
    """Return a cloud of equal hosts, every name, address and main setting written out.

    Args:
        zones: how many zones.
        pods: how many in each zone.
        clusters: how many in each pod.
        hosts: how many in each cluster.
        cpus: cores a host.
        mhz: speed of a core, MHz.
        ram_gib: memory a host, GiB.
        primary_gib: primary storage a cluster, GiB, in one pool; left out: 10 GiB for each GiB of
            RAM, in whole TiB and pools of up to 4 PiB.
        cpu_overcommit: how many times CPU may be allocated, >= 1.
        ram_overcommit: the same for RAM.
        hypervisor: of every cluster.
        network_type: `Basic` or `Advanced`.
        cloud: what it is called.

    Raises:
        InputError: a number is out of range; the message names the field of the document.
    """
    pools = _pools_gib(hosts, ram_gib) if primary_gib is None else [primary_gib]
    types = _price_list(cpus, mhz, ram_gib)
    cluster = {
        "hypervisor": hypervisor,
        "cpu_overcommit": cpu_overcommit,
        "ram_overcommit": ram_overcommit,
        "hosts": [{"count": hosts, "type": types[0]["name"]}],
        "primary_storage": [{"capacity_gib": each} for each in pools],
    }
    pod = {"clusters": [cluster] * clusters}
    zone = {"network_type": network_type, "pods": [pod] * pods}
    return Design.checked(
        {
            "cloud": cloud,
            "currency": "USD",
            "settings": _SHOWN_SETTINGS,
            "host_types": types,
            "zones": [zone] * zones,
        }
    )


def _pools_gib(hosts: int, ram_gib: float) -> list[float]:
    """Return GiB of the pools of a cluster: together ten times its RAM, each in whole TiB."""
    if not ram_gib <= _MOST_GIB:
        raise InputError(f"ram_gib is {ram_gib}; allowed: a number up to {_MOST_GIB:g}")
    wanted = max(hosts * ram_gib * _DISK_PER_RAM, _STEP_GIB)
    count = min(math.ceil(wanted / MOST_POOL_GIB), _MOST_POOLS)
    return [float(math.ceil(wanted / count / _STEP_GIB) * _STEP_GIB)] * count


def _price_list(cpus: int, mhz: int, ram_gib: float) -> list[dict[str, object]]:
    """Return the shipped host types, the asked size first: one of them, or one more."""
    listed = [entry.model_dump(exclude_unset=True) for entry in HOST_TYPES]
    asked: dict[str, object] = {"cpus": cpus, "mhz": mhz, "ram_gib": ram_gib}
    same = [entry for entry in listed if asked.items() <= entry.items()]
    if same:
        return [*same, *(entry for entry in listed if entry not in same)]
    price = max(0.0, list_price(cpus, ram_gib))
    return [{"name": f"own-{cpus}", **asked, "price_per_month": price}, *listed]
