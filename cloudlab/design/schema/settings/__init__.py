"""Global settings by CloudStack's names, with its defaults; some can differ by zone or cluster.

Source: `Config.java` of CloudStack 4.0, with the high-availability keys that its
HighAvailabilityManager reads directly and two of later releases (`vm.ha...`). Unlike there,
thresholds can be `off`.
"""

from __future__ import annotations

from typing import Final

from cloudlab.design.schema.settings.availability import AvailabilitySettings
from cloudlab.design.schema.settings.capacity import AlertSettings, CapacitySettings
from cloudlab.design.schema.settings.lifetimes import LifetimeSettings
from cloudlab.design.schema.settings.placement import PlacementSettings
from cloudlab.design.schema.settings.scoped import ClusterSettings, ZoneSettings

__all__ = ["NOT_MODELLED", "ClusterSettings", "Settings", "ZoneSettings"]

NOT_MODELLED: Final = frozenset(
    {
        "cluster.localStorage.capacity.notificationthreshold",
        "cluster.storage.capacity.notificationthreshold",
        "expunge.workers",
        "ha.workers",
        "host.retry",
        "pool.storage.capacity.disablethreshold",
        "stop.retry.interval",
        "storage.cleanup.enabled",
        "storage.cleanup.interval",
        "time.between.failures",
        "time.to.sleep",
        "wait",
        "zone.secstorage.capacity.notificationthreshold",
        "zone.virtualnetwork.publicip.capacity.notificationthreshold",
        "zone.vlan.capacity.notificationthreshold",
    }
)
"""Settings that a document may have, for CloudStack has them, and that nothing obeys yet."""


class Settings(
    AvailabilitySettings, LifetimeSettings, AlertSettings, CapacitySettings, PlacementSettings
):
    """Every global setting a design may have."""
