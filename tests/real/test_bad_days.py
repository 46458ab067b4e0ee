"""Bad days of a whole lab on real hosts: each is told in one message, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from cloudlab import Lab
from cloudlab.errors import CloudError, Conflict, DriverFault, HostFault, InvalidParameter
from cloudlab.model import Host, HostStatus, VirtualMachine, VmState
from tests.real.world.place import Place, placed, wait
from tests.real.world.seen import disagreements

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture
def place(center, tmp_path: Path) -> Iterator[Place]:
    """Two blank hosts and a lab file."""
    with placed(center, tmp_path / "lab") as made:
        yield made


def untouched(place: Place) -> bool:
    """Return whether nothing of the lab is on any host that is on, nor beside its lab file."""
    files = {"lab.yaml", "design.yaml", "timings.jsonl", "stranger", "stranger.pub"}
    assert {each.name for each in place.folder.iterdir()} <= files
    for host in filter(place.center.is_on, place.center.hosts()):
        notes = place.center.run_in(host, ["sh", "-c", "ls -d /run/cloudlab*"]).stdout
        assert notes.split() in ([], [f"/run/cloudlab-{place.lab['lab']}"]), host
    return True


def running(lab: Lab, name: str = "web", host: str = "h1", *, ha: bool = False) -> VirtualMachine:
    """Return a new machine, on a network of its own, that runs on a host."""
    offering = "Tiny HA Instance" if ha else "Tiny Instance"
    network = lab.create_network(f"{name}-net")
    return lab.deploy(name, network=network, offering=offering, host=host)


def hosts(lab: Lab) -> tuple[Host, Host]:
    """Return h1 and h2."""
    one, two = lab.cloud.inventory.hosts
    return one, two


def agree(lab: Lab, place: Place) -> None:
    """Wait until hosts and books agree."""
    wait(lab, "hosts and books agree", lambda: not disagreements(lab, place.center))


def open_alerts(lab: Lab) -> list[str]:
    """Return the subject lines of all alerts that are open."""
    return [each.name for each in lab.cloud.inventory.alerts if each.is_open]


def inside(place: Place, vm: VirtualMachine, line: str) -> bool:
    """Return whether a machine's agent began a line of shell; it is not waited for."""
    words = {"path": "/bin/sh", "arg": ["-c", line]}
    asked = json.dumps({"execute": "guest-exec", "arguments": words})
    command = ["virsh", "qemu-agent-command", "--timeout", "2", vm.instance_name, asked]
    return place.center.run_in("h1", command).returncode == 0


# --- a lab that cannot be opened ---------------------------------------------------------------


def test_a_key_that_no_host_takes(place: Place) -> None:
    """The message names host, user and key, and what to do; nothing was begun."""
    stranger = place.folder / "stranger"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)]
    subprocess.run(command, check=True, timeout=10)
    right, place.lab["ssh"]["key"] = place.lab["ssh"]["key"], str(stranger)
    place.write()
    with pytest.raises(HostFault, match=r"h1 .*does not admit root with .*stranger.*authorized"):
        place.open()
    assert untouched(place)
    place.lab["ssh"]["key"] = right
    place.write()
    assert disagreements(place.open(), place.center) == []


def test_a_host_that_is_off_when_a_lab_is_new(place: Place) -> None:
    """The message names it; the other host belongs to nobody, and the next try succeeds."""
    place.center.kill("h2")
    begun = time.monotonic()
    with pytest.raises(HostFault, match=r"host h2 .*answer") as caught:
        place.open()
    assert caught.value.host_name == "h2"
    assert time.monotonic() - begun < 15
    assert untouched(place)
    place.center.start("h2")
    assert disagreements(place.open(), place.center) == []


