"""The guest's first file system: busybox, dropbear, the agent, modules and our own scripts."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Final

from cloudlab.errors import DriverFault
from drivers.minidc.commands import find, run
from drivers.minidc.guest import cpio
from drivers.minidc.guest.modules import Modules

ROOTFS: Final = Path(__file__).parent / "rootfs"
"""Our own files, where they go in the guest."""

FOLDERS: Final = ("bin", "dev", "etc", "lib", "lib64", "mnt", "modules", "proc", "run", "sbin")
MORE_FOLDERS: Final = ("sys", "tmp", "usr", "usr/lib", "var", "var/log", "var/run")

PROGRAMS: Final = ("dropbear", "dropbearkey", "blkid")
"""Programs of this machine that the guest has beside busybox."""

PRIVATE: Final = frozenset({"etc/shadow"})


def initrd(unpacked: Path) -> bytes:
    """Return the compressed archive, from the folder the packages were unpacked in."""
    entries = [
        *(cpio.folder(name) for name in (*FOLDERS, *MORE_FOLDERS)),
        *(cpio.folder(name, 0o700) for name in ("root", "root/.ssh")),
        cpio.device("dev/console", 5, 1),
        *_busybox(),
        *_programs([*map(_program, PROGRAMS), unpacked / "usr/sbin/qemu-ga"]),
        *_modules(next((unpacked / "lib/modules").iterdir())),
        *_own_files(),
    ]
    return gzip.compress(cpio.archive(entries), compresslevel=6, mtime=0)


def key_archive(public_key: str) -> bytes:
    """Return the small archive that lets in who has the key: it goes behind the first."""
    return cpio.archive(
        [
            cpio.folder("root", 0o700),
            cpio.folder("root/.ssh", 0o700),
            cpio.file("root/.ssh/authorized_keys", f"{public_key.strip()}\n".encode(), 0o600),
        ]
    )


def _busybox() -> list[cpio.Entry]:
    path = _program("busybox")
    names = run([path, "--list"]).stdout.split()
    ours = {file.name for file in ROOTFS.rglob("*")} | {"busybox", "blkid", "dpkg", "rpm"}
    return [
        cpio.file("bin/busybox", path.read_bytes()),
        *(cpio.link(f"bin/{name}", "busybox") for name in names if name not in ours),
    ]


def _programs(paths: list[Path]) -> list[cpio.Entry]:
    """Return the programs and, once each, the libraries they need."""
    libraries = sorted({library for path in paths for library in _libraries(path)})
    folders = {str(parent).lstrip("/") for path in libraries for parent in path.parents[:-1]}
    fresh = sorted(folders - {*FOLDERS, *MORE_FOLDERS})
    return [
        *(cpio.folder(name) for name in fresh),
        *(cpio.file(str(path).lstrip("/"), path.read_bytes()) for path in libraries),
        *(cpio.file(f"{_place(path)}/{path.name}", path.read_bytes()) for path in paths),
    ]


def _place(program: Path) -> str:
    return "bin" if program.parent.name == "bin" else "sbin"


def _libraries(program: Path) -> list[Path]:
    said = run(["ldd", program]).stdout
    lacking = re.findall(r"(\S+) => not found", said)
    if lacking:
        raise DriverFault(
            f"the guest's {program.name} needs {', '.join(lacking)}, which this machine lacks"
        )
    return [Path(path) for path in re.findall(r"(/\S+\.so\S*)", said)]


def _modules(folder: Path) -> list[cpio.Entry]:
    files = Modules(folder).in_order()
    order = "".join(f"{path.name}\n" for path in files)
    return [
        *(cpio.file(f"modules/{path.name}", path.read_bytes(), 0o644) for path in files),
        cpio.file("modules/order", order.encode(), 0o644),
    ]


def _own_files() -> list[cpio.Entry]:
    entries = []
    for path in sorted(ROOTFS.rglob("*")):
        name = str(path.relative_to(ROOTFS))
        if path.is_file():
            data = path.read_bytes()
            entries.append(cpio.file(name, data, _permissions(name, data)))
        elif name not in FOLDERS:
            entries.append(cpio.folder(name))
    return entries


def _permissions(name: str, data: bytes) -> int:
    """Return the mode of one of our files, which a checkout or a wheel need not have kept."""
    if name in PRIVATE:
        return 0o600
    return 0o755 if data.startswith(b"#!") else 0o644


def _program(name: str) -> Path:
    path = find(name)
    if path is None:
        raise DriverFault(f"the guest cannot be built: this machine has no {name}")
    return path
