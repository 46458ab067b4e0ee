"""Which services there are, and when each makes its rounds."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cloudlab.engine import Interrupted
from cloudlab.units import DAY
from cloudlab.workflows.defects import quietly
from cloudlab.workflows.services.capacity import check_capacity
from cloudlab.workflows.services.expunging import expunge_destroyed, next_due
from cloudlab.workflows.services.monitor import Monitor
from cloudlab.workflows.services.networks import tend_networks

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import Process


@dataclass(frozen=True, slots=True)
class Service:
    """Something that is done again and again, as soon as all else of that moment is done."""

    name: str
    round: Callable[[Cloud], Awaitable[None]]
    due: Callable[[Cloud], float]
    """When the next round is to be made, after the present moment."""


def services(cloud: Cloud) -> list[Service]:
    """Return the services this cloud's settings ask for."""
    settings = cloud.settings
    return [
        Service("capacity check", check_capacity, every(settings.capacity_check_ms / 1000)),
        Service("host monitor", Monitor(), every(settings.ping_interval_s)),
        Service("network check", tend_networks, every(settings.network_gc_interval_s)),
        Service("expunge", expunge_destroyed, _expunge_rule(cloud)),
    ]


def _expunge_rule(cloud: Cloud) -> Callable[[Cloud], float]:
    """Return when to expunge; with interval and delay 0 only what could not be removed at once."""
    settings = cloud.settings
    if settings.expunge_interval_s > 0:
        return every(settings.expunge_interval_s)
    return next_due if settings.expunge_delay_s > 0 else every(DAY)


def every(seconds: float) -> Callable[[Cloud], float]:
    """Return the rule for rounds at the whole multiples of `seconds`."""
    return partial(_next_multiple, seconds)


def _next_multiple(seconds: float, cloud: Cloud) -> float:
    """Return the first multiple of `seconds` after the present moment, whatever rounding does."""
    now = cloud.now
    count = math.floor(now / seconds)
    while count * seconds <= now:
        count += 1
    return count * seconds


def start(cloud: Cloud, *names: str) -> list[Process[None]]:
    """Start the services of these names, or all; return their processes."""
    return [
        cloud.engine.spawn(_serve(cloud, service), service.name)
        for service in services(cloud)
        if not names or service.name in names
    ]


async def _serve(cloud: Cloud, service: Service) -> None:
    """Make the rounds of `service` until somebody interrupts it, whatever becomes of a round."""
    try:
        while True:
            await cloud.engine.sleep_until(service.due(cloud), late=True)
            await quietly(cloud, service.round(cloud), f"a round of the {service.name}")
    except Interrupted:
        return
