"""What the cloud does by itself: watch hosts, capacity and networks, expunge what was destroyed."""

from cloudlab.workflows.services.capacity import check_capacity
from cloudlab.workflows.services.expunging import expunge_destroyed
from cloudlab.workflows.services.monitor import watch_hosts
from cloudlab.workflows.services.networks import tend_networks
from cloudlab.workflows.services.rounds import Service, services, start

__all__ = [
    "Service",
    "check_capacity",
    "expunge_destroyed",
    "services",
    "start",
    "tend_networks",
    "watch_hosts",
]
