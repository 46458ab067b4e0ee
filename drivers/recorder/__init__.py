"""What was sent to the outside, and how long it took."""

from drivers.recorder.command_log import CommandLog, Sent
from drivers.recorder.secrets import Secrets
from drivers.recorder.stopwatch import Stopwatch, Timing
from drivers.recorder.timed import timed

__all__ = ["CommandLog", "Secrets", "Sent", "Stopwatch", "Timing", "timed"]
