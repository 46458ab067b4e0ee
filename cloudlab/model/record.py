"""What every thing the cloud keeps track of has in common."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import ClassVar, Final

_NAMESPACE: Final = uuid.UUID("6f0d9a52-0f0e-5c0b-9f4e-2b8c51a7d3c4")


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Record:
    """A thing with an identity: equal only to itself, kept by the inventory under `id`."""

    kind: ClassVar[str] = "record"

    id: int = 0
    """Number within its kind, from 1 in order of creation; 0 until the inventory takes it."""
    name: str = ""
    created: float = 0.0
    """Moment of creation, seconds."""
    removed: float | None = field(default=None)
    """Moment of removal, seconds; `None` while it exists."""

    @property
    def uuid(self) -> str:
        """The id the API shows: the same for the same kind and number on every machine."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.kind}/{self.id}"))

    def __str__(self) -> str:
        """Return kind and name, as messages use it: `host c1-h003`."""
        return f"{self.kind} {self.name or self.id}"

    def __repr__(self) -> str:
        """Return what it is and what is worth knowing at a glance: `<host h1: Up, Enabled>`."""
        glance = self.glance()
        return f"<{self}: {glance}>" if glance else f"<{self}>"

    def glance(self) -> str:
        """Return what is worth knowing at a glance; its state, if it has one."""
        return str(getattr(self, "state", ""))
