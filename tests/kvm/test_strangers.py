"""A copied lab file, or lost books: what has the names of ours is not ours."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cloudlab.errors import DriverFault, HostFault
from drivers.kvm.storage import scripts
from drivers.kvm.storage.folders import AlreadyThere
from tests.kvm.hosts import Here
from tests.kvm.hosts import here as hosts
from tests.support.local_hosts import LocalShell

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="no qemu-img")


def image(path: Path, size: str = "64M") -> Path:
    """Make an image."""
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, size], check=True)
    return path


def content(here: Here) -> dict[str, bytes]:
    """Return what lies in the lab's folder."""
    folder = here.primary / "cloudlab-lab1"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def rebooted(tmp_path: Path, store_id: str) -> Iterator[Here]:
    """Yield hosts that have forgotten whose they were, as after a reboot."""
    for name in ("h1", "h2"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    with hosts(tmp_path, store_id=store_id) as made:
        for host in (made.host, made.other):
            made.do(made.hypervisor.connect(host))
        yield made


@pytest.fixture
def theirs(here: Here) -> dict[str, bytes]:
    """What another lab of the same name has: a template, a root disk, a data disk."""
    image(here.secondary / "tiny.qcow2")
    vm = here.records.vm()
    here.do(here.images.stage(here.records.template, here.pool))
    for volume in (vm.volumes[0], here.records.volume(vm)):
        here.do(here.blocks.create(volume, here.pool))
        path = here.primary / "cloudlab-lab1" / f"volume-{volume.id}.qcow2"
        argv = ["qemu-io", "-f", "qcow2", "-c", "write -q -P 7 0 64k", path]
        subprocess.run(argv, check=True)
    return content(here)


@pytest.fixture
def newcomer(here: Here, theirs: dict[str, bytes], tmp_path: Path) -> Iterator[Here]:
    """A lab of the same name that comes later and knows nothing of what there is."""
    with hosts(tmp_path) as made:
        made.open()
        yield made
        assert content(here) == theirs


def test_no_volume_takes_the_place_of_another(newcomer: Here) -> None:
    """Neither by being made, nor by being removed because it could not be made."""
    vm = newcomer.records.vm()
    for volume in (vm.volumes[0], newcomer.records.volume(vm)):
        for _ in range(2):
            with pytest.raises(DriverFault, match=r"making volume .* already there, of another"):
                newcomer.do(newcomer.blocks.create(volume, newcomer.pool))
            newcomer.do(newcomer.blocks.delete(volume, newcomer.pool))


def test_no_copy_takes_the_place_of_a_volume(newcomer: Here) -> None:
    """It stays where it was, and so does the other."""
    second = newcomer.records.another_pool(f"file://{newcomer.folder / 'second'}")
    (newcomer.folder / "second").mkdir()
    newcomer.do(newcomer.blocks.attach_pool(second, newcomer.host))
    volume = newcomer.records.volume(newcomer.records.vm())
    newcomer.do(newcomer.blocks.create(volume, second))
    for _ in range(2):
        with pytest.raises(AlreadyThere, match="copying volume"):
            newcomer.do(newcomer.blocks.copy(volume, second, newcomer.pool))
        newcomer.do(newcomer.blocks.delete(volume, newcomer.pool))
    assert newcomer.do(newcomer.blocks.volumes(second)) == {volume.id}


def test_no_template_takes_the_place_of_another(newcomer: Here) -> None:
    """The same one may be brought again; another is neither brought nor evicted."""
    template, images = newcomer.records.template, newcomer.images
    newcomer.do(images.stage(template, newcomer.pool))
    image(newcomer.secondary / "tiny.qcow2", "65M")
    with pytest.raises(AlreadyThere, match=r"copying template tiny .*template-1\.qcow2 is already"):
        newcomer.do(images.stage(template, newcomer.pool))
    newcomer.do(images.evict(template, newcomer.pool))


@pytest.mark.parametrize("way", ["folder", "answer", "plan"])
def test_whatever_goes_wrong_nothing_of_others_goes(newcomer: Here, way: str) -> None:
    """A making that fails before it has begun, or of which nobody knows, is undone by its mark."""
    blocks, images, pool = newcomer.blocks, newcomer.images, newcomer.pool
    vm = newcomer.records.vm()
    data, template = newcomer.records.volume(vm), newcomer.records.template
    if way == "folder":  # not mounted for a moment
        newcomer.primary.rename(newcomer.folder / "away")
    elif way == "answer":
        for name, access in newcomer.site.hosts.items():
            newcomer.site.hosts[name] = replace(access, shell=Deaf())
    else:
        template.name = "nowhere"
    makings = [images.stage(template, pool)]
    makings += [blocks.create(volume, pool) for volume in (vm.volumes[0], data)]
    for making in makings:
        with pytest.raises((DriverFault, HostFault)):
            newcomer.do(making)
    if way == "folder":
        (newcomer.folder / "away").rename(newcomer.primary)
    for name, shell in newcomer.shells.items():
        newcomer.site.hosts[name] = replace(newcomer.site.hosts[name], shell=shell)
    for removal in (images.evict(template, pool), blocks.delete(data, pool)):
        newcomer.do(removal)
    newcomer.do(blocks.delete(vm.volumes[0], pool))


@pytest.mark.parametrize("name", ["CREATE", "COPY", "STAGE"])
def test_what_an_undone_making_made_goes(here: Here, name: str) -> None:
    """Both hosts fell silent, though one had made it: it bears the mark, and nothing is left."""
    template, before = here.records.template, here.names()
    image(here.secondary / "tiny.qcow2")
    volume = here.records.volume(here.records.vm())
    second = here.records.another_pool(f"file://{here.folder / 'second'}")
    (here.folder / "second").mkdir()
    for host in (here.host, here.other):
        here.do(here.blocks.attach_pool(second, host))
    if name == "COPY":
        here.do(here.blocks.create(volume, second))
    for host, access in here.site.hosts.items():
        shell = Forgetful(getattr(scripts, name))
        here.site.hosts[host] = replace(access, shell=shell)
    create, delete = (
        partial(step, volume, here.pool) for step in (here.blocks.create, here.blocks.delete)
    )
    making, removal = {
        "CREATE": (create, delete),
        "COPY": (partial(here.blocks.copy, volume, second, here.pool), delete),
        "STAGE": (
            partial(here.images.stage, template, here.pool),
            partial(here.images.evict, template, here.pool),
        ),
    }[name]
    with pytest.raises(HostFault):
        here.do(making())
    assert here.names() != before
    here.do(removal())
    assert here.names() == before


def test_what_was_cleared_away_is_ours_to_make(newcomer: Here, theirs: dict[str, bytes]) -> None:
    """Once the obstacle is gone the volume is made, and then it is ours to remove."""
    volume = newcomer.records.vm().volumes[0]
    path = newcomer.primary / "cloudlab-lab1" / f"volume-{volume.id}.qcow2"
    with pytest.raises(AlreadyThere):
        newcomer.do(newcomer.blocks.create(volume, newcomer.pool))
    path.unlink()
    newcomer.do(newcomer.blocks.create(volume, newcomer.pool))
    newcomer.do(newcomer.blocks.delete(volume, newcomer.pool))
    assert not path.exists()
    for name in (path.name, f"volume-{volume.id}.base.qcow2"):
        theirs.pop(name)


class Deaf(LocalShell):
    """A host that does not even hear what it is told."""

    def run(self, argv, *, input=None, timeout=30.0, stoppable=False):  # noqa: A002  (as the port has it)
        """Run nothing."""
        raise HostFault("no answer", "h1")


class Forgetful(LocalShell):
    """A host that does what it is told and then falls silent: the answer is lost."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self.script = script
        self.lost = 0

    def run(self, argv, *, input=None, timeout=30.0, stoppable=False):  # noqa: A002  (as the port has it)
        """Run a command; lose the answer if it is the one."""
        done = super().run(argv, input=input, timeout=timeout, stoppable=stoppable)
        if self.script in argv:
            self.lost += 1
            raise HostFault("the answer is lost", "h1")
        return done


@pytest.mark.parametrize("name", ["CREATE", "COPY"])
def test_a_lost_answer_is_no_stranger(here: Here, name: str) -> None:
    """Another host finds what the first one made for the very same call, and that is right."""
    volume = here.records.volume(here.records.vm())
    second = here.records.another_pool(f"file://{here.folder / 'second'}")
    (here.folder / "second").mkdir()
    for host in (here.host, here.other):
        here.do(here.blocks.attach_pool(second, host))
    shell = Forgetful(getattr(scripts, name))
    here.site.hosts["h1"] = replace(here.site.hosts["h1"], shell=shell)
    here.do(here.blocks.create(volume, here.pool))
    here.do(here.blocks.copy(volume, here.pool, second))
    assert shell.lost == 1
    assert here.do(here.blocks.volumes(second)) == {volume.id}


def test_a_pool_with_volumes_of_other_books_is_refused(tmp_path: Path) -> None:
    """The note on the pool outlives the hosts' own; the message names it, and the other books."""
    with rebooted(tmp_path, "one") as mine:
        mine.open()
        mine.do(mine.blocks.create(mine.records.volume(mine.records.vm()), mine.pool))
        before = content(mine)
    note = tmp_path / "primary" / "cloudlab-lab1" / ".lab"
    refusal = (
        rf"pool primary: folder .* on host h1 belongs to another lab called lab1 \(.*one.*{note}"
    )
    with rebooted(tmp_path, "two") as theirs:
        with pytest.raises(DriverFault, match=refusal):
            theirs.do(theirs.blocks.attach_pool(theirs.pool, theirs.host))
        with pytest.raises(HostFault, match="no connected host reaches"):
            theirs.do(theirs.blocks.volumes(theirs.pool))
        assert content(theirs) == before
        assert not list(tmp_path.glob("h*/run/**/pool-*"))
    with rebooted(tmp_path, "one") as mine:
        mine.open()
    note.unlink()
    with rebooted(tmp_path, "two") as theirs:
        theirs.open()
        assert note.read_text().splitlines()[1:] == ["lab1 two"]


def test_a_pool_without_volumes_changes_hands(tmp_path: Path) -> None:
    """There is nothing to lose, and all hosts still see the same storage."""
    for store_id in ("one", "two"):
        with rebooted(tmp_path, store_id) as lab:
            lab.open()
            assert lab.names() == {".lab"}
            note = tmp_path / "primary" / "cloudlab-lab1" / ".lab"
            assert note.read_text().splitlines()[1:] == [f"lab1 {store_id}"]


def test_the_note_of_an_earlier_release_is_completed(tmp_path: Path) -> None:
    """It had a word only; volumes are no obstacle then."""
    folder = tmp_path / "primary" / "cloudlab-lab1"
    folder.mkdir(parents=True)
    (folder / ".lab").write_text("word\n")
    (folder / "volume-1.qcow2").touch()
    with rebooted(tmp_path, "one") as lab:
        lab.open()
        assert (folder / ".lab").read_text() == "word\nlab1 one\n"
