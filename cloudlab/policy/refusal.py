"""Why a VM was placed nowhere: what each step removed, what is missing, what would fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudlab.model import Cluster, Host, VirtualMachine
from cloudlab.policy.algorithms import algorithm
from cloudlab.policy.hosts import suits
from cloudlab.policy.planner import crosses_threshold, has_address
from cloudlab.policy.pools import place_volumes, unplaced
from cloudlab.policy.reason import Reason
from cloudlab.policy.scene import Avoid, Scene, Wish
from cloudlab.units import size_text

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the planner: what it asked, and how many hosts were left after it."""

    question: str
    before: int
    after: int

    @property
    def removed(self) -> int:
        """How many hosts it removed."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The host that came closest, and what it lacks."""

    host: Host
    missing_cpu_mhz: int
    missing_ram_mib: int

    def __str__(self) -> str:
        """Say which host and how much."""
        lacks = []
        if self.missing_cpu_mhz:
            lacks.append(f"{self.missing_cpu_mhz} MHz")
        if self.missing_ram_mib:
            lacks.append(size_text(self.missing_ram_mib))
        return f"{self.host.name} lacks {' and '.join(lacks)}" if lacks else f"{self.host.name}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is no place: `reason` in a word, the rest for people."""

    reason: Reason
    asked: str
    steps: tuple[Step, ...]
    nearest: NearMiss | None
    would_fit: str

    def __str__(self) -> str:
        """Tell it step by step."""
        lines = [f"No place for {self.asked}: {self.reason.label}."]
        lines += [
            f"  {step.question}: {step.after} of {step.before} hosts left" for step in self.steps
        ]
        if self.nearest is not None:
            lines.append(f"  nearest: {self.nearest}")
        if self.would_fit:
            lines.append(f"  would fit: {self.would_fit}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{step.question}</td><td>{step.removed}</td><td>{step.after}</td></tr>"
            for step in self.steps
        )
        return (
            f"<p>No place for {self.asked}: <b>{self.reason.label}</b></p><table><tr><th>step</th>"
            f"<th>hosts removed</th><th>left</th></tr>{rows}</table>"
            f"<p>Nearest: {self.nearest or 'none'}. Would fit: {self.would_fit or 'nothing'}.</p>"
        )


def explain(scene: Scene, vm: VirtualMachine, wish: Wish, avoid: Avoid) -> Explanation:
    """Return why `vm` finds no place where it is wished."""
    ledger = scene.ledger
    clusters = _considered(scene, wish)
    here = np.isin(ledger.host_cluster, [cluster.row for cluster in clusters])
    steps: list[Step] = []
    left = here

    def ask(question: str, mask: Mask) -> None:
        nonlocal left
        after = left & mask
        steps.append(Step(question, int(left.sum()), int(after.sum())))
        left = after

    ask("of the hypervisor of its template", _of(scene, clusters, _right_kind(vm)))
    ask("Up and Enabled", ledger.is_open)
    ask("not tried before", _each(scene, left, lambda host: host.id not in avoid.hosts))
    ask("tags and limits", _each(scene, left, lambda host: suits(scene, vm, host, wish)))
    offering = vm.offering
    ask("enough cores, fast enough", (ledger.cores >= offering.vcpu) & (ledger.mhz >= offering.cpu_mhz))
    able = left
    dropped = {each.row for each in clusters if crosses_threshold(scene, vm, each)}
    ask("cluster below its disable thresholds", ~np.isin(ledger.host_cluster, list(dropped)))
    below = left
    ask("enough CPU free", ledger.cpu_free >= _cpu_need(scene, vm))
    ask("enough RAM free", ledger.ram_free >= offering.ram_mib)
    rules = algorithm(scene.settings.allocation_algorithm)
    ask(
        "a pool with room for every volume",
        _each(
            scene, left, lambda host: place_volumes(scene, vm, host, rules.pools, avoid) is not None
        ),
    )
    ask("an address left", _of(scene, clusters, lambda each: has_address(scene, vm, each)))
    return Explanation(
        _reason(scene, vm, able, below, steps),
        _asked(vm),
        tuple(steps),
        _nearest(scene, vm, below if below.any() else able),
        _would_fit(scene, below),
    )


def _considered(scene: Scene, wish: Wish) -> list[Cluster]:
    if wish.cluster is not None:
        return [wish.cluster]
    clusters = scene.ledger.zone_clusters.get(wish.zone.id, [])
    return [each for each in clusters if wish.pod in (None, each.pod)]


