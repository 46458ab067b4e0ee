"""Global settings, under the names and with the defaults of CloudStack."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf, isfinite
from typing import Any, Final, TypeVar

from cloudlab.errors import InvalidParameter

Value = float | int | str | bool | None
"""What a setting can hold; `None` switches a threshold or tag off."""

T = TypeVar("T")

ALGORITHMS: Final = (
    "random",
    "firstfit",
    "userdispersing",
    "userconcentratedpod_random",
    "userconcentratedpod_firstfit",
    "firstfitleastconsumed",
)
"""CloudStack's values of `vm.allocation.algorithm` (the last: 4.6); plug-ins may add others."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a setting may be."""

    low: float
    high: float
    choices: tuple[str, ...]
    optional: bool

    def __str__(self) -> str:
        """Say it as messages do: `0 to 1, or off`."""
        off = ", or off" if self.optional else ""
        if self.high < inf:
            return f"{self.low:g} to {self.high:g}{off}"
        return ("a number" if self.low == -inf else f"{self.low:g} or more") + off


def _setting(
    name: str,
    default: T,
    *,
    low: float = -inf,
    high: float = inf,
    choices: tuple[str, ...] = (),
    optional: bool = False,
) -> T:
    """Return a field for the setting `name`; an `optional` one may be `None` for off."""
    limits = _Limits(low, high, choices, optional)
    return field(default=default, metadata={"name": name, "limits": limits})


