"""What a host does with a volume, by where it lies: a script in a folder, tools on a server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from cloudlab.units import MIB
from drivers import naming
from drivers.kvm.storage import scripts
from drivers.kvm.storage.folders import ids, moment, run, run_long, unique
from drivers.kvm.storage.places import VOLUME, Folder, Place, Server, base_file
from drivers.kvm.storage.reach import Attempt, Scripted
from drivers.kvm.storage.servers import volumes
from drivers.kvm.storage.servers.kinds import backend, where
from drivers.kvm.storage.servers.qemu_img import Source
from drivers.site import Access

if TYPE_CHECKING:
    from cloudlab.model import Volume

T = TypeVar("T")

Act = Callable[[Access], T]


def script(what: str, text: str, *words: str) -> Act[str]:
    """Return the running of a script of `scripts`, which gives what it prints."""

    def act(access: Access) -> str:
        return run(access, what, text, *words, timeout=60.0).text

    return act


def long_script(what: str, text: str, *words: str) -> Act[object]:
    """Return the running of a script that moves the data of a disk; see `run_long`."""

    def act(access: Access) -> object:
        return run_long(access, what, text, *words)

    return act


def making(
    volume: Volume, place: Place, what: str, image: Callable[[], tuple[str, str]] | None
) -> Attempt:
    """Return the making of `volume`.

    Args:
        volume: which.
        place: where.
        what: for messages.
        image: says where its template is, and in which format; `None`: it is empty.
    """
    if isinstance(place, Server):
        source = Source(*image()) if image is not None else None
        return volumes.Making(volume, backend(place), what, source)
    template = naming.template_file(volume.template) if volume.template is not None else ""
    name, size, base = naming.volume_file(volume), str(volume.size_mib * MIB), base_file(volume)
    words, mark = (str(place.path), name, size, base, template, unique()), moment()
    return Scripted(script(what, scripts.CREATE, *words, mark), mark)


def deleting(volume: Volume, place: Place, what: str, mark: str = "") -> Act[object]:
    """Return the removal of `volume`, and of all that belongs to it; see `Reach.remove`."""
    if isinstance(place, Server):
        made = backend(place)
        return partial(volumes.delete, volume=volume, backend=made, what=what, mark=mark)
    name, base = naming.volume_file(volume), base_file(volume)
    words = str(place.path), name, base, f"volume-{volume.id}", mark
    return script(what, scripts.DELETE, *words)


def resizing(volume: Volume, place: Place, what: str, size_mib: int) -> Act[object]:
    """Return the growing of `volume`, which nothing runs on."""
    size = size_mib * MIB
    if isinstance(place, Server):
        made = backend(place)
        return partial(volumes.resize, volume=volume, backend=made, size=size, what=what)
    return script(what, scripts.RESIZE, str(place.path), naming.volume_file(volume), str(size))


def fitting(volume: Volume, place: Server, what: str, size_mib: int) -> Act[object]:
    """Return the check that there is room on a server for `volume` to be so large."""
    size, made = size_mib * MIB, backend(place)
    return partial(volumes.fit, volume=volume, backend=made, size=size, what=what)


def copying(volume: Volume, source: Place, target: Place, what: str) -> Attempt:
    """Return the copying of `volume`, which nothing runs on.

    From folder to folder its snapshots come along; where a server is involved it has none.
    """
    if isinstance(target, Server):
        filling = Source(where(volume, source), may_need_others=isinstance(source, Folder))
        return volumes.Making(volume, backend(target), what, filling)
    name, mark = naming.volume_file(volume), moment()
    if isinstance(source, Server):
        url, size = where(volume, source), volume.size_mib * MIB
        words: tuple[str, ...] = str(target.path), name, url, unique(), mark
        return Scripted(partial(_bring, url=url, size=size, what=what, words=words), mark)
    words = str(source.path), str(target.path), name, base_file(volume), f"volume-{volume.id}"
    return Scripted(long_script(what, scripts.COPY, *words, unique(), mark), mark)


def _bring(access: Access, *, url: str, size: int, what: str, words: tuple[str, ...]) -> None:
    """Bring a volume from a server into a folder."""
    Source(url).check(access, what, size)
    run_long(access, what, scripts.BRING, *words)


def listing(place: Place, what: str) -> Act[set[int]]:
    """Return the listing of all volumes of the lab."""
    if isinstance(place, Server):
        return partial(volumes.listed, backend=backend(place), what=what)
    return partial(_listed, place=place, what=what)


def _listed(access: Access, *, place: Folder, what: str) -> set[int]:
    return ids(run(access, what, scripts.LIST, str(place.path)).text, VOLUME)


def measuring(place: Place, what: str) -> Act[tuple[int, int]]:
    """Return the measuring of the storage: how many MiB it has, and how many are free."""
    if isinstance(place, Server):
        return partial(volumes.space, backend=backend(place), what=what)
    return partial(_measured, place=place, what=what)


def _measured(access: Access, *, place: Folder, what: str) -> tuple[int, int]:
    text = run(access, what, scripts.CAPACITY, str(place.pool_path)).text
    total, free = (int(word) // 1024 for word in text.split())
    return total, free
