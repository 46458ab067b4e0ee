"""Fills in what a document leaves out: names, networks and addresses, templates."""

from __future__ import annotations

from typing import TypeVar

from cloudlab.design.completion.addresses import with_addresses
from cloudlab.design.completion.names import with_names
from cloudlab.design.completion.networks import with_zone_defaults
from cloudlab.design.completion.templates import default_templates
from cloudlab.design.schema import CloudDocument

__all__ = ["completed"]

Document = TypeVar("Document", bound=CloudDocument)


def completed(document: Document) -> Document:
    """Return `document` with everything filled in that it leaves to cloudlab.

    What is written stays as it is; to complete a document twice changes nothing.

    Raises:
        InputError: so many networks are left to generate that a block is used up.
    """
    zones = with_addresses(with_names([with_zone_defaults(zone) for zone in document.zones]))
    templates = document.templates or default_templates(document)
    return document.model_copy(update={"zones": zones, "templates": templates})
