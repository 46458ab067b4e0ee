"""A host is silent: whoever can look past its agent is asked, before anything is done.

A connection that is lost is reported and looked into again; it is never taken for dead
machines. Source: CloudStack 4.0 `AgentManagerImpl`, with the KVM investigator of 4.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.model import AlertType, EventLevel, Host, HostEvent, HostStatus, ResourceState
from cloudlab.policy.health import Health, by_answer, by_heartbeat, by_power, verdict
from cloudlab.workflows import hosts
from cloudlab.workflows.defects import answer_of
from cloudlab.workflows.recovery.failing import host_down
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

SET_ASIDE: Final = (
    ResourceState.DISABLED,
    ResourceState.MAINTENANCE,
    ResourceState.ERROR_IN_MAINTENANCE,
)
"""Hosts that an administrator took out of service are not investigated until `alert.wait`."""

_LOST: Final = {
    Health.UP: (HostEvent.AGENT_DISCONNECTED, "management network cut, guests run on"),
    Health.UNKNOWN: (HostEvent.PING_TIMEOUT, "nobody can tell whether it lives"),
}


async def investigate(cloud: Cloud, host: Host) -> Health:
    """Return what agent, ping, heartbeat and management board of `host` say together.

    They are asked side by side; one that fails does not know, whatever its error.
    """
    asked = (
        answer_of(cloud, ask(cloud, host), f"{step} of {host.name}") for step, ask in _WITNESSES
    )
    return verdict(await cloud.engine.all(*asked))


async def _agent(cloud: Cloud, host: Host) -> Health | None:
    return by_answer(answered=await cloud.ports.hypervisor.ping(host))


async def _ping(cloud: Cloud, host: Host) -> Health | None:
    return by_answer(answered=await cloud.ports.probe.reachable(host))


async def _heartbeat(cloud: Cloud, host: Host) -> Health | None:
    age = await cloud.ports.probe.heartbeat_age(host)
    return by_heartbeat(age, cloud.settings.heartbeat_timeout_s)


async def _board(cloud: Cloud, host: Host) -> Health | None:
    return by_power(await cloud.ports.power.state(host))


_WITNESSES: Final = (
    ("hypervisor.ping", _agent),
    ("probe.reachable", _ping),
    ("probe.heartbeat_age", _heartbeat),
    ("power.state", _board),
)
"""Who is asked, by the step that asks."""


async def look_into(cloud: Cloud, host: Host) -> Health:
    """Find out what a host is whose agent is silent, and do what follows; return what it is.

    Up: its contact is lost, nothing else. Down: it is fenced, and machines under high
    availability are restarted. Unknown: as Up, until somebody knows.

    Raises:
        Conflict: it is Down but could not be fenced; its machines are left alone.
    """
    if _is_left_alone(cloud, host):
        if host.status is HostStatus.UP:
            _lose(cloud, host, HostEvent.SHUTDOWN_REQUESTED, "it is out of service")
        return Health.UNKNOWN
    found = await investigate(cloud, host)
    if host.status not in (HostStatus.UP, HostStatus.ALERT, HostStatus.DISCONNECTED):
        return found  # somebody else has seen to it meanwhile
    if found is Health.DOWN:
        await host_down(cloud, host)
    elif host.status is HostStatus.UP and not await hosts.answers(cloud, host):
        _lose(cloud, host, *_LOST[found])
    return found


def _is_left_alone(cloud: Cloud, host: Host) -> bool:
    """Return whether nobody investigates `host`: it is out of service, and not for too long."""
    if host.status is HostStatus.ALERT or host.resource_state not in SET_ASIDE:
        return False
    if host.status is not HostStatus.DISCONNECTED or not _waited_too_long(cloud, host):
        return True
    cloud.move(host, HostEvent.WAITED_TOO_LONG)
    return False


def _waited_too_long(cloud: Cloud, host: Host) -> bool:
    """Return whether the alert that `host` is lost is older than `alert.wait`."""
    scope = scope_of(host)
    told = [
        alert.created
        for alert in cloud.inventory.alerts
        if alert.is_open and alert.type is AlertType.HOST and alert.scope == scope
    ]
    return bool(told) and cloud.now - min(told) >= cloud.settings.alert_wait_s


def _lose(cloud: Cloud, host: Host, event: HostEvent, why: str) -> None:
    """Write down that there is no contact with `host` any more, and tell the administrator."""
    if host.status is not HostStatus.UP:
        return
    cloud.move(host, event)
    text = f"Host disconnected, name: {host.name}"
    cloud.note("HOST.DISCONNECT", host, f"{host} does not answer: {why}", level=EventLevel.WARN)
    cloud.alert(AlertType.HOST, scope_of(host), text, why)
