"""What a lab does with accounts, their networks and their public addresses."""

from __future__ import annotations

from cloudlab.lab.finding import Which
from cloudlab.lab.group_verbs import GroupVerbs
from cloudlab.lab.rule_verbs import RuleVerbs
from cloudlab.lab.words import text
from cloudlab.model import Account, Command, Network, Zone
from cloudlab.views.listing import Listing
from cloudlab.views.networks import NetworkRow, PublicIpRow, network_rows, public_ip_rows
from cloudlab.workflows import networks
from cloudlab.workflows.names import check_account_name


class NetworkVerbs(RuleVerbs, GroupVerbs):
    """The verbs of networks, with those of what leads into them; each returns what it made."""

    def create_account(self, name: str) -> Account:
        """Create an account, which may own machines and networks.

        Raises:
            InvalidParameter: the name will not do, or there is an account of this name.
        """
        check_account_name(text("name", name))
        made = self.cloud.add_account(name)
        self.world.keep()
        return made

    def create_network(
        self,
        name: str,
        *,
        account: Which[Account] | None = None,
        cidr: str | None = None,
        zone: Which[Zone] | None = None,
    ) -> Network:
        """Create a network of an account's own; its router comes with its first machine.

        Args:
            name: what to call it.
            account: who owns it; admin if not given.
            cidr: its addresses, as `10.1.1.0/24`; others may have the same.
            zone: where; the first zone if not given.

        Raises:
            InvalidParameter: name, addresses or zone will not do.
            InsufficientCapacity: no VLAN is left.
        """
        title, owner = text("name", name), self.owner(account)
        addresses = None if cidr is None else text("cidr", cidr)
        place = self.the_or_first(self.cloud.inventory.zones, zone)
        work = networks.create(self.cloud, owner, place, title, addresses)
        return self.do(Command.CREATE_NETWORK, title, work)

    def delete_network(self, network: Which[Network]) -> Network:
        """Delete a network without machines, with its rules and public addresses."""
        it = self.the(self.cloud.inventory.networks, network)
        return self.do(Command.DELETE_NETWORK, it, networks.delete(self.cloud, it))

    @property
    def networks(self) -> Listing[NetworkRow]:
        """The guest networks, a row each."""
        return network_rows(self.cloud)

    @property
    def public_ips(self) -> Listing[PublicIpRow]:
        """The public addresses that were acquired, a row each."""
        return public_ip_rows(self.cloud)
