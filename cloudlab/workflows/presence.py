"""Whether something is still there: who waited for a lock may find it gone."""

from __future__ import annotations

from cloudlab.errors import NotFound
from cloudlab.model import Record


def check_there(*records: Record) -> None:
    """Refuse to go on with what was removed meanwhile.

    Raises:
        NotFound: one of `records` was removed.
    """
    for record in records:
        if record.removed is not None:
            raise NotFound(f"{record} was removed")
