"""Checks of the machine and its system: what chapter 2 of the book asks before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloudlab.units import MIB_PER_GIB, size_text
from drivers.ssh.facts import Facts
from drivers.ssh.preflight.finding import Asked, Verdict, bad, good, install, weak

OLDEST: Final[Mapping[str, tuple[int, ...]]] = {
    "debian": (12,),
    "ubuntu": (22, 4),
    "rhel": (9,),
    "centos": (9,),
    "rocky": (9,),
    "almalinux": (9,),
}
"""The oldest release of each system whose QEMU and libvirt do what is asked of them."""

CPUS: Final = 4
RAM_MIB: Final = 3_600
"""Of a machine sold with 4 GB; firmware and kernel keep some of it from view."""
LEAST_RAM_MIB: Final = 1024
DISK_MIB: Final = 36_000_000_000 // 2**20
LEAST_FREE_MIB: Final = 2 * MIB_PER_GIB
CLOCK: Final = 1.0
"""Seconds."""


def system(facts: Facts, _: Asked) -> Verdict:
    """Look at the operating system."""
    name = facts.os_name or facts.os_id or "unknown"
    mend = "install Debian 12, Ubuntu 22.04, Rocky Linux 9 or later"
    if facts.os_id not in OLDEST:
        return weak(f"{name}, on which nothing was tried", mend)
    return good(name) if at_least(facts.os_version, OLDEST[facts.os_id]) else bad(name, mend)


def processor(facts: Facts, _: Asked) -> Verdict:
    """Look at architecture and number of CPUs."""
    speed = f", {facts.mhz} MHz" if facts.mhz else ""
    found = f"{facts.architecture or 'unknown'}, {facts.cpus or 0} CPUs{speed}"
    if facts.architecture != "x86_64":
        return bad(found, "use a machine with 64-bit x86 processors")
    if (facts.cpus or 0) < CPUS:
        return weak(found, f"use a machine with {CPUS} CPUs or more; fewer do for a lab")
    return good(found)


def memory(facts: Facts, _: Asked) -> Verdict:
    """Look at the installed memory."""
    mib = facts.ram_mib or 0
    if mib >= RAM_MIB:
        return good(size_text(mib))
    mend = "add memory; guests get what the host does not need itself"
    return (bad if mib < LEAST_RAM_MIB else weak)(size_text(mib), mend)


def disk(facts: Facts, _: Asked) -> Verdict:
    """Look at the file systems where images are kept."""
    if not facts.disks:
        return bad("no file system told its size", "df -Pk /")
    largest = max(facts.disks, key=lambda each: each.size_mib)
    found = f"{size_text(largest.size_mib)} at {largest.mount}, {size_text(largest.free_mib)} free"
    if largest.free_mib < LEAST_FREE_MIB:
        return bad(found, f"make room: du -xh {largest.mount} | sort -h | tail")
    if largest.size_mib < DISK_MIB:
        return weak(found, "mount a larger disk at /var/lib/libvirt/images")
    return good(found)


def address(facts: Facts, _: Asked) -> Verdict:
    """Look whether the machine keeps its address."""
    if facts.static_address:
        return good("a static IPv4 address")
    mend = "give it an address of its own in /etc/network/interfaces, netplan or NetworkManager"
    return weak("no static IPv4 address was seen", mend)


def name(facts: Facts, _: Asked) -> Verdict:
    """Look whether the machine knows its full name, and where that leads."""
    entry = f"echo '<its address> {facts.hostname}.<domain> {facts.hostname}' >> /etc/hosts"
    if not facts.fqdn_addresses:
        return bad(f"{facts.fqdn or facts.hostname or 'it'} does not resolve", entry)
    found = f"{facts.fqdn} is {', '.join(facts.fqdn_addresses)}"
    if all(each.startswith("127.") or each == "::1" for each in facts.fqdn_addresses):
        return weak(f"{found}, which other machines cannot use", entry)
    return good(found) if "." in facts.fqdn else weak(f"{found}, without a domain", entry)


def clock(facts: Facts, _: Asked) -> Verdict:
    """Look at the clock, and at what keeps it right."""
    mend = f"{install(facts, 'chrony')} && chronyc makestep"
    if facts.clock_offset is None:
        return bad("it did not tell its time", "date +%s.%N")
    found = f"{facts.clock_offset:+.3f} s from ours (give or take {facts.clock_doubt:.3f} s)"
    if abs(facts.clock_offset) - facts.clock_doubt > CLOCK:
        return bad(found, mend)
    if not facts.time_service:
        return weak(f"{found}, but no time service runs", mend)
    return good(f"{found}, kept by {facts.time_service}")


def selinux(facts: Facts, _: Asked) -> Verdict:
    """Look at SELinux, now and after the next start."""
    keep = "sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config"
    if facts.selinux == "enforcing":
        return bad("enforcing", f"setenforce 0 && {keep}")
    if facts.selinux == "permissive" and facts.selinux_at_boot == "enforcing":
        return weak("permissive, but enforcing after the next start", keep)
    return good(facts.selinux or "not there")


def rights(facts: Facts, _: Asked) -> Verdict:
    """Look whether we may change anything."""
    if facts.is_root:
        return good("root, or sudo without a password")
    mend = "log in as root, or: echo '<user> ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/cloudlab"
    return bad("neither root nor sudo without a password", mend)


def at_least(version: str, least: tuple[int, ...]) -> bool:
    """Return whether a version such as `22.04` is `least` or later; an empty one is not."""
    numbers = tuple(int(part) for part in version.split(".") if part.isdecimal())
    return bool(numbers) and numbers >= least
