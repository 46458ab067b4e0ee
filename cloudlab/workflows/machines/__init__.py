"""The life of a virtual machine: deploy, start, stop, reboot, destroy, recover, expunge."""

from cloudlab.workflows.machines.creation import create, deploy
from cloudlab.workflows.machines.ending import (
    WAITING,
    destroy,
    due,
    erase,
    expunge,
    recover,
)
from cloudlab.workflows.machines.request import Deployment
from cloudlab.workflows.machines.starting import start
from cloudlab.workflows.machines.stopping import reboot, stop

__all__ = [
    "WAITING",
    "Deployment",
    "create",
    "deploy",
    "destroy",
    "due",
    "erase",
    "expunge",
    "reboot",
    "recover",
    "start",
    "stop",
]