def test_two_labs_want_one_host(place: Place, center, tmp_path: Path) -> None:
    """The second is told whose it is; the first does not notice."""
    lab = place.open()
    other = Place(center, tmp_path / "other", {**place.lab, "lab": "other"}, place.design)
    other.write()
    with pytest.raises(DriverFault, match=r"h1 belongs to the lab \w+, this is other: disconn"):
        other.open()
    assert {each.name for each in other.folder.iterdir()} <= {
        "lab.yaml",
        "design.yaml",
        "timings.jsonl",
    }
    assert disagreements(lab, center) == []


# --- a host that is not itself -----------------------------------------------------------------


def test_libvirtd_that_ends_costs_no_guest(place: Place) -> None:
    """The lab says so, uses the other host meanwhile, fences nobody and takes the host back."""
    lab = place.open()
    web = running(lab)
    one, two = hosts(lab)
    place.on("h1", "sh", "-c", "kill -9 $(cat /run/libvirtd.pid)")
    wait(lab, "the loss is noticed", lambda: one.status is not HostStatus.UP)
    assert one.status in (HostStatus.ALERT, HostStatus.DISCONNECTED)
    told = [each for each in lab.cloud.inventory.alerts if each.is_open]
    assert any("Host disconnected, name: h1" in alert.name for alert in told)
    assert lab.deploy("new", network="web-net").host is two
    assert web.state is VmState.RUNNING
    assert place.on("h1", "pgrep", "-c", "qemu-system").strip() == "1"
    again = "libvirtd -l -d --pid-file /run/libvirtd.pid </dev/null >/dev/null 2>&1"
    place.on("h1", "sh", "-c", again)
    wait(lab, "it is taken back", lambda: one.status is HostStatus.UP)
    assert (web.state, web.host) == (VmState.RUNNING, one)
    assert disagreements(lab, place.center) == []
    assert place.clear(lab) == []


def test_a_cut_management_network_fences_nobody(place: Place) -> None:
    """Its guests run on, also those under HA, and are there when the cable is back."""
    lab = place.open()
    web = running(lab, ha=True)
    one, _ = hosts(lab)
    lab.unplug(one)
    wait(lab, "it is noticed", lambda: one.status is HostStatus.ALERT)
    lab.run(seconds=6)
    assert place.center.is_on("h1")
    assert place.on("h1", "virsh", "domstate", web.instance_name).strip() == "running"
    assert (web.state, web.host, one.status) == (VmState.RUNNING, one, HostStatus.ALERT)
    lab.plug(one)
    assert one.status is HostStatus.UP
    assert disagreements(lab, place.center) == []


def test_a_domain_that_is_not_ours_is_never_touched(place: Place) -> None:
    """A machine that would have its name is refused, and the next one has another."""
    foreign = "<domain type='qemu'><name>i-1-1-VM</name><memory>65536</memory>"
    foreign += "<os><type>hvm</type></os></domain>"
    script = f'echo "{foreign}" > /run/x.xml; virsh define /run/x.xml; virsh start i-1-1-VM'
    place.on("h1", "sh", "-c", script)
    before = place.on("h1", "virsh", "dumpxml", "i-1-1-VM")
    lab = place.open()
    with pytest.raises(DriverFault, match=r"i-1-1-VM that was made by others is on h1; it was not"):
        running(lab)
    assert list(lab.cloud.inventory.vms) == []
    assert lab.deploy("next", network="web-net", host="h1").instance_name == "i-1-2-VM"
    assert place.on("h1", "virsh", "dumpxml", "i-1-1-VM") == before
    assert disagreements(lab, place.center) == ["host h1: domain i-1-1-VM is running"]
    assert place.clear(lab) == ["host h1: domain i-1-1-VM is running"]
    place.on("h1", "virsh", "destroy", "i-1-1-VM")
    place.on("h1", "virsh", "undefine", "i-1-1-VM")


# --- storage ---------------------------------------------------------------------------------


