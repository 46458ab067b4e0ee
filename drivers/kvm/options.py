"""How machines are made on real hosts: what the records of a cloud do not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KvmOptions:
    """Settings of the driver; the defaults are safe everywhere."""

    accelerators: Mapping[str, str] = field(default_factory=dict)
    """Host name -> libvirt's domain type: `kvm` where machines were seen to run with it.

    Every other host uses `qemu`, which emulates. Never concluded from /dev/kvm: there are
    kernels that have it and cannot run an ordinary guest.
    """
    cpu_model: str = "qemu64"
    """The same on all hosts of a cluster, so that machines can move."""
    vcpu_headroom: int = 2
    """How many times its vCPUs a running machine may grow to; emulated ones never grow."""
    ram_headroom: float = 1.0
    """How many times its RAM a running machine may grow to, >= 1."""
    mtu: int = 1500
    """Of guest NICs, bytes."""
    shutdown_seconds: float = 90.0
    """How long a guest may take to shut down."""
    reboot_seconds: float = 20.0
    """How long a guest may take to begin its reboot before it is reset."""
    detach_seconds: float = 30.0
    """How long a guest may take to let go of a disk."""
    stalled_seconds: float = 60.0
    """A migration that moves nothing for so long is called off."""
    open_seconds: float = 4.0
    """How long a host may take to answer when it is connected."""
    state_folder: str = "/run"
    """Where a host notes which lab it belongs to, and which pools it reaches; empty at boot."""

    def accelerator(self, host_name: str) -> str:
        """Return the domain type for machines on this host."""
        return self.accelerators.get(host_name, "qemu")
