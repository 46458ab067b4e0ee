"""What a machine has to do with NFS: what it mounts and exports, and its domain of users."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from drivers.ssh.facts.asking import Machine, answer, files, shell
from drivers.ssh.facts.ini import ini

SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Share:
    """A storage on NFS that was asked for, as the machine has it.

    Attributes:
        url: what was asked for.
        source: whose it is, `10.0.0.20:/export`.
        mount: where it is mounted; empty if it is not.
        is_writable: whether it is mounted to be written to.
        trouble: what kept root from writing a file there; empty if nothing did.
        is_offered: whether the server lists it; `None` if it did not say.
    """

    url: str
    source: str
    mount: str = ""
    is_writable: bool = False
    trouble: str = ""
    is_offered: bool | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A folder that the machine itself exports, and to whom."""

    path: str
    client: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nfs:
    """All of it.

    Attributes:
        shares: the storages on NFS that were asked for.
        exports: what it exports itself.
        version_4: what it has mounted by NFSv4, asked for or not.
        domain: the domain that NFSv4 gives to the names of users; empty if no file names one.
    """

    shares: tuple[Share, ...] = ()
    exports: tuple[Export, ...] = ()
    version_4: tuple[str, ...] = ()
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of /proc/mounts that is of NFS."""

    source: str
    folder: str
    kind: str
    options: tuple[str, ...]


TRIAL: Final = f"""\
export LC_ALL=C
as_root() {{
  if [ "$(id -u)" = 0 ]; then timeout -s KILL {SECONDS} "$@"
  else timeout -s KILL {SECONDS} sudo -n "$@"; fi
}}
file=$(as_root mktemp "$1/.cloudlab-preflight.XXXXXX") || exit 1
owner=$(as_root stat -c %u "$file"); as_root rm -f -- "$file"
[ "$owner" = 0 ] || {{ echo "a file of root's belongs to user $owner there" >&2; exit 1; }}
"""
"""Args: folder. Writes a file there as root, looks whose it is, and removes it."""

_OFFERED: Final = f'timeout {SECONDS} showmount --no-headers -e -- "$1" 2>/dev/null'


def nfs(machine: Machine, storage: Sequence[str] = (), root: str = "") -> Nfs:
    """Return what `machine` has to do with NFS.

    Into a storage that was asked for and is mounted root writes a file, which is removed again.

    Args:
        machine: whom to ask.
        storage: URLs of storages; of those on NFS, and folders on NFS, more is asked.
        root: a folder that is taken for `/`.
    """
    mounts = tuple(mounts_in(answer(machine, ("cat", f"{root}/proc/mounts"))))
    shares = (_share(machine, url, mounts) for url in storage)
    settings = files(machine, ("/etc/idmapd.conf",), root).get("/etc/idmapd.conf", "")
    return Nfs(
        shares=tuple(share for share in shares if share is not None),
        exports=tuple(_exports(machine, root)),
        version_4=tuple(dict.fromkeys(each.source for each in mounts if each.kind == "nfs4")),
        domain=ini(settings).get("General", {}).get("domain", ""),
    )


def mounts_in(text: str) -> Iterator[Mount]:
    """Yield what is mounted by NFS, from the lines of /proc/mounts."""
    for line in text.splitlines():
        words = line.split()
        if len(words) > 3 and words[2] in {"nfs", "nfs4"}:
            source, folder = (each.replace("\\040", " ") for each in words[:2])
            yield Mount(source, folder, words[2], tuple(words[3].split(",")))


def exports_in(text: str) -> Iterator[Export]:
    """Yield what /etc/exports says, or `exportfs -v`: a folder with its clients and options."""
    joined = re.sub(r"\\\n|\n[ \t]+(?=\S)", " ", re.sub(r"#.*", "", text))
    for line in joined.splitlines():
        found = re.match(r"\s*(?:\"([^\"]+)\"|(\S+))\s*(.*)", line)
        if found is None or not (found[1] or found[2]).startswith("/"):
            continue
        common: tuple[str, ...] = ()
        for client, given in re.findall(r"([^\s(]*)(?:\(([^)]*)\))?", found[3]):
            options = tuple(each for each in given.split(",") if each)
            if client.startswith("-"):
                common = tuple(client[1:].split(","))
            elif client or options:
                yield Export(found[1] or found[2], client or "*", (*common, *options))


def _exports(machine: Machine, root: str) -> Iterator[Export]:
    """Yield what is exported just now; what the files say where nothing tells that."""
    told = "" if root else answer(machine, shell("timeout 5 exportfs -v 2>/dev/null"))
    now = tuple(exports_in(told))
    written = files(machine, ("/etc/exports", "/etc/exports.d/*.exports"), root).values()
    yield from now or (each for text in written for each in exports_in(text))


def _share(machine: Machine, url: str, mounts: Sequence[Mount]) -> Share | None:
    """Return a storage that was asked for, if it is one on NFS."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        mount = _under(parts.path, mounts)
        return _mounted(machine, url, mount, parts.path) if mount is not None else None
    if parts.scheme != "nfs" or not parts.hostname:
        return None
    path = parts.path.rstrip("/") or "/"
    names = {parts.hostname, *_addresses(machine, parts.hostname)}
    for each in mounts:
        host, _, exported = each.source.rpartition(":")
        if host.strip("[]") in names and (exported.rstrip("/") or "/") == path:
            return _mounted(machine, url, each, each.folder)
    offered = answer(machine, shell(_OFFERED, parts.hostname))
    listed = [line.split()[0] for line in offered.splitlines() if line.startswith("/")]
    source = f"{parts.hostname}:{path}"
    return Share(url, source, is_offered=path in listed if listed else None)


def _mounted(machine: Machine, url: str, mount: Mount, folder: str) -> Share:
    done = machine.run(shell(TRIAL, folder), timeout=4 * SECONDS)
    trouble = "" if done.ok else done.complaint.rpartition(": ")[2] or "it did not say why"
    return Share(url, mount.source, mount.folder, "rw" in mount.options, trouble)


def _under(folder: str, mounts: Sequence[Mount]) -> Mount | None:
    """Return the mount that a folder lies in, if it is one of NFS."""
    path = folder.rstrip("/") + "/"
    within = [each for each in mounts if path.startswith(each.folder.rstrip("/") + "/")]
    return max(within, key=lambda each: len(each.folder), default=None)


def _addresses(machine: Machine, name: str) -> frozenset[str]:
    lines = answer(machine, ("getent", "ahosts", name)).splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip())
