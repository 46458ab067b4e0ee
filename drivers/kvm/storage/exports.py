"""Volumes on NBD servers: each is an export that the server has, with a qcow2 image inside.

The server's administrator makes the exports; their names are known beforehand. A volume is
there when its export holds an image, and deleted by wiping the beginning of it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers.kvm.storage.folders import AlreadyThere
from drivers.kvm.storage.places import Server

if TYPE_CHECKING:
    from cloudlab.model import StoragePool, Volume
    from drivers.site import Access

_EXPORT: Final = re.compile(r"\s*export: '(.*)'")
_VOLUME: Final = re.compile(r"cloudlab-(.*)-volume-(\d+)\.qcow2")
_WIPE: Final = "write -z 0 64k"


def check(pool: StoragePool, place: Server) -> None:
    """Refuse servers on which this driver cannot make volumes.

    Raises:
        DriverFault: it is not an NBD server.
    """
    if place.protocol != "nbd":
        raise DriverFault(
            f"{pool}: volumes on {place.protocol} servers have to be made by others; use a folder "
            f"that the hosts have mounted, file:///mnt/primary, or exports, nbd://server:10809"
        )


def names(access: Access, place: Server, what: str) -> list[str]:
    """Return the names of the exports of a server.

    Raises:
        DriverFault: the server does not answer the host.
    """
    port = ["-p", str(place.port)] if place.port is not None else []
    done = access.shell.run(["qemu-nbd", "--list", "-b", place.host, *port], timeout=10.0)
    if done.exit_code:
        raise DriverFault(f"{what} from host {access.name}: {_last(done.stderr)}")
    found = (_EXPORT.fullmatch(line) for line in done.text.splitlines())
    return [match.group(1) for match in found if match]


@dataclass(slots=True)
class Making:
    """Makes a volume inside its export: empty, or all of a template; any host may go on with it.

    Attributes:
        volume: which.
        place: the server.
        what: for messages.
        source: where the template is; `None`: empty.
    """

    volume: Volume
    place: Server
    what: str
    source: str | None
    _is_begun: bool = False
    """Whether a host was told to write: what is in the export is then this volume."""

    def __call__(self, access: Access) -> None:
        """Let a host make it.

        Raises:
            AlreadyThere: an image that others made is in the export.
            DriverFault: there is no such export, it is too small, or the template is not whole.
        """
        name = self.place.name(self.volume)
        url, size = self.place.url(name), f"{self.volume.size_mib}M"
        self._check_export(access, name, url)
        if self.source is not None:
            _check_whole(access, self.source, self.what)
        self._is_begun = True
        access.shell.check(["qemu-img", "create", "-q", "-f", "qcow2", "--", url, size])
        if self.source is not None:
            convert = ["qemu-img", "convert", "-n", "-f", "qcow2", "-O", "qcow2"]
            access.shell.check([*convert, "--", self.source, url], timeout=3600.0)

    def _check_export(self, access: Access, name: str, url: str) -> None:
        """Refuse an export that is not there or not free."""
        if name not in names(access, self.place, self.what):
            raise DriverFault(
                f"{self.what}: nbd server {self.place.host} has no export {name}; let it export "
                f"one of {self.volume.size_mib} MiB or more under this name"
            )
        if not self._is_begun and _holds_image(access, url):
            raise AlreadyThere(
                f"{self.what}: an image is in the export {name} of nbd server {self.place.host} "
                f"already, of another lab of this name or of one whose books were lost; it was "
                f"left alone: give this lab another name, or wipe it if nobody needs it"
            )


def _check_whole(access: Access, source: str, what: str) -> None:
    """Refuse an image that names another file: it could name any file of the host.

    Raises:
        DriverFault: it does, or is no image.
    """
    image = ["qemu-img", "info", "-U", "-f", "qcow2", "--output=json", "--", source]
    facts = json.loads(access.shell.check(image).stdout)
    details = facts.get("format-specific", {}).get("data", {})
    if "backing-filename" in facts or "data-file" in details:
        raise DriverFault(f"{what}: {source} needs another file beside it; flatten it first")


def delete(access: Access, *, volume: Volume, place: Server, what: str) -> None:
    """Make sure the export of `volume` holds no image."""
    name = place.name(volume)
    if name in names(access, place, what):
        access.shell.check(["qemu-io", "-f", "raw", "-c", _WIPE, place.url(name)])


def volumes(access: Access, *, place: Server, what: str) -> set[int]:
    """Return the volumes of this lab whose exports hold an image."""
    found = set()
    for name in names(access, place, what):
        match = _VOLUME.fullmatch(name)
        if match and match.group(1) == place.lab_id and _holds_image(access, place.url(name)):
            found.add(int(match.group(2)))
    return found


def _holds_image(access: Access, url: str) -> bool:
    done = access.shell.check(["qemu-img", "info", "-U", "--output=json", "--", url])
    return bool(json.loads(done.stdout)["format"] == "qcow2")


def _last(stderr: bytes) -> str:
    return stderr.decode(errors="replace").strip().rpartition("\n")[2]
