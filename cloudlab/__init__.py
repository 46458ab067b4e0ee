"""cloudlab: a cloud lab and simulator run from notebooks.

`from cloudlab import Lab, connect` is the front door; everything else is found by the folder names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cloudlab.lab import Checkpoint, Lab, connect

__version__: Final = "0.1.0"

__all__ = ["Checkpoint", "Lab", "__version__", "connect"]


def __getattr__(name: str) -> object:
    """Load the lab when it is asked for, so that a part of cloudlab can be had without it."""
    if name in ("Lab", "Checkpoint", "connect"):
        from cloudlab import lab  # noqa: PLC0415  (loaded on demand)

        found: object = getattr(lab, name)
        return found
    raise AttributeError(f"module cloudlab has no attribute {name}")
