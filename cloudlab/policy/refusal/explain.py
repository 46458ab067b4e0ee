"""Why a VM finds no place where it is wished."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cloudlab.model import VirtualMachine, Zone
from cloudlab.policy.pools import unplaced
from cloudlab.policy.refusal.answers import ASKED_OF_A_NAMED_HOST, QUESTIONS, Answers, answer
from cloudlab.policy.refusal.classify import classify
from cloudlab.policy.refusal.explanation import Explanation, Step
from cloudlab.policy.refusal.nearest import nearest
from cloudlab.policy.refusal.view import View, look
from cloudlab.policy.refusal.would_fit import would_fit
from cloudlab.policy.scene import Avoid, Scene, Wish
from cloudlab.units import size_text


def explain(
    scene: Scene, vm: VirtualMachine, wish: Wish, avoid: Avoid, also: Iterable[Zone] = ()
) -> Explanation:
    """Return why `vm` finds no place where it is wished, nor in one of the zones `also`."""
    view = look(scene, vm, wish, avoid, also)
    answers = answer(view)
    return Explanation(
        classify(view, answers),
        _asked(vm),
        _steps(view, answers),
        nearest(view, answers),
        would_fit(view, answers),
    )


def _steps(view: View, answers: Answers) -> tuple[Step, ...]:
    """Return how many hosts each question leaves, asked one after another."""
    names = ASKED_OF_A_NAMED_HOST if view.names_a_host else tuple(QUESTIONS)
    left, count, steps = np.ones(len(view.rows), dtype=np.bool_), len(view.rows), []
    for name in names:
        left &= answers[name]
        before, count = count, int(np.count_nonzero(left))
        steps.append(Step(QUESTIONS[name], before, count))
    return tuple(steps)


def _asked(vm: VirtualMachine) -> str:
    """Return what `vm` needs as people read it."""
    offering = vm.offering
    speed = f" at {offering.cpu_mhz} MHz" if offering.cpu_mhz else ""
    disk = sum(volume.size_mib for volume in unplaced(vm))
    disks = f", {size_text(disk)} of disk" if disk else ""
    return f"{vm}: {offering.vcpu} vCPU{speed}, {size_text(offering.ram_mib)} RAM{disks}"
