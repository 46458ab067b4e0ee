"""What was sent to the outside."""

from cloudlab.views.sent import Sent
from drivers.recorder.command_log import CommandLog
from drivers.recorder.secrets import Secrets

__all__ = ["CommandLog", "Secrets", "Sent"]
