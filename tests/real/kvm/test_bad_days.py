"""Hosts that die, cables that are pulled, daemons that end, storage that is full."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from cloudlab.engine import Interrupted
from cloudlab.errors import CloudError, DriverFault, HostFault
from cloudlab.ports import PowerState
from tests.real.kvm.lab import lab, within

pytestmark = [pytest.mark.real, pytest.mark.slow]

SOON = 8.0
"""Seconds within which everything asked of a dead host ends."""

BUSY = "(while :; do dd if=/dev/urandom of=/tmp/busy bs=1M count=30; done) >/dev/null 2>&1 &"
"""Writes to memory so fast that a migration takes long."""


class Fixed:
    """Templates that all are one file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def image(self, *_: object) -> tuple[str, str]:
        """Return where it is, and its format."""
        return self.path, "qcow2"


def soon(act: Callable[[], object], fault: type[CloudError] | None = None) -> object:
    """Return what `act` returns, soon; or let it fail as it should."""
    begun = time.monotonic()
    try:
        if fault is None:
            return act()
        with pytest.raises(fault):
            act()
    finally:
        assert time.monotonic() - begun < SOON
    return None


def test_a_dead_host_is_found_out_soon(here) -> None:
    """It is its fault, its machines are unknown, not off; what ran on it starts elsewhere."""
    vm, hypervisor = here.booted(), here.hypervisor
    here.inside(vm, here.host, "echo kept > /mnt/word; sync")
    here.dc.kill("h1")
    assert soon(lambda: here.do(hypervisor.power_state(vm, here.host))) is PowerState.UNKNOWN
    assert soon(lambda: here.do(hypervisor.ping(here.host))) is False
    for work in (
        lambda: hypervisor.guests(here.host),
        lambda: hypervisor.stop(vm, here.host),
        lambda: hypervisor.destroy(vm, here.host),
        lambda: hypervisor.console(vm, here.host),
        lambda: hypervisor.connect(here.host),
        lambda: here.blocks.attach_pool(here.pool, here.host),
    ):
        soon(lambda: here.do(work()), HostFault)  # noqa: B023
    assert soon(lambda: here.do(here.blocks.volumes(here.pool))) == {vm.volumes[0].id}

    here.do(hypervisor.start(vm, here.other))
    here.wait_for(vm, here.other)
    assert here.inside(vm, here.other, "cat /mnt/word") == "kept"

    here.dc.start("h1")
    assert here.domains(here.host) == {vm.instance_name: "shut off"}, "its definition"
    here.do(hypervisor.connect(here.host))
    assert here.domains(here.host) == {}
    assert here.do(hypervisor.guests(here.host)) == {}
    assert here.do(hypervisor.guests(here.other)) == {vm.id: PowerState.ON}


def test_many_calls_to_a_host_that_falls_silent_all_end(here) -> None:
    """Each with the host's fault; with calls sharing a connection libvirt would crash here."""
    hypervisor, engine, vm = here.hypervisor, here.engine, here.machine()

    async def outcome(delay: float) -> str:
        await engine.sleep(delay)
        try:
            await hypervisor.guests(here.host)
        except HostFault:
            return "at fault"
        return "answered"

    async def all_at_once() -> list[str]:
        return await engine.all(*(outcome(number * 0.3) for number in range(10)))

    assert here.do(all_at_once()) == ["answered"] * 10
    for _ in range(2):
        here.dc.kill("h1")
        assert soon(lambda: here.do(all_at_once())) == ["at fault"] * 10
        here.dc.start("h1")
        here.do(hypervisor.connect(here.host))
        assert here.do(all_at_once()) == ["answered"] * 10
    assert here.do(hypervisor.power_state(vm, here.host)) is PowerState.OFF


def test_a_pulled_cable_kills_no_guest(here) -> None:
    """Its machines are unknown, not off; they run, and are on when the cable is back."""
    vm, hypervisor = here.machine(), here.hypervisor
    here.do(hypervisor.start(vm, here.host))
    here.dc.unplug("h1", "eth0")
    try:
        assert soon(lambda: here.do(hypervisor.power_state(vm, here.host))) is PowerState.UNKNOWN
        soon(lambda: here.do(hypervisor.guests(here.host)), HostFault)
        assert here.domains(here.host) == {vm.instance_name: "running"}
    finally:
        here.dc.plug("h1", "eth0")
    within(15, lambda: here.do(hypervisor.power_state(vm, here.host)) is PowerState.ON)


