"""Killed with kill -9 while a volume is changed: what is on it stays, on one pool, in one size."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cloudlab import Lab
from cloudlab.model import VmState, Volume, VolumeState
from tests.real.world.after import check
from tests.real.world.doomed import VERBS
from tests.real.world.place import Place, placed
from tests.real.world.seen import disagreements

pytestmark = [pytest.mark.real, pytest.mark.slow]

SMALL, LARGE = 1024, 2048
"""Sizes of the disk offerings, MiB."""


@pytest.fixture
def place(center, tmp_path: Path) -> Iterator[Place]:
    """Two blank hosts, and a lab file of a cloud with two pools and two sizes of disks."""
    with placed(center, tmp_path / "lab") as made:
        second = center.layout.primary / "second"
        second.mkdir()
        cluster = made.design["zones"][0]["pods"][0]["clusters"][0]
        (first,) = cluster["primary_storage"]
        cluster["primary_storage"].append(first | {"name": "second", "url": f"file://{second}"})
        made.design["disk_offerings"].append({"name": "Large Disk", "size_gib": LARGE / 1024})
        made.write()
        yield made


def off(lab: Lab) -> None:
    """A machine that is off, with a volume that something was written on."""
    lab.deploy("web", network=lab.create_network("net"))
    lab.stop("web", forced=True)
    lab.create_volume("data", "Small Disk")
    lab.attach("data", "web")
    qemu_io(lab, "write -P 0xcd 1M 1M")


def on(lab: Lab) -> None:
    """The same machine; it runs."""
    off(lab)
    lab.start("web")


def data(lab: Lab) -> Volume:
    """Return the volume."""
    return lab.cloud.inventory.volumes.named("data")


def qemu_io(lab: Lab, command: str, *options: str) -> None:
    """Let qemu-io do something with the file of the volume: it ends well, or the test does."""
    pool = data(lab).pool
    assert pool is not None
    mark = lab.world.lab.lab  # type: ignore[attr-defined]
    file = Path(urlsplit(pool.url).path) / f"cloudlab-{mark}" / f"volume-{data(lab).id}.qcow2"
    argv = ["qemu-io", "-f", "qcow2", *options, "-c", command, str(file)]
    subprocess.run(argv, check=True, capture_output=True, timeout=10)


Death = tuple[str, Callable[[Lab], None], str, str, float, tuple[bool, int, str]]
"""Verb, what was there, step, when it dies, seconds later; then: attached, MiB, on which pool."""

DEATHS: list[Death] = [
    ("detach", on, "hypervisor.detach", "during", 0.05, (False, SMALL, "primary")),
    ("grow", off, "blocks.resize", "before", 0, (True, LARGE, "primary")),
    ("grow", on, "blocks.resize", "after", 0, (True, LARGE, "primary")),
    ("move", off, "blocks.copy", "during", 0.02, (True, SMALL, "primary")),
    ("move", off, "blocks.copy", "after", 0, (True, SMALL, "primary")),
    ("move", off, "blocks.delete", "before", 0, (True, SMALL, "second")),
]


@pytest.mark.parametrize(
    "death", DEATHS, ids=["-".join((d[0], d[1].__name__, *d[2:4])) for d in DEATHS]
)
def test_a_volume_is_whole_afterwards(place: Place, death: Death) -> None:
    """It is as it was or as it was to be, with its data; the verb can be said again."""
    verb, build, step, when, after, (attached, size, pool) = death
    place.prepared(build)
    place.kill_in(verb, step, when, after)
    lab = check(place, "web", {VmState.RUNNING if build is on else VmState.STOPPED})
    volume = data(lab)
    assert volume.pool is not None
    assert (volume.vm is not None, volume.size_mib, volume.pool.name) == (attached, size, pool)
    assert volume.state is VolumeState.READY
    assert volume.offering is not None
    assert volume.offering.size_mib == size
    qemu_io(lab, "read -P 0xcd 1M 1M", "-r", "-U")
    if verb == "detach":
        lab.attach("data", "web")
    if pool == "second":
        lab.migrate_volume("data", "primary")
    VERBS[verb](lab)
    qemu_io(lab, "read -P 0xcd 1M 1M", "-r", "-U")
    assert disagreements(lab, place.center) == []
    assert place.clear(lab) == []
