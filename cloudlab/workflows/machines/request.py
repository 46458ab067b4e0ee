"""What a user asks for when deploying, and what is refused before anything is made."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cloudlab.errors import InvalidParameter
from cloudlab.model import (
    Account,
    AllocationState,
    ComputeOffering,
    DiskOffering,
    Host,
    Network,
    SecurityGroup,
    Template,
    Zone,
)
from cloudlab.units import size_text

MOST_USER_DATA: Final = 32 * 1024
"""Bytes of user data that a machine may have (CloudStack takes as many in a POST)."""


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
    network: Network | None = None
    """What it is on; the shared guest network of the zone if not given."""
    user_data: str = ""
    """What it fetches from its network's router, such as a cloud-init document."""
    public_key: str = ""
    """A line of `authorized_keys` that it fetches likewise."""
    security_groups: tuple[SecurityGroup, ...] = ()
    """The account's default group if none is given, in a zone with security groups."""
    start: bool = True
    ordinal: int | None = None
    """Address of its random draws; counted up by the cloud if not given."""


_HOST_NAME: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""Source: CloudStack 4.0 `NetUtils.verifyDomainNameLabel` for host names."""


def check(asked: Deployment) -> None:
    """Refuse what CloudStack refuses before anything is made.

    Raises:
        InvalidParameter: the owner may not use the zone, the network or an offering, or is no
            root administrator and names a host; host or network are in another zone; the root
            disk is too small; name, user data, key or security groups are not allowed.
    """
    zone, owner = asked.zone, asked.account
    if asked.name and not _HOST_NAME.fullmatch(asked.name):
        raise InvalidParameter(
            f"name is {asked.name!r}; allowed: 1 to 63 letters, digits and hyphens, not beginning "
            "with a digit or hyphen, not ending in a hyphen"
        )
    if owner.state != "enabled":
        raise InvalidParameter(f"{owner} is {owner.state}; enable it before deploying")
    if zone.state is not AllocationState.ENABLED and not owner.is_root_admin:
        raise InvalidParameter(f"{zone} is Disabled: only the root administrator may deploy there")
    if zone.domain is not None and not zone.domain.contains(owner.domain):
        raise InvalidParameter(f"{zone} is private to domain {zone.domain.path}")
    if asked.offering.is_system:
        raise InvalidParameter(f"{asked.offering} is for system VMs")
    check_domain(asked.offering, owner)
    if asked.disk is not None:
        check_domain(asked.disk, owner)
    elif asked.disk_size_mib is not None:
        raise InvalidParameter(
            f"size of a data disk is {size_text(asked.disk_size_mib)}, but no disk offering is "
            "given; give one of a customized size (disk), or no size (disk_gib)"
        )
    if asked.host is not None:
        _check_host(asked.host, zone, owner)
    _check_connection(asked)
    root = asked.root_size_mib
    if root is not None and root < asked.template.size_mib:
        raise InvalidParameter(
            f"root disk of {root} MiB is smaller than {asked.template} ({asked.template.size_mib})"
        )


def check_domain(offering: ComputeOffering | DiskOffering, owner: Account) -> None:
    """Refuse an offering that is reserved for a domain the owner is not in."""
    if offering.domain is not None and not offering.domain.contains(owner.domain):
        raise InvalidParameter(f"{offering} is reserved for domain {offering.domain.path}")


def _check_host(host: Host, zone: Zone, owner: Account) -> None:
    if not owner.is_root_admin:
        raise InvalidParameter("host can only be given by the root administrator")
    if host.zone is not zone:
        raise InvalidParameter(f"{host} is in {host.zone}, not in {zone}")


def _check_connection(asked: Deployment) -> None:
    """Refuse a network, its protection and what it is to hand over, if one is not allowed."""
    if asked.network is not None:
        _check_network(asked.network, asked.zone, asked.account)
    if asked.security_groups:
        _check_groups(asked, asked.security_groups)
    if asked.user_data or asked.public_key:
        _check_metadata(asked.user_data, asked.public_key)


def _check_network(network: Network, zone: Zone, owner: Account) -> None:
    if network.removed is not None:
        raise InvalidParameter(f"{network} was deleted")
    if network.zone is not zone:
        raise InvalidParameter(f"{network} is in {network.zone}, not in {zone}")
    if network.account not in {None, owner}:
        raise InvalidParameter(
            f"{network} belongs to {network.account}: {owner} has no machines there"
        )


def _check_groups(asked: Deployment, groups: tuple[SecurityGroup, ...]) -> None:
    """Refuse groups where nothing obeys them, and those of somebody else."""
    if not asked.zone.security_groups:
        raise InvalidParameter(f"{asked.zone} has no security groups; leave them out")
    if asked.network is not None and asked.network.is_isolated:
        raise InvalidParameter(
            f"{asked.network} is isolated: its firewall decides, not security groups"
        )
    for group in groups:
        if group.removed is not None:
            raise InvalidParameter(f"{group} was deleted")
        if group.account is not asked.account:
            raise InvalidParameter(f"{group} belongs to {group.account}, not to {asked.account}")


def _check_metadata(user_data: str, public_key: str) -> None:
    size = len(_encoded("user_data", user_data))
    _encoded("public_key", public_key)
    if size > MOST_USER_DATA:
        raise InvalidParameter(f"user data of {size} bytes; allowed: up to {MOST_USER_DATA}")
    words = public_key.split()
    if public_key and (len(words) < 2 or not public_key.strip().isprintable()):
        raise InvalidParameter(
            "public_key must be one line of authorized_keys, as in `ssh-ed25519 AAAA... me`"
        )


def _encoded(field: str, text: str) -> bytes:
    """Return `text` as a machine gets it.

    Raises:
        InvalidParameter: it has half a character, which nobody can be sent.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter(
            f"{field} has {text[error.start]!r} at {error.start}; allowed: what UTF-8 can write"
        ) from None
