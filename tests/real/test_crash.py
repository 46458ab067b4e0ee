"""Killed with kill -9 in the middle of a verb: the next process finishes or undoes it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudlab import Lab
from cloudlab.model import HostStatus, VmState
from tests.real.world.after import check
from tests.real.world.place import Place, placed, wait
from tests.real.world.seen import disagreements
from tests.support.places import ROOT

pytestmark = [pytest.mark.real, pytest.mark.slow]

RUNS, OFF, GONE = VmState.RUNNING, VmState.STOPPED, None


@pytest.fixture
def place(center, tmp_path: Path) -> Iterator[Place]:
    """Two blank hosts and a lab file."""
    with placed(center, tmp_path / "lab") as made:
        yield made


def empty(lab: Lab) -> None:
    """A network that nothing is on."""
    lab.create_network("net")


def machine(lab: Lab) -> None:
    """A machine on a network of its own."""
    empty(lab)
    lab.deploy("web", network="net")


def emptied(lab: Lab) -> None:
    """A network whose machine has gone; its router still runs."""
    machine(lab)
    lab.stop("web", forced=True)
    lab.destroy("web", expunge=True)


def machine_and_volume(lab: Lab) -> None:
    """A machine, and a volume that was never attached."""
    machine(lab)
    lab.create_volume("data", "Small Disk")


def stopped(lab: Lab) -> None:
    """A machine that was stopped."""
    machine(lab)
    lab.stop("web", forced=True)


def kept(lab: Lab) -> None:
    """A machine that has a snapshot with its memory."""
    machine(lab)
    lab.snapshot("web", "kept", memory=True)


Death = tuple[str, Callable[[Lab], None], str, str, float, set[VmState | None]]
"""Verb, what was there, step, when it dies, seconds later, and how the machine may end."""

DEATHS: list[Death] = [
    ("deploy", empty, "router.implement", "before", 0, {GONE}),
    ("deploy", empty, "router.implement", "during", 0.1, {GONE}),
    ("deploy", empty, "images.stage", "during", 0.02, {GONE}),
    ("deploy", empty, "blocks.create", "during", 0.02, {GONE}),
    ("deploy", empty, "hypervisor.start", "before", 0, {GONE}),
    ("deploy", empty, "hypervisor.start", "during", 0.02, {GONE, RUNS}),
    ("deploy", empty, "hypervisor.start", "after", 0, {RUNS}),
    ("migrate", machine, "hypervisor.migrate", "before", 0, {RUNS}),
    ("migrate", machine, "hypervisor.migrate", "during", 0.4, {RUNS}),
    ("migrate", machine, "hypervisor.migrate", "after", 0, {RUNS}),
    ("snapshot", machine, "hypervisor.snapshot", "before", 0, {RUNS}),
    ("snapshot", machine, "hypervisor.snapshot", "during", 0.05, {RUNS}),
    ("snapshot", machine, "hypervisor.snapshot", "after", 0, {RUNS}),
    ("revert", kept, "hypervisor.revert", "during", 0.2, {RUNS, OFF}),
    ("attach", machine_and_volume, "blocks.create", "after", 0, {RUNS}),
    ("attach", machine_and_volume, "hypervisor.attach", "after", 0, {RUNS}),
    ("stop", machine, "hypervisor.stop", "during", 0.3, {RUNS, OFF}),
    ("stop", machine, "hypervisor.stop", "after", 0, {OFF}),
    ("destroy", stopped, "blocks.delete", "before", 0, {GONE}),
    ("delete network", emptied, "router.shutdown", "before", 0, {GONE}),
]


@pytest.mark.parametrize("death", DEATHS, ids=[f"{d[0]}-{d[3]}-{d[2]}" for d in DEATHS])
def test_what_was_begun_is_finished_or_undone(place: Place, death: Death) -> None:
    """Hosts and books agree on the next start, and nothing is left when all is removed."""
    verb, build, step, when, after, ends = death
    place.prepared(build)
    place.kill_in(verb, step, when, after)
    lab = check(place, "new" if verb == "deploy" else "web", ends)
    assert place.clear(lab) == []


def test_a_host_may_die_before_the_next_start(place: Place) -> None:
    """The lab comes up all the same, finds out about the host, and restarts what it ran."""

    def protected(lab: Lab) -> None:
        lab.deploy("web", network=lab.create_network("net"), offering="Tiny HA Instance")

    place.prepared(protected)
    place.kill_in("deploy", "hypervisor.start", "after")
    place.center.kill("h1")
    lab = place.open()
    web = lab.cloud.inventory.vms.named("web")
    dead, other = lab.cloud.inventory.hosts
    assert web.host is dead, "that a host is silent says nothing about its machines"
    wait(lab, "it runs elsewhere", lambda: web.host is other and web.state is VmState.RUNNING)
    assert dead.status is HostStatus.DOWN
    wait(lab, "all is in no between", lambda: not disagreements(lab, place.center))
    lab.repair_host(dead)
    assert disagreements(lab, place.center) == []
    assert place.clear(lab) == []


def test_what_runs_is_not_ended_by_books_that_are_older(place: Place) -> None:
    """A store that was restored says Stopped: the machine is taken over, its process goes on."""
    place.prepared(stopped)
    kept = {each: each.read_bytes() for each in place.folder.glob("lab.sqlite*")}
    place.prepared(lambda lab: lab.start("web"))
    before = place.on("h1", "pgrep", "qemu-system")
    for each in place.folder.glob("lab.sqlite*"):
        each.unlink()
    for each, content in kept.items():
        each.write_bytes(content)
    lab = place.open()
    web = lab.cloud.inventory.vms.named("web")
    assert (web.state, web.host) == (VmState.RUNNING, lab.cloud.inventory.hosts.named("h1"))
    assert place.on("h1", "pgrep", "qemu-system") == before
    assert disagreements(lab, place.center) == []
    assert place.clear(lab) == []


def test_a_lab_is_open_once(place: Place) -> None:
    """The second process is told who has it, and the first one goes on."""
    lab = place.open()
    script = "import sys, cloudlab; cloudlab.connect(sys.argv[1])"
    argv = [sys.executable, "-c", script, str(place.file)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    told = done.stderr.strip().splitlines()[-1]
    assert re.search(rf"Conflict: .*already open by process {os.getpid()} .*close it there", told)
    lab.create_network("net")
    assert place.clear(lab) == []
