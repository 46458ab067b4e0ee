"""Secondary storage is added to a zone, and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import AllocationState, ImageStore, Zone
from cloudlab.workflows.zones.checks import check_name

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def add_image_store(
    cloud: Cloud, zone: Zone, name: str, url: str, capacity_mib: int
) -> ImageStore:
    """Add secondary storage to `zone`.

    Raises:
        InvalidParameter: the name is missing or taken, or the capacity is not positive.
    """
    check_name(name, zone.image_stores, "secondary storage")
    if capacity_mib <= 0:
        raise InvalidParameter(f"secondary storage {name}: {capacity_mib} MiB; allowed: 1 or more")
    store = ImageStore(name=name, zone=zone, url=url, capacity_mib=capacity_mib, created=cloud.now)
    zone.image_stores.append(store)
    return cloud.inventory.image_stores.add(store)


async def remove_image_store(cloud: Cloud, store: ImageStore) -> None:
    """Remove secondary storage from its zone.

    Raises:
        Conflict: it is the last one of a zone that is Enabled.
    """
    zone = store.zone
    if zone.state is AllocationState.ENABLED and len(zone.image_stores) == 1:
        raise Conflict(f"{store} is the last secondary storage of {zone}; disable {zone} first")
    zone.image_stores.remove(store)
    store.removed = cloud.now
    cloud.inventory.image_stores.drop(store)
