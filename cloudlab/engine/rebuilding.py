"""Errors that survive SimPy, which rebuilds the error of a failed process from its `args`."""

from __future__ import annotations


def rebuildable(error: BaseException) -> BaseException:
    """Return `error`, or its double if `type(error)(*error.args)` would not give it again.

    SimPy throws such a copy into every process that waits for a failed one. Where the class
    wants other arguments than `args` (`json.JSONDecodeError`, or any class whose `__init__`
    words its own message) the copy cannot be made, and the waiting process would die of that
    without undoing anything. The double has the same class name, is caught by the same
    `except`, and keeps message, args, attributes and cause.
    """
    kind = type(error)
    try:
        faithful = kind(*error.args).args == error.args
    except Exception:  # noqa: BLE001  (whatever a foreign class does to strange arguments)
        faithful = False
    return error if faithful else _double(error)


def _double(error: BaseException) -> BaseException:
    """Return an error of a subclass that copies `error`, however it is constructed."""
    kind = type(error)
    message = str(error)

    def rebuild(self: BaseException, *_args: object) -> None:
        self.args = error.args
        self.__dict__.update(error.__dict__)

    members = {
        "__init__": rebuild,
        "__str__": lambda _self: message,
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
    }
    double: BaseException = type(kind.__name__, (kind,), members)(*error.args)
    double.__traceback__ = error.__traceback__
    double.__cause__ = error
    return double
