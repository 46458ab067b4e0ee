"""The life of a virtual machine: deploy, start, stop, reboot, destroy, recover, expunge."""

from cloudlab.workflows.machines.creation import create, deploy, undeploy
from cloudlab.workflows.machines.ending import (
    WAITING,
    destroy,
    due,
    erase,
    expunge,
    expunge_now,
    recover,
)
from cloudlab.workflows.machines.request import Deployment
from cloudlab.workflows.machines.scaling import change_offering
from cloudlab.workflows.machines.starting import start
from cloudlab.workflows.machines.stopping import finish_stop, reboot, stop

__all__ = [
    "WAITING",
    "Deployment",
    "change_offering",
    "create",
    "deploy",
    "destroy",
    "due",
    "erase",
    "expunge",
    "expunge_now",
    "finish_stop",
    "reboot",
    "recover",
    "start",
    "stop",
    "undeploy",
]
