"""What every primary and secondary storage does."""

from __future__ import annotations

import pytest

from cloudlab.errors import HostFault
from tests.contracts.conftest import Rig


def test_a_pool_is_in_reach_until_it_is_detached(rig: Rig) -> None:
    """Both may be done twice, and each is for one host."""
    blocks = rig.ports.blocks
    for _ in range(2):
        rig.do(blocks.detach_pool(rig.pool, rig.host))
        assert not rig.seen.mount(rig.pool, rig.host)
    assert rig.seen.mount(rig.pool, rig.other)
    for _ in range(2):
        rig.do(blocks.attach_pool(rig.pool, rig.host))
        assert rig.seen.mount(rig.pool, rig.host)


def test_a_dead_host_mounts_nothing(rig: Rig) -> None:
    """That is its fault, and another host is not concerned."""
    rig.kill(rig.host)
    with pytest.raises(HostFault):
        rig.do(rig.ports.blocks.attach_pool(rig.pool, rig.host))
    assert not rig.seen.mount(rig.pool, rig.host)
    assert rig.seen.mount(rig.pool, rig.other)


def test_a_volume_is_there_until_it_is_deleted(rig: Rig) -> None:
    """Deleting it again is no error."""
    blocks = rig.ports.blocks
    rig.do(rig.ports.images.stage(rig.template, rig.pool))
    rig.do(blocks.create(rig.volume, rig.pool))
    assert rig.seen.disk(rig.volume, rig.pool)
    for _ in range(2):
        rig.do(blocks.delete(rig.volume, rig.pool))
        assert not rig.seen.disk(rig.volume, rig.pool)


def test_deleting_what_was_never_made_is_no_error(rig: Rig) -> None:
    """It is gone already."""
    rig.do(rig.ports.blocks.delete(rig.volume, rig.pool))
    assert not rig.seen.disk(rig.volume, rig.pool)


def test_a_copy_is_there_until_it_is_evicted(rig: Rig) -> None:
    """Staging and evicting may both be done twice; volumes made from it stay."""
    images = rig.ports.images
    for _ in range(2):
        rig.do(images.stage(rig.template, rig.pool))
        assert rig.seen.image(rig.template, rig.pool)
    rig.do(rig.ports.blocks.create(rig.volume, rig.pool))
    for _ in range(2):
        rig.do(images.evict(rig.template, rig.pool))
        assert not rig.seen.image(rig.template, rig.pool)
    assert rig.seen.disk(rig.volume, rig.pool)
