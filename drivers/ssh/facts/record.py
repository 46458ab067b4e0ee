"""The facts of a machine: what it answered, with nothing concluded from it yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.ssh.facts.boot import Boot
from drivers.ssh.facts.nfs import Nfs
from drivers.ssh.facts.trial import Trial


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system."""

    mount: str
    size_mib: int
    free_mib: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether the machine reaches a storage or a server, and what kept it from it."""

    url: str
    ok: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a machine says of itself.

    Texts are empty and numbers `None` where it did not say.

    Attributes:
        host: what we call it.
        os_id: `debian`, `rocky` ..., as in its /etc/os-release.
        os_like: the families that its system belongs to.
        os_version: `12`, `9.4` ...
        os_name: how its system calls itself.
        kernel: release of the kernel.
        architecture: `x86_64`, `aarch64` ...
        cpus: logical CPUs.
        mhz: of the first CPU just now.
        ram_mib: installed.
        qemu: version of QEMU.
        libvirt: version of the libvirt daemon that answered; empty when none runs.
        libvirt_trouble: what libvirt's client said instead.
        kvm: whether a guest runs with KVM; tried, not concluded.
        emulation: the same for software emulation; `None` where KVM works, so that nobody asked.
        bridges: names of the bridges, those of Open vSwitch too.
        addresses: its own addresses.
        uplink: the interface that leads outside.
        boot: the interfaces that its configuration brings back at the next start.
        static_address: whether an address came from its own configuration and not by DHCP.
        disks: the file systems of `/` and of libvirt's images.
        clock_offset: its clock less ours, in seconds.
        clock_doubt: how far the offset may be wrong, in seconds: half of the way there and back.
        time_service: the time service that runs.
        hostname: its own short name.
        fqdn: its full name, as it resolves it.
        fqdn_addresses: the addresses it finds for that name.
        nameservers: whom it asks for names.
        selinux: `enforcing`, `permissive`, or empty where there is none.
        selinux_at_boot: what it will be after the next start.
        commands: which of the commands that we looked for it has.
        is_root: whether we are root there, or become it by sudo without a password.
        storage: of each storage asked for, whether it is reached.
        packages: of each package server asked for, whether it is reached.
        nfs: what it mounts and exports.
    """

    host: str
    os_id: str = ""
    os_like: tuple[str, ...] = ()
    os_version: str = ""
    os_name: str = ""
    kernel: str = ""
    architecture: str = ""
    cpus: int | None = None
    mhz: int | None = None
    ram_mib: int | None = None
    qemu: str = ""
    libvirt: str = ""
    libvirt_trouble: str = ""
    kvm: Trial = field(default_factory=lambda: Trial(ok=False, trouble="not tried"))
    emulation: Trial | None = None
    bridges: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    uplink: str = ""
    boot: Boot = field(default_factory=Boot)
    static_address: bool | None = None
    disks: tuple[Disk, ...] = ()
    clock_offset: float | None = None
    clock_doubt: float = 0.0
    time_service: str = ""
    hostname: str = ""
    fqdn: str = ""
    fqdn_addresses: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()
    selinux: str = ""
    selinux_at_boot: str = ""
    commands: frozenset[str] = frozenset()
    is_root: bool = False
    storage: tuple[Reach, ...] = ()
    packages: tuple[Reach, ...] = ()
    nfs: Nfs = field(default_factory=Nfs)
