"""Whether a host can be reached: the states of its connection."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cloudlab.model.lifecycle import Lifecycle


class HostStatus(StrEnum):
    """Whether the host can be reached (CloudStack's com.cloud.host.Status)."""

    CREATING = "Creating"
    CONNECTING = "Connecting"
    UP = "Up"
    DISCONNECTED = "Disconnected"
    DOWN = "Down"
    ALERT = "Alert"
    REBALANCING = "Rebalancing"
    ERROR = "Error"
    REMOVED = "Removed"


class HostEvent(StrEnum):
    """What can happen to a host's connection (CloudStack's Status.Event)."""

    AGENT_CONNECTED = "AgentConnected"
    AGENT_DISCONNECTED = "AgentDisconnected"
    PING = "Ping"
    PING_TIMEOUT = "PingTimeout"
    READY = "Ready"
    HOST_DOWN = "HostDown"
    SHUTDOWN_REQUESTED = "ShutdownRequested"
    MANAGEMENT_SERVER_DOWN = "ManagementServerDown"
    WAITED_TOO_LONG = "WaitedTooLong"
    START_AGENT_REBALANCE = "StartAgentRebalance"
    REBALANCE_COMPLETED = "RebalanceCompleted"
    REBALANCE_FAILED = "RebalanceFailed"
    REMOVE = "Remove"
    ERROR = "Error"


_H, _HE = HostStatus, HostEvent

HOST_STATUS_LIFECYCLE: Final = Lifecycle(
    "host",
    "status",
    HostStatus.CREATING,
    [
        (_H.CREATING, {_HE.AGENT_CONNECTED: _H.CONNECTING, _HE.ERROR: _H.ERROR}),
        (
            _H.CONNECTING,
            {
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.READY: _H.UP,
                _HE.PING: _H.CONNECTING,
                _HE.PING_TIMEOUT: _H.ALERT,
                _HE.AGENT_DISCONNECTED: _H.ALERT,
                _HE.HOST_DOWN: _H.ALERT,
                _HE.SHUTDOWN_REQUESTED: _H.DISCONNECTED,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
            },
        ),
        (
            _H.UP,
            {
                _HE.PING: _H.UP,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.PING_TIMEOUT: _H.ALERT,
                _HE.AGENT_DISCONNECTED: _H.ALERT,
                _HE.HOST_DOWN: _H.DOWN,
                _HE.SHUTDOWN_REQUESTED: _H.DISCONNECTED,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
                _HE.START_AGENT_REBALANCE: _H.REBALANCING,
                _HE.REMOVE: _H.REMOVED,
            },
        ),
        (
            _H.DISCONNECTED,
            {
                _HE.PING: _H.UP,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.PING_TIMEOUT: _H.ALERT,
                _HE.HOST_DOWN: _H.DOWN,
                _HE.WAITED_TOO_LONG: _H.ALERT,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
                _HE.AGENT_DISCONNECTED: _H.DISCONNECTED,
                _HE.REMOVE: _H.REMOVED,
            },
        ),
        (
            _H.DOWN,
            {
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DOWN,
                _HE.AGENT_DISCONNECTED: _H.DOWN,
                _HE.REMOVE: _H.REMOVED,
                _HE.PING_TIMEOUT: _H.DOWN,
            },
        ),
        (
            _H.ALERT,
            {
                _HE.PING: _H.UP,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.SHUTDOWN_REQUESTED: _H.DISCONNECTED,
                _HE.MANAGEMENT_SERVER_DOWN: _H.ALERT,
                _HE.AGENT_DISCONNECTED: _H.ALERT,
                _HE.REMOVE: _H.REMOVED,
            },
        ),
        (
            _H.REBALANCING,
            {
                _HE.REBALANCE_COMPLETED: _H.CONNECTING,
                _HE.REBALANCE_FAILED: _H.DISCONNECTED,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
                _HE.AGENT_DISCONNECTED: _H.REBALANCING,
            },
        ),
        (_H.ERROR, {_HE.AGENT_CONNECTED: _H.CONNECTING}),
    ],
)
"""Source: CloudStack 4.0 `com.cloud.host.Status` (Down + PingTimeout: 4.6)."""
