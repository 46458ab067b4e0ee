"""What is left on primary storage pools."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Template
from cloudlab.state import Ledger
from tests.state import records

OWNER = records.account()


def test_a_pool_gives_to_the_last_mebibyte() -> None:
    """Capacity times factor, rounded down; one more is refused and changes nothing."""
    ledger, pool = Ledger(), records.pool(records.cluster(), 1001, 1.5)
    ledger.add_pool(pool)
    full, more = records.volume(OWNER, 1501), records.volume(OWNER, 1)
    ledger.allocate(full, pool)
    with pytest.raises(InsufficientCapacity, match=f"{pool} has 0 MiB free, needed are 1 MiB"):
        ledger.allocate(more, pool)
    assert ledger.pool_share(pool) == 1.0
    assert ledger.allocations() == {("volume", full.id, pool.row): 1501}


def test_volumes_and_copies_of_templates_are_told_apart() -> None:
    """A template with the id of a volume holds space of its own; only volumes are counted."""
    ledger, pool = Ledger(), records.pool(records.cluster(), 1000)
    ledger.add_pool(pool)
    volume = records.volume(OWNER, 300)
    template = Template(id=volume.id, name="linux", size_mib=200)
    ledger.allocate(volume, pool)
    ledger.allocate(template, pool)
    assert ledger.pool_allocated == [500]
    assert ledger.pool_share(pool, more_mib=100) == 0.6
    assert ledger.volumes_on(pool) == 1
    assert ledger.volumes_of(OWNER.id) == {pool.row: 1}
    ledger.deallocate(volume, pool)
    ledger.deallocate(volume, pool)
    assert ledger.pool_allocated == [200]
    assert ledger.volumes_of(OWNER.id) == {}


def test_what_was_allocated_is_given_back_whatever_the_size_is_now() -> None:
    """A volume whose record changed gives back what it took."""
    ledger, pool = Ledger(), records.pool(records.cluster(), 1000)
    ledger.add_pool(pool)
    volume = records.volume(OWNER, 300)
    ledger.allocate(volume, pool)
    volume.size_mib = 900
    ledger.deallocate(volume, pool)
    assert ledger.pool_allocated == [0]


def test_nothing_is_allocated_twice() -> None:
    """The second time is a conflict that names both."""
    ledger, pool = Ledger(), records.pool(records.cluster(), 1000)
    ledger.add_pool(pool)
    volume = records.volume(OWNER, 300)
    ledger.allocate(volume, pool)
    with pytest.raises(Conflict, match=f"{volume} already holds storage on {pool}"):
        ledger.allocate(volume, pool)


def test_a_pool_with_volumes_cannot_be_removed() -> None:
    """Copies of templates are no obstacle, volumes are."""
    ledger, pool = Ledger(), records.pool(records.cluster(), 1000)
    ledger.add_pool(pool)
    volume = records.volume(OWNER, 300)
    ledger.allocate(volume, pool)
    ledger.allocate(Template(id=1, name="linux", size_mib=200), pool)
    with pytest.raises(Conflict, match=f"{pool}: 1 volumes are on it"):
        ledger.remove_pool(pool)
    ledger.deallocate(volume, pool)
    ledger.remove_pool(pool)
    assert ledger.allocations() == {}
    assert ledger.pool_share(pool) == 0.0


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2), st.booleans()), max_size=60))
def test_any_sequence_adds_up(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever is put where and taken away: each pool holds the sum of what is on it."""
    ledger, cluster = Ledger(), records.cluster()
    pools = [records.pool(cluster, capacity) for capacity in (500, 1000, 2000)]
    for pool in pools:
        ledger.add_pool(pool)
    volumes = [records.volume(OWNER, 100 * size) for size in range(1, 9)]
    there: dict[tuple[int, int], int] = {}
    for which, where, put in steps:
        volume, pool = volumes[which], pools[where]
        key, left = (which, where), pool.capacity_mib - ledger.pool_allocated[where]
        if not put:
            ledger.deallocate(volume, pool)
            there.pop(key, None)
        elif key in there or volume.size_mib > left:
            with pytest.raises((Conflict, InsufficientCapacity)):
                ledger.allocate(volume, pool)
        else:
            ledger.allocate(volume, pool)
            there[key] = volume.size_mib
        for row, pool in enumerate(pools):
            held = [size for (_, place), size in there.items() if place == row]
            assert ledger.pool_allocated[row] == sum(held) <= pool.capacity_mib
            assert ledger.volumes_on(pool) == ledger.volumes_of(OWNER.id)[row] == len(held)
