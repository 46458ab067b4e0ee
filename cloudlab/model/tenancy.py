"""Who owns what: domains, accounts and users."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.networks import SecurityGroup


class AccountType(IntEnum):
    """What an account may do (CloudStack's account types)."""

    USER = 0
    ROOT_ADMIN = 1
    DOMAIN_ADMIN = 2


class AccountState(StrEnum):
    """States of an account or user."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    LOCKED = "locked"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Domain(Record):
    """A group of accounts and subdomains; ROOT is the top."""

    kind: ClassVar[str] = "domain"

    parent: Domain | None = None
    subdomains: list[Domain] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    """By name."""

    @property
    def path(self) -> str:
        """Return its place in the tree, `ROOT/sales/emea`."""
        return f"{self.parent.path}/{self.name}" if self.parent else self.name

    def contains(self, other: Domain) -> bool:
        """Return whether `other` is this domain or lies below it."""
        place: Domain | None = other
        while place is not None and place is not self:
            place = place.parent
        return place is self


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Account(Record):
    """Who owns VMs, volumes and networks."""

    kind: ClassVar[str] = "account"

    state: AccountState = AccountState.ENABLED
    type: AccountType = AccountType.USER
    domain: Domain
    users: list[User] = field(default_factory=list)
    default_group: SecurityGroup | None = None
    """The group of its machines that name none; made when it is first needed."""

    @property
    def is_root_admin(self) -> bool:
        """Whether it may do everything."""
        return self.type is AccountType.ROOT_ADMIN


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class User(Record):
    """A person or program that acts for an account."""

    kind: ClassVar[str] = "user"

    state: AccountState = AccountState.ENABLED
    account: Account
    first_name: str = ""
    last_name: str = ""
    email: str = ""
