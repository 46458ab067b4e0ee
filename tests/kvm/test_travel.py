"""Volumes on their way to and from local files: stopped, cut off, refused; never half there."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from errno import EPERM
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloudlab.engine import Interrupted
from cloudlab.errors import DriverFault, HostFault
from drivers.kvm.storage import local, scripts
from tests.support.local_hosts import LocalShell

if TYPE_CHECKING:
    from cloudlab.model import Volume
    from tests.kvm.hosts import Here

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="no qemu-img")


class Watched(LocalShell):
    """A host that counts scripts, takes its time for pieces, and may fall silent at one script."""

    def __init__(self, seconds: float = 0.0, silent: str = "") -> None:
        super().__init__()
        self.seconds, self.silent = seconds, silent
        self.done: list[str] = []

    def run(self, argv, *, input=None, timeout=30.0, stoppable=False):  # noqa: A002  (as the port has it)
        """Run a command."""
        if argv[2] == self.silent:
            raise HostFault("the host does not answer", "h1")
        self.done.append(argv[2])
        if argv[2] in {scripts.PIECE, scripts.APPEND}:
            time.sleep(self.seconds)
        return super().run(argv, input=input, timeout=timeout, stoppable=stoppable)


def watch(here: Here, **how: Any) -> Watched:
    """Let both hosts be watched."""
    shell = Watched(**how)
    for name, access in here.site.hosts.items():
        here.site.hosts[name] = replace(access, shell=shell)
    return shell


@pytest.fixture
def volume(here: Here) -> Volume:
    """A data disk that is there, of 32 MiB that nobody can pack."""
    made = here.records.volume(here.records.vm())
    here.do(here.blocks.create(made, here.pool))
    argv = ["qemu-io", "-f", "qcow2", "-c", "write -q -P 3 0 32M"]
    subprocess.run([*argv, here.pool_file(f"volume-{made.id}.qcow2")], check=True)
    return made


def interrupted(
    here: Here,
    work: Coroutine[Any, Any, None],
    after: float = 0.0,
    until: Callable[[], bool] = lambda: True,
) -> float:
    """Interrupt `work` after so many seconds, and once it is so far; return how long it took."""
    process = here.engine.spawn(work)

    async def interrupt() -> float:
        await here.engine.sleep(after)
        while not until():
            await here.engine.sleep(0.02)
        begun = time.monotonic()
        here.engine.interrupt(process)
        with pytest.raises(Interrupted):
            await here.engine.wait(process)
        return time.monotonic() - begun

    return here.do(interrupt())


@pytest.mark.parametrize("way", ["down", "up"])
def test_an_interrupt_ends_a_journey(
    here: Here, volume: Volume, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the piece that is under way; nothing of it is left, here or there."""
    monkeypatch.setattr(scripts, "PIECE_MIB", 1)
    path, before = tmp_path / "image", here.names()
    blocks, pool, work = here.blocks, here.pool, here.blocks.download
    if way == "up":
        here.do(blocks.download(volume, pool, path))
        work = blocks.upload
    files = set(tmp_path.iterdir())
    shell = watch(here, seconds=0.1)
    assert interrupted(here, work(volume, pool, path), after=0.5) < 1.0
    assert len([script for script in shell.done if script in {scripts.PIECE, scripts.APPEND}]) < 10
    assert set(tmp_path.iterdir()) == files
    assert here.names() == before


SLOW = """\
#!/bin/sh
PATH=${{PATH#*:}}
for last; do :; done
case "{name} $1" in
  "qemu-img convert"|cp*) head -c 1000 /dev/zero > "$last"; touch {folder}/begun; sleep 30 ;;
  "qemu-img resize") touch {folder}/begun; sleep 30 ;;
esac
exec {name} "$@"
"""
"""A tool that moves the data of a disk, notes that it began, and takes long."""