def test_a_daemon_that_ends_kills_no_guest(here) -> None:
    """Libvirt comes back and finds them; nobody has to connect anew."""
    vm, hypervisor = here.machine(), here.hypervisor
    here.do(hypervisor.start(vm, here.host))
    here.on(here.host, "sh", "-c", "kill -9 $(cat /run/libvirtd.pid)")
    assert here.do(hypervisor.power_state(vm, here.host)) is PowerState.UNKNOWN
    again = "libvirtd -l -d --pid-file /run/libvirtd.pid </dev/null >/dev/null 2>&1"
    here.on(here.host, "sh", "-c", again)
    within(15, lambda: here.do(hypervisor.power_state(vm, here.host)) is PowerState.ON)
    assert here.do(hypervisor.guests(here.host)) == {vm.id: PowerState.ON}


@pytest.mark.parametrize("first", ["here", "at the source"])
def test_a_target_that_dies_costs_no_guest(
    here, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a migration: it goes on at the source, and the fault is the target's.

    So it is wherever the death is known first: that is a matter of luck.
    """
    vm, hypervisor = here.booted(), here.hypervisor
    if first == "at the source":
        monkeypatch.setattr(hypervisor.contacts, "lives", lambda host: True)
    here.inside(vm, here.host, BUSY)
    here.on(here.host, "virsh", "migrate-setspeed", vm.instance_name, "3")
    death = Timer(2.0, here.dc.kill, ["h2"])
    death.start()
    silent = "did not move to host h2: host h2 does not answer any more"
    with pytest.raises(HostFault, match=silent) as caught:
        here.do(hypervisor.migrate(vm, here.host, here.other))
    death.join()
    assert caught.value.host_name == "h2"
    assert here.domains(here.host) == {vm.instance_name: "running"}
    assert here.inside(vm, here.host, "echo alive") == "alive"


def interrupted(here, work: Coroutine[Any, Any, None], after: float) -> float:
    """Interrupt `work` after so many seconds; return how many more it took to end."""
    process = here.engine.spawn(work)

    async def interrupt() -> float:
        await here.engine.sleep(after)
        begun = time.monotonic()
        here.engine.interrupt(process, "enough")
        with pytest.raises(Interrupted, match="enough"):
            await here.engine.wait(process)
        return time.monotonic() - begun

    return here.do(interrupt())


def test_a_migration_that_nobody_wants_any_more_is_called_off(here) -> None:
    """The machine goes on where it was, and only there; it can move another time."""
    vm, hypervisor = here.booted(), here.hypervisor
    here.inside(vm, here.host, BUSY)
    here.on(here.host, "virsh", "migrate-setspeed", vm.instance_name, "3")
    assert interrupted(here, hypervisor.migrate(vm, here.host, here.other), after=3) < 4
    assert here.domains(here.host) == {vm.instance_name: "running"}
    assert here.domains(here.other) == {}
    here.inside(vm, here.host, "pkill dd; pkill sh; true")
    here.on(here.host, "virsh", "migrate-setspeed", vm.instance_name, "1000")
    here.do(hypervisor.migrate(vm, here.host, here.other))
    assert here.domains(here.other) == {vm.instance_name: "running"}


def test_a_copy_that_nobody_wants_any_more_ends(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the host, too; nothing of it is left."""
    slow = here.dc.layout.primary / "slow.qcow2"
    os.mkfifo(slow)
    monkeypatch.setattr(here.images, "templates", Fixed(str(slow)))
    try:
        assert interrupted(here, here.images.stage(here.records.template, here.pool), after=2) < 3
    finally:
        slow.unlink()
    working = subprocess.run(["pgrep", "-f", str(slow)], capture_output=True, check=False)
    assert working.stdout == b""
    assert [path.name for path in here.folder().iterdir()] == [".lab"]


def test_a_migration_without_progress_is_called_off(here) -> None:
    """After the time that was set; the machine goes on where it was, and only there."""
    vm, hypervisor = here.booted(), here.hypervisor
    here.inside(vm, here.host, BUSY)
    here.on(here.host, "virsh", "migrate-setspeed", vm.instance_name, "3")
    hypervisor.options = replace(hypervisor.options, stalled_seconds=2.0)
    wall = "add table inet wall; add chain inet wall in { type filter hook input priority 0; }"
    rule = "add rule inet wall in tcp dport 49152-49215 drop"
    cut = Timer(2.0, here.on, [here.other, "nft", f"{wall}; {rule}"])
    cut.start()
    try:
        with pytest.raises(HostFault, match="made no progress for 2 s"):
            here.do(hypervisor.migrate(vm, here.host, here.other))
    finally:
        cut.join()
        here.on(here.other, "nft", "delete table inet wall")
    assert here.domains(here.host) == {vm.instance_name: "running"}
    assert here.domains(here.other) == {}
    assert here.inside(vm, here.host, "echo alive") == "alive"


MOVER = """
import sys
from pathlib import Path
from cloudlab.engine import LiveEngine
from drivers.kvm import KvmOptions
from drivers.minidc import Layout, MiniDc
from tests.real.kvm.lab import Lab
dc = MiniDc(Layout.named(directory=Path(sys.argv[1])))
lab = Lab(dc, LiveEngine(), "test", KvmOptions())
vm = lab.records.vm()
for host in (lab.host, lab.other):
    lab.do(lab.hypervisor.connect(host))
print("moving", flush=True)
lab.do(lab.hypervisor.migrate(vm, lab.host, lab.other))
"""


def test_an_orchestrator_that_is_killed_costs_no_guest(here) -> None:
    """In the middle of a migration: the hosts end it by themselves, exactly one has the guest."""
    vm, hypervisor = here.booted(), here.hypervisor
    assert vm.id == 1, "the other process makes the same records"
    here.inside(vm, here.host, BUSY)
    here.on(here.host, "virsh", "migrate-setspeed", vm.instance_name, "10")
    argv = [sys.executable, "-c", MOVER, str(here.dc.layout.directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as mover:
        assert mover.stdout is not None
        assert mover.stdout.readline() == b"moving\n"
        job = ("virsh", "domjobinfo", vm.instance_name)
        within(10, lambda: "Memory remaining" in here.on(here.host, *job))
        mover.kill()
    here.on(here.host, "virsh", "migrate-setspeed", vm.instance_name, "1000")
    within(30, lambda: "Memory remaining" not in here.on(here.host, *job))
    everywhere = [here.do(hypervisor.guests(host)) for host in (here.host, here.other)]
    assert sorted(map(len, everywhere)) == [0, 1]
    where = here.host if everywhere[0] else here.other
    assert everywhere[0] | everywhere[1] == {vm.id: PowerState.ON}
    assert here.inside(vm, where, "echo alive") == "alive"


def test_nothing_moves_onto_others(here) -> None:
    """A domain of its name on the target, that is not ours, is left alone."""
    vm = here.machine()
    here.do(here.hypervisor.start(vm, here.host))
    foreign = f"<domain type='qemu'><name>{vm.instance_name}</name><memory>65536</memory>"
    foreign += "<os><type>hvm</type></os></domain>"
    here.on(here.other, "sh", "-c", f'echo "{foreign}" > /run/x.xml; virsh define /run/x.xml')
    with pytest.raises(DriverFault, match="was made by others"):
        here.do(here.hypervisor.migrate(vm, here.host, here.other))
    with pytest.raises(DriverFault, match="was made by others"):
        here.do(here.hypervisor.start(vm, here.other))
    here.do(here.hypervisor.destroy(vm, here.other))
    assert here.domains(here.other) == {vm.instance_name: "shut off"}
    assert here.domains(here.host) == {vm.instance_name: "running"}
    here.on(here.other, "virsh", "undefine", vm.instance_name)


def test_a_host_is_no_other_labs(here) -> None:
    """Another orchestrator is refused, and told whose the host is."""
    with (
        lab(here.dc, "other", opened=False) as theirs,
        pytest.raises(DriverFault, match=r"belongs to the lab test, this is other"),
    ):
        theirs.do(theirs.hypervisor.connect(theirs.host))


def test_a_full_disk_leaves_nothing_half_made(here) -> None:
    """The message names pool, what is needed and what is free; the pool stays as it was."""
    small = here.records.another_pool("/var/tmp/small")
    here.on(here.host, "mkdir", "-p", "/var/tmp/small")
    here.on(here.host, "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "/var/tmp/small")
    try:
        here.do(here.blocks.attach_pool(small, here.host))
        with pytest.raises(
            DriverFault, match=r"template tiny to pool second.*needs \d+ MiB, free are 7.*is full"
        ):
            here.do(here.images.stage(here.records.template, small))
        vm = here.machine()
        with pytest.raises(DriverFault, match=r"ROOT-1 from .* to pool second.*needs \d+ MiB"):
            here.do(here.blocks.copy(vm.volumes[0], here.pool, small))
        assert here.on(here.host, "ls", "-A", "/var/tmp/small/cloudlab-test").split() == [".lab"]
    finally:
        here.on(here.host, "umount", "/var/tmp/small")
