"""The table of checks, in the order in which things are mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloudlab.units import size_text
from drivers.ssh.facts import COMMANDS, Facts
from drivers.ssh.preflight import network, sharing, system, virtualization
from drivers.ssh.preflight.finding import Asked, Finding, Verdict
from drivers.ssh.preflight.report import Report


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the facts.

    Attributes:
        name: what it is about.
        required: what passes.
        judge: the answer to it.
    """

    name: str
    required: str
    judge: Callable[[Facts, Asked], Verdict]


_QEMU = ".".join(map(str, virtualization.QEMU))
_LIBVIRT = ".".join(map(str, virtualization.LIBVIRT))

CHECKS: Final = (
    Check("system", "Debian 12, Ubuntu 22.04, RHEL 9 or its like, or later", system.system),
    Check("rights", "root, or sudo without a password", system.rights),
    Check("processor", f"64-bit x86, {system.CPUS} CPUs or more", system.processor),
    Check("memory", "4 GB or more", system.memory),
    Check("disk", f"36 GB or more, {size_text(system.LEAST_FREE_MIB)} free", system.disk),
    Check("address", "a static IPv4 address", system.address),
    Check("restart", "NIC and bridges are configured for good", network.at_boot),
    Check("name", "a full name that resolves to its address", system.name),
    Check("clock", f"within {system.CLOCK:g} s of ours, kept by a time service", system.clock),
    Check("SELinux", "permissive or none, also after the next start", system.selinux),
    Check("QEMU", f"{_QEMU} or later", virtualization.qemu),
    Check("guests", "run with KVM, or at least in software", virtualization.guests),
    Check("libvirt", f"{_LIBVIRT} or later, running", virtualization.libvirt),
    Check("bridges", "those named by --bridge, or any", virtualization.bridges),
    Check("storage", "every URL given by --storage is reached", virtualization.storage),
    Check("NFS", "mounted, rw for root; exports: rw, async, no_root_squash", sharing.nfs),
    Check("NFSv4 domain", "that of --idmap-domain, or any, if NFSv4 is in use", sharing.idmap),
    Check("packages", "every server given by --packages is reached", network.packages),
    Check("commands", ", ".join(COMMANDS), virtualization.commands),
)


def preflight(facts: Facts, asked: Asked | None = None) -> Report:
    """Return what every check finds in the facts of a machine."""
    wanted = asked or Asked()
    return Report(facts, tuple(_found(check, facts, wanted) for check in CHECKS))


def _found(check: Check, facts: Facts, asked: Asked) -> Finding:
    verdict = check.judge(facts, asked)
    return Finding(check.name, verdict.grade, verdict.found, check.required, verdict.mend)
