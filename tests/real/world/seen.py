"""What is true on the hosts of a lab, seen past its ports: by virsh, ip, and in its folders."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cloudlab.units import MIB_PER_GIB
from tests.support import truth

if TYPE_CHECKING:
    from cloudlab.lab import Lab
    from cloudlab.model import Host, StoragePool
    from drivers.minidc import MiniDc

BYTES_PER_MIB = 1024 * MIB_PER_GIB


@dataclass
class Seen:
    """The outside as the simulator would tell it, and what belongs to nothing in the books."""

    running: dict[int, int] = field(default_factory=dict)
    attached: dict[int, set[int]] = field(default_factory=dict)
    plugged: set[tuple[int, int]] = field(default_factory=set)
    admitted: set[int] = field(default_factory=set)
    routers: set[tuple[int, int]] = field(default_factory=set)
    disks: set[tuple[int, int]] = field(default_factory=set)
    sizes: dict[tuple[int, int], int] = field(default_factory=dict)
    images: set[tuple[int, int]] = field(default_factory=set)
    snapshots: set[tuple[int, int]] = field(default_factory=set)
    connected: set[int] = field(default_factory=set)
    mounted: set[tuple[int, int]] = field(default_factory=set)
    dead: set[int] = field(default_factory=set)
    cut_off: set[int] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)


def disagreements(lab: Lab, center: MiniDc) -> list[str]:
    """Return every way in which the books of a lab and its hosts disagree; empty is good."""
    found = look(lab, center)
    return [
        *truth.disagreements(lab.cloud, found),  # type: ignore[arg-type]  # it has what is asked
        *truth.unsettled(lab.cloud),
        *found.strange,
    ]


def leftovers(lab: Lab, center: MiniDc) -> list[str]:
    """Return what there is of a lab without machines, volumes and networks; empty is good."""
    found = look(lab, center)
    there = (found.running, found.plugged, found.routers, found.disks, found.snapshots)
    books = lab.cloud.inventory
    named = [*books.vms, *books.volumes, *books.vm_snapshots, *books.public_ips]
    return [*map(str, filter(None, there)), *map(str, named), *disagreements(lab, center)]


def look(lab: Lab, center: MiniDc) -> Seen:
    """Return what the hosts of `lab` say, none of it through the ports of its cloud."""
    found = Seen()
    for host in lab.cloud.inventory.hosts:
        if not center.is_on(host.name):
            found.dead.add(host.id)
            continue
        look_at = _Host(lab, center, host, found)
        if look_at.output("cat", "/sys/class/net/eth0/carrier") != "1":
            found.cut_off.add(host.id)
        look_at.machines()
        look_at.network()
        look_at.marks()
    for pool in lab.cloud.inventory.pools:
        _look_in(lab, pool, found)
    return found


@dataclass
class _Host:
    """One host that is looked at."""

    lab: Lab
    center: MiniDc
    host: Host
    found: Seen

    def output(self, *argv: str) -> str:
        """Return what a command printed there, empty if it failed."""
        return self.center.run_in(self.host.name, argv).stdout.strip()

    @property
    def mark(self) -> str:
        """What everything of this lab bears."""
        return str(self.lab.world.lab.lab)  # type: ignore[attr-defined]

    def strange(self, what: str) -> None:
        """Note something that should not be there."""
        self.found.strange.append(f"{self.host}: {what}")

    def machines(self) -> None:
        """See which domains there are, and which disks they have."""
        known = {vm.instance_name: vm.id for vm in self.lab.cloud.inventory.vms}
        for name in self.output("virsh", "list", "--all", "--name").split():
            state = self.output("virsh", "domstate", name)
            if name not in known or state != "running":
                self.strange(f"domain {name} is {state}")
            elif known[name] in self.found.running:
                self.strange(f"domain {name} runs elsewhere, too")
            else:
                self.found.running[known[name]] = self.host.id
                disks = self.output("virsh", "domblklist", name)
                volumes = {int(each) for each in re.findall(r"volume-(\d+)\.qcow2", disks)}
                self.found.attached[known[name]] = volumes

    def network(self) -> None:
        """See taps, routers, and the wires under them."""
        links = set(re.findall(r"^\d+: (cl[^:@]+)", self.output("ip", "-o", "link"), re.MULTILINE))
        links = {name for name in links if not name.startswith("cloudbr")}
        nics, routers = self._records("nics"), self._records("routers")
        self.found.plugged |= {(nic, self.host.id) for nic in nics}
        self.found.routers |= {(network, self.host.id) for network in routers}
        for network in routers:
            self.found.admitted |= self._admitted(network)
        expected = {f"cl{nic}" for nic in nics}
        books = self.lab.cloud.inventory
        wired = routers | {nic.network.id for nic in books.nics if nic.id in nics}
        expected |= {f"{kind}{network}" for kind in ("clbr", "clvx") for network in wired}
        expected |= {f"{kind}{network}" for kind in ("clr", "clp") for network in routers}
        shared = {f"clp{each.id}" for each in books.networks if not each.is_isolated}
        if links - shared != expected - shared:
            self.strange(f"links {sorted(links)}, by its records {sorted(expected)}")
        spaces = set(re.findall(r"^clr-\S+", self.output("ip", "netns"), re.MULTILINE))
        if spaces != {f"clr-{self.mark}-{network}" for network in routers}:
            self.strange(f"namespaces {sorted(spaces)}, routers {sorted(routers)}")

    def _records(self, kind: str) -> set[int]:
        listed = self.output("ls", f"/run/cloudlab/{self.mark}/{kind}").split()
        return {int(name) for name in listed}

    def _admitted(self, network: int) -> set[int]:
        folder = f"/run/cloudlab/{self.mark}/routers/{network}"
        known, lent, named = (
            {int(name.partition("@")[0]) for name in self.output("ls", f"{folder}/{part}").split()}
            for part in ("guests", "dhcp", "names")
        )
        if not known == lent == named:
            self.strange(f"router {network} knows {known}, lends to {lent}, names {named}")
        return known

    def marks(self) -> None:
        """See to which lab the host says it belongs, and which pools it says it reaches."""
        if self.output("cat", "/run/cloudlab-lab").split()[:1] == [self.mark]:
            self.found.connected.add(self.host.id)
        for name in self.output("ls", f"/run/cloudlab-{self.mark}").split():
            self.found.mounted.add((int(name.removeprefix("pool-")), self.host.id))


def _look_in(lab: Lab, pool: StoragePool, found: Seen) -> None:
    """See what lies in the folder of the lab on one pool."""
    mark = lab.world.lab.lab  # type: ignore[attr-defined]
    folder = Path(urlsplit(pool.url).path) / f"cloudlab-{mark}"
    there = {each.name for each in folder.iterdir()} - {".lab"}
    volumes = {int(m[1]) for m in map(re.compile(r"volume-(\d+)\.qcow2").fullmatch, there) if m}
    templates = {int(m[1]) for m in map(re.compile(r"template-(\d+)\.qcow2").fullmatch, there) if m}
    found.images |= {(template, pool.id) for template in templates}
    expected = {f"template-{template}.qcow2" for template in templates}
    owners = {each.id: each.vm.id for each in lab.cloud.inventory.vm_snapshots}
    for volume in volumes:
        image = _image(folder / f"volume-{volume}.qcow2")
        found.disks.add((volume, pool.id))
        found.sizes[volume, pool.id] = image["virtual-size"] // BYTES_PER_MIB
        expected |= {f"volume-{volume}.qcow2", image.get("backing-filename", "")}
        for snapshot in image.get("snapshots", []):
            number = int(snapshot["name"].removeprefix("snapshot-"))
            found.snapshots.add((number, owners.get(number, 0)))
            expected.add(f"volume-{volume}.snapshot-{number}.xml")
    found.strange += [f"{pool}: file {name}" for name in sorted(there - expected)]


def _image(path: Path) -> dict[str, Any]:
    """Return what qemu-img says of an image."""
    command = ["qemu-img", "info", "--force-share", "--output=json", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=10)
    return dict(json.loads(done.stdout))
