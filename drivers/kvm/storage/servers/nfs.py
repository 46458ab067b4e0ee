"""NFS: a volume is a file in the folder that the server exports; nobody mounts it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cloudlab.errors import DriverFault
from drivers.kvm.storage.scripts import MISSING, TAKEN
from drivers.kvm.storage.servers.asking import failed, tried
from drivers.kvm.storage.servers.named import Named

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.kvm.storage.servers.backend import Request
    from drivers.site import Access, Done

PROGRAM: Final = (files("drivers.kvm.storage.servers") / "nfs_files.py").read_text("utf-8")
_PORT: Final = 2049


class Nfs(Named):
    """The files in an exported folder, by NFS version 3 as QEMU."""

    def check(self, pool: StoragePool) -> None:
        """Refuse a URL without a folder, or with a port that QEMU would not use."""
        if not self.place.path:
            raise DriverFault(
                f"{pool}: the URL names no folder; write the one that the server exports, "
                f"nfs://{self.place.host}/export/primary"
            )
        if self.place.port not in {None, _PORT}:
            raise DriverFault(
                f"{pool}: the URL names port {self.place.port}; QEMU asks the server's rpcbind for "
                f"the port of NFS: leave it out"
            )

    def url(self, name: str) -> str:
        """Return what QEMU's tools call a file; they come as root, like QEMU itself."""
        return f"nfs://{self.place.authority(port=False)}{quote(name)}?uid=0&gid=0"

    def names(self, access: Access, what: str) -> list[str]:
        """Return the paths of all files in the folder."""
        return [self._path(name) for name in json.loads(self._must(access, what, "list").stdout)]

    def mark(self, access: Access, name: str, what: str) -> str | None:
        """Return when a file was written: its maker chose the time."""
        return self._must(access, what, "mark", _last(name)).text or None

    def give(self, access: Access, draft: str, request: Request) -> bool:
        """Let a file have its name by a link, which never takes another's place."""
        words = "give", _last(draft), _last(request.name), request.mark
        done = self._run(access, request.what, *words)
        if done.exit_code == TAKEN:
            return False
        if not done.ok:
            raise failed(access, request.what, done)
        return True

    def unlink(self, access: Access, names: Iterable[str], what: str) -> None:
        """Remove files."""
        self._must(access, what, "unlink", *map(_last, names))

    def put(self, access: Access, name: str, data: bytes, what: str) -> None:
        """Write a document beside the volumes."""
        self._must(access, what, "put", _last(name), given=data)

    def get(self, access: Access, name: str, what: str) -> bytes | None:
        """Return a document."""
        done = self._run(access, what, "get", _last(name))
        if done.exit_code == MISSING:
            return None
        if not done.ok:
            raise failed(access, what, done)
        return done.stdout

    def space(self, access: Access, what: str) -> tuple[int, int]:
        """Return how many MiB the server has, and how many are free."""
        total, free = self._must(access, what, "space").text.split()
        return int(total), int(free)

    def _path(self, name: str) -> str:
        return f"/{self.place.path}/{name}"

    def _must(self, access: Access, what: str, *words: str, given: bytes | None = None) -> Done:
        done = self._run(access, what, *words, given=given)
        if not done.ok:
            raise failed(access, what, done)
        return done

    def _run(self, access: Access, what: str, *words: str, given: bytes | None = None) -> Done:
        server, folder = self.place.host, f"/{self.place.path}"
        argv = ["python3", "-c", PROGRAM, server, folder, *words]
        return tried(access, what, argv, "python3", given=given)


def _last(name: str) -> str:
    return name.rpartition("/")[2]
