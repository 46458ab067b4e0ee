"""What a lab does with security groups: make them, and say who may connect."""

from __future__ import annotations

from cloudlab.lab.bench import Bench
from cloudlab.lab.finding import Which
from cloudlab.lab.words import Port, choice, ports_of, text
from cloudlab.model import Account, Command, Protocol, SecurityGroup, SecurityGroupRule
from cloudlab.workflows import networks


class GroupVerbs(Bench):
    """The verbs of security groups; each returns the group."""

    def security_group(self, name: str, account: Which[Account] | None = None) -> SecurityGroup:
        """Return the security group of this name, made if the account (admin) has none such."""
        owner, title = self.owner(account), text("name", name)
        for each in self.cloud.inventory.security_groups:
            if each.name == title and each.account is owner:
                return each
        work = networks.create_security_group(self.cloud, owner, title)
        return self.do(Command.CREATE_SECURITY_GROUP, title, work)

    def delete_security_group(self, group: Which[SecurityGroup]) -> SecurityGroup:
        """Delete a security group that no machine is in; the default one stays."""
        it = self._group(group)
        work = networks.delete_security_group(self.cloud, it)
        return self.do(Command.DELETE_SECURITY_GROUP, it, work)

    def allow(
        self,
        group: Which[SecurityGroup],
        port: Port | None = None,
        *,
        protocol: str = "tcp",
        cidr: str = "0.0.0.0/0",
        outgoing: bool = False,
    ) -> SecurityGroup:
        """Let connections reach the machines of a group, or leave them if `outgoing`.

        Args:
            group: the group.
            port: one, or the first and last; none for icmp and all.
            protocol: tcp, udp, icmp or all.
            cidr: where from, or where to.
            outgoing: whether it is about what goes out; then nothing else does any more.
        """
        it, rule = self._group(group), _rule(port, protocol, cidr)
        if outgoing:
            work = networks.authorize_egress(self.cloud, it, rule)
            return self.do(Command.AUTHORIZE_EGRESS, it, work)
        return self.do(
            Command.AUTHORIZE_INGRESS, it, networks.authorize_ingress(self.cloud, it, rule)
        )

    def disallow(
        self,
        group: Which[SecurityGroup],
        port: Port | None = None,
        *,
        protocol: str = "tcp",
        cidr: str = "0.0.0.0/0",
        outgoing: bool = False,
    ) -> SecurityGroup:
        """Take back what `allow` allowed with the same words."""
        it, rule = self._group(group), _rule(port, protocol, cidr)
        if outgoing:
            return self.do(Command.REVOKE_EGRESS, it, networks.revoke_egress(self.cloud, it, rule))
        return self.do(Command.REVOKE_INGRESS, it, networks.revoke_ingress(self.cloud, it, rule))

    def _group(self, group: Which[SecurityGroup]) -> SecurityGroup:
        return self.the(self.cloud.inventory.security_groups, group)


def _rule(port: Port | None, protocol: str, cidr: str) -> SecurityGroupRule:
    ports = None if port is None else ports_of("port", port)
    return SecurityGroupRule(choice(Protocol, protocol), ports, text("cidr", cidr))
