"""Checks of what runs guests and connects them: hypervisor, bridges, storage, programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drivers.ssh.facts import COMMANDS, Facts
from drivers.ssh.preflight.finding import Asked, Verdict, bad, good, install, weak
from drivers.ssh.preflight.network import lasting_bridge
from drivers.ssh.preflight.system import at_least

QEMU: Final = (6, 2)
LIBVIRT: Final = (8, 0)

PACKAGES: Final[Mapping[str, str]] = {
    "ip": "iproute2",
    "bridge": "iproute2",
    "flock": "util-linux",
    "python3": "python3",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
    "haproxy": "haproxy",
    "qemu-img": "qemu-utils",
    "virsh": "libvirt-clients",
}
"""Which package brings a command, as Debian names it."""


def qemu(facts: Facts, _: Asked) -> Verdict:
    """Look at QEMU."""
    mend = install(facts, "qemu-system-x86", "qemu-utils")
    if not facts.qemu:
        return bad("not installed", mend)
    return (good if at_least(facts.qemu, QEMU) else lambda found: bad(found, mend))(facts.qemu)


def guests(facts: Facts, _: Asked) -> Verdict:
    """Look how guests run: with the hardware's help, or emulated; both were tried."""
    mend = "switch on VT-x or AMD-V in the firmware (in a VM: nested virtualisation); modprobe kvm"
    if facts.kvm.ok:
        return good("a guest ran with KVM")
    why = f"KVM does not run guests: {facts.kvm.trouble}"
    if facts.emulation is not None and facts.emulation.ok:
        return weak(f"a guest ran in software, many times slower; {why}", mend)
    trouble = facts.emulation.trouble if facts.emulation else "not tried"
    return bad(f"{why}; software emulation neither: {trouble}", mend)


def libvirt(facts: Facts, _: Asked) -> Verdict:
    """Look whether libvirt runs, and which."""
    start = "systemctl enable --now libvirtd"
    packages = install(facts, "libvirt-daemon-system", "libvirt-clients")
    if not facts.libvirt:
        return bad(f"it does not answer: {facts.libvirt_trouble}", f"{packages} && {start}")
    if not at_least(facts.libvirt, LIBVIRT):
        return bad(facts.libvirt, packages)
    return good(f"{facts.libvirt}, running")


def bridges(facts: Facts, asked: Asked) -> Verdict:
    """Look for the bridges that guests' networks are connected to."""
    found = ", ".join(facts.bridges) or "none"
    absent = [each for each in asked.bridges if each not in facts.bridges]
    if absent:
        commands = (lasting_bridge(each, facts) for each in absent)
        return bad(f"{found}; not there: {', '.join(absent)}", " && ".join(commands))
    if not facts.bridges:
        return weak(found, lasting_bridge("cloudbr0", facts))
    return good(found)


def storage(facts: Facts, _: Asked) -> Verdict:
    """Look whether the storages asked for are reached."""
    missed = [each for each in facts.storage if not each.ok]
    if missed:
        found = "; ".join(f"{each.url} is not reached, {each.trouble}" for each in missed)
        return bad(
            found, "start the storage server, and open its port in every firewall on the way"
        )
    return good(", ".join(each.url for each in facts.storage) or "none was asked for (--storage)")


def commands(facts: Facts, _: Asked) -> Verdict:
    """Look for the programs that networks and images need."""
    absent = [each for each in COMMANDS if each not in facts.commands]
    if absent:
        packages = dict.fromkeys(PACKAGES[each] for each in absent)
        return bad(f"not there: {', '.join(absent)}", install(facts, *packages))
    return good(", ".join(COMMANDS))
