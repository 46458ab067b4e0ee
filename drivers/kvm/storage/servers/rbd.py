"""Ceph RBD: a volume is an image in a pool. Hosts have ceph.conf and keyring in /etc/ceph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers.kvm.storage.servers.asking import SOON, asked, failed, tried
from drivers.kvm.storage.servers.named import Named, hidden

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.kvm.storage.servers.backend import Request
    from drivers.site import Access, Done

_PACKAGE: Final = "ceph-common"
_POOL: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*(/[A-Za-z0-9_.][A-Za-z0-9_.-]*)?")
_MARK: Final = "cloudlab.mark"
_NOT_THERE: Final = 2
_TAKEN: Final = 17
_REMOVAL: Final = 600.0
"""Seconds that removing a large image may take."""


class Rbd(Named):
    """The images in a pool of a Ceph cluster."""

    def check(self, pool: StoragePool) -> None:
        """Refuse a URL without the name of a pool, or with one that QEMU takes for options."""
        if not _POOL.fullmatch(self.place.path):
            raise DriverFault(
                f"{pool}: the URL names the RBD pool {self.place.path!r}; it must be one of "
                f"letters, digits and ._- with or without a namespace: rbd://monitor:6789/primary"
            )

    def url(self, name: str) -> str:
        """Return what QEMU's tools call an image."""
        monitor = self.place.authority().replace(":", "\\:")
        return f"rbd:{name}:mon_host={monitor}"

    def names(self, access: Access, what: str) -> list[str]:
        """Return all images of the pool, with its name before them."""
        listed = self._must(access, what, "ls", "--format", "json", self.place.path)
        return [f"{self.place.path}/{name}" for name in json.loads(listed.stdout)]

    def mark(self, access: Access, name: str, what: str) -> str | None:
        """Return the mark that an image bears."""
        done = self._run(access, what, "image-meta", "get", name, _MARK)
        if done.ok:
            return done.text
        if done.exit_code != _NOT_THERE:
            raise failed(access, what, done)
        return "" if name in self.names(access, what) else None

    def give(self, access: Access, draft: str, request: Request) -> bool:
        """Mark an image and rename it, which never takes another's place."""
        self._must(access, request.what, "image-meta", "set", draft, _MARK, request.mark)
        done = self._run(access, request.what, "rename", draft, request.name)
        if done.exit_code == _TAKEN:
            return False
        if not done.ok:
            raise failed(access, request.what, done)
        return True

    def unlink(self, access: Access, names: Iterable[str], what: str) -> None:
        """Remove images."""
        for name in names:
            done = self._run(access, what, "rm", "--no-progress", name, seconds=_REMOVAL)
            if not done.ok and done.exit_code != _NOT_THERE:
                raise failed(access, what, done)

    def put(self, access: Access, name: str, data: bytes, what: str) -> None:
        """Write a document into an image of its own; another host may be doing the same.

        One that is there already goes when the new one is whole.
        """
        draft = hidden(name)
        try:
            argv = self._argv("import", "--no-progress", "-", draft)
            asked(access, what, argv, _PACKAGE, given=data)
            self.unlink(access, [name], what)
            done = self._run(access, what, "rename", draft, name)
            is_there = done.exit_code == _TAKEN and self.get(access, name, what) == data
            if not done.ok and not is_there:
                raise failed(access, what, done)
        finally:
            with suppress(DriverFault):
                self.unlink(access, [draft], what)

    def get(self, access: Access, name: str, what: str) -> bytes | None:
        """Return the document in an image."""
        done = self._run(access, what, "export", "--no-progress", name, "-")
        if done.ok:
            return done.stdout
        if done.exit_code != _NOT_THERE:
            raise failed(access, what, done)
        return None

    def _must(self, access: Access, what: str, *words: str) -> Done:
        return asked(access, what, self._argv(*words), _PACKAGE)

    def _run(self, access: Access, what: str, *words: str, seconds: float = SOON) -> Done:
        return tried(access, what, self._argv(*words), _PACKAGE, seconds=seconds)

    def _argv(self, *words: str) -> list[str]:
        return ["rbd", "-m", self.place.authority(), *words]
