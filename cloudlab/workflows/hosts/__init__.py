"""Hosts: added, switched on and off, emptied for maintenance, removed."""

from cloudlab.workflows.hosts.adding import add, disable, enable
from cloudlab.workflows.hosts.maintenance import cancel_maintenance, enter_maintenance
from cloudlab.workflows.hosts.reach import answers, disconnect, guests, pools_of, reconnect
from cloudlab.workflows.hosts.removal import remove

__all__ = [
    "add",
    "answers",
    "cancel_maintenance",
    "disable",
    "disconnect",
    "enable",
    "enter_maintenance",
    "guests",
    "pools_of",
    "reconnect",
    "remove",
]
