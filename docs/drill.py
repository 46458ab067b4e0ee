"""An afternoon in a data centre on one machine: `.venv/bin/python docs/drill.py`, as root.

Two tenants with the same addresses, a live migration under a ping, a disk that is taken back to
a snapshot, a host that dies, a cable that is pulled, and no trace of it all afterwards. Every
step says what it found and how long it took; the first that does not hold ends the drill.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Final

from cloudlab import Lab, connect
from cloudlab.errors import CloudError
from cloudlab.model import HostStatus, VirtualMachine, VmState
from drivers import naming
from drivers.minidc import Layout, MiniDc

TENANTS: Final = ("red", "blue")
CIDR: Final = "10.1.1.0/24"
SSH_PORT: Final = 2200
PATIENCE: Final = 180.0
"""Seconds after which something will not happen any more, on a slow machine, too."""


@dataclass(slots=True)
class Drill:
    """What the steps share.

    Attributes:
        center: the data centre.
        lab: the lab on it.
        doors: name of a machine -> the public address and port that lead to its sshd.
        figures: what was measured, in order.
    """

    center: MiniDc
    lab: Lab
    doors: dict[str, tuple[str, int]] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def vm(self, name: str) -> VirtualMachine:
        """Return a machine by its name."""
        return self.lab.cloud.inventory.vms.named(name)

    def on(self, name: str, command: str, *, timeout: float = 15.0) -> str | None:
        """Return what a command printed inside a guest, asked from outside; `None`: no answer."""
        address, port = self.doors[name]
        options = ["BatchMode=yes", "ConnectTimeout=3", "LogLevel=ERROR"]
        options += ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
        words = ["ssh", "-i", str(self.center.layout.key), "-p", str(port)]
        words += [word for each in options for word in ("-o", each)]
        try:
            done = self.center.client([*words, f"root@{address}", command], timeout)
        except CloudError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    def wait(self, what: str, true: Callable[[], bool]) -> float:
        """Let time pass until something is true; return after how many seconds."""
        begin = time.monotonic()
        while not true():
            if time.monotonic() - begin > PATIENCE:
                fail(f"{what}: not within {PATIENCE:g} s")
            self.lab.run(seconds=0.2)
        return time.monotonic() - begin

    def answers(self, name: str) -> bool:
        """Return whether the guest of this name answers at its public port."""
        return self.on(name, "hostname") == name

    def note(self, what: str, seconds: float) -> None:
        """Write down and print a figure."""
        self.figures[what] = seconds
        print(f"  {seconds:7.2f} s  {what}", flush=True)


def fail(why: str) -> None:
    """End the drill.

    Raises:
        SystemExit: always.
    """
    raise SystemExit(f"DOES NOT HOLD: {why}")


def hold(what: str, is_true: object) -> None:
    """Print a statement that holds, or end the drill."""
    if not is_true:
        fail(what)
    print(f"     holds  {what}", flush=True)


@contextmanager
def timed(drill: Drill, what: str) -> Iterator[None]:
    """Note how long the block takes."""
    begin = time.monotonic()
    yield
    drill.note(what, time.monotonic() - begin)


# --- the steps ---------------------------------------------------------------------------------


def two_tenants(drill: Drill) -> None:
    """Each has a network of its own, with the same addresses, behind a router of its own."""
    lab = drill.lab
    for name in TENANTS:
        lab.create_account(name)
        network = lab.create_network(f"{name}-net", account=name, cidr=CIDR)
        with timed(drill, f"deploy {name}"):
            vm = lab.deploy(name, account=name, network=network, offering="Tiny HA Instance")
        rule = lab.forward(vm, SSH_PORT, 22)
        drill.doors[name] = rule.ip.ip, SSH_PORT
    for name in TENANTS:
        drill.note(
            f"{name} answers", drill.wait(f"{name} answers", lambda n=name: drill.answers(n))
        )
    red, blue = (drill.vm(name) for name in TENANTS)
    hold(f"both have the address {red.nics[0].ip}", red.nics[0].ip == blue.nics[0].ip)
    hold("each is reached at its own public address", drill.doors["red"] != drill.doors["blue"])


def isolation(drill: Drill) -> None:
    """Neither tenant sees a frame of the other's network."""
    gateway = drill.vm("red").nics[0].network.gateway
    macs = {
        name: drill.on(name, f"ping -c1 -W2 {gateway} >/dev/null; ip neigh show {gateway}")
        for name in TENANTS
    }
    seen = {name: re.findall(r"lladdr (\S+)", text or "") for name, text in macs.items()}
    hold("both reach a gateway", all(seen.values()))
    hold("it is not the same one", seen["red"] != seen["blue"])
    strangers = "for n in 3 4 5 6; do ping -c1 -W1 10.1.1.$n >/dev/null && echo $n; done; true"
    hold("nobody else is on the network of red", drill.on("red", strangers, timeout=30) == "")


