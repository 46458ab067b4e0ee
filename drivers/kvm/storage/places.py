"""Where the volumes of a pool lie: in a folder that hosts see, or on a server QEMU talks to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from cloudlab.errors import DriverFault
from cloudlab.model import ImageFormat, PoolType
from cloudlab.model.storage.urls import url_fault, url_text
from drivers import naming
from drivers.kvm.xml import Disk, serial

if TYPE_CHECKING:
    from cloudlab.model import ImageStore, StoragePool, Template, Volume, Zone

_FOLDERS: Final = frozenset({PoolType.FILESYSTEM, PoolType.NFS, PoolType.SHARED_MOUNT_POINT})
"""Types whose URL may be a folder: `file:///mnt/primary`, or the path alone."""

MOST_LUNS: Final = 0x3FFF
"""The highest number that a LUN can have: 16383."""

_FLAT: Final = 0x4000

VOLUME: Final = re.compile(r"volume-(\d+)\.qcow2")
"""What `naming.volume_file` gives."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this lab inside a pool that hosts have mounted at the same path."""

    pool_path: PurePosixPath
    path: PurePosixPath

    def disk(self, volume: Volume, target: str) -> Disk:
        """Return `volume` as a disk."""
        return Disk(serial(volume), target, file=str(self.path / naming.volume_file(volume)))


@dataclass(frozen=True, slots=True)
class Server:
    """A server that QEMU itself talks to, which has one export, file, image or LUN a volume.

    Attributes:
        lab_id: part of the name of everything on it.
        protocol: in libvirt's words.
        host: name or address.
        port: `None`: the protocol's own.
        path: export folder (NFS), name of the target (iSCSI) or pool (RBD); empty for NBD.
        has_login: whether somebody wrote a name or a password into the URL.
    """

    lab_id: str
    protocol: str
    host: str
    port: int | None
    path: str
    has_login: bool = False

    def disk(self, volume: Volume, target: str) -> Disk:
        """Return `volume` as a disk."""
        return Disk(
            serial(volume),
            target,
            protocol=self.protocol,
            name=self.name(volume),
            server=self.host,
            port=self.port,
        )

    def name(self, volume: Volume) -> str:
        """Return what `volume` is called on the server; an iSCSI target only knows numbers."""
        if self.protocol == "iscsi":
            return f"{self.path}/{lun(volume.id)}"
        return self.whole_name(naming.volume_file(volume))

    def whole_name(self, file: str) -> str:
        """Return what a file of this lab is called on the server: with lab, folder and pool."""
        name = f"{naming.lab_folder(self.lab_id)}-{file}"
        prefix = f"/{self.path}" if self.protocol == "nfs" else self.path
        return f"{prefix}/{name}" if self.path else name

    def number(self, name: str) -> int | None:
        """Return the volume of this lab that has this whole name, `None` if there is none."""
        _, _, rest = name.rpartition(f"{naming.lab_folder(self.lab_id)}-")
        match = VOLUME.fullmatch(rest)
        is_ours = match is not None and self.whole_name(rest) == name
        return int(match.group(1)) if match is not None and is_ours else None

    @property
    def url(self) -> str:
        """The server and what of it is used: the same for every host that uses it."""
        return f"{self.protocol}://{self.authority()}/{self.path}"

    def authority(self, *, port: bool = True) -> str:
        """Return host and port as URLs have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if port and self.port is not None else host


def lun(number: int) -> int:
    """Return what a LUN is called in an address: QEMU sends the 16 bits as they are.

    From 256 on a target would read some of them as a bus, and give another LUN, unless they say
    that all are the number (SAM-5, flat space addressing).
    """
    return number if number < 256 or number > MOST_LUNS else _FLAT | number


SERVERS: Final = frozenset({"nfs", "iscsi", "rbd", "nbd"})
"""Schemes of URLs of pools on servers."""

Place = Folder | Server


def place_of(pool: StoragePool, lab_id: str) -> Place:
    """Return where the volumes of `pool` lie.

    Raises:
        DriverFault: its URL is missing or says nothing about that.
    """
    url = _split(pool)
    if url.scheme in {"", "file"} and url.path.startswith("/") and pool.type in _FOLDERS:
        path = PurePosixPath(url.path)
        return Folder(path, path / naming.lab_folder(lab_id))
    if url.scheme in SERVERS and url.hostname:
        has_login = bool(url.username or url.password)
        where = url.path.strip("/")
        return Server(lab_id, url.scheme, url.hostname, url.port, where, has_login)
    raise DriverFault(
        f"{pool} of type {pool.type} has the URL {url_text(pool.url)!r}; real hosts need a folder "
        f"that they all have mounted, file:///mnt/primary, or a server: "
        f"{', '.join(sorted(SERVERS))}"
    )


def _split(owner: StoragePool | ImageStore) -> SplitResult:
    if fault := url_fault(owner.url):
        raise DriverFault(f"the URL of {owner} {fault}")
    return urlsplit(owner.url)


def base_file(volume: Volume) -> str:
    """Return the name of the image that `volume` was made from: its own link to it."""
    return f"volume-{volume.id}.base.qcow2"


def snapshot_file(volume: Volume, snapshot_id: int) -> str:
    """Return the name of the document of a machine's snapshot, beside its root volume."""
    return f"volume-{volume.id}.snapshot-{snapshot_id}.xml"


def place_of_volume(volume: Volume, lab_id: str) -> Place:
    """Return where `volume` lies.

    Raises:
        DriverFault: it is nowhere.
    """
    if volume.pool is None:
        raise DriverFault(f"{volume} is on no pool, so no machine can have it")
    return place_of(volume.pool, lab_id)


def disk_of_volume(volume: Volume, lab_id: str, target: str) -> Disk:
    """Return `volume`, where it is now, as a disk.

    Raises:
        DriverFault: it is nowhere.
    """
    return place_of_volume(volume, lab_id).disk(volume, target)


@dataclass(frozen=True, slots=True)
class Templates:
    """Where hosts find templates.

    Attributes:
        sources: name of a template -> path, or URL (http, https, sftp).
    """

    sources: Mapping[str, str]

    def image(self, template: Template, zone: Zone) -> tuple[str, str]:
        """Return where `template` is, and in which format.

        Raises:
            DriverFault: it is nowhere that hosts can read.
        """
        is_raw = template.format is ImageFormat.RAW
        return self.source(template, zone), "raw" if is_raw else "qcow2"

    def source(self, template: Template, zone: Zone) -> str:
        """Return where `template` is: where it was said to be, else in the zone's image store.

        Raises:
            DriverFault: nothing was said, and the zone has no store that hosts can read, or one
                whose URL nobody can.
        """
        if template.name in self.sources:
            return self.sources[template.name]
        for store in zone.image_stores:
            url = _split(store)
            where = url.path if url.scheme in {"", "file"} else store.url
            if where.startswith("/") or url.scheme in {"http", "https", "sftp"}:
                return f"{where.rstrip('/')}/{template.name}.qcow2"
        raise DriverFault(
            f"{template} is nowhere that hosts can read: give its path or URL in the lab file, or "
            f"an image store of {zone} the URL of a mounted folder, file:///mnt/secondary"
        )
