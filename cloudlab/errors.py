"""One error tree: the class tells the caller what to do, the message tells the person.

```
CloudError                      anything cloudlab raises on purpose
├── Refused                     nothing happened: correct the request and try again
│   ├── InvalidParameter        a field is wrong: name, value and allowed range are in the message
│   │   └── InputError          the same, for a file somebody wrote (design, demand, profile)
│   ├── NotFound                no such object
│   ├── NotPermitted            this account may not do that
│   ├── Conflict                another operation holds the object; try later
│   ├── IllegalMove             the object's state does not allow it
│   ├── InsufficientCapacity    nowhere to put it; carries the explanation of the refusal
│   └── ResourceLimitExceeded   the account's or domain's limit is reached
├── HostFault                   one host failed: try another
├── DriverFault                 the outside failed and no other host will help
│   └── LeftAlone               what was to be started is there before: nobody ends it for that
│       └── AlreadyRunning      it runs there
├── TimedOut                    it took too long; whether it happened is not known
└── Cancelled                   somebody asked the work to stop; it was undone
```

`code` is the error code of CloudStack's API (its `ApiErrorCode`). Errors take positional
arguments only: SimPy rebuilds the error of a failed process as `type(error)(*error.args)`.
"""

from __future__ import annotations

from typing import ClassVar


class CloudError(Exception):
    """Anything cloudlab raises on purpose; `str(error)` is one sentence for a person."""

    code: ClassVar[int] = 530

    def __str__(self) -> str:
        """Return the message alone, whatever else the error carries."""
        return str(self.args[0]) if self.args else type(self).__name__


class Refused(CloudError):
    """Nothing happened: correct the request and try again."""

    code = 431


class InvalidParameter(Refused):
    """A field is wrong; the message names the field, its value and the allowed range."""


class InputError(InvalidParameter):
    """A file somebody wrote cannot be read as it stands; the message names file and place."""


class NotFound(Refused):
    """There is no such object."""


class NotPermitted(Refused):
    """The account may not do that."""

    code = 531


class Conflict(Refused):
    """Another operation holds the object, or another object is in the way."""

    code = 530


class IllegalMove(Refused):
    """The object's state does not allow the event (CloudStack's NoTransitionException)."""


class InsufficientCapacity(Refused):
    """Nowhere to put it: `InsufficientCapacity(message, explanation)`."""

    code = 533

    @property
    def explanation(self) -> object | None:
        """Why every candidate was removed (a `policy.refusal.Explanation`), when known."""
        return self.args[1] if len(self.args) > 1 else None


class ResourceLimitExceeded(Refused):
    """The limit of the account or domain is reached."""

    code = 535


class HostFault(CloudError):
    """One host failed, `HostFault(message, host_name)`; the request may be tried on another."""

    code = 534

    @property
    def host_name(self) -> str | None:
        """The host that failed, when known."""
        return self.args[1] if len(self.args) > 1 else None


class DriverFault(CloudError):
    """The outside failed in a way no other host will mend."""

    code = 534


class LeftAlone(DriverFault):
    """What was to be started is on that host before, is ours, and was left alone."""


class AlreadyRunning(LeftAlone):
    """What was to be started runs on that host, is ours, and was left alone."""


class TimedOut(CloudError):
    """It took too long; whether it happened is not known."""


class Cancelled(CloudError):
    """Somebody asked the work to stop; it was undone."""
