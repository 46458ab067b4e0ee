"""What tests see of real hosts: whatever is done there behind the books is found."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from cloudlab.model import Host
from tests.support.clouds import World, leaks
from tests.support.outside import RealOutside
from tests.workflows.conftest import REAL_HOSTS


class Behind:
    """Things that are done to a world on real hosts behind the back of its books."""

    def __init__(self, world: World) -> None:
        self.world, self.host = world, world.hosts[0]
        assert isinstance(world.outside, RealOutside)
        self.sight = world.outside.sights[self.host.name]
        self.pool = Path(world.pools[0].url.removeprefix("file://")) / "cloudlab-wf"

    def on(self, *command: str, host: Host | None = None) -> None:
        """Run a command on a host."""
        place = self.sight.name if host is None else self.world.outside.sights[host.name].name
        assert self.world.outside.center.run_in(place, command).returncode == 0

    def kill_a_guest(self) -> None:
        """End the process of a machine, and wait until it has ended."""
        (pid,) = self.sight.guests().values()
        os.kill(pid, signal.SIGKILL)
        while self.sight.guests():
            os.sched_yield()


@pytest.mark.parametrize("engine", [REAL_HOSTS], indirect=True)
def test_what_happens_behind_the_books_is_seen(world: World) -> None:
    """A machine, disk, plug, router, wire, mount, note or file that nobody has booked, or lost."""
    vm = world.deploy(disk=world.disk)
    nic, network = vm.nics[0].id, vm.nics[0].network.id
    behind, known = Behind(world), set[str]()
    pool, empty = behind.pool, b"QFI\xfb".ljust(72, b"\0")
    notes = "/run/cloudlab/wf"
    assert leaks(world) == []
    for act, words in (
        (partial((pool / "volume-99.qcow2").write_bytes, empty), "disks"),
        ((pool / ".volume-7.qcow2.x.part").touch, "is of no use"),
        ((pool / "template-9.qcow2").touch, "copies of templates"),
        (partial(behind.on, "rm", f"{notes}/routers/{network}/dhcp/{nic}"), "services"),
        (partial(behind.on, "rm", f"{notes}/nics/{nic}"), "NICs"),
        (partial(behind.on, "ip", "netns", "add", "clr-wf-99"), "routers"),
        (partial(behind.on, "ip", "link", "add", "clbr99", "type", "bridge"), "has clbr99"),
        (partial(behind.on, "ip", "link", "add", "cl77", "type", "bridge"), "the tap cl77"),
        (behind.kill_a_guest, "running machines"),
        (partial(behind.on, "rm", "/run/cloudlab-wf/pool-1", host=world.hosts[1]), "mounts"),
        (partial(behind.on, "rm", "/run/cloudlab-lab", host=world.hosts[2]), "contacts"),
    ):
        act()
        fresh = set(leaks(world)) - known
        assert any(words in each for each in fresh), (words, fresh)
        known |= fresh
    assert any("is not defined" in each for each in known)
