"""Primary storage pools: created, switched on and off, taken out of service, removed."""

from cloudlab.workflows.pools.creation import create, disable, enable, hosts_of
from cloudlab.workflows.pools.maintenance import cancel_maintenance, enter_maintenance, users_of
from cloudlab.workflows.pools.removal import clear, forget, remove

__all__ = [
    "cancel_maintenance",
    "clear",
    "create",
    "disable",
    "enable",
    "enter_maintenance",
    "forget",
    "hosts_of",
    "remove",
    "users_of",
]
