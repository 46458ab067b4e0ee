"""The largest requests that would be placed instead of a refused one."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, inf
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.policy.refusal.answers import Answers, has_no_local_pool, with_pools
from cloudlab.policy.refusal.disks import shortage
from cloudlab.policy.refusal.view import Mask, View
from cloudlab.units import size_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ENOUGH: Final = 2**62
"""Room where no threshold counts."""


def would_fit(view: View, answers: Answers) -> str:
    """Return the largest sizes that would still be placed, as people read them.

    Where only storage is missing that is a disk, else a number of vCPUs with RAM; where no
    size would help it is empty.
    """
    if answers.open.any():
        return _disk(view, answers.open)
    if view.names_a_host:
        return ""
    return _sizes(view, with_pools(view, answers.willing & answers["has_address"]))


def _disk(view: View, with_room: Mask) -> str:
    """Return the largest disk that would be placed, on the host of each cluster that has most."""
    shortages = (shortage(view, view.host(place)) for place in _one_of_each(view, with_room))
    offers = [each for each in shortages if each is not None and each.left_mib > 0]
    if not offers:
        return ""
    best = max(offers, key=lambda each: each.left_mib)
    return f"{size_text(best.left_mib)} for volume {best.volume.name} on {best.pool}"


def _one_of_each(view: View, mask: Mask) -> Iterator[int]:
    """Yield hosts of `mask`: one a cluster, or all of a cluster that has local pools."""
    for cluster, first, end in view.spans():
        inside = (first + np.flatnonzero(mask[first:end])).tolist()
        yield from inside[:1] if has_no_local_pool(cluster) else inside


def _sizes(view: View, willing: Mask) -> str:
    """Return the most vCPUs with the RAM beside them, and the most RAM with its vCPUs.

    Ties go to the host that comes first.
    """
    vcpus, ram = _room(view)
    places = np.flatnonzero(willing & (vcpus > 0) & (ram > 0))
    if len(places) == 0:
        return ""
    most_vcpus = places[np.lexsort((-places, ram[places], vcpus[places]))[-1]]
    most_ram = places[np.lexsort((-places, vcpus[places], ram[places]))[-1]]
    sizes = [
        f"{vcpus[place]} vCPU with {size_text(int(ram[place]))} on {view.host(place).name}"
        for place in (most_vcpus, most_ram)
    ]
    return " or ".join(dict.fromkeys(sizes))


def _room(view: View) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the vCPUs and the MiB that each host would still give to one VM."""
    ledger, rows, offering = view.scene.ledger, view.rows, view.vm.offering
    cpu_left, ram_left = _headroom(view)
    vcpus = np.minimum(ledger.cpu_free[rows] // view.speed, ledger.cores[rows])
    vcpus = np.minimum(vcpus, cpu_left)
    vcpus[ledger.mhz[rows] < offering.cpu_mhz] = 0
    return vcpus, np.minimum(ledger.ram_free[rows], ram_left)


def _headroom(view: View) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the vCPUs and MiB that each host's cluster may take below its thresholds."""
    scene, ledger, mhz = view.scene, view.scene.ledger, view.vm.offering.cpu_mhz
    cpu_left, ram_left = [], []
    for cluster in view.clusters:
        row, speed = cluster.row, mhz or cluster.mhz
        total, free = ledger.cluster_cpu_total[row], ledger.cluster_cpu_free[row]
        cpu_left.append(_below(scene.cpu_disable(cluster), int(total), int(free)) // speed)
        total, free = ledger.cluster_ram_total[row], ledger.cluster_ram_free[row]
        ram_left.append(_below(scene.ram_disable(cluster), int(total), int(free)))
    return np.array(cpu_left).repeat(view.sizes), np.array(ram_left).repeat(view.sizes)


def _below(limit: float, total: int, free: int) -> int:
    """Return how much more may be taken of `total` until the share `limit` is reached."""
    return _ENOUGH if limit == inf else max(floor(limit * total) - (total - free), 0)
