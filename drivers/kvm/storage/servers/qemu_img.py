"""Images by path or URL: what `qemu-img` says of them, and does to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cloudlab.errors import DriverFault
from cloudlab.units import MIB
from drivers.kvm.storage.folders import LONG
from drivers.kvm.storage.servers.asking import asked, failed, tried

if TYPE_CHECKING:
    from drivers.site import Access

PACKAGE: Final = "qemu-utils"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an image.

    Attributes:
        format: `qcow2`, or `raw` for what is no image.
        size: of the disk inside, bytes.
        needs_others: whether other files belong to it.
        snapshots: the names of those inside.
    """

    format: str
    size: int
    needs_others: bool
    snapshots: tuple[str, ...]


def facts(access: Access, what: str, where: str, format_: str = "") -> Facts:
    """Return what is known of the image `where`, also while a machine runs on it.

    Raises:
        DriverFault: there is none, or it is not of this format.
    """
    chosen = ["-f", format_] if format_ else []
    argv = ["qemu-img", "info", "-U", *chosen, "--output=json", "--", where]
    return _facts(json.loads(asked(access, what, argv, PACKAGE).stdout))


def _facts(known: dict[str, Any]) -> Facts:
    details = known.get("format-specific", {}).get("data", {})
    return Facts(
        known["format"],
        known["virtual-size"],
        "backing-filename" in known or "data-file" in details,
        tuple(each["name"] for each in known.get("snapshots", ())),
    )


def most_bytes(access: Access, what: str, size: int) -> int:
    """Return how large an image can become that has a disk of `size` bytes and no snapshots."""
    argv = ["qemu-img", "measure", "--output=json", "-O", "qcow2", "--size", str(size)]
    return int(json.loads(asked(access, what, argv, PACKAGE).stdout)["fully-allocated"])


def create(access: Access, what: str, where: str, size: int) -> None:
    """Make an empty image; what is in the place is gone."""
    argv = ["qemu-img", "create", "-q", "-f", "qcow2", "--", where, str(size)]
    asked(access, what, argv, PACKAGE, seconds=60.0)


@dataclass(frozen=True, slots=True)
class Source:
    """What a new image is filled with.

    Attributes:
        where: path or URL of an image.
        format: its format.
        may_need_others: whether it may lie on another file. A template that does could name any
            file of the host.
    """

    where: str
    format: str = "qcow2"
    may_need_others: bool = False

    def check(self, access: Access, what: str, size: int) -> None:
        """Refuse what cannot be copied into a disk of `size` bytes.

        Raises:
            DriverFault: it is not there, needs other files, is larger, or has snapshots inside,
                which no copy takes along.
        """
        if self.where.startswith("sftp:"):
            raise DriverFault(
                f"{what}: QEMU does not read {self.where}; give the template as a path that the "
                f"hosts have, or by http or https"
            )
        known = facts(access, what, self.where, self.format)
        if known.needs_others and not self.may_need_others:
            raise DriverFault(
                f"{what}: {self.where} needs another file beside it; flatten it first with "
                f"qemu-img convert"
            )
        if known.size > size:
            raise DriverFault(
                f"{what}: {self.where} is {known.size // MIB} MiB large, which is more than "
                f"{size // MIB} MiB"
            )
        if known.snapshots:
            raise DriverFault(
                f"{what}: {self.where} has the snapshots {', '.join(known.snapshots)} inside, "
                f"which no copy on a server takes along; delete them first"
            )

    def pour(self, access: Access, what: str, where: str) -> None:
        """Write all of it into the empty image `where`; it ends once nobody waits for it."""
        options = "-n", "-f", self.format, "-O", "qcow2"
        argv = ["qemu-img", "convert", *options, "--", self.where, where]
        asked(access, what, argv, PACKAGE, seconds=LONG, stoppable=True)


def resize(access: Access, what: str, where: str, size: int) -> None:
    """Make the disk in an image larger, to `size` bytes."""
    argv = ["qemu-img", "resize", "-q", "-f", "qcow2", "--", where, str(size)]
    asked(access, what, argv, PACKAGE, seconds=60.0)


def is_blank(access: Access, what: str, where: str, size: int) -> bool:
    """Return whether the first `size` bytes at `where` are all zeros."""
    argv = ["qemu-io", "-r", "-f", "raw", "-c", f"read -q -P 0 0 {size}", where]
    done = tried(access, what, argv, PACKAGE)
    if b"Pattern verification failed" in done.stdout + done.stderr:
        return False
    if not done.ok:
        raise failed(access, what, done)
    return True


def wipe(access: Access, what: str, where: str, size: int) -> None:
    """Write zeros over the first `size` bytes at `where`."""
    argv = ["qemu-io", "-f", "raw", "-c", f"write -q -z 0 {size}", where]
    asked(access, what, argv, PACKAGE)
