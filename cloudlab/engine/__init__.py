"""Time: workflows on one event loop, whose clock is virtual or live."""

from simpy.events import Event

from cloudlab.engine.calls import LateResult, cancellation, check_cancelled
from cloudlab.engine.clocks import LiveEngine, VirtualEngine
from cloudlab.engine.ctrl_c import stop_on_ctrl_c
from cloudlab.engine.engine import Engine
from cloudlab.engine.garbage import quiet_gc
from cloudlab.engine.locks import LOCK_ORDER, LockKey, LockMisuse
from cloudlab.engine.process import Process
from cloudlab.engine.rollback import Rollback
from cloudlab.engine.waiting import Interrupted

__all__ = [
    "LOCK_ORDER",
    "Engine",
    "Event",
    "Interrupted",
    "LateResult",
    "LiveEngine",
    "LockKey",
    "LockMisuse",
    "Process",
    "Rollback",
    "VirtualEngine",
    "cancellation",
    "check_cancelled",
    "quiet_gc",
    "stop_on_ctrl_c",
]
