"""A data centre on one Linux machine, for labs and tests: see docs/minidc.md."""

from drivers.minidc.datacentre import MiniDc
from drivers.minidc.host import HostStatus
from drivers.minidc.layout import Layout

__all__ = ["HostStatus", "Layout", "MiniDc"]
