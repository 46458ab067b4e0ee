"""What a machine must have to hold a mini data centre, and how to say what it lacks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cloudlab.errors import NotPermitted, Refused
from drivers.minidc.commands import find, run
from drivers.minidc.guest.disk import BOOT_CODE

COMMANDS: Final[Mapping[str, str]] = {
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
    "ping": "iputils-ping",
    "nft": "nftables",
    "ssh-keygen": "openssh-client",
    "sshd": "openssh-server",
    "libvirtd": "libvirt-daemon",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    # what the guest is built with
    "dpkg": "dpkg",
    "apt-get": "apt",
    "ldd": "libc-bin",
    "busybox": "busybox-static",
    "dropbear": "dropbear-bin",
    "blkid": "util-linux",
    "mke2fs": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "syslinux": "syslinux",
}
"""Command -> the package of Debian 12 that has it."""

QEMU_DRIVER: Final = "libvirt-daemon-driver-qemu"


def missing(look: Callable[[str], Path | None] = find) -> list[str]:
    """Return the packages this machine lacks, sorted, empty when it has all.

    Args:
        look: Says where a command is, None where it is not.
    """
    lacking = {package for command, package in COMMANDS.items() if look(command) is None}
    if not BOOT_CODE.exists():
        lacking.add("syslinux")
    if not any(Path("/usr/lib").glob("*/libvirt/connection-driver/libvirt_driver_qemu.so")):
        lacking.add(QEMU_DRIVER)
    return sorted(lacking)


def check_root(user: int | None = None) -> None:
    """Refuse anybody but root.

    Raises:
        NotPermitted: the message says why root is needed and what to type.
    """
    if (os.geteuid() if user is None else user) != 0:
        raise NotPermitted(
            "a mini data centre is made of network namespaces, which takes root: "
            "run it as root, or with sudo"
        )


def check_machine(lacking: list[str] | None = None) -> None:
    """Refuse a machine that lacks a package or does not allow namespaces.

    Raises:
        Refused: nothing was done; the message names what is missing and how to get it.
    """
    lacking = missing() if lacking is None else lacking
    if lacking:
        names = " ".join(lacking)
        raise Refused(
            f"this machine lacks {names}; as root: apt-get install --no-install-recommends {names}"
        )
    parts = ["--net", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork"]
    tried = run(["unshare", *parts, "true"], check=False)
    if tried.returncode != 0:
        said = tried.stderr.strip() or f"unshare ended with code {tried.returncode}"
        raise Refused(
            f"this machine does not allow namespaces ({said}); a container needs to be privileged"
        )
