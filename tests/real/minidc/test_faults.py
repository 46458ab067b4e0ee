"""Power cuts and pulled cables, as they are seen from outside."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from cloudlab.errors import Conflict, InvalidParameter, NotFound
from drivers.minidc import netns
from drivers.minidc.doors import open_door, open_socket
from tests.real.minidc.conftest import within

pytestmark = pytest.mark.real


def banner(connection):
    """Return what an sshd says first, nothing if it hangs up."""
    with connection:
        return connection.recv(4)


def status(dc, name):
    """Return what is seen of one host."""
    return next(host for host in dc.status() if host.name == name)


def virsh(dc, name, *words):
    """Return how virsh ended, which runs outside and goes through the host's door."""
    argv = ["virsh", "--quiet", "--connect", dc.libvirt_uri(name), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


def test_hosts_have_file_systems_processes_and_names_of_their_own(dc):
    """What one host writes, the other and the machine do not see; storage they share."""
    script = "hostname; echo $$ >/var/mine; echo x >/root/mine; ls /home; ps -e | wc -l"
    said = dc.run_in("h1", ["sh", "-c", script]).stdout.split()
    assert said[0] == "h1"
    assert int(said[1]) < 30
    assert dc.run_in("h2", ["ls", "/var/mine", "/root/mine"]).returncode != 0
    assert dc.run_in("h1", ["touch", "/usr/mine"]).returncode != 0
    dc.run_in("h1", ["sh", "-c", f"echo shared >{dc.layout.primary}/file"])
    assert dc.run_in("h2", ["cat", f"{dc.layout.primary}/file"]).stdout == "shared\n"
    assert dc.run_in("h2", ["ls", str(dc.layout.key)]).returncode != 0


def test_each_host_tells_libvirt_another_identity(dc):
    """Migrations are refused between hosts of one identity."""
    said = {virsh(dc, host, "capabilities").stdout.partition("</uuid>")[0] for host in dc.hosts()}
    assert len(said) == 2


def test_hosts_reach_each_other_on_two_networks_with_large_frames_on_one(dc):
    """The underlay takes frames of 9000 bytes; libvirt of another host answers by name."""
    large = ["ping", "-c", "1", "-W", "2", "-M", "do", "-s", "8900"]
    assert dc.run_in("h1", [*large, "10.77.1.12"]).returncode == 0
    assert dc.run_in("h1", [*large, "10.77.0.12"]).returncode != 0
    argv = ["virsh", "-c", "qemu+tcp://h2/system", "hostname"]
    assert dc.run_in("h1", argv).stdout.strip() == "h2"


def test_only_the_management_network_leads_to_a_hosts_daemons(dc):
    """On the underlay the same sshd and libvirtd are not to be had."""
    for port in ("22", "16509"):
        argv = ["timeout", "1", "bash", "-c", f"echo >/dev/tcp/10.77.1.12/{port}"]
        assert dc.run_in("h1", argv).returncode != 0
        argv[-1] = f"echo >/dev/tcp/10.77.0.12/{port}"
        assert dc.run_in("h1", argv).returncode == 0


def test_a_socket_is_opened_inside_while_the_caller_stays_outside(dc):
    """The thread that asks keeps its own network namespace."""
    before = _namespace()
    manager = netns.path(dc.layout.manager)
    assert banner(open_socket(manager, dc.layout.address("h1"), 22, 5)) == b"SSH-"
    assert _namespace() == before


def test_doors_lead_to_the_hosts(dc):
    """From outside, ssh and libvirt are reached through files."""
    assert banner(open_door(dc.ssh_door("h2"), 5)) == b"SSH-"
    assert virsh(dc, "h2", "hostname").stdout.strip() == "h2"


def test_the_public_network_has_somebody_on_it(dc):
    """A host's public bridge and the client outside are on one network."""
    dc.run_in("h1", ["ip", "address", "add", "10.77.2.150/24", "dev", "cloudbr0"])
    try:
        assert dc.client(["ping", "-c", "1", "-W", "2", "10.77.2.150"]).returncode == 0
    finally:
        dc.run_in("h1", ["ip", "address", "delete", "10.77.2.150/24", "dev", "cloudbr0"])


def test_a_killed_host_is_gone_at_once_and_comes_back_empty(dc):
    """Its processes end, those in networks of their own, too; its disk keeps what was on it."""
    script = "echo kept >/var/kept; echo lost >/run/lost; ip netns add vr"
    assert dc.run_in("h1", ["sh", "-c", script]).returncode == 0
    dc.run_in("h1", ["sh", "-c", "setsid -f ip netns exec vr sleep 987 >/dev/null 2>&1 </dev/null"])
    assert _sleepers() == 1
    begun = time.monotonic()
    dc.kill("h1")
    took = time.monotonic() - begun
    assert _sleepers() == 0
    assert took < 2
    dead = status(dc, "h1")
    assert (dead.on, dead.ping, dead.ssh, dead.libvirt, dead.nics) == (False,) * 4 + ({},)
    assert status(dc, "h2").ping
    dc.kill("h1")
    dc.start("h1")
    dc.start("h1")
    assert dc.run_in("h1", ["cat", "/var/kept"]).stdout == "kept\n"
    assert dc.run_in("h1", ["ls", "/run/lost"]).returncode != 0
    assert dc.run_in("h1", ["ip", "netns"]).stdout == ""
    alive = status(dc, "h1")
    assert (alive.on, alive.ping, alive.ssh, alive.libvirt) == (True,) * 4


def test_a_hosts_heart_beats_on_storage_until_its_power_is_cut(dc):
    """Every second while it lives; afterwards the beat only gets older."""
    beat = dc.layout.heartbeat("h2")
    first = beat.read_text()
    within(3, lambda: beat.read_text() != first)
    dc.kill("h2")
    last = beat.read_text()
    time.sleep(1.5)
    assert beat.read_text() == last
    assert status(dc, "h2").heartbeat_age > 1
    dc.start("h2")
    within(3, lambda: beat.read_text() != last)


def test_a_cut_management_network_takes_the_doors_with_it_and_leaves_the_heart(dc):
    """Nobody reaches the host, an open connection ends, and yet it lives: nothing to fence."""
    with open_door(dc.ssh_door("h1"), 20) as open_before:
        assert open_before.recv(4) == b"SSH-"
        dc.unplug("h1", "eth0")
        try:
            assert not dc.ping("h1")
            assert banner(open_door(dc.ssh_door("h1"), 20)) == b""
            assert virsh(dc, "h1", "hostname").returncode != 0
            while open_before.recv(4096):
                pass  # what sshd had said before
            beat = dc.layout.heartbeat("h1").read_text()
            within(3, lambda: dc.layout.heartbeat("h1").read_text() != beat)
            assert dc.run_in("h1", ["ping", "-c", "1", "-W", "2", "10.77.1.12"]).returncode == 0
            assert status(dc, "h1").nics == {"eth0": False, "eth1": True, "eth2": True}
        finally:
            dc.plug("h1", "eth0")
    within(5, lambda: dc.ping("h1"))
    assert virsh(dc, "h1", "hostname").stdout.strip() == "h1"


def test_a_cut_guest_network_leaves_management(dc):
    """Each cable carries its own network, and no other."""
    dc.unplug("h1", "eth1")
    try:
        assert dc.run_in("h1", ["ping", "-c", "1", "-W", "1", "10.77.1.12"]).returncode != 0
        assert dc.ping("h1")
    finally:
        dc.plug("h1", "eth1")
    assert dc.run_in("h1", ["ping", "-c", "1", "-W", "3", "10.77.1.12"]).returncode == 0


def test_what_is_not_there_is_named_with_what_is(dc):
    """A host, a NIC or a cable that does not exist is refused before anything happens."""
    with pytest.raises(NotFound, match="no host 'h7'; there are h1, h2"):
        dc.kill("h7")
    with pytest.raises(InvalidParameter, match="'eth9'; hosts have eth0, eth1, eth2"):
        dc.unplug("h1", "eth9")
    dc.kill("h2")
    try:
        with pytest.raises(Conflict, match="h2 is off"):
            dc.unplug("h2", "eth0")
        with pytest.raises(NotFound, match="h2 is off"):
            dc.run_in("h2", ["true"])
    finally:
        dc.start("h2")


def test_without_a_data_centre_nothing_can_be_done_to_it(fresh):
    """The message says how to make one; looking finds no hosts."""
    assert fresh.status() == []
    with pytest.raises(NotFound, match="make one: cloudlab minidc up"):
        fresh.kill("h1")


def _namespace():
    return Path("/proc/thread-self/ns/net").stat().st_ino


def _sleepers():
    argv = ["pgrep", "-c", "-f", "^sleep 987"]
    return int(subprocess.run(argv, capture_output=True, check=False, timeout=10).stdout)