def _share(name: str, default: float | None) -> float | None:
    """Return a field for a threshold: a share in 0..1, or `None` for off."""
    return _setting(name, default, low=0.0, high=1.0, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings this cloud runs with; every field's metadata holds CloudStack's name.

    Source: CloudStack 4.0 `Config.java`; times are in its units, which are part of the name.
    """

    allocation_algorithm: str = _setting("vm.allocation.algorithm", "random")
    """One of `ALGORITHMS` or a plug-in's name; the cloud that gets it checks the name."""
    dispersion_weight: float = _setting("vm.user.dispersion.weight", 1.0)
    order_clusters_by: str = _setting(
        "host.capacityType.to.order.clusters", "CPU", choices=("CPU", "RAM")
    )
    pods_first: bool = _setting("apply.allocation.algorithm.to.pods", default=False)
    start_retry: int = _setting("start.retry", 10, low=1)
    ha_tag: str | None = _setting("ha.tag", None, optional=True)
    ha_enabled: bool = _setting("vm.ha.enabled", default=True)
    force_ha: bool = _setting("force.ha", default=False)
    check_hvm: bool = _setting("xen.check.hvm", default=True)

    cpu_overcommit: float = _setting("cpu.overprovisioning.factor", 1.0, low=1.0)
    ram_overcommit: float = _setting("mem.overprovisioning.factor", 1.0, low=1.0)
    storage_overcommit: float = _setting("storage.overprovisioning.factor", 2.0, low=1.0)

    cpu_disable: float | None = _share("cluster.cpu.allocated.capacity.disablethreshold", 0.85)
    ram_disable: float | None = _share("cluster.memory.allocated.capacity.disablethreshold", 0.85)
    pool_disable: float | None = _share("pool.storage.allocated.capacity.disablethreshold", 0.85)
    pool_used_disable: float | None = _share("pool.storage.capacity.disablethreshold", 0.85)
    cpu_notify: float | None = _share("cluster.cpu.allocated.capacity.notificationthreshold", 0.75)
    ram_notify: float | None = _share(
        "cluster.memory.allocated.capacity.notificationthreshold", 0.75
    )
    storage_notify: float | None = _share(
        "cluster.storage.allocated.capacity.notificationthreshold", 0.75
    )
    private_ip_notify: float | None = _share("pod.privateip.capacity.notificationthreshold", 0.75)
    guest_ip_notify: float | None = _share(
        "zone.directnetwork.publicip.capacity.notificationthreshold", 0.75
    )

    capacity_check_ms: float = _setting("capacity.check.period", 300_000.0, low=1.0)
    destroy_forced: bool = _setting("vm.destroy.forcestop", default=False)
    skip_counting_s: float = _setting("capacity.skipcounting.hours", 3600.0, low=0.0)
    """CloudStack's name says hours, its code reads seconds."""
    expunge_delay_s: float = _setting("expunge.delay", 86_400.0, low=0.0)
    expunge_interval_s: float = _setting("expunge.interval", 86_400.0, low=0.0)
    least_disk_gib: int = _setting("custom.diskoffering.size.min", 1, low=1)
    largest_disk_gib: int = _setting("custom.diskoffering.size.max", 1024, low=1)
    largest_volume_gib: int = _setting("storage.max.volume.size", 2000, low=1)
    vm_snapshot_max: int = _setting("vmsnapshot.max", 10, low=0)
    ping_interval_s: float = _setting("ping.interval", 60.0, low=1.0)
    ping_timeout: float = _setting("ping.timeout", 2.5, low=1.0)
    investigate_interval_s: float = _setting("investigate.retry.interval", 60.0, low=1.0)
    alert_wait_s: float = _setting("alert.wait", 1800.0, low=0.0)
    heartbeat_timeout_s: float = _setting("kvm.heartbeat.timeout", 60.0, low=1.0)
    """Older heartbeats on shared storage are of a dead host; CloudStack has it in a script."""
    migrate_wait_s: float = _setting("migratewait", 3600.0, low=1.0)
    migrate_retries: int = _setting("vm.ha.migration.max.retries", 5, low=0)
    migrate_retry_interval_s: float = _setting("migrate.retry.interval", 120.0, low=1.0)
    restart_retry_interval_s: float = _setting("restart.retry.interval", 600.0, low=1.0)
    max_restarts: int = _setting("max.retries", 5, low=0)
    vm_wait_s: float = _setting("wait", 1800.0, low=1.0)
    network_gc_interval_s: float = _setting("network.gc.interval", 600.0, low=1.0)
    network_gc_wait_s: float = _setting("network.gc.wait", 600.0, low=0.0)

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> Settings:
        """Return the settings with `values`, by CloudStack's names, in place of defaults.

        Raises:
            InvalidParameter: an unknown name, or a value outside the range.
        """
        fields_by_name = {each.metadata["name"]: each for each in fields(cls)}
        defaults = cls()
        chosen: dict[str, Any] = {}
        for name, value in values.items():
            if name not in fields_by_name:
                raise InvalidParameter(_unknown(name, tuple(fields_by_name)))
            each = fields_by_name[name]
            default: Value = getattr(defaults, each.name)
            chosen[each.name] = _checked(name, value, default, each.metadata["limits"])
        return cls(**chosen)

    def by_name(self) -> dict[str, Value]:
        """Return every setting under CloudStack's name."""
        return {each.metadata["name"]: getattr(self, each.name) for each in fields(self)}


def _unknown(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"
    return f"there is no setting {name}: {hint}"


def _checked(name: str, value: Value, default: Value, limits: _Limits) -> Value:
    """Return `value` in the type of `default`, or refuse it saying what is allowed."""
    if limits.optional and (value is None or value is False or value == "off"):
        return None
    if value is None:
        raise InvalidParameter(f"setting {name} needs a value, like {default!r}")
    if limits.choices and value not in limits.choices:
        raise _refused(name, value, ", ".join(limits.choices))
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise _refused(name, value, "true or false")
        return value
    if isinstance(default, (int, float)):
        return _checked_number(name, value, default, limits)
    if not isinstance(value, str):
        raise _refused(name, value, "a text")
    return value


def _checked_number(name: str, value: Value, default: float, limits: _Limits) -> Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refused(name, value, str(limits))
    if not (isfinite(value) and limits.low <= value <= limits.high):
        raise _refused(name, value, str(limits))
    if isinstance(default, int) and int(value) != value:
        raise _refused(name, value, "whole numbers")
    return int(value) if isinstance(default, int) else float(value)


def _refused(name: str, value: Value, allowed: str) -> InvalidParameter:
    return InvalidParameter(f"setting {name} is {value!r}; allowed: {allowed}")
