"""When a host is silent: find out, fence it, restart what should run; and take it back later."""

from cloudlab.workflows.recovery.failing import fence, host_down, recover, write_off
from cloudlab.workflows.recovery.investigation import investigate, look_into
from cloudlab.workflows.recovery.returning import host_back, look_again

__all__ = [
    "fence",
    "host_back",
    "host_down",
    "investigate",
    "look_again",
    "look_into",
    "recover",
    "write_off",
]
