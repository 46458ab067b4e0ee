"""Fetches Debian's packages with apt and unpacks them, without installing anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from cloudlab.errors import CloudError, DriverFault
from drivers.minidc.commands import run

KERNEL: Final = "linux-image-cloud-amd64"
"""Depends on the newest kernel built for virtual machines."""

AGENT: Final = "qemu-guest-agent"


def unpack_guest_packages(workspace: Path) -> Path:
    """Download kernel and guest agent (27 MB), and return the folder they are unpacked in.

    Raises:
        DriverFault: apt has no lists or no way to its mirror; the message says what to do.
    """
    target = workspace / "unpacked"
    target.mkdir()
    for deb in _download([_kernel_package(), AGENT], workspace):
        run(["dpkg", "-x", deb, target], timeout=120)
    return target


def _kernel_package() -> str:
    """Return the name of the package with the kernel itself."""
    said = run(["apt-cache", "depends", KERNEL], timeout=60, check=False).stdout
    found = re.search(r"Depends: (linux-image-\S+)", said)
    if found is None:
        raise DriverFault(
            f"apt does not know {KERNEL}, from which the guest is built; "
            "as root: apt-get update (it needs Debian 12 for amd64 and a mirror)"
        )
    return found[1]


def _download(packages: list[str], folder: Path) -> list[Path]:
    # apt would otherwise download as a user who may not write here.
    as_root = ["-o", "APT::Sandbox::User=root"]
    try:
        run(["apt-get", "-q", *as_root, "download", *packages], timeout=300, cwd=folder)
    except CloudError as error:
        raise DriverFault(
            f"the guest cannot be built: {' and '.join(packages)} cannot be downloaded "
            f"({error}); check the network and the mirror, as root: apt-get update"
        ) from error
    return sorted(folder.glob("*.deb"))