def migration(drill: Drill) -> None:
    """A machine moves while somebody pings it."""
    red = drill.vm("red")
    source, network = red.host, red.nics[0].network
    assert source is not None
    assert network.router_host is not None
    space = naming.router_namespace(drill.lab.world.lab.lab, network)  # type: ignore[attr-defined]
    command = ["ip", "netns", "exec", space, "ping", "-D", "-n", "-i", "0.05", "-w", "12"]
    output: list[str] = []

    def ping() -> None:
        where = network.router_host
        assert where is not None
        done = drill.center.run_in(where.name, [*command, str(red.nics[0].ip)], timeout=30)
        output.append(done.stdout)

    pinging = Thread(target=ping)
    pinging.start()
    time.sleep(1.0)
    with timed(drill, "live migration"):
        drill.lab.migrate(red)
    pinging.join()
    moments = [
        float(each) for each in re.findall(r"^\[(\d+\.\d+)\].*ttl=", output[0], re.MULTILINE)
    ]
    hold("it runs on the other host", red.host is not source)
    hold("the ping was answered before and after", len(moments) > 100)
    drill.note("longest gap of the ping", max(b - a for a, b in pairwise(moments)))


def snapshot(drill: Drill) -> None:
    """A disk is attached, written to, and taken back to what it was."""
    lab = drill.lab
    lab.create_volume("data", "Small Disk", account="red")
    lab.attach("data", "red")
    drill.wait("the disk is seen", lambda: drill.on("red", "test -b /dev/vdb && echo") is not None)
    write = "printf {} | dd of=/dev/vdb conv=fsync 2>/dev/null"
    drill.on("red", write.format("before"))
    with timed(drill, "snapshot with memory"):
        lab.snapshot("red", "kept", memory=True)
    drill.on("red", write.format("after!"))
    read = "dd if=/dev/vdb bs=6 count=1 2>/dev/null"
    hold("the disk was written over", drill.on("red", read) == "after!")
    with timed(drill, "revert"):
        lab.revert("red", "kept")
    drill.wait("it answers again", lambda: drill.answers("red"))
    # What was read before the snapshot may be in memory; the disk itself is asked.
    drop = "echo 3 > /proc/sys/vm/drop_caches; "
    hold("the disk is what it was", drill.on("red", drop + read) == "before")
    lab.delete_snapshot("red", "kept")


