"""Whether a machine is fit to be a host: every check with its mending.

FAIL says that guests cannot be run or would be run wrongly; WARN that they can, though less is
there than the book on building clouds asks for.
"""

from drivers.ssh.preflight.checks import CHECKS, preflight
from drivers.ssh.preflight.finding import Asked, Finding, Grade
from drivers.ssh.preflight.report import Report

__all__ = ["CHECKS", "Asked", "Finding", "Grade", "Report", "preflight"]
