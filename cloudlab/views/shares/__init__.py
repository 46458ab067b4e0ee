"""How full the cloud is: allocated, usable and raw of every resource, place by place."""

from cloudlab.views.shares.count import capacity, capacity_of
from cloudlab.views.shares.row import CapacityRow, CapacityType, amount_text

__all__ = ["CapacityRow", "CapacityType", "amount_text", "capacity", "capacity_of"]