def slow_tools(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hosts find slow tools first."""
    for name in ("cp", "qemu-img"):
        tool = folder / name
        tool.write_text(SLOW.format(name=name, folder=folder))
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("way", ["download", "upload", "copy", "stage"])
def test_an_interrupt_ends_the_work_of_a_host(
    here: Here, volume: Volume, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon, however long its tools would go on; nothing of what they began is left."""
    path, tools, before = tmp_path / "image", tmp_path / "tools", here.names()
    tools.mkdir()
    argv = ["qemu-img", "create", "-q", "-f", "qcow2"]
    subprocess.run([*argv, here.secondary / "tiny.qcow2", "1M"], check=True)
    subprocess.run([*argv, path, "1M"], check=True)
    second = here.records.another_pool(f"file://{here.folder / 'second'}")
    (here.folder / "second").mkdir()
    here.do(here.blocks.attach_pool(second, here.host))
    slow_tools(tools, monkeypatch)
    works = {
        "download": lambda: here.blocks.download(volume, here.pool, tmp_path / "copy"),
        "upload": lambda: here.blocks.upload(volume, here.pool, path),
        "copy": lambda: here.blocks.copy(volume, here.pool, second),
        "stage": lambda: here.images.stage(here.records.template, here.pool),
    }
    assert interrupted(here, works[way](), until=(tools / "begun").exists) < 5.0
    assert here.names() == before
    assert here.do(here.blocks.volumes(second)) == set()
    assert not list(here.folder.rglob("*.part"))
    assert not (tmp_path / "copy").exists()


def test_an_interrupt_at_the_last_moment_leaves_no_file(
    here: Here, volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it had come already: a download that did not succeed is none."""
    monkeypatch.setattr(scripts, "PIECE_MIB", 64)
    watch(here, seconds=0.5)
    interrupted(here, here.blocks.download(volume, here.pool, tmp_path / "image"), after=0.3)
    assert not [path for path in tmp_path.iterdir() if "image" in path.name]


@pytest.mark.parametrize("way", ["down", "broken"])
def test_a_host_that_cannot_clear_up_spoils_nothing(
    here: Here, volume: Volume, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fell silent when all had come: that is a download. The first error is the one told."""
    path = tmp_path / "image"
    watch(here, silent=scripts.REMOVE)
    if way == "broken":
        monkeypatch.setattr(scripts, "PIECE", "echo broken >&2; exit 1")
        with pytest.raises(DriverFault, match="broken"):
            here.do(here.blocks.download(volume, here.pool, path))
    else:
        here.do(here.blocks.download(volume, here.pool, path))
    assert path.exists() is (way == "down")


def test_another_host_begins_a_download_anew(
    here: Here, volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what the first one sent before it fell silent is in the file."""
    monkeypatch.setattr(scripts, "PIECE_MIB", 1)

    class Tired(Watched):
        def run(self, argv, *, input=None, timeout=30.0, stoppable=False):  # noqa: A002
            if self.done.count(scripts.PIECE) == 3:
                raise HostFault("tired", "h1")
            return super().run(argv, input=input, timeout=timeout, stoppable=stoppable)

    tired = Tired()
    here.site.hosts["h1"] = replace(here.site.hosts["h1"], shell=tired)
    here.do(here.blocks.download(volume, here.pool, tmp_path / "image"))
    assert tired.done.count(scripts.PIECE) == 3
    subprocess.run(["qemu-img", "check", "-q", tmp_path / "image"], check=True)
    original = here.pool_file(f"volume-{volume.id}.qcow2")
    subprocess.run(["qemu-img", "compare", "-q", original, tmp_path / "image"], check=True)


def no_links(part: Path, path: Path) -> None:
    """Refuse a hard link, as exFAT does."""
    raise PermissionError(EPERM, os.strerror(EPERM), part, None, path)


@pytest.mark.parametrize("link", [os.link, no_links])
def test_a_name_is_given_once(tmp_path: Path, link: Any) -> None:
    """With hard links and without; what has the name already stays."""
    part, path = tmp_path / "part", tmp_path / "path"
    part.write_text("new")
    local.give_name(part, path, link)
    assert path.read_text() == "new"
    part.unlink(missing_ok=True)
    part.write_text("newer")
    with pytest.raises(FileExistsError):
        local.give_name(part, path, link)
    assert path.read_text() == "new"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: None, "cannot be read: No such file or directory"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(bytes(10**6)), "is no qcow2 image; make one of it with"),
        (
            lambda path: subprocess.run(
                ["qemu-img", "create", "-q", "-f", "qcow2", path, "33M"], check=True
            ),
            "is 33 MiB large, which is more than 32 MiB",
        ),
    ],
    ids=["missing", "folder", "zeros", "large"],
)
def test_what_is_no_image_is_not_sent(
    here: Here, volume: Volume, make: Any, complaint: str, tmp_path: Path
) -> None:
    """One sentence with volume, pool and file, before a single byte has left."""
    path = tmp_path / "local"
    make(path)
    shell = watch(here)
    message = rf"uploading volume DATA-2 to pool primary: {path} {complaint}"
    with pytest.raises(DriverFault, match=message):
        here.do(here.blocks.upload(volume, here.pool, path))
    assert not {scripts.APPEND, scripts.ADOPT} & set(shell.done)
