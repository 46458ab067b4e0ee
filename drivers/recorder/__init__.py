"""What was sent to the outside."""

from drivers.recorder.command_log import CommandLog, Sent
from drivers.recorder.secrets import Secrets

__all__ = ["CommandLog", "Secrets", "Sent"]
