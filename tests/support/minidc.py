"""Real hosts for tests: one mini data centre for the whole run, blank for each test."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from cloudlab.cloud import Cloud
from cloudlab.design import Design
from cloudlab.design.build import build, settings_of
from cloudlab.engine import LiveEngine
from cloudlab.errors import CloudError
from drivers.recorder import CommandLog
from drivers.site import Site
from drivers.ssh import SshHost, timeouts
from drivers.world.lab_file import LabFile
from drivers.world.minidc_lab import ANSWER_SECONDS, TEMPLATE, lab_documents
from drivers.world.site_of import real_ports, site_of
from tests.support.pilot import Awake, write_pilot
from tests.support.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from cloudlab.ports import Hypervisor
    from drivers.minidc import MiniDc

T = TypeVar("T")

MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class RealHosts:
    """A cloud on the hosts of a mini data centre, and ways to look past its ports."""

    center: MiniDc
    site: Site
    engine: LiveEngine
    cloud: Cloud

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end and return its result."""
        process = self.engine.spawn(work)
        self.engine.run(process)
        return process.result

    def has(self, host: str, path: str) -> bool:
        """Return whether a host has a file; one that is off has none."""
        try:
            return self.center.run_in(host, ["test", "-e", path]).returncode == 0
        except CloudError:
            return False

    def pool_file(self, name: str) -> bool:
        """Return whether the lab has a file of this name on primary storage."""
        folder = self.center.layout.primary / f"cloudlab-{self.site.lab_id}"
        return (folder / name).exists()

    def disk_size(self, name: str) -> int:
        """Return how large a guest finds the disk in a file of the lab's, MiB."""
        file = self.center.layout.primary / f"cloudlab-{self.site.lab_id}" / name
        command = ["qemu-img", "info", "--force-share", "--output=json", str(file)]
        shown = subprocess.run(command, check=True, capture_output=True, timeout=10)
        return int(json.loads(shown.stdout)["virtual-size"]) // MIB


@dataclass(frozen=True)
class Standing:
    """A mini data centre and the ways to its hosts, which last from test to test."""

    center: MiniDc
    site: Site
    lab: LabFile
    design: Design


@contextmanager
def standing(center: MiniDc) -> Iterator[Standing]:
    """Yield the hosts of `center`, on which all machines boot the smallest guest."""
    described, design = lab_documents(center)
    pilot = write_pilot(center.layout.secondary / "templates" / "pilot.qcow2")
    lab = LabFile.model_validate(described | {"templates": {TEMPLATE: str(pilot)}})
    site = site_of(lab, CommandLog())
    try:
        yield Standing(center, site, lab, Design.checked(design))
    finally:
        for access in site.hosts.values():
            access.shell.close()  # type: ignore[attr-defined]  # they are SshHosts here


def shell(center: MiniDc, name: str) -> SshHost:
    """Return a shell on a host that notices within seconds when the host falls silent."""
    return SshHost(
        name,
        center.layout.address(name),
        key_path=center.layout.key,
        known_hosts=center.layout.known_hosts,
        sock_path=center.ssh_door(name),
        **timeouts(ANSWER_SECONDS),
    )


@contextmanager
def real_hosts(here: Standing) -> Iterator[RealHosts]:
    """Yield a cloud on blank hosts; afterwards they are blank again."""
    engine = LiveEngine()
    try:
        with engine:
            ports = real_ports(engine, here.lab, here.site)
            sights = {name: Sight(here.center, name) for name in here.center.hosts()}
            awake = cast("Hypervisor", Awake(ports.hypervisor, engine, sights))
            cloud = Cloud(engine, replace(ports, hypervisor=awake), settings_of(here.design))
            engine.run(engine.spawn(build(cloud, here.design)))
            yield RealHosts(here.center, here.site, engine, cloud)
    finally:
        blank(here.center)


def blank(center: MiniDc) -> None:
    """Let nothing run on any host, and nothing of any lab lie on primary storage.

    Hosts on which nothing is left keep their power; they forget which lab they belonged to.
    """
    for name in center.hosts():
        if center.is_on(name):
            center.plug(name, "eth0")
        sight = Sight(center, name)
        if sight.is_blank():
            forget(sight)
        else:
            center.kill(name)
            wipe(center.layout.host_folder(name) / "disk")
    for folder in center.layout.primary.iterdir():
        if folder.name != center.layout.heartbeat("h1").parent.name:
            shutil.rmtree(folder)
    for name in center.hosts():
        center.start(name)


def forget(sight: Sight) -> None:
    """Remove a host's notes about labs and their pools, and what guests said, that are gone."""
    assert sight.root is not None
    for note in (sight.root / "run").glob("cloudlab-*"):
        shutil.rmtree(note) if note.is_dir() else note.unlink()
    for log in (sight.root / "var/log/libvirt").glob("*-serial.log"):
        log.unlink()


def wipe(disk: Path) -> None:
    """Remove the machines that a host remembers on its own disk; it is off."""
    for folder in ("etc/libvirt/qemu", "var/lib/libvirt/qemu", "var/log/libvirt"):
        shutil.rmtree(disk / folder, ignore_errors=True)
        (disk / folder).mkdir(parents=True)
