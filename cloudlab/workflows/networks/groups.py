"""Security groups: made, given rules, and the machines in them protected anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import Account, Host, Nic, NicState, SecurityGroup, SecurityGroupRule
from cloudlab.workflows.names import check_name
from cloudlab.workflows.networks.checks import check_matching, checked_cidr
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.state import Table


async def create_security_group(cloud: Cloud, account: Account, name: str) -> SecurityGroup:
    """Create a group without rules: nothing comes in, everything goes out.

    Raises:
        InvalidParameter: the name is missing, or the account has a group of that name.
    """
    check_name("security group", name)
    if name == "default":
        return default_group(cloud, account)
    if any(each.name == name and each.account is account for each in _groups(cloud)):
        raise InvalidParameter(f"{account} already has a security group {name}")
    return _groups(cloud).add(SecurityGroup(name=name, account=account, created=cloud.now))


def default_group(cloud: Cloud, account: Account) -> SecurityGroup:
    """Return the group of the account's machines that name none, made when first needed."""
    if account.default_group is None:
        made = SecurityGroup(name="default", account=account, created=cloud.now)
        account.default_group = _groups(cloud).add(made)
    return account.default_group


async def delete_security_group(cloud: Cloud, group: SecurityGroup) -> SecurityGroup:
    """Delete a group that no machine is in.

    Raises:
        InvalidParameter: it is a default group, which lasts as long as its account.
        Conflict: machines are in it.
        NotFound: it was deleted already.
    """
    check_there(group)
    if group.account.default_group is group:
        raise InvalidParameter(f"{group} is the default of {group.account}; it stays")
    members = [vm.name for vm in cloud.inventory.vms if group in vm.security_groups]
    if members:
        raise Conflict(f"{group} has the machines {', '.join(members)}; expunge them first")
    group.removed = cloud.now
    _groups(cloud).drop(group)
    return group


async def authorize_ingress(
    cloud: Cloud, group: SecurityGroup, rule: SecurityGroupRule
) -> SecurityGroup:
    """Let in what `rule` says, at every machine of `group`.

    Raises:
        InvalidParameter: protocol, ports or CIDR are not allowed.
        Conflict: the group has this rule.
        NotFound: the group was deleted.
    """
    return await _add(cloud, group, group.ingress, rule)


async def authorize_egress(
    cloud: Cloud, group: SecurityGroup, rule: SecurityGroupRule
) -> SecurityGroup:
    """Let out what `rule` says; the first such rule keeps all else in. See `authorize_ingress`."""
    return await _add(cloud, group, group.egress, rule)


async def revoke_ingress(
    cloud: Cloud, group: SecurityGroup, rule: SecurityGroupRule
) -> SecurityGroup:
    """Let in no more what `rule` says.

    Raises:
        Conflict: the group has no such rule.
        NotFound: the group was deleted.
    """
    return await _take(cloud, group, group.ingress, rule)


async def revoke_egress(
    cloud: Cloud, group: SecurityGroup, rule: SecurityGroupRule
) -> SecurityGroup:
    """Let out no more what `rule` says; without any rule everything goes out.

    Raises:
        Conflict: the group has no such rule.
        NotFound: the group was deleted.
    """
    return await _take(cloud, group, group.egress, rule)


async def _add(
    cloud: Cloud, group: SecurityGroup, rules: list[SecurityGroupRule], rule: SecurityGroupRule
) -> SecurityGroup:
    check_there(group)
    check_matching(rule.protocol, rule.ports)
    asked = rule._replace(cidr=checked_cidr(rule.cidr))
    if asked in rules:
        raise Conflict(f"{group} has the rule {asked} already")
    rules.append(asked)
    return await _push(cloud, group)


async def _take(
    cloud: Cloud, group: SecurityGroup, rules: list[SecurityGroupRule], rule: SecurityGroupRule
) -> SecurityGroup:
    check_there(group)
    asked = rule._replace(cidr=checked_cidr(rule.cidr))
    if asked not in rules:
        there = "; ".join(map(str, rules)) or "none"
        raise Conflict(f"{group} has no rule {asked}; it has: {there}")
    rules.remove(asked)
    return await _push(cloud, group)


async def _push(cloud: Cloud, group: SecurityGroup) -> SecurityGroup:
    """Protect the machines of `group` by what it says now, whatever interrupts.

    The rule stands whatever a host says: what could not be pushed is told to the administrator,
    and done at the latest when the machine starts again.
    """
    members = [vm for vm in cloud.inventory.vms if group in vm.security_groups and vm.is_active]
    works = (_protect(cloud, nic) for vm in members for nic in vm.nics)
    await cloud.engine.shield(cloud.engine.all(*works))
    return group


async def _protect(cloud: Cloud, nic: Nic) -> None:
    """Protect a plugged NIC anew, once its machine has arrived where it is going."""
    async with cloud.engine.lock(("vm", nic.vm.id)):
        host: Host | None = nic.vm.host
        if host is not None and nic.state is NicState.RESERVED:
            await tidy(cloud, nic.vm, cloud.ports.fabric.protect, nic, host)


def _groups(cloud: Cloud) -> Table[SecurityGroup]:
    return cloud.inventory.security_groups
