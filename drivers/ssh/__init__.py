"""Hosts that are reached by SSH: commands, files, and what there is to know about a machine."""

from drivers.site import Done
from drivers.ssh.host import SshHost
from drivers.ssh.timeouts import timeouts

__all__ = ["Done", "SshHost", "timeouts"]
