"""What the planner asks of each host, answered for all hosts at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cloudlab.model import Cluster, Host
from cloudlab.policy.algorithms import algorithm
from cloudlab.policy.hosts import has_seat, is_meant_for
from cloudlab.policy.planner import crosses_threshold, has_address, is_enabled_for
from cloudlab.policy.pools import place_volumes, reaches_volumes
from cloudlab.policy.refusal.view import Mask, View

QUESTIONS: Final = {
    "right_kind": "of the hypervisor of its template",
    "enabled": "in a pod and cluster that are Enabled",
    "up": "Up and Enabled",
    "untried": "not tried before",
    "meant_for_it": "with the tags and abilities it asks for",
    "has_seat": "with fewer guests than the limit",
    "near_volumes": "that reach the volumes it has",
    "has_cores": "with enough cores, fast enough",
    "below_threshold": "below the disable threshold of their cluster",
    "has_address": "with a guest address left",
    "has_cpu": "with enough CPU free",
    "has_ram": "with enough RAM free",
    "has_pools": "with a pool that has room for every volume",
}
"""What is asked of each host, in the planner's order, and in words.

Whether it has pools is only asked of a host that passes all the other questions.
"""

ASKED_OF_A_NAMED_HOST: Final = (
    "right_kind",
    "up",
    "untried",
    "near_volumes",
    "has_address",
    "has_pools",
)
"""All that is asked of a host that the administrator named."""

_ASKED_OF_ANY_SIZE: Final = tuple(QUESTIONS)[: tuple(QUESTIONS).index("has_cores")]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One mask over the hosts of a view for each question, in the planner's order."""

    masks: dict[str, Mask]
    """By field of `QUESTIONS`."""
    willing: Mask
    """The hosts that could take a VM like this of some size."""
    able: Mask
    """The hosts that could take the VM if they were empty enough."""
    with_room: Mask
    """The hosts that have CPU and RAM for the VM now, whatever their cluster says."""
    open: Mask
    """The hosts with room in clusters with an address, below the threshold."""

    def __getitem__(self, question: str) -> Mask:
        """Return the mask of a question."""
        return self.masks[question]


def answer(view: View) -> Answers:
    """Return the answers of every host of `view`."""
    scene, vm, ledger, rows = view.scene, view.vm, view.scene.ledger, view.rows
    offering = vm.offering
    found = {
        "right_kind": view.by_cluster(lambda each: vm.template.runs_on(each.hypervisor)),
        "enabled": view.by_cluster(lambda each: is_enabled_for(vm, each)),
        "up": ledger.is_open[rows],
        "untried": _untried(view),
        "meant_for_it": view.by_host(_meant_for(view), alike=_is_plain(view)),
        "has_seat": view.by_host(lambda host: has_seat(scene, host), alike=_is_plain(view)),
        "near_volumes": view.by_host(_near_volumes(view), alike=lambda _: _moves_freely(view)),
        "has_cores": (ledger.cores[rows] >= offering.vcpu) & (ledger.mhz[rows] >= offering.cpu_mhz),
        "below_threshold": view.by_cluster(lambda each: not crosses_threshold(scene, vm, each)),
        "has_address": view.by_cluster(lambda each: has_address(scene, vm, each)),
        "has_cpu": ledger.cpu_free[rows] >= view.need_cpu,
        "has_ram": ledger.ram_free[rows] >= offering.ram_mib,
    }
    if view.names_a_host:
        everyone = np.ones(len(rows), dtype=np.bool_)
        found |= dict.fromkeys(found.keys() - set(ASKED_OF_A_NAMED_HOST), everyone)
    willing = np.logical_and.reduce([found[question] for question in _ASKED_OF_ANY_SIZE])
    able = willing & found["has_cores"]
    with_room = able & found["has_cpu"] & found["has_ram"]
    may_come = with_room & found["below_threshold"] & found["has_address"]
    found["has_pools"] = with_pools(view, may_come)
    return Answers(found, willing, able, with_room, may_come)


def _untried(view: View) -> Mask:
    avoid = view.avoid
    mask = view.by_cluster(
        lambda each: each.zone.id not in avoid.zones and not avoid.contains(each)
    )
    if avoid.hosts:
        mask &= [view.host(place).id not in avoid.hosts for place in range(len(view.rows))]
    return mask


def _meant_for(view: View) -> Callable[[Host], bool]:
    return lambda host: is_meant_for(view.scene, view.vm, host, view.wish)


def _is_plain(view: View) -> Callable[[Cluster], bool]:
    return lambda cluster: view.scene.ledger.is_plain[cluster.row]


def _near_volumes(view: View) -> Callable[[Host], bool]:
    return lambda host: reaches_volumes(view.vm, host, view.avoid)


def _moves_freely(view: View) -> bool:
    """Return whether no volume of the VM lies on the local pool of one host."""
    pools = (volume.pool for volume in view.vm.volumes)
    return all(pool is None or pool.host is None for pool in pools)


def with_pools(view: View, among: Mask) -> Mask:
    """Return the hosts of those `among` that reach a pool for every volume without one."""
    scene, vm, avoid = view.scene, view.vm, view.avoid
    order = algorithm(scene.settings.allocation_algorithm).pools
    return view.by_host(
        lambda host: place_volumes(scene, vm, host, order, avoid) is not None,
        alike=has_no_local_pool,
        among=among,
    )


def has_no_local_pool(cluster: Cluster) -> bool:
    """Return whether every host of `cluster` reaches the same pools."""
    return not any(pool.is_local for pool in cluster.pools)
