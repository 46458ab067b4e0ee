"""Guest networks on real hosts: VXLANs, what a NIC may send, and what may reach it."""

from drivers.fabric.vxlan import VxlanFabric, fabric

__all__ = ["VxlanFabric", "fabric"]
