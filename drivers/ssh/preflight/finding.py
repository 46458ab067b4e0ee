"""What a check found, and what it was asked to look for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.ssh.facts import Facts


class Grade(StrEnum):
    """How a check ended."""

    PASS = "PASS"  # noqa: S105  (no password)
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Asked:
    """What this host needs beyond what every host needs.

    Attributes:
        bridges: the bridges that its networks are to use; any will do if none is named.
        idmap_domain: the domain of users that all machines on NFSv4 are to name.
    """

    bridges: tuple[str, ...] = ()
    idmap_domain: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes:
        check: its name.
        grade: how it ended.
        found: what is there.
        required: what must be there.
        mend: what to do about it, most often a command to be typed there as root; empty where
            nothing needs to be done.
    """

    check: str
    grade: Grade
    found: str
    required: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding before it is told which check it belongs to."""

    grade: Grade
    found: str
    mend: str = ""


def good(found: str) -> Verdict:
    """Return that all is well."""
    return Verdict(Grade.PASS, found)


def weak(found: str, mend: str) -> Verdict:
    """Return that it will do, though more is asked for."""
    return Verdict(Grade.WARN, found, mend)


def bad(found: str, mend: str) -> Verdict:
    """Return that it will not do."""
    return Verdict(Grade.FAIL, found, mend)


_RED_HAT: Final = frozenset({"rhel", "fedora", "centos", "rocky", "almalinux"})

_RED_HAT_NAMES: Final[Mapping[str, str]] = {
    "chrony": "chrony",
    "dnsmasq-base": "dnsmasq",
    "iproute2": "iproute",
    "libvirt-daemon-driver-qemu": "libvirt-daemon-kvm",
    "libvirt-daemon-system": "libvirt-daemon-kvm",
    "libvirt-clients": "libvirt-client",
    "qemu-system-x86": "qemu-kvm",
    "qemu-utils": "qemu-img",
}


def is_red_hat(facts: Facts) -> bool:
    """Return whether its system is of Red Hat's family."""
    return not _RED_HAT.isdisjoint({facts.os_id, *facts.os_like})


def install(facts: Facts, *packages: str) -> str:
    """Return the command that installs packages, named as Debian names them."""
    if not is_red_hat(facts):
        return f"apt-get install --no-install-recommends {' '.join(packages)}"
    names = dict.fromkeys(_RED_HAT_NAMES.get(name, name) for name in packages)
    return f"dnf install {' '.join(names)}"
