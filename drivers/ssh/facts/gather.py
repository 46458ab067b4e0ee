"""The questions that facts are the answers to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from drivers.ssh.facts import parse
from drivers.ssh.facts.asking import Machine, answer, shell
from drivers.ssh.facts.boot import Boot, boot
from drivers.ssh.facts.nfs import nfs
from drivers.ssh.facts.packages import OWN, package_url, packages
from drivers.ssh.facts.record import Facts
from drivers.ssh.facts.storage import reach, storage_url
from drivers.ssh.facts.trial import Trial, try_guest

COMMANDS: Final = (
    *("ip", "bridge", "nft", "flock", "dnsmasq", "haproxy", "python3", "qemu-img", "virsh"),
)
"""What has to be installed on a host that runs guests and their virtual router."""

_TIME_SERVICES: Final = "chronyd|ntpd|openntpd|ptp4l|systemd-timesyn"
"""As the kernel cuts their names off, at 15 characters."""

_QEMU: Final = '"$(command -v qemu-system-"$(uname -m)" || command -v qemu-kvm)" --version'
_HAVE: Final = 'for c; do command -v "$c" >/dev/null && echo "$c"; done; :'
_SELINUX: Final = "cat /sys/fs/selinux/enforce 2>/dev/null; :"
_AT_BOOT: Final = "sed -n 's/^SELINUX=//p' /etc/selinux/config 2>/dev/null"
_MODES: Final = {"1": "enforcing", "0": "permissive"}


def facts(
    machine: Machine,
    storage: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
    package_servers: Sequence[str] = (),
) -> Facts:
    """Return what `machine` is; it is the same afterwards.

    Args:
        machine: whom to ask.
        storage: URLs of storages that it should reach.
        clock: ours, in seconds since 1970.
        package_servers: URLs that it should reach, or `own`: nobody else is contacted.

    Raises:
        HostFault: it cannot be asked.
        InvalidParameter: a URL is none of a storage, or of a package server.
    """
    for url in storage:
        storage_url(url)
    for url in package_servers:
        _ = url == OWN or package_url(url)
    release = parse.os_release(answer(machine, ("cat", "/etc/os-release")))
    addresses = answer(machine, shell("ip -j -d address"))
    libvirt = machine.run(shell("virsh -c qemu:///system version --daemon"), timeout=15.0)
    offset, doubt = _clock_offset(machine, clock)
    kvm, emulation = _trials(machine, answer(machine, ("uname", "-m")))
    fqdn = answer(machine, ("hostname", "--fqdn"))
    switches = _switches(machine)
    return Facts(
        host=machine.name,
        os_id=release.get("ID", ""),
        os_like=tuple(release.get("ID_LIKE", "").split()),
        os_version=release.get("VERSION_ID", ""),
        os_name=release.get("PRETTY_NAME", ""),
        kernel=answer(machine, ("uname", "-r")),
        architecture=answer(machine, ("uname", "-m")),
        cpus=parse.whole_number(answer(machine, ("nproc",))),
        mhz=parse.megahertz(answer(machine, ("cat", "/proc/cpuinfo"))),
        ram_mib=parse.meminfo_mib(answer(machine, ("cat", "/proc/meminfo"))),
        qemu=parse.version(answer(machine, shell(_QEMU))),
        libvirt=parse.daemon_version(libvirt.text),
        libvirt_trouble=libvirt.complaint,
        kvm=kvm,
        emulation=emulation,
        bridges=(*parse.bridges(addresses), *switches),
        addresses=parse.addresses(addresses),
        uplink=parse.uplink(answer(machine, shell("ip -j route show default"))),
        boot=_boot(machine, switches, parse.macs(addresses)),
        static_address=parse.has_static_address(addresses) if addresses else None,
        disks=parse.disks(
            answer(machine, shell("df -Pk / /var/lib/libvirt/images 2>/dev/null; :"))
        ),
        clock_offset=offset,
        clock_doubt=doubt,
        time_service=answer(machine, shell(f"ps -eo comm= | grep -xE -m1 '{_TIME_SERVICES}'")),
        hostname=answer(machine, ("hostname",)),
        fqdn=fqdn,
        fqdn_addresses=_addresses(machine, fqdn),
        nameservers=parse.nameservers(answer(machine, ("cat", "/etc/resolv.conf"))),
        selinux=_MODES.get(answer(machine, shell(_SELINUX)), ""),
        selinux_at_boot=answer(machine, shell(_AT_BOOT)),
        commands=frozenset(answer(machine, shell(_HAVE, *COMMANDS)).split()),
        is_root=machine.run(shell('[ "$(id -u)" = 0 ] || sudo -n true')).ok,
        storage=tuple(reach(machine, url) for url in storage),
        packages=packages(machine, package_servers),
        nfs=nfs(machine, storage),
    )


def _clock_offset(machine: Machine, clock: Callable[[], float]) -> tuple[float | None, float]:
    """Return its clock less ours, and how far that may be wrong, in seconds."""
    before = clock()
    told = answer(machine, ("date", "+%s.%N"))
    after = clock()
    try:
        return float(told) - (before + after) / 2, (after - before) / 2
    except ValueError:
        return None, 0.0


def _trials(machine: Machine, architecture: str) -> tuple[Trial, Trial | None]:
    """Return whether guests run with KVM and, if not, whether they run without."""
    if architecture != "x86_64":
        untried = Trial(ok=False, trouble=f"not tried: our test guest is no {architecture} program")
        return untried, untried
    if not machine.run(("test", "-e", "/dev/kvm")).ok:
        kvm = Trial(ok=False, trouble="there is no /dev/kvm")
    else:
        kvm = try_guest(machine, "kvm", "host")
    return kvm, None if kvm.ok else try_guest(machine, "tcg", "max")


def _switches(machine: Machine) -> tuple[str, ...]:
    """Return the bridges of Open vSwitch."""
    return tuple(answer(machine, shell("timeout 5 ovs-vsctl list-br 2>/dev/null")).split())


def _boot(machine: Machine, switches: tuple[str, ...], macs: Mapping[str, str]) -> Boot:
    """Return what comes back at the next start; Open vSwitch keeps its own bridges."""
    found = boot(machine, macs=macs)
    return replace(found, made=(*found.made, *switches))


def _addresses(machine: Machine, name: str) -> tuple[str, ...]:
    """Return the addresses that the machine finds for `name`."""
    lines = answer(machine, ("getent", "ahosts", name)).splitlines() if name else ()
    return tuple(dict.fromkeys(line.split()[0] for line in lines if line.strip()))
