"""Builds the guest once for a machine, and gives each lab a template of its own from it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.minidc.commands import run
from drivers.minidc.guest.debs import unpack_guest_packages
from drivers.minidc.guest.disk import add_key, write_disk
from drivers.minidc.guest.initrd import initrd, key_archive
from drivers.minidc.place import locked, sweep

CACHE: Final = Path("/var/cache/cloudlab")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class GuestImage:
    """What was built, the same for all labs: no key is in it."""

    folder: Path

    @property
    def kernel(self) -> Path:
        """The kernel, for guests started without a disk."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The first file system that goes with the kernel."""
        return self.folder / "initrd.img"

    @property
    def disk(self) -> Path:
        """The raw disk; it wants a key before it boots."""
        return self.folder / "disk.raw"


def guest_image(cache: Path, say: Say) -> GuestImage:
    """Return the image of today's recipe, built now if nobody has built it before.

    Built beside its place and renamed when finished: what is in the cache is whole, whoever
    else builds it at the same time.

    Args:
        cache: The folder that keeps built images.
        say: Told in a line what takes long.

    Raises:
        DriverFault: the packages cannot be had, or the machine lacks a tool.
    """
    image = GuestImage(cache / f"guest-{recipe()}")
    if image.folder.is_dir():
        return image
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    say("building the guest from Debian's kernel (27 MB to download), once for this machine ...")
    with tempfile.TemporaryDirectory(prefix=".building-", dir=cache) as name:
        workspace = Path(name)
        with locked(workspace):  # else a sweep would take it for a crashed builder's
            _keep(_build(workspace), image.folder)
    return image


def write_template(image: GuestImage, public_key: str, target: Path) -> None:
    """Write the bootable qcow2 that lets in who has the key; one that is there stays as it is.

    Disks of running machines hang on a template: it never changes under them.
    """
    if target.exists():
        return
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    sweep(target.parent, ".template-*")
    with tempfile.TemporaryDirectory(prefix=".template-", dir=target.parent) as name:
        workspace = Path(name)
        key = workspace / "key.img"
        key.write_bytes(key_archive(public_key))
        disk = workspace / "disk.raw"
        run(["cp", "--sparse=always", image.disk, disk])
        add_key(disk, key)
        made = workspace / "made.qcow2"
        run(["qemu-img", "convert", "-O", "qcow2", "-c", disk, made], timeout=120)
        made.chmod(0o644)
        made.replace(target)


def recipe() -> str:
    """Return a name for everything in this package that makes an image what it is."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _build(workspace: Path) -> Path:
    """Return a folder with kernel, initrd and disk."""
    unpacked = unpack_guest_packages(workspace)
    made = workspace / "made"
    made.mkdir()
    kernel, first = made / "vmlinuz", made / "initrd.img"
    shutil.copyfile(next((unpacked / "boot").glob("vmlinuz-*")), kernel)
    first.write_bytes(initrd(unpacked))
    write_disk(workspace / "disk.raw", kernel, first, workspace)
    run(["cp", "--sparse=always", workspace / "disk.raw", made / "disk.raw"])
    return made


def _keep(made: Path, place: Path) -> None:
    """Give a finished image its name, unless somebody else was quicker."""
    made.chmod(0o755)
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise
