"""What no single field can tell: whether the parts of a design fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cloudlab.design.checks.addresses import check_addresses
from cloudlab.design.checks.hosts import check_hosts
from cloudlab.design.checks.names import check_host_names, check_names
from cloudlab.design.checks.offerings import check_offerings
from cloudlab.design.checks.storage import check_storage
from cloudlab.design.checks.zones import check_zones
from cloudlab.design.problems import Problem
from cloudlab.design.schema import CloudDocument

__all__ = ["problems_of"]

Check = Callable[[CloudDocument], Iterator[Problem]]

_CHECKS: Final[tuple[Check, ...]] = (
    check_names,
    check_host_names,
    check_hosts,
    check_storage,
    check_zones,
    check_addresses,
    check_offerings,
)


def problems_of(document: CloudDocument) -> list[Problem]:
    """Return what is wrong with a completed document, or looks wrong; empty when sound."""
    found = [problem for check in _CHECKS for problem in check(document)]
    return [each for each in found if not (each.question and document.accept_unusual)]
