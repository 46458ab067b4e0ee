"""What docs/real-hosts.md says of pools: their URLs, their types, and what is put on them."""

from __future__ import annotations

import re
from typing import Final

import pytest

from cloudlab.model import PoolState, PoolType, StoragePool, VolumeType
from cloudlab.policy.pools import accepts
from drivers.kvm.storage.places import Folder, place_of
from tests.design.documents import changed, read
from tests.kvm.records import Records
from tests.support.places import ROOT

PAGE: Final = (ROOT / "docs" / "real-hosts.md").read_text(encoding="utf-8")
ROWS: Final = re.findall(r"^\| `(\w+://[^`]*)` \| ([^|]+) \|", PAGE, re.MULTILINE)
KINDS: Final = [(url, *kind) for url, cell in ROWS for kind in re.findall(r"`(\w+)`([^`]*)", cell)]


def test_the_page_has_a_row_for_every_kind() -> None:
    """The measure itself sees them."""
    schemes = {url.partition(":")[0] for url, _ in ROWS}
    assert schemes == {"file", "nfs", "rbd", "iscsi", "nbd"}
    assert {name for url, name, _ in KINDS if "iscsi" in url} == {"Iscsi", "SharedMountPoint"}


@pytest.mark.parametrize(("url", "name", "said"), KINDS)
def test_a_design_and_hosts_take_what_the_page_says(url, name, said) -> None:
    """Each URL with each of its types is sound, lies somewhere, and has root disks, or has not."""
    pool_line = f'{{name: nfs, type: {name}, url: "{url}", capacity_gib: 1024'
    document = changed("{name: nfs, capacity_gib: 1024", pool_line)
    if "local" in said:
        document = changed("capacity_gib: 1024}", "capacity_gib: 1024, scope: HOST}", document)
        document = changed("- name: z1\n", "- name: z1\n  local_storage: true\n", document)
    read(document)
    pool = Records(url, PoolType(name)).pool
    assert isinstance(place_of(pool, "lab1"), Folder) == url.startswith("file:")
    assert has_root_disks(pool) == ("for data disks alone" not in said)


def has_root_disks(pool: StoragePool) -> bool:
    """Return whether a root disk may be put on `pool`."""
    pool.state = PoolState.UP
    vm = Records().vm()
    return accepts(pool, next(each for each in vm.volumes if each.type is VolumeType.ROOT))
