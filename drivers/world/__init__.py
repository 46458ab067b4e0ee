"""A cloud on real hosts: what a lab file describes, opened."""

from drivers.world.lab_file import LabFile, is_lab_file, read_lab_file
from drivers.world.opener import RealWorlds

__all__ = ["LabFile", "RealWorlds", "is_lab_file", "read_lab_file"]
