"""The front door: a cloud to work with from a notebook, one call after the other."""

from cloudlab.lab.checkpoint import Checkpoint
from cloudlab.lab.connecting import connect
from cloudlab.lab.lab import Lab

__all__ = ["Checkpoint", "Lab", "connect"]
