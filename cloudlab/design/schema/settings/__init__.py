"""Global settings by CloudStack's names, with its defaults; some can differ by zone or cluster.

Source: `Config.java` of CloudStack 4.0, with the high-availability keys that its
HighAvailabilityManager reads directly and two of later releases (`vm.ha...`). Unlike there,
thresholds can be `off`.
"""

from __future__ import annotations

from cloudlab.design.schema.settings.availability import AvailabilitySettings
from cloudlab.design.schema.settings.capacity import AlertSettings, CapacitySettings
from cloudlab.design.schema.settings.lifetimes import LifetimeSettings
from cloudlab.design.schema.settings.placement import PlacementSettings
from cloudlab.design.schema.settings.scoped import ClusterSettings, ZoneSettings

__all__ = ["ClusterSettings", "Settings", "ZoneSettings"]


class Settings(
    AvailabilitySettings, LifetimeSettings, AlertSettings, CapacitySettings, PlacementSettings
):
    """Every global setting a design may have."""