def host_failure(drill: Drill) -> None:
    """A host loses its power; its machines come back elsewhere, with their data."""
    lab, red, blue = drill.lab, drill.vm("red"), drill.vm("blue")
    if blue.host is not red.host:
        lab.migrate(blue, red.host)
    host = red.host
    assert host is not None
    for name in TENANTS:
        drill.on(name, f"echo {name}-data > /mnt/data; sync")
    hold(f"both run on {host.name}", blue.host is host)
    begin = time.monotonic()
    lab.break_host(host)
    drill.wait("both are started again", lambda: all(_moved(vm, host) for vm in (red, blue)))
    drill.note("both run again", time.monotonic() - begin)
    for name in TENANTS:
        drill.wait(f"{name} answers", lambda n=name: drill.answers(n))
    drill.note("both answer again after the power was cut", time.monotonic() - begin)
    hold("the host was fenced and is Down", host.status is HostStatus.DOWN)
    for name in TENANTS:
        hold(f"{name} has its data", drill.on(name, "cat /mnt/data") == f"{name}-data")
    with timed(drill, f"{host.name} is back"):
        lab.repair_host(host)
    hold("it is Up again", host.status is HostStatus.UP)


def _moved(vm: VirtualMachine, host: object) -> bool:
    return vm.state is VmState.RUNNING and vm.host is not host


def pulled_cable(drill: Drill) -> None:
    """The management network of a host is cut: nothing is fenced, nothing restarted."""
    red = drill.vm("red")
    host, where = red.host, {name: drill.vm(name).host for name in TENANTS}
    assert host is not None
    drill.lab.unplug(host)
    drill.note(
        "the cut is noticed",
        drill.wait("the host is in Alert", lambda: host.status is HostStatus.ALERT),
    )
    drill.lab.run(seconds=10)
    hold("the host still has its power", drill.center.is_on(host.name))
    hold("its machines answer", all(drill.answers(name) for name in TENANTS))
    hold("nothing was moved", where == {name: drill.vm(name).host for name in TENANTS})
    drill.lab.plug(host)
    drill.note("contact is back", drill.wait("it is Up", lambda: host.status is HostStatus.UP))


STEPS: Final = (two_tenants, isolation, migration, snapshot, host_failure, pulled_cable)


# --- before and after --------------------------------------------------------------------------


def traces(layout: Layout, *, beside_others: bool) -> dict[str, list[str]]:
    """Return what a data centre could leave on the machine: namespaces, processes, files, links.

    Beside others, which come and go, only namespaces with the prefix of this one count.
    """
    mark = (str(layout.directory), layout.prefix)

    def told(*words: str) -> list[str]:
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        return text.splitlines()

    return {
        "namespaces": sorted(
            line for line in told("ip", "netns") if layout.prefix in line or not beside_others
        ),
        "links": sorted(line.split(":")[1] for line in told("ip", "-o", "link")),
        "processes": [
            line for line in told("ps", "-eo", "args") if any(m in line for m in mark[:1])
        ],
        "files": sorted(map(str, layout.directory.parent.glob(f"{layout.directory.name}*"))),
    }


def main() -> None:
    """Go through all steps on a data centre of the drill's own."""
    parser = argparse.ArgumentParser(description=__doc__, prog="drill.py")
    parser.add_argument("--name", default="drill", help="of the data centre, which is made anew")
    parser.add_argument(
        "--beside-others",
        action="store_true",
        help="others make network namespaces meanwhile: at the end only those of this one count",
    )
    given = parser.parse_args()
    layout = Layout.named(given.name)
    center = MiniDc(layout, say=print)
    center.down()
    before = traces(layout, beside_others=given.beside_others)
    try:
        center.up(2)
        lab = connect(_lab_file(center), progress=False)
        drill = Drill(center, lab)
        try:
            for step in STEPS:
                print(f"{step.__name__.replace('_', ' ')}: {step.__doc__}", flush=True)
                step(drill)
        finally:
            lab.close()
    finally:
        center.down()
    after = traces(layout, beside_others=given.beside_others)
    left = {what: set(there) ^ set(before[what]) for what, there in after.items()}
    hold(
        f"nothing is left of it {[each for each in left.values() if each] or ''}".strip(),
        after == before,
    )


def _lab_file(center: MiniDc) -> Path:
    from drivers.world.minidc_lab import write_lab  # noqa: PLC0415  (loads pydantic)

    return write_lab(center)


if __name__ == "__main__":
    sys.exit(main())
