"""The host that came closest to taking a refused VM, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.model import Cluster, Host, Network
from cloudlab.policy.refusal.answers import Answers
from cloudlab.policy.refusal.disks import shortage
from cloudlab.policy.refusal.explanation import NearMiss
from cloudlab.policy.refusal.view import Mask, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OBSTACLES: Final = {
    "right_kind": "its hypervisor is {cluster.hypervisor}",
    "enabled": "{cluster.pod} or {cluster} is Disabled",
    "up": "it is {host.status} and {host.resource_state}",
    "untried": "it was tried before",
    "meant_for_it": "it has not the tags and abilities asked for",
    "has_seat": "its limit of {host.max_guests} guests is reached",
    "near_volumes": "it does not reach the volumes of the VM",
    "below_threshold": "{cluster} would be over its disable threshold",
    "has_address": "{addresses} has no guest address left",
}
"""What is in the way of a host that fails a question, where CPU and RAM do not tell."""


def nearest(view: View, answers: Answers) -> NearMiss | None:
    """Return the host that lacks the smallest share of what is asked, `None` without hosts.

    Hosts that pass more of the planner's questions come first; ties in order of row.
    """
    if not len(view.rows):
        return None
    ledger, rows, offering = view.scene.ledger, view.rows, view.vm.offering
    cores = np.maximum(offering.vcpu - ledger.cores[rows], 0)
    speed = np.maximum(offering.cpu_mhz - ledger.mhz[rows], 0)
    cpu = np.maximum(view.need_cpu - ledger.cpu_free[rows], 0)
    ram = np.maximum(offering.ram_mib - ledger.ram_free[rows], 0)
    if view.names_a_host:
        cores, speed, cpu, ram = cores * 0, speed * 0, cpu * 0, ram * 0
    lacking = cores / offering.vcpu + cpu / view.need_cpu + ram / offering.ram_mib
    lacking += speed / view.speed
    place = _least(_closest(answers), lacking)
    return NearMiss(
        view.host(place),
        int(cpu[place]),
        int(ram[place]),
        int(cores[place]),
        int(speed[place]),
        _obstacle(view, answers, place) or ("" if lacking[place] else _disks(view, place)),
    )


def _closest(answers: Answers) -> Mask:
    """Return the hosts that came furthest; never none."""
    below = answers.able & answers["below_threshold"]
    of_its_kind = answers["right_kind"] & answers["meant_for_it"]
    groups = (below & answers["has_address"], below, answers.able, answers.willing, of_its_kind)
    for group in (*groups, answers["right_kind"]):
        if group.any():
            return group
    return ~answers["right_kind"]


def _least(group: Mask, lacking: NDArray[np.float64]) -> int:
    return int(np.where(group, lacking, np.inf).argmin())


def _obstacle(view: View, answers: Answers, place: int) -> str:
    """Return what is in the way of the host at `place` besides its size and its pools."""
    for question, words in _OBSTACLES.items():
        if not answers[question][place]:
            host = view.host(place)
            return words.format(
                host=host, cluster=host.cluster, addresses=_short_of_addresses(view, host)
            )
    return ""


def _short_of_addresses(view: View, host: Host) -> Network | Cluster:
    """Return what has no address left for the VM: its own network, or the cluster of `host`."""
    for nic in view.vm.nics:
        own = nic.network.range
        if own is not None and nic.range is None and view.scene.addresses[own.row].free <= 0:
            return nic.network
    return host.cluster


def _disks(view: View, place: int) -> str:
    found = shortage(view, view.host(place))
    return "" if found is None else str(found)
