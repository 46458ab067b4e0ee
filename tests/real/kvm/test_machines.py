"""Real guests: started, asked to stop and restart, given disks, moved, measured."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Thread

import pytest

from cloudlab.errors import DriverFault, HostFault
from cloudlab.ports import PowerState
from tests.real.kvm.lab import within

pytestmark = [pytest.mark.real, pytest.mark.slow]


def test_a_guest_lives(here) -> None:
    """It boots from its template, shows its screen, restarts, grows, and shuts down by itself."""
    vm, hypervisor = here.booted(), here.hypervisor
    assert here.domains(here.host) == {vm.instance_name: "running"}
    assert here.inside(vm, here.host, "cat /sys/block/vda/serial") == f"volume-{vm.id}"

    url = here.do(hypervisor.console(vm, here.host))
    address = here.site.of(here.host).address
    assert url == f"vnc://{address}:5900"
    greet = f"exec 3<>/dev/tcp/{address}/5900; head -c 12 <&3; printf 'RFB 003.008\\n' >&3"
    said = here.dc.run_in("mgmt", ["bash", "-c", f"{greet}; head -c 2 <&3"], timeout=10)
    assert said.stdout == "RFB 003.008\n\x01\x02", "one way to log in: VNC's password"

    log = here.on(here.host, "cat", f"/var/log/libvirt/{vm.instance_name}-serial.log")
    assert log.strip(), "the serial console is kept"

    stats = here.do(hypervisor.stats(here.host))[vm.id]
    assert stats.cpu_seconds > 1
    assert stats.disk_read_bytes > 1_000_000
    assert (stats.vcpus, stats.ram_mib) == (1, 128)

    here.do(hypervisor.set_ram(vm, 200, here.host))
    within(10, lambda: here.do(hypervisor.stats(here.host))[vm.id].ram_mib > 128)
    with pytest.raises(DriverFault, match=r"emulated CPUs.*stop it first"):
        here.do(hypervisor.set_vcpus(vm, 2, here.host))

    here.inside(vm, here.host, "touch /tmp/before")
    here.do(hypervisor.reboot(vm, here.host))
    here.wait_for(vm, here.host)
    assert here.inside(vm, here.host, "ls /tmp/before 2>&1 | tail -c 10") != "/tmp/before"

    begun = time.monotonic()
    here.do(hypervisor.stop(vm, here.host))
    assert time.monotonic() - begun < 5
    assert here.domains(here.host) == {}


def test_a_guest_that_is_still_booting_is_stopped(here) -> None:
    """Nobody in it hears the first request; it is asked again until it does."""
    vm = here.machine()
    here.do(here.hypervisor.start(vm, here.host))
    here.do(here.hypervisor.stop(vm, here.host))
    assert here.domains(here.host) == {}


def test_a_guest_that_hears_nothing_is_reset(here) -> None:
    """A reboot never hangs on a system that does not react."""
    here.hypervisor.options = replace(here.hypervisor.options, reboot_seconds=1.0)
    vm = here.booted()
    deaf = "touch /tmp/before; (sleep 0.5; killall acpid qemu-ga) >/dev/null 2>&1 &"
    here.inside(vm, here.host, deaf)
    time.sleep(1.5)
    here.do(here.hypervisor.reboot(vm, here.host))
    here.wait_for(vm, here.host)
    assert "before" not in here.inside(vm, here.host, "ls /tmp")


def test_a_disk_comes_and_goes(here) -> None:
    """While the guest runs: attached, grown, written, detached; each may be asked for twice."""
    vm, blocks, hypervisor = here.booted(), here.blocks, here.hypervisor
    disk = here.data(vm)
    for _ in range(2):
        here.do(hypervisor.attach(vm, disk, here.host))
    sizes = "sleep 0.5; cat /sys/block/vdb/size"
    assert here.inside(vm, here.host, sizes) == str(32 * 2048)

    vm.host = here.host
    here.do(blocks.resize(disk, here.pool, 48))
    assert here.inside(vm, here.host, sizes) == str(48 * 2048)
    with pytest.raises(DriverFault, match="48 MiB large and cannot shrink"):
        here.do(blocks.resize(disk, here.pool, 47))

    here.inside(vm, here.host, "echo kept > /dev/vdb; sync")
    for _ in range(2):
        here.do(hypervisor.detach(vm, disk, here.host))
    assert here.inside(vm, here.host, "ls /sys/block/vdb 2>&1").endswith(
        "No such file or directory"
    )

    here.do(hypervisor.attach(vm, disk, here.host))
    assert here.inside(vm, here.host, "sleep 0.5; head -c 4 /dev/vdb") == "kept"


def test_a_guest_moves_without_stopping(here) -> None:
    """It goes on where it was, and answers all along but for a moment; exactly one host has it."""
    vm, hypervisor = here.booted(), here.hypervisor
    started = here.inside(vm, here.host, "echo mark > /tmp/mark; cut -d. -f1 /proc/uptime")
    address = "killall udhcpc; ip link set eth0 up; ip addr add 10.88.0.77/24 dev eth0"
    here.inside(vm, here.host, f"{address}; ip -br addr")
    here.on(here.other, "ip", "addr", "add", "10.88.0.78/24", "dev", "clbr1")
    said: list[str] = []
    ping = ["ping", "-i", "0.05", "-c", "160", "-W", "1", "10.88.0.77"]
    pinging = Thread(target=lambda: said.append(here.on(here.other, *ping)))
    pinging.start()
    here.do(hypervisor.migrate(vm, here.host, here.other))
    there = {vm.instance_name: "running"}
    assert (here.domains(here.host), here.domains(here.other)) == ({}, there)
    pinging.join()
    received = int(said[0].partition(" packets transmitted, ")[2].split()[0])
    assert received >= 120, said[0]

    assert here.inside(vm, here.other, "cat /tmp/mark") == "mark"
    assert int(here.inside(vm, here.other, "cut -d. -f1 /proc/uptime")) >= int(started)
    assert here.site.of(here.other).address in here.do(hypervisor.console(vm, here.other))
    here.do(hypervisor.migrate(vm, here.other, here.host))
    assert (here.domains(here.host), here.domains(here.other)) == (there, {})
    assert here.inside(vm, here.host, "cat /tmp/mark") == "mark"


def test_no_guest_runs_twice(here) -> None:
    """The image's lock keeps a second host from it; that is no reason to try a third."""
    vm = here.machine()
    here.do(here.hypervisor.start(vm, here.host))
    with pytest.raises(DriverFault, match=r"its disk is in use on a host"):
        here.do(here.hypervisor.start(vm, here.other))
    assert here.domains(here.other) == {}
    assert here.do(here.hypervisor.power_state(vm, here.host)) is PowerState.ON


def test_a_host_that_lacks_something_is_at_fault(here) -> None:
    """A network or a disk that another host may have; nothing is left defined."""
    vm = here.machine()
    here.on(here.host, "ip", "link", "del", "clbr1")
    with pytest.raises(HostFault, match=r"clbr1.*another may have it"):
        here.do(here.hypervisor.start(vm, here.host))
    here.do(here.hypervisor.start(vm, here.other))
    here.do(here.hypervisor.destroy(vm, here.other))
    here.bridge(here.host)
    here.do(here.blocks.delete(vm.volumes[0], here.pool))
    with pytest.raises(HostFault, match=r"Cannot access storage file.*another may have it"):
        here.do(here.hypervisor.start(vm, here.host))
    assert (here.domains(here.host), here.domains(here.other)) == ({}, {})
