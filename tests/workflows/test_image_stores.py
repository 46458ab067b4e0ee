"""Secondary storage: added to a zone and removed."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import ImageStore
from cloudlab.workflows import zones
from tests.support.clouds import World


def add(world: World, name: str, capacity_mib: int = 1024) -> ImageStore:
    """Return new secondary storage of the first zone."""
    work = zones.add_image_store(world.cloud, world.zone, name, "nfs://i/x", capacity_mib)
    store = world.run(work)
    assert isinstance(store, ImageStore)
    return store


@pytest.mark.book("1.50", "5.20")
def test_a_zone_has_several_stores_and_keeps_the_last(world: World) -> None:
    """Stores are shared by the zone's pods; an Enabled zone has at least one."""
    first = world.zone.image_stores[0]
    second = add(world, "more")
    assert world.zone.image_stores == [first, second]
    assert second.zone is world.zone
    world.run(zones.remove_image_store(world.cloud, first))
    with pytest.raises(Conflict, match="last secondary storage of zone z1"):
        world.run(zones.remove_image_store(world.cloud, second))
    world.run(zones.disable(world.cloud, world.zone))
    world.run(zones.remove_image_store(world.cloud, second))
    assert len(world.cloud.inventory.image_stores) == 0


@pytest.mark.parametrize(
    ("name", "size", "says"),
    [("", 1, "needs a name"), ("images", 1, "already"), ("x", 0, "0 MiB; allowed: 1 or more")],
)
def test_a_store_that_makes_no_sense_is_refused(
    world: World, name: str, size: int, says: str
) -> None:
    """The refusal names what is wrong."""
    with pytest.raises(InvalidParameter, match=says):
        add(world, name, size)
    assert len(world.cloud.inventory.image_stores) == 1
