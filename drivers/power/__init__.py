"""Switches for the power of real hosts: management boards, and a mini data centre's own."""

from drivers.power.ipmi import IpmiSwitch
from drivers.power.minidc import MiniDcSwitch
from drivers.power.ports import SwitchedPower
from drivers.power.redfish import RedfishSwitch
from drivers.power.ssh import SshSwitch
from drivers.power.switch import Switch

__all__ = ["IpmiSwitch", "MiniDcSwitch", "RedfishSwitch", "SshSwitch", "Switch", "SwitchedPower"]
