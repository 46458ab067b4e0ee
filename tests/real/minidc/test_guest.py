"""The tiny guest, booted from a lab's template on a host and reached over a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drivers.minidc import netns
from tests.real.minidc.conftest import within

pytestmark = pytest.mark.real

ADDRESS = "10.77.2.120"
MAC = "52:54:00:00:00:01"
DOMAIN = """<domain type='qemu'><name>tiny</name><memory unit='MiB'>112</memory>
<vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
<features><acpi/><apic/></features>
<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='{primary}/tiny.qcow2'/><target dev='vda' bus='virtio'/></disk>
<interface type='bridge'><source bridge='cloudbr0'/><mac address='{mac}'/>
<model type='virtio'/><rom enabled='no'/></interface>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
<serial type='file'><source path='/var/log/libvirt/tiny.log'/></serial></devices></domain>"""
NIC = """<interface type='bridge'><source bridge='cloudbr0'/><mac address='52:54:00:00:00:02'/>
<model type='virtio'/><rom enabled='no'/></interface>"""
DISK = """<disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='{primary}/data.raw'/><target dev='vdb' bus='virtio'/></disk>"""


class Guest:
    """One guest on h1, seen by somebody on the public network."""

    def __init__(self, dc):
        self.dc = dc

    def virsh(self, *words):
        """Return what virsh printed on the host."""
        ended = self.dc.run_in("h1", ["virsh", "--quiet", *words])
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def device(self, action, xml):
        """Plug a device in, or out."""
        path = self.dc.layout.primary / "device.xml"
        path.write_text(xml)
        self.virsh(f"{action}-device", "tiny", str(path))

    def ssh(self, *words):
        """Return how a command ended in the guest."""
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        options += ["ConnectTimeout=2", "BatchMode=yes"]
        argv = ["ssh", "-i", str(self.dc.layout.key), *(f"-o{option}" for option in options)]
        return self.dc.client([*argv, f"root@{ADDRESS}", *words], timeout=20)

    def says(self, *words):
        """Return what a command printed in the guest."""
        ended = self.ssh(*words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def answers(self):
        """Return whether it lets us in."""
        return self.ssh("true").returncode == 0


@pytest.fixture(scope="module")
def guest(dc):
    """A guest that was given an address, a name, a key and a password by its network."""
    layout = dc.layout
    inside = ["ip", "netns", "exec", layout.internet]
    dhcp = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root"]
    dhcp += ["--interface=eth0", "--bind-interfaces", "--log-facility=-", "--pid-file="]
    dhcp += [f"--dhcp-range={ADDRESS},10.77.2.129", f"--dhcp-host={MAC},{ADDRESS}"]
    dhcp += [f"--dhcp-leasefile={layout.directory}/leases", "--no-ping", "--leasefile-ro"]
    services = [sys.executable, str(Path(__file__).parent / "metadata.py"), layout.internet_address]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = [subprocess.Popen([*inside, *argv], **quiet) for argv in (dhcp, services)]
    try:
        made = Guest(dc)
        overlay = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2"]
        place = [str(layout.template), str(layout.primary / "tiny.qcow2")]
        assert dc.run_in("h1", [*overlay, "-b", *place]).returncode == 0
        definition = layout.primary / "tiny.xml"
        definition.write_text(DOMAIN.format(primary=layout.primary, mac=MAC))
        made.virsh("create", str(definition))
        within(90, made.answers)
        yield made
    finally:
        for process in running:
            process.kill()
            process.wait(10)


def test_the_guest_lets_in_who_has_the_labs_key(guest):
    """Root by key, an address by DHCP, a data partition with a count of boots."""
    assert guest.says("id", "-u") == "0"
    assert ADDRESS in guest.says("ip", "address", "show", "eth0")
    assert guest.says("cat", "/mnt/boots") == "1"


def test_the_guest_is_told_who_it_is_by_its_router(guest):
    """Name, key, password and user data of CloudStack's virtual router arrive."""
    within(20, lambda: guest.ssh("test", "-e", "/run/ran").returncode == 0)
    assert guest.says("hostname") == "named-by-router"
    assert "of-a-user" in guest.says("cat", "/root/.ssh/authorized_keys")
    hashed = guest.says("cut", "-d:", "-f2", "/etc/shadow")
    assert hashed.startswith("$6$")
    salt = hashed.split("$")[2]
    assert guest.says("mkpasswd", "-m", "sha512", "-S", salt, "s3cret-Of-Guest") == hashed


def test_the_guest_says_who_answers(guest):
    """Behind a load balancer one can tell guests apart."""
    page = "import urllib.request as r; print(r.urlopen('http://{}/cgi-bin/id').read().decode())"
    said = guest.dc.client([sys.executable, "-c", page.format(ADDRESS)]).stdout
    assert f"ip={ADDRESS}" in said
    assert "boots=1" in said


def test_the_guests_agent_answers(guest):
    """The hypervisor can ask the guest itself."""
    said = guest.virsh("qemu-agent-command", "tiny", '{"execute": "guest-ping"}')
    assert '"return"' in said


def test_a_disk_plugged_in_while_it_runs_can_be_used(guest):
    """It appears as /dev/vdb; a file system is made on it and recognised."""
    with (guest.dc.layout.primary / "data.raw").open("wb") as file:
        file.truncate(8 * 1024 * 1024)
    xml = DISK.format(primary=guest.dc.layout.primary)
    guest.device("attach", xml)
    within(10, lambda: guest.ssh("test", "-b", "/dev/vdb").returncode == 0)
    script = "mke2fs -q /dev/vdb && mkdir /d && mount /dev/vdb /d && echo x >/d/x && umount /d"
    guest.says(f"{script} && blkid /dev/vdb | grep -c ext2")
    guest.device("detach", xml)
    within(10, lambda: guest.ssh("test", "-b", "/dev/vdb").returncode != 0)


def test_a_nic_plugged_in_while_it_runs_gets_an_address(guest):
    """The second NIC asks the same DHCP server; the first stays the way out."""
    guest.device("attach", NIC)
    within(15, lambda: guest.ssh("test", "-s", "/run/nic/eth1/ip").returncode == 0)
    assert guest.says("cat", "/run/nic/eth1/ip") != ADDRESS
    assert "dev eth0" in guest.says("ip", "route", "show", "default")
    guest.device("detach", NIC)


def test_the_power_button_shuts_it_down_and_its_data_stays(guest):
    """ACPI is obeyed within seconds; the next boot counts on, with the same host key."""
    before = guest.says("sha256sum", "/mnt/.dropbear")
    guest.virsh("shutdown", "tiny", "--mode", "acpi")
    within(20, lambda: "tiny" not in guest.virsh("list"))
    guest.virsh("create", str(guest.dc.layout.primary / "tiny.xml"))
    within(90, guest.answers)
    assert guest.says("cat", "/mnt/boots") == "2"
    assert guest.says("sha256sum", "/mnt/.dropbear") == before


def test_with_its_host_the_guest_is_gone_and_starts_again_elsewhere(guest):
    """A power cut takes the guest with it; from shared storage the other host starts it."""
    guest.dc.kill("h1")
    try:
        assert not netns.pids(guest.dc.layout.namespace("h1"))
        assert not guest.answers()
        definition = str(guest.dc.layout.primary / "tiny.xml")
        assert guest.dc.run_in("h2", ["virsh", "--quiet", "create", definition]).returncode == 0
        within(90, guest.answers)
        assert guest.says("cat", "/mnt/boots") == "3"
    finally:
        guest.dc.start("h1")