def _right_kind(vm: VirtualMachine) -> Callable[[Cluster], bool]:
    return lambda cluster: vm.template.runs_on(cluster.hypervisor)


def _of(scene: Scene, clusters: list[Cluster], test: Callable[[Cluster], bool]) -> Mask:
    """Return the hosts whose cluster passes `test`."""
    return np.isin(scene.ledger.host_cluster, [each.row for each in clusters if test(each)])


def _each(scene: Scene, left: Mask, test: Callable[[Host], bool]) -> Mask:
    """Return the hosts of `left` that pass `test`, asked one by one."""
    mask = np.zeros_like(left)
    for row in np.flatnonzero(left):
        mask[row] = test(scene.ledger.hosts[row])
    return mask


def _cpu_need(scene: Scene, vm: VirtualMachine) -> NDArray[np.int64]:
    """Return the MHz that `vm` would take of every host."""
    offering, mhz = vm.offering, scene.ledger.mhz
    speed = np.full_like(mhz, offering.cpu_mhz) if offering.cpu_mhz else mhz
    return offering.vcpu * speed


def _reason(
    scene: Scene, vm: VirtualMachine, able: Mask, below: Mask, steps: list[Step]
) -> Reason:
    """Return the one word: the last obstacle on the way of the VM that came furthest."""
    ledger = scene.ledger
    need_cpu, need_ram = _cpu_need(scene, vm), vm.offering.ram_mib
    by_question = {step.question: step for step in steps}
    if by_question["a pool with room for every volume"].after:
        return Reason.ADDRESS
    if by_question["a pool with room for every volume"].before:
        return Reason.STORAGE
    holds = able & (ledger.cpu_total >= need_cpu) & (ledger.ram_total >= need_ram)
    if not holds.any():
        return _why_never(by_question)
    cpu, ram = ledger.cpu_free >= need_cpu, ledger.ram_free >= need_ram
    if (able & ~below & cpu & ram).any():
        return Reason.THRESHOLD
    short_of_cpu, short_of_ram = (below & ram & ~cpu).any(), (below & cpu & ~ram).any()
    if short_of_cpu and not short_of_ram:
        return Reason.CPU
    if short_of_ram and not short_of_cpu:
        return Reason.RAM
    return Reason.CPU_AND_RAM


def _why_never(by_question: dict[str, Step]) -> Reason:
    """Return why no host could take the VM even when empty."""
    if by_question["Up and Enabled"].after == 0:
        return Reason.UNAVAILABLE
    if by_question["not tried before"].after == 0:
        return Reason.UNAVAILABLE
    if by_question["tags and limits"].after == 0:
        return Reason.TAGS
    return Reason.SIZE


def _nearest(scene: Scene, vm: VirtualMachine, mask: Mask) -> NearMiss | None:
    """Return the host of `mask` that lacks the smallest share of what is asked."""
    rows = np.flatnonzero(mask)
    if len(rows) == 0:
        return None
    ledger, need = scene.ledger, _cpu_need(scene, vm)[rows]
    cpu = np.maximum(need - ledger.cpu_free[rows], 0)
    ram = np.maximum(vm.offering.ram_mib - ledger.ram_free[rows], 0)
    best = int(np.argmin(cpu / need + ram / vm.offering.ram_mib))
    return NearMiss(ledger.hosts[rows[best]], int(cpu[best]), int(ram[best]))


def _would_fit(scene: Scene, mask: Mask) -> str:
    """Return the largest sizes that one host still has, as people read them."""
    rows = np.flatnonzero(mask)
    if len(rows) == 0:
        return ""
    ledger = scene.ledger
    cores = np.minimum(ledger.cpu_free[rows] // ledger.mhz[rows], ledger.cores[rows])
    most_cores, most_ram = int(np.argmax(cores)), int(np.argmax(ledger.ram_free[rows]))

    def size(place: int) -> str:
        ram = size_text(max(int(ledger.ram_free[rows[place]]), 0))
        return f"{max(int(cores[place]), 0)} vCPU with {ram} on {ledger.hosts[rows[place]].name}"

    sizes = dict.fromkeys([size(most_cores), size(most_ram)])
    return " or ".join(sizes)


def _asked(vm: VirtualMachine) -> str:
    """Return what `vm` needs as people read it."""
    offering = vm.offering
    speed = f" at {offering.cpu_mhz} MHz" if offering.cpu_mhz else ""
    disk = sum(volume.size_mib for volume in unplaced(vm))
    disks = f", {size_text(disk)} of disk" if disk else ""
    return f"{vm}: {offering.vcpu} vCPU{speed}, {size_text(offering.ram_mib)} RAM{disks}"
