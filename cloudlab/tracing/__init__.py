"""Which steps were taken at the ports, and how long each took."""

from cloudlab.tracing.stopwatch import Stopwatch, Timing
from cloudlab.tracing.timed import timed

__all__ = ["Stopwatch", "Timing", "timed"]
