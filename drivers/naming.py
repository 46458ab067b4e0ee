"""What things are called on hosts and in pools: one place, so that every driver finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudlab.model import Network, Nic, Template, VirtualMachine, Volume


def tap(nic: Nic) -> str:
    """Return the name of the tap device of `nic`; the kernel takes 15 characters at most."""
    return f"cl{nic.id}"


def bridge(network: Network) -> str:
    """Return the name of the bridge that carries `network` on a host."""
    return f"clbr{network.id}"


def domain_name(vm: VirtualMachine) -> str:
    """Return what `vm` is called in libvirt."""
    return vm.instance_name


def volume_file(volume: Volume) -> str:
    """Return the name of the file, export or image that is `volume`."""
    return f"volume-{volume.id}.qcow2"


def template_file(template: Template) -> str:
    """Return the name of the copy of `template` in a pool, and of itself in an image store."""
    return f"template-{template.id}.qcow2"


def router_namespace(lab_id: str, network: Network) -> str:
    """Return the name of the network namespace that is the virtual router of `network`."""
    return f"clr-{lab_id}-{network.id}"


def lab_folder(lab_id: str) -> str:
    """Return the folder inside a pool that holds what belongs to one lab, and nothing else."""
    return f"cloudlab-{lab_id}"
