"""What a user asks for when deploying, and what is refused before anything is made."""

from __future__ import annotations

from typing import NamedTuple

from cloudlab.errors import InvalidParameter
from cloudlab.model import (
    Account,
    AllocationState,
    ComputeOffering,
    DiskOffering,
    Host,
    Template,
    Zone,
)


class Deployment(NamedTuple):
    """What a user asks for when deploying a virtual machine."""

    zone: Zone
    offering: ComputeOffering
    template: Template
    account: Account
    name: str = ""
    disk: DiskOffering | None = None
    """A data disk besides the root disk."""
    disk_size_mib: int | None = None
    """Size of the data disk, for a customized offering."""
    root_size_mib: int | None = None
    """Size of the root disk; the template's if not given."""
    ip: int | None = None
    """The guest address asked for, as a number."""
    host: Host | None = None
    """Only for the root administrator."""
    start: bool = True
    ordinal: int | None = None
    """Address of its random draws; counted up by the cloud if not given."""


def check(asked: Deployment) -> None:
    """Refuse what CloudStack refuses before anything is made.

    Raises:
        InvalidParameter: the owner may not use the zone or an offering, or is no root
            administrator and names a host; the host is in another zone; the root disk is too
            small.
    """
    zone, owner = asked.zone, asked.account
    if owner.state != "enabled":
        raise InvalidParameter(f"{owner} is {owner.state}; enable it before deploying")
    if zone.state is not AllocationState.ENABLED and not owner.is_root_admin:
        raise InvalidParameter(f"{zone} is Disabled: only the root administrator may deploy there")
    if zone.domain is not None and not zone.domain.contains(owner.domain):
        raise InvalidParameter(f"{zone} is private to domain {zone.domain.path}")
    if asked.offering.is_system:
        raise InvalidParameter(f"{asked.offering} is for system VMs")
    _check_domain(asked.offering, owner)
    if asked.disk is not None:
        _check_domain(asked.disk, owner)
    if asked.host is not None:
        _check_host(asked.host, zone, owner)
    root = asked.root_size_mib
    if root is not None and root < asked.template.size_mib:
        raise InvalidParameter(
            f"root disk of {root} MiB is smaller than {asked.template} ({asked.template.size_mib})"
        )


def _check_domain(offering: ComputeOffering | DiskOffering, owner: Account) -> None:
    """Refuse an offering that is reserved for a domain the owner is not in."""
    if offering.domain is not None and not offering.domain.contains(owner.domain):
        raise InvalidParameter(f"{offering} is reserved for domain {offering.domain.path}")


def _check_host(host: Host, zone: Zone, owner: Account) -> None:
    if not owner.is_root_admin:
        raise InvalidParameter("host can only be given by the root administrator")
    if host.zone is not zone:
        raise InvalidParameter(f"{host} is in {host.zone}, not in {zone}")
