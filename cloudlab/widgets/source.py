"""Where a widget looks: a cloud, or a lab that has one."""

from __future__ import annotations

from typing import Protocol

from cloudlab.cloud import Cloud


class HasCloud(Protocol):
    """Anything with a cloud, such as a `Lab`; after a rewind it may be another one."""

    @property
    def cloud(self) -> Cloud:
        """The cloud it has now."""


Source = Cloud | HasCloud


def cloud_of(source: Source) -> Cloud:
    """Return the cloud to look at now."""
    return source if isinstance(source, Cloud) else source.cloud
