"""Real hosts: machines through libvirt, volumes in folders and on servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drivers.kvm.contacts import Contacts
from drivers.kvm.hypervisor import KvmHypervisor
from drivers.kvm.options import KvmOptions
from drivers.kvm.stats import GuestStats
from drivers.kvm.storage.blocks import Capacity, KvmBlockStore
from drivers.kvm.storage.images import KvmImageStores
from drivers.kvm.storage.places import Templates
from drivers.kvm.storage.reach import Reach

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from drivers.recorder import CommandLog
    from drivers.site import Site


def kvm_ports(
    engine: Engine,
    site: Site,
    options: KvmOptions | None = None,
    templates: Mapping[str, str] | None = None,
    log: CommandLog | None = None,
) -> tuple[KvmHypervisor, KvmBlockStore, KvmImageStores]:
    """Return the three ports that are on libvirt, sharing one connection for each host.

    Args:
        engine: on the wall clock.
        site: the hosts, and this lab's mark.
        options: how machines are made.
        templates: name of a template -> path or URL at which hosts find it; others are looked
            for in the image store of the zone, as `<url>/<name>.qcow2`.
        log: where everything that libvirt is asked is written down.
    """
    contacts = Contacts(engine, site, options or KvmOptions(), log)
    reach, found = Reach(contacts), Templates(templates or {})
    return (
        KvmHypervisor(contacts),
        KvmBlockStore(contacts, reach, found),
        KvmImageStores(reach, site.lab_id, found),
    )


__all__ = [
    "Capacity",
    "GuestStats",
    "KvmBlockStore",
    "KvmHypervisor",
    "KvmImageStores",
    "KvmOptions",
    "kvm_ports",
]
