"""Settings keep CloudStack's dotted names in the document and get Python's inside."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

from cloudlab.design.schema.part import Part


def dotted(field_name: str) -> str:
    """Return CloudStack's name of a setting: `expunge_delay` is `expunge.delay`."""
    return field_name.replace("_", ".")


class NamedSettings(Part):
    """A group of settings; a field's name in the document is its own with dots."""

    model_config: ClassVar[ConfigDict] = ConfigDict(alias_generator=dotted)