def test_a_template_that_is_not_there(place: Place) -> None:
    """The message names template, pool and file; nothing is half made; mended, it works."""
    right = place.lab["templates"]["tiny"]
    place.lab["templates"]["tiny"] = "/nowhere/tiny.qcow2"
    place.write()
    lab = place.open()
    with pytest.raises(DriverFault, match=r"template tiny.*there is no /nowhere/tiny\.qcow2"):
        running(lab)
    assert list(lab.cloud.inventory.vms) == []
    assert disagreements(lab, place.center) == []
    place.close()
    place.lab["templates"]["tiny"] = right
    place.write()
    lab = place.open()
    assert lab.deploy("web", network="web-net").state is VmState.RUNNING
    assert place.clear(lab) == []


def on_small_storage(place: Place, mib: int) -> str:
    """Let the lab have one host, and storage of so many MiB; return the folder it is in."""
    pool = place.center.layout.primary / "small"
    pool.mkdir()
    place.lab["hosts"] = place.lab["hosts"][:1]
    cluster = place.design["zones"][0]["pods"][0]["clusters"][0]
    cluster["hosts"][0]["count"] = 1
    cluster["primary_storage"][0]["url"] = f"file://{pool}"
    place.write()
    place.on("h1", "mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(pool))
    return str(pool)


def test_a_primary_storage_that_is_full(place: Place) -> None:
    """The message says how much is needed and free; nothing is half made; with room it works."""
    pool = on_small_storage(place, 8)
    lab = place.open()
    full = r"template tiny.*needs \d+ MiB, free are \d+ MiB; the storage is full: make room"
    with pytest.raises(DriverFault, match=full):
        running(lab)
    assert list(lab.cloud.inventory.vms) == []
    assert list(lab.cloud.inventory.volumes) == []
    kept = {kind for kind, *_ in lab.cloud.ledger.allocations()}
    assert kept == {"template"}, "its place is kept for the next who needs it"
    folder = f"{pool}/cloudlab-{place.lab['lab']}"
    assert place.on("h1", "ls", "-A", folder).split() == [".lab"]
    place.on("h1", "mount", "-o", "remount,size=64m", pool)
    assert lab.deploy("web", network="web-net").state is VmState.RUNNING


def test_a_guest_that_fills_its_storage(place: Place) -> None:
    """It stands still and is told, and is not taken for dead; with room it goes on, all written."""
    pool = on_small_storage(place, 48)
    lab = place.open()
    web = running(lab, ha=True)
    lab.create_volume("data", "Small Disk")
    lab.attach("data", web)
    process = place.on("h1", "pgrep", "qemu-system")
    letters = "dd if=/dev/zero bs=1M count=48 | tr '\\0' x | dd of=/dev/vdb bs=1M conv=fsync"
    wait(lab, "it writes", lambda: inside(place, web, f"{letters} && echo all > /dev/ttyS0"))

    title = "web stands still: pool primary is full"
    wait(lab, "it is told", lambda: title in open_alerts(lab))
    lab.run(seconds=6)
    assert open_alerts(lab) == [title]
    (told,) = [each for each in lab.cloud.inventory.alerts if each.name == title]
    assert "what it writes to volume data; make room on pool primary (file:///" in told.text
    (host,) = lab.cloud.inventory.hosts
    assert (web.state, web.host, host.status) == (VmState.RUNNING, host, HostStatus.UP)
    assert place.on("h1", "pgrep", "qemu-system") == process
    state = ["virsh", "domstate", "--reason", web.instance_name]
    assert place.on("h1", *state).strip() == "paused (I/O error)"

    place.on("h1", "mount", "-o", "remount,size=128m", pool)
    wait(lab, "it goes on", lambda: not open_alerts(lab))
    screen = f"/var/log/libvirt/{web.instance_name}-serial.log"
    wait(lab, "all is written", lambda: "all" in place.on("h1", "tail", "-n1", screen))
    assert place.on("h1", "pgrep", "qemu-system") == process
    lab.stop(web, forced=True)
    folder = f"{pool}/cloudlab-{place.lab['lab']}"
    disk = f"{folder}/volume-{lab.cloud.inventory.volumes.named('data').id}.qcow2"
    place.on("h1", "qemu-io", "-r", "-f", "qcow2", "-c", "read -P 0x78 0 48M", disk)
    lab.destroy(web, expunge=True)
    lab.delete_volume("data")
    assert not [each for each in place.on("h1", "ls", folder).split() if "volume" in each]


# --- a host that dies while a machine moves ----------------------------------------------------


@pytest.mark.parametrize("victim", ["h1", "h2"], ids=["source", "target"])
def test_a_host_that_dies_during_a_migration(place: Place, victim: str) -> None:
    """The machine ends on the other host, and only there; the dead one is found out."""
    lab = place.open()
    web = running(lab, ha=True)
    place.on("h1", "virsh", "migrate-setspeed", web.instance_name, "2")
    death = Timer(2.0, place.center.kill, [victim])
    death.start()
    try:
        with pytest.raises(CloudError, match=r"h[12]"):
            lab.migrate(web, "h2")
    finally:
        death.join()
    dead, alive = hosts(lab) if victim == "h1" else hosts(lab)[::-1]
    wait(lab, "it runs", lambda: web.state is VmState.RUNNING and web.host is alive)
    wait(lab, "the dead host is found out", lambda: dead.status is HostStatus.DOWN)
    agree(lab, place)
    lab.repair_host(dead)
    agree(lab, place)
    assert place.clear(lab) == []


# --- the stop button ---------------------------------------------------------------------------


@contextmanager
def stopped(after: float, until: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Press the stop button after so many seconds, and once it is so far: the verb ends soon."""
    pressed: list[float] = []

    def press() -> None:
        deadline = time.monotonic() + 30
        while not until() and time.monotonic() < deadline:
            time.sleep(0.1)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = Timer(after, press)
    timer.start()
    try:
        with pytest.raises(Conflict, match="cancelled: the lab was stopped"):
            yield
    finally:
        timer.join()
    assert time.monotonic() - pressed[0] < 8


def test_a_migration_that_is_stopped(place: Place) -> None:
    """The machine goes on where it was, however long it would have taken; then it can move."""
    lab = place.open()
    web = running(lab)
    place.on("h1", "virsh", "migrate-setspeed", web.instance_name, "1")
    with stopped(after=3):
        lab.migrate(web, "h2")
    assert (web.state, web.host) == (VmState.RUNNING, hosts(lab)[0])
    agree(lab, place)
    place.on("h1", "virsh", "migrate-setspeed", web.instance_name, "1000")
    assert lab.migrate(web, "h2").host is hosts(lab)[1]
    assert place.clear(lab) == []


def test_a_deployment_that_is_stopped(place: Place) -> None:
    """While its template is copied, which would never end; nothing is half made."""
    right = place.lab["templates"]["tiny"]
    slow = place.center.layout.primary / "slow.qcow2"
    os.mkfifo(slow)
    place.lab["templates"]["tiny"] = str(slow)
    place.write()

    def is_copied() -> bool:
        found = subprocess.run(["pgrep", "-f", str(slow)], capture_output=True, check=False)
        return found.returncode == 0

    try:
        lab = place.open()
        with stopped(after=1, until=is_copied):
            running(lab)
        agree(lab, place)
        assert [vm for vm in lab.vms if vm.state is not VmState.ERROR] == []
    finally:
        slow.unlink()
    assert not is_copied()
    place.close()
    place.lab["templates"]["tiny"] = right
    place.write()
    lab = place.open()
    assert running(lab, "again").state is VmState.RUNNING
    assert place.clear(lab) == []


# --- what cannot be done on real hosts ---------------------------------------------------------


def test_real_time_is_neither_played_nor_taken_back(place: Place) -> None:
    """Both refusals say what to do instead, and the lab goes on."""
    lab = place.open()
    with pytest.raises(InvalidParameter, match="cannot be played on real hosts: play it in a sim"):
        lab.play("demand")
    with pytest.raises(InvalidParameter, match=r"is real: it cannot go back; lab\.twin\(\)"):
        lab.rewind()
    lab.create_network("net")
    assert place.clear(lab) == []
