"""What networks carry."""

from __future__ import annotations

from enum import StrEnum


class TrafficType(StrEnum):
    """What a network carries."""

    GUEST = "Guest"
    PUBLIC = "Public"
    MANAGEMENT = "Management"
    STORAGE = "Storage"
